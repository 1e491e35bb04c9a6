"""The page of what was kept on this machine: what waits, what was refused or met a conflict, and what is done then."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from app.errors import WatchroomError
from app.times import full_moment
from app.words import label, tr
from models.enums import State
from ui.context import Context
from ui.fields import Field
from ui.forms import Form
from ui.page import Page
from ui.rows import Column, Look, Pill
from ui.subjects import outbox
from ui.table import Table
from ui.work import WRITE_S

if TYPE_CHECKING:
    from app.desk import Desk
    from app.outbox import Entry
    from ui.work import Job

STATES = {
    "waiting": State.UNKNOWN,
    "sent": State.NORMAL,
    "refused": State.CRITICAL,
    "conflict": State.WARNING,
    "discarded": State.MAINTENANCE,
}


class OutboxPage(Page):
    """The entries, newest first; below them what the current one says beside what the record says now."""

    def __init__(self, context: Context) -> None:
        super().__init__("database", tr("Entries kept here"), context)
        self._login = ""
        self.table = Table("outbox", _columns(), context, parent=self)
        self.table.empty.say(tr("Nothing was kept on this machine."))
        self.sides = Table("outbox-sides", _side_columns(), context, parent=self)
        self.sides.empty.say(tr("Choose an entry to see it beside the record."))
        self.again_button = self.bar.add_button(tr("Send it again"), self.send_again, is_main=True)
        self.discard_button = self.bar.add_button(tr("Discard…"), self.discard)
        self.bar.let_give_way((self.discard_button, self.again_button))
        self.body.addWidget(self.table, 2)
        self.body.addWidget(self.sides, 1)
        self.table.current_row_changed.connect(self._show_sides)
        context.work.kept.connect(lambda _kept: self.refresh())
        context.live.back.connect(self.refresh)
        self._show_sides(None)

    def show_row(self, key: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        self._run(self._entries, self._take)

    def send_again(self) -> None:
        """Send the current entry once more, over the record as it is now."""
        entry: Entry | None = self.table.current_row
        if entry is not None:
            self._run(partial(self._send_again, entry), lambda _nothing: self.refresh())

    def discard(self) -> Form | None:
        """Ask why the current entry is given up."""
        entry: Entry | None = self.table.current_row
        if entry is None:
            return None
        reason = Field("reason", tr("Reason"), required=True)
        form = Form(tr("Discard the entry"), (reason,), self.context, self, main=tr("Discard", context="verb"))

        def take(values: dict[str, Any]) -> None:
            self._run(partial(self._discard, entry, values["reason"]), lambda _nothing: self.refresh())

        return form.ask(take)

    def _run(self, what: "Callable[[Desk, Job], Any]", done: Callable[[Any], None]) -> None:
        self.context.work.run(what, done=done, failed=self._fail, owner=self)

    def _entries(self, desk: "Desk", _job: "Job") -> "tuple[str, list[Entry]]":
        return desk.identity.login, list(reversed(self.context.work.outbox.entries()))

    def _send_again(self, entry: "Entry", desk: "Desk", _job: "Job") -> None:
        held = self.context.work.outbox
        outbox.try_again(held, entry)
        outbox.send(desk.within(WRITE_S), held)

    def _discard(self, entry: "Entry", reason: str, desk: "Desk", _job: "Job") -> None:
        outbox.discard(desk.within(WRITE_S), self.context.work.outbox, entry, reason)

    def _take(self, found: "tuple[str, list[Entry]]") -> None:
        self._login, rows = found
        self.table.set_rows(rows)
        self._show_sides(self.table.current_row)

    def _show_sides(self, entry: "Entry | None") -> None:
        self.sides.set_rows([] if entry is None else outbox.sides(entry))
        is_mine = entry is not None and entry.state.asks_for_person and entry.login == self._login
        self.again_button.setEnabled(is_mine)
        self.discard_button.setEnabled(is_mine)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _columns() -> tuple[Column, ...]:
    return (
        Column("entered", tr("Entered", context="entry"), lambda row: full_moment(row.entered_at), 150),
        Column("who", tr("Who"), lambda row: row.name, 110),
        Column("what", tr("What"), outbox.title, 150),
        Column("content", tr("Content", context="incident"), outbox.content, 280, stretch=True),
        Column("state", tr("State"), lambda row: label(row.state), 100, look=_look),
        Column("told", tr("Message"), lambda row: row.reason or row.told, 260, stretch=True),
    )


def _side_columns() -> tuple[Column, ...]:
    return (
        Column("field", tr("Field"), lambda side: side.title, 180),
        Column("entered", tr("What was entered"), lambda side: side.entered, 280, stretch=True),
        Column("present", tr("What the record says now"), lambda side: side.present, 280, stretch=True),
    )


def _look(row: "Entry") -> Look:
    state = STATES[row.state.value]
    return Pill(label(row.state), state.value, state)
