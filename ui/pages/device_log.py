"""The device log: what devices and other monitors sent, of all or of one, with a search that follows (issue A2)."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox

from app.errors import WatchroomError
from app.times import to_local
from app.words import label, tr
from models.enums import MessageKind
from ui import list_files
from ui.context import Context
from ui.filters import Chip, ChipBar, FilterBox
from ui.labels import PlainLabel
from ui.page import Page
from ui.rows import Ask, Call, Column, Look, Tinted
from ui.subjects import intake
from ui.table import Table

if TYPE_CHECKING:
    from app.intake import LogRow, SourceRow

FOLLOW_MS = 2_000
_ERROR, _WARNING = 3, 4


class Messages:
    """Pages of the log; `ci_id` narrows it to one device."""

    def __init__(self) -> None:
        self.ci_id: int | None = None

    def page(self, ask: Ask) -> Call:
        values = {"after": ask.after, "backwards": ask.backwards, "limit": ask.limit}
        return Call(intake.page, (self.ci_id, ask.text, ask.chip), values)

    def count(self, ask: Ask) -> Call:
        return Call(intake.count, (self.ci_id, ask.text, ask.chip))


class DeviceLogPage(Page):
    """The log, newest first; while it follows, new messages come in by themselves."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Device log"), context)
        self._messages = Messages()
        self.chips = ChipBar(_chips(), self)
        self.filter_box = FilterBox(tr("Search messages"), self)
        self.follow_box = QCheckBox(tr("Follow"), self)
        self.table = Table("device-log", _columns(), context, source=self._messages, parent=self)
        self.dropped_line = PlainLabel("", "error", self, wraps=True)
        self.whole = PlainLabel("", "text", self, wraps=True)
        self._timer = QTimer(self)
        self._lay_out()
        self._connect()

    def show_row(self, key: object) -> None:
        """Show the log of the device `key`, or of all."""
        self._messages.ci_id = key if isinstance(key, int) else None
        self.bar.allow(self.all_button, self._messages.ci_id is not None)
        self.bar.title.setText(tr("Device log"))
        self.table.load()
        self.refresh_counts()

    def show_all(self) -> None:
        self.show_row(None)

    def refresh(self) -> None:
        self.table.refresh()
        self.refresh_counts()

    def refresh_counts(self) -> None:
        self.context.work.read(intake.sources, done=self._show_dropped, failed=self._fail, owner=self)

    def focus_filter(self) -> None:
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def export(self) -> None:
        list_files.export(self.context, self, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def print_list(self) -> None:
        list_files.print_list(self.context, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def _lay_out(self) -> None:
        self.bar.add(self.chips)
        self.bar.add(self.filter_box)
        self.bar.add(self.follow_box)
        self.all_button = self.bar.add_button(tr("All devices"), self.show_all)
        rules = self.bar.add_button(tr("Rules and senders…"), lambda: self.context.nav.open("intake-rules"))
        self.bar.let_give_way((rules, self.follow_box, self.all_button))
        self.follow_box.setChecked(True)
        for line in (self.dropped_line, self.whole):
            line.setContentsMargins(12, 4, 12, 4)
        self.whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.dropped_line)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.whole)
        self.dropped_line.hide()
        self.table.empty.say(
            tr("No message has come yet."), tr("Rules and senders…"), lambda: self.context.nav.open("intake-rules")
        )
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.chips.chosen.connect(self.table.set_chip)
        self.filter_box.typed.connect(self.table.set_filter)
        self.table.counted.connect(self._say_count)
        self.table.failed.connect(self._fail)
        self.table.current_row_changed.connect(self._show_whole)
        self._timer.setInterval(FOLLOW_MS)
        self._timer.timeout.connect(self._follow)
        self._timer.start()

    def _follow(self) -> None:
        if self.isVisible() and self.follow_box.isChecked():
            self.refresh()

    def _say_count(self, count: str) -> None:
        self.bar.count.setText(count)
        rows = self.table.rows.rows
        if self._messages.ci_id is not None and rows:
            self.bar.title.setText(tr("Log of {name}", name=rows[0].device))

    def _show_whole(self, row: "LogRow | None") -> None:
        self.whole.setText(row.text if row is not None else "")

    def _show_dropped(self, found: "list[SourceRow]") -> None:
        """Say whose messages were dropped at the limit, the worst first."""
        lost = [row for row in found if row.dropped][:3]
        named = "　".join(tr("{name}: dropped {n}", name=row.device or row.address, n=row.dropped) for row in lost)
        self.dropped_line.setText(named)
        self.dropped_line.setVisible(bool(lost))

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _chips() -> tuple[Chip, ...]:
    kinds = (MessageKind.SYSLOG, MessageKind.TRAP)
    return (
        Chip("", tr("All messages")),
        Chip("bad", tr("Errors", context="log")),
        *(Chip(kind.value, label(kind)) for kind in kinds),
    )


def level_names() -> tuple[str, ...]:
    """Return the names of syslog's eight severities, the worst first."""
    return (
        tr("Emergency"),
        tr("Alert", context="level"),
        tr("Critical", context="level"),
        tr("Error"),
        tr("Warning", context="level"),
        tr("Notice"),
        tr("Information"),
        tr("Debug"),
    )


def _columns() -> tuple[Column, ...]:
    names = level_names()

    def level(row: "LogRow") -> str:
        return names[row.level] if 0 <= row.level < len(names) else str(row.level)

    def look(row: "LogRow") -> Look | None:
        if row.level > _WARNING:
            return None
        return Tinted(level(row), "critical" if row.level <= _ERROR else "warning")

    return (
        Column("at", tr("Time"), lambda row: f"{to_local(row.received_at):%m-%d %H:%M:%S}", 120),
        Column("level", tr("Level"), level, 70, look=look),
        Column("device", tr("Device"), lambda row: row.device or row.host or row.source, 150, stretch=True),
        Column("source", tr("Sent from"), lambda row: row.source, 120, drops=2),
        Column("kind", tr("Kind"), lambda row: label(row.kind), 90, drops=3),
        Column("tag", tr("Program or OID"), lambda row: row.tag, 180, drops=1),
        Column("text", tr("Message", context="log"), _first_line, 420, stretch=True),
    )


def _first_line(row: Any) -> str:
    return str(row.text).replace("\n", "　")
