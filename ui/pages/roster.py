"""The duty roster by weeks: who stands on which shift, turns added and taken off (REQUIREMENTS B12)."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.errors import BadInput, WatchroomError
from app.times import day_range, to_local
from app.words import tr
from ui.context import Context
from ui.docks.shift_columns import turn_columns
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.labels import PlainLabel
from ui.page import Page
from ui.rows import Call, Column
from ui.subjects import backups, duty
from ui.table import Table

if TYPE_CHECKING:
    from app.duty import HandoverDraft, RosterRow

NAME = "roster"
DAYS = 7
WEEK_ROWS = 5


@dataclass(frozen=True, slots=True)
class WeekLine:
    """A line of the grid: one person of a shift on each day of the week."""

    id: tuple[str, int]
    shift: str
    days: tuple[str, ...]


class RosterPage(Page):
    """The week as a grid of shifts and days, its turns below."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("account-group", tr("Roster"), context, parent)
        now = to_local(datetime.now(UTC)).date()
        self._monday = now - timedelta(days=now.weekday())
        self._turns: list[RosterRow] = []
        self._body = QVBoxLayout()
        self.week = self._week_table()
        self.turns = Table("roster-turns", turn_columns(), context, parent=self)
        self._lay_out()
        self.turns.menu_asked.connect(self._show_menu)
        self.turns.failed.connect(self.say_unread)
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)

    def show_row(self, key: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        first, last = day_range(self._monday, self._monday + timedelta(days=DAYS - 1))
        self.turns.fill(duty.roster, first, last, show=self._show)

    def turn_week(self, weeks: int) -> None:
        """Show the week before (-1) or after (1); 0 is this week."""
        now = to_local(datetime.now(UTC)).date()
        this = now - timedelta(days=now.weekday())
        self._monday = self._monday + timedelta(days=DAYS * weeks) if weeks else this
        self._renew_week()
        self.refresh()

    def add_turn(self) -> None:
        """Ask for shifts and people, then open the form of a turn."""
        self.context.work.read(duty.handover_draft, done=self._open_form, failed=self._fail, owner=self)

    def take_off(self) -> None:
        """Take the current turn off the roster, with the reason."""
        row = self.turns.current_row
        if row is None:
            self.banners.show_banner("step", "info", tr("Select the turn that is taken off."))
            return
        field = Field("reason", tr("Reason"), Kind.LINES, required=True)
        note = f"{row.person}　{row.shift}　{to_local(row.starts_at):%m-%d %H:%M}"
        form = Form(tr("Take the turn off"), (field,), self.context, self, main=tr("Take off"), note=note)
        form.edits("roster_entry", row.id, row.version)
        form.run(lambda values: Call(duty.void_turn, (row.id, form.version, values["reason"])))

    def _lay_out(self) -> None:
        before = self.bar.add_button("◀", partial(self.turn_week, -1))
        before.setAccessibleName(tr("The week before"))
        self.bar.add_button(tr("This week"), partial(self.turn_week, 0))
        after = self.bar.add_button("▶", partial(self.turn_week, 1))
        after.setAccessibleName(tr("The week after"))
        self.bar.add_button(tr("Take off…"), self.take_off, needs=("duty.void_turn",))
        self.bar.add_button(tr("Add a turn…"), self.add_turn, is_main=True, needs=("duty.add_turn",))
        self._body.setContentsMargins(12, 10, 12, 8)
        self._body.setSpacing(6)
        self._body.addWidget(self.week)
        self._body.addWidget(PlainLabel(tr("Turns of the week"), "strong", self))
        self._body.addWidget(self.turns, 1)
        self.turns.empty.say(tr("Nobody is on the roster this week."), tr("Add a turn…"), self.add_turn)
        self.body.addLayout(self._body)
        self.setFocusProxy(self.turns)

    def _week_table(self) -> Table:
        table = Table("roster-week", self._week_columns(), self.context, parent=self)
        theme = self.context.theme
        table.setFixedHeight(theme.size("header") + WEEK_ROWS * theme.size("row"))
        return table

    def _renew_week(self) -> None:
        """Put a grid with the other week's dates in the place of the old one."""
        old, self.week = self.week, self._week_table()
        self._body.replaceWidget(old, self.week)
        old.hide()
        old.deleteLater()

    def _week_columns(self) -> tuple[Column, ...]:
        names = backups.weekday_names()
        columns = [Column("shift", tr("Shift", context="duty"), lambda line: line.shift, 84)]
        for at in range(DAYS):
            day = self._monday + timedelta(days=at)
            title = f"{names[at]} {day:%m-%d}"
            columns.append(Column(f"day{at}", title, partial(_people_on, at), 92, stretch=True))
        return tuple(columns)

    def _show(self, turns: "list[RosterRow]") -> None:
        self._turns = turns
        self.turns.set_rows(turns)
        self.week.set_rows(self._lines(turns))

    def _lines(self, turns: "Sequence[RosterRow]") -> list[WeekLine]:
        """Return the grid: as many lines a shift as people stand on it at once, its name at the first."""
        by_shift: dict[str, list[list[str]]] = {}
        for turn in turns:
            at = (to_local(turn.starts_at).date() - self._monday).days
            if 0 <= at < DAYS:
                by_shift.setdefault(turn.shift, [[] for _ in range(DAYS)])[at].append(turn.person)
        return [
            WeekLine((shift, place), shift if place == 0 else "", tuple(people))
            for shift, days in by_shift.items()
            for place, people in enumerate(zip_longest(*days, fillvalue=""))
        ]

    def _open_form(self, known: "HandoverDraft") -> None:
        key, shifts = uuid.uuid4(), {shift.name: shift for shift in known.shifts}
        begin, names = datetime.now(UTC), [Choice(name, name) for name in shifts]
        form = Form(
            tr("Add a turn"),
            (
                Field(
                    "person_id",
                    tr("Person"),
                    Kind.CHOICE,
                    required=True,
                    choices=[Choice(person.id, person.name) for person in known.people],
                ),
                Field("shift", tr("Shift", context="duty"), Kind.COMBO, True, choices=names),
                Field("starts_at", tr("From", context="time"), Kind.MOMENT, True, begin, wide=False),
                Field("ends_at", tr("Until"), Kind.MOMENT, True, begin + timedelta(hours=12), wide=False),
                Field("telephone", tr("Telephone on duty"), hint=tr("empty: the person's own")),
            ),
            self.context,
            self,
        )

        def take_times() -> None:
            shift = shifts.get(form.field("shift").value())
            if shift is None:
                return
            with suppress(BadInput):  # said under the field when the form is saved
                starts, ends = shift.on(form.field("starts_at").value())
                form.set_values({"starts_at": starts, "ends_at": ends})

        form.field("shift").changed.connect(take_times)
        form.run(lambda values: Call(duty.add_turn, (key,), values))

    def _follow(self, changed: Any) -> None:
        if changed.touches("roster_entry"):
            self.refresh()

    def _show_menu(self, row: "RosterRow | None", place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.context.rights.guard(menu.addAction(tr("Add a turn…"), self.add_turn), "duty.add_turn")
        if row is not None:
            self.context.rights.guard(menu.addAction(tr("Take off…"), self.take_off), "duty.void_turn")
            menu.addAction(tr("Copy"), self.turns.copy)
        menu.popup(place)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.show_banner("step", "error", error.sentence())


def _people_on(at: int, line: WeekLine) -> str:
    return line.days[at]
