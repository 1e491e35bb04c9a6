"""Devices beside their records: what differs, and what a person decides about it (REQUIREMENTS D1)."""

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from app.errors import WatchroomError
from app.times import full_moment
from app.words import label, tr
from models.enums import DifferenceState, Fact, State
from ui import list_files
from ui.again import say
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.filters import Chip, ChipBar
from ui.forms import Form
from ui.page import Page
from ui.rows import Call, Column, Look, Pill
from ui.subjects import facts
from ui.table import Table

if TYPE_CHECKING:
    from app.facts import DifferenceRow

TABLES = ("difference", "ci", "work_order")
LOOKS = {
    DifferenceState.OPEN: State.WARNING,
    DifferenceState.ORDERED: State.UNKNOWN,
    DifferenceState.KEPT: State.MAINTENANCE,
    DifferenceState.ACCEPTED: State.NORMAL,
    DifferenceState.GONE: State.NORMAL,
}
STANDING = (DifferenceState.OPEN, DifferenceState.ORDERED, DifferenceState.KEPT)


class DifferencesPage(Page):
    """The list; the record takes what the device says, a work order goes out, or the record stands."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Differences from the record"), context)
        self.chips = ChipBar(
            (
                Chip("open", tr("To be decided")),
                Chip("standing", tr("Standing")),
                Chip("all", tr("All")),
            ),
            self,
        )
        self.table = Table("differences", _columns(), context, parent=self)
        self.table.empty.say(tr("What the devices say of themselves is what their records say."))
        self.accept_button = self.bar.add_button(
            tr("Take into the record"), self.accept, is_main=True, needs=("facts.accept",)
        )
        self.order_button = self.bar.add_button(tr("Work order…"), self.order, needs=("facts.order",))
        self.keep_button = self.bar.add_button(tr("Record stands…"), self.keep, needs=("facts.keep",))
        self.bar.let_give_way((self.keep_button, self.order_button))
        self.bar.add(self.chips)
        self.body.addWidget(self.table)
        self.chips.chosen.connect(lambda _chip: self.refresh())
        self.table.counted.connect(self.bar.count.setText)
        self.table.selectionModel().selectionChanged.connect(lambda *_which: self._enable())
        self.table.activated_row.connect(lambda row: context.nav.select("ci", row.ci_id))
        context.live.changed.connect(lambda changed: self.refresh() if changed.touches(*TABLES) else None)
        context.live.reset.connect(self.refresh)
        self._enable()

    def show_row(self, key: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        read = self.context.work.read
        read(facts.differences, self.chips.current, done=self._take, failed=self._fail, owner=self)

    def accept(self) -> Form | None:
        """Let the records take what is selected; of several addresses a form asks which."""
        rows = self._chosen()
        asks = [row for row in rows if row.fact is Fact.ADDRESS and " " in row.polled]
        for row in rows:
            if row not in asks:
                self._accept(row.id, row.version)
        return self._accept_address(asks[0]) if asks else None

    def order(self) -> Form | None:
        """Hand out a work order about the current difference."""
        row = self._current()
        if row is None:
            return None
        words = tr("{device}: {fact} is “{polled}”, recorded “{recorded}”", **_words(row))
        title = Field("title", tr("What is to be done"), Kind.LINES, required=True, initial=words)
        form = Form(tr("Work order about a difference"), (title,), self.context, self)
        form.edits("difference", row.id, row.version)
        key = uuid.uuid4()
        return form.run(lambda values: Call(facts.order, (key, row.id, form.version, values["title"])))

    def keep(self) -> Form | None:
        """Ask why the record stands; the difference is not asked about again until the device says another thing."""
        row = self._current()
        if row is None:
            return None
        reason = Field("reason", tr("Reason"), required=True)
        form = Form(tr("The record stands"), (reason,), self.context, self)
        form.edits("difference", row.id, row.version)
        return form.run(lambda values: Call(facts.keep, (row.id, form.version, values["reason"])))

    def export(self) -> None:
        list_files.export(self.context, self, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def print_list(self) -> None:
        list_files.print_list(self.context, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def _accept_address(self, row: "DifferenceRow") -> Form:
        choices = [Choice(each, each) for each in row.polled.split()]
        field = Field("value", tr("Address", context="ci"), Kind.CHOICE, required=True, choices=choices)
        form = Form(tr("Address of {device}", device=row.ci_name), (field,), self.context, self)
        form.edits("difference", row.id, row.version)
        return form.run(lambda values: Call(facts.accept, (row.id, form.version, values["value"])))

    def _chosen(self) -> "list[DifferenceRow]":
        return [row for row in self.table.selected_rows if row.state in STANDING]

    def _current(self) -> "DifferenceRow | None":
        chosen = self._chosen()
        return chosen[0] if len(chosen) == 1 else None

    def _take(self, rows: "list[DifferenceRow]") -> None:
        self.table.set_rows(rows)
        self._enable()

    def _enable(self) -> None:
        chosen = len(self._chosen())
        self.accept_button.setEnabled(chosen > 0)
        self.order_button.setEnabled(chosen == 1)
        self.keep_button.setEnabled(chosen == 1)

    def _accept(self, difference_id: int, version: int) -> None:
        """Let the record take what the device says; over somebody else's change only once the person says so."""

        def failed(error: WatchroomError) -> None:
            say(self.banners, "error", error, partial(self._accept, difference_id))
            self.refresh()

        do = partial(self.context.work.do, done=lambda _nothing: self.refresh(), failed=failed, owner=self)
        do(facts.accept, difference_id, version)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _words(row: "DifferenceRow") -> dict[str, str]:
    return {"device": row.ci_name, "fact": label(row.fact), "polled": row.polled, "recorded": row.recorded}


def _columns() -> tuple[Column, ...]:
    return (
        Column("device", tr("Device"), lambda row: row.ci_name, 170, stretch=True),
        Column("fact", tr("Field"), lambda row: label(row.fact), 104),
        Column("recorded", tr("Record says"), lambda row: row.recorded or "—", 180, stretch=True),
        Column("polled", tr("Device says"), lambda row: row.polled, 180, stretch=True),
        Column("state", tr("State"), lambda row: label(row.state), 136, look=_look),
        Column("found", tr("Found"), lambda row: full_moment(row.found_at), 130, value=_found, drops=3),
        Column("who", tr("Decided by"), lambda row: row.decided_by, 90, drops=2),
        Column("why", tr("Reason or work order"), lambda row: row.reason or row.work_order, 140, drops=1),
    )


def _found(row: "DifferenceRow") -> Any:
    return row.found_at


def _look(row: "DifferenceRow") -> Look:
    state = LOOKS[row.state]
    return Pill(label(row.state), state.value, state)
