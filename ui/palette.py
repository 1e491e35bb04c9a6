"""The command palette (Ctrl+K): commands, devices, records and people from one box, keyboard only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from app.words import tr
from ui.context import Context
from ui.labels import PlainLabel
from ui.rows import AnyIndex
from ui.subjects import search
from ui.work import Job

if TYPE_CHECKING:
    from app.desk import Desk
    from app.search import Found

WIDTH, SHOWN = 640, 12
TYPED_MS = 60
COMMANDS_SHOWN = 8
ENTRY = Qt.ItemDataRole.UserRole
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette; without a `call` it is the title of a group."""

    title: str
    detail: str = ""
    call: Callable[[], object] | None = None


class EntryCells(QStyledItemDelegate):
    """Paints a line: the title, and what tells it from others at the right."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = context.theme

    def sizeHint(self, option: Any, index: AnyIndex) -> QSize:
        return QSize(WIDTH, self._theme.size("row"))

    def paint(self, painter: QPainter, option: Any, index: AnyIndex) -> None:
        entry: Entry = index.data(ENTRY)
        box: QRect = option.rect
        if entry.call is None:
            painter.setFont(self._theme.font("small", True))
            painter.setPen(self._theme.colour("secondary"))
            painter.drawText(box.adjusted(12, 0, -12, -4), int(Qt.AlignmentFlag.AlignBottom), entry.title)
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, self._theme.colour("selection"))
        inner = box.adjusted(12, 0, -12, 0)
        painter.setFont(self._theme.font())
        taken = min(painter.fontMetrics().horizontalAdvance(entry.title), inner.width() * 2 // 3)
        self._draw(painter, QRect(inner.topLeft(), QSize(taken + 2, inner.height())), entry.title, "text")
        painter.setFont(self._theme.font("secondary"))
        self._draw(painter, inner.adjusted(taken + 16, 0, 0, 0), entry.detail, "secondary", is_right=True)

    def _draw(self, painter: QPainter, box: QRect, text: str, token: str, *, is_right: bool = False) -> None:
        painter.setPen(self._theme.colour(token))
        side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)


class Palette(QDialog):
    """Opens over the window's upper half; Enter does what is chosen, Esc leaves everything as it was."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._context = context
        self._spelled: dict[str, str] = {}
        self._found: tuple[Found, ...] = ()
        self._job: Job | None = None
        self.setObjectName("palette")
        self.setAccessibleName(tr("Search and commands"))
        self.box = QLineEdit(self)
        self.box.setPlaceholderText(tr("Command, device, record, person — also pinyin and initials"))
        self.box.setMaxLength(100)
        self.list = QListWidget(self)
        self.list.setItemDelegate(EntryCells(context, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.hint = PlainLabel(tr("↑ ↓ choose · Enter open · Esc close"), "secondary", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        for part in (self.box, self.list, self.hint):
            layout.addWidget(part)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPED_MS)
        self._timer.timeout.connect(self._ask)
        self.box.textChanged.connect(self._follow_typing)
        self.box.installEventFilter(self)
        self.list.itemClicked.connect(self._do)

    def open_empty(self) -> None:
        """Open with an empty box, the keyboard in it."""
        self.box.clear()
        self._found = ()
        self._show()
        window = self.parentWidget()
        if window is not None:
            middle = window.mapToGlobal(QPoint((window.width() - WIDTH) // 2, 96))
            self.setGeometry(QRect(middle, self._wanted_size()))
        self.show()
        self.box.setFocus(Qt.FocusReason.PopupFocusReason)
        if not self._spelled:
            titles = [command.title for command in self._context.commands]
            self._context.work.run(_spell, titles, done=self._take_spelling, owner=self)

    @property
    def entries(self) -> list[Entry]:
        """What is listed now, groups' titles included."""
        return [self.list.item(at).data(ENTRY) for at in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in MOVES:
                self._move(event.key())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _follow_typing(self, _text: str) -> None:
        """Show fitting commands at once; the database is asked when the typing rests."""
        self._show()
        self._timer.start()

    def _ask(self) -> None:
        text = self.box.text().strip()
        if self._job is not None:
            self._job.cancel()
        if not text:
            self._take(())
            return
        self._job = self._context.work.read(search.everywhere, text, done=self._take, owner=self)

    def _take(self, found: "Sequence[Found]") -> None:
        self._found = tuple(found)
        self._show()

    def _take_spelling(self, spelled: dict[str, str]) -> None:
        self._spelled = spelled
        self._show()

    def _show(self) -> None:
        self.list.clear()
        for title, entries in self._groups():
            if entries:
                self._add(Entry(title))
                for entry in entries:
                    self._add(entry)
        if not self.list.count():
            self._add(Entry(tr("Nothing fits “{text}”.", text=self.box.text().strip())))
        first = next((at for at, entry in enumerate(self.entries) if entry.call), -1)
        self.list.setCurrentRow(first)
        if self.isVisible():
            self.resize(self._wanted_size())

    def _add(self, entry: Entry) -> None:
        item = QListWidgetItem(self.list)
        item.setData(ENTRY, entry)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title} {entry.detail}".strip())
        if entry.call is None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _groups(self) -> list[tuple[str, list[Entry]]]:
        groups = [(tr("Commands"), self._commands())]
        for name, title in group_titles().items():
            entries = [self._entry(found) for found in self._found if found.group == name]
            groups.append((title, entries))
        return groups

    def _commands(self) -> list[Entry]:
        commands, words = self._context.commands, self.box.text().casefold().split()
        fitting = []
        for command in commands:
            text = f"{command.title.casefold()} {self._spelled.get(command.title, '')}"
            is_callable = commands.is_registered(command.name) and commands.action(command.name).isEnabled()
            if is_callable and not command.is_local and all(word in text for word in words):
                call = commands.action(command.name).trigger
                fitting.append(Entry(command.title.replace("…", ""), command.keys, call))
        return fitting[: COMMANDS_SHOWN if words else SHOWN]

    def _entry(self, found: "Found") -> Entry:
        nav = self._context.nav
        calls: dict[str, Callable[[], object]] = {
            "ci": lambda: nav.select("ci", found.key),
            "rack": lambda: nav.open("rack", found.key),
            "incident": lambda: nav.open("incident", found.key),
            "work_order": lambda: nav.select("work_order", found.key),
            "backup": lambda: nav.open("backup", found.key),
            "inspection": lambda: nav.open("inspection-round", found.key),
            "person": lambda: nav.open("people", found.key),
            "contact": lambda: nav.open("contacts", found.key),
            "visitor": lambda: nav.select("visit", found.key),
        }
        return Entry(found.title, found.detail, calls[found.group])

    def _move(self, key: int) -> None:
        """Move to the next line that can be chosen, around the ends."""
        step = -1 if key in (Qt.Key.Key_Up, Qt.Key.Key_PageUp) else 1
        count, at = self.list.count(), self.list.currentRow()
        entries = self.entries
        for _ in range(count):
            at = (at + step) % count
            if entries[at].call:
                self.list.setCurrentRow(at)
                return

    def _do(self, item: QListWidgetItem | None) -> None:
        entry: Entry | None = item.data(ENTRY) if item else None
        if entry and entry.call:
            self.hide()
            entry.call()

    def _wanted_size(self) -> QSize:
        rows = min(max(self.list.count(), 1), SHOWN + 3)
        height = rows * self._context.theme.size("row") + self.box.sizeHint().height() + 52
        return QSize(WIDTH, height)


def group_titles() -> dict[str, str]:
    """Return the groups of what is found, in order."""
    return {
        "ci": tr("Configuration items"),
        "rack": tr("Racks", context="search"),
        "incident": tr("Incidents"),
        "work_order": tr("Work orders"),
        "backup": tr("Backups"),
        "inspection": tr("Inspections"),
        "person": tr("People", context="staff"),
        "contact": tr("Contact directory"),
        "visitor": tr("Visits"),
    }


def _spell(_desk: "Desk", _job: Job, titles: Sequence[str]) -> dict[str, str]:
    """Return titles with their pinyin and initials; the spelling's library is loaded on the worker."""
    from app.pinyin import search_text

    return {title: search_text(title) for title in titles}
