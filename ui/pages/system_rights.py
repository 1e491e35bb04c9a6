"""Rights by system: which systems a person sees, and who sees a system (REQUIREMENTS H1)."""

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox

from app.errors import WatchroomError
from app.times import full_moment, minute, parse_moment
from app.words import tr
from ui import list_files
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.filters import Chip, ChipBar, FilterBox
from ui.forms import Form
from ui.labels import PlainLabel
from ui.live import Changed
from ui.page import Page
from ui.rows import Call, Column, Look, Tinted
from ui.subjects import people, system_rights
from ui.table import Table

if TYPE_CHECKING:
    from app.people import PersonRow
    from app.system_rights import RightRow, SystemRow

NAME = "system-rights"
ALL, PERSON, SYSTEM = "", "person", "system"
TABLES = ("system_right", "person", "person_post", "ci")


class SystemRightsPage(Page):
    """All rights that stand, those of one person, or the people of one system; who sees everything is among them."""

    def __init__(self, context: Context) -> None:
        super().__init__("shift", tr("Rights by system"), context)
        self._people: list[PersonRow] = []
        self._systems: list[SystemRow] = []
        self._wanted: object = None
        self.chips = ChipBar(_chips(), self)
        self.whom = QComboBox(self)
        self.whom.setMinimumWidth(160)
        self.box = FilterBox(parent=self)
        self.table = Table(NAME, _columns(), context, is_dim=_is_unbound, parent=self)
        self.table.empty.say(tr("Nobody has a post yet."))
        self._lay_out()
        self.chips.chosen.connect(self._offer)
        self.whom.currentIndexChanged.connect(lambda _at: self._fill())
        self.box.typed.connect(self.table.set_filter)
        self.table.counted.connect(self.bar.count.setText)
        self.table.current_row_changed.connect(lambda _row: self._enable())
        self.table.activated_row.connect(lambda _row: self.grant())
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)
        self._enable()

    def show_row(self, key: object) -> None:
        """Show everything; with a key (PERSON or SYSTEM, and its number) that side."""
        self._wanted = key
        self.refresh()

    def refresh(self) -> None:
        if self.chips.current == ALL:
            self._fill()
        read = partial(self.context.work.read, failed=self._fail, owner=self)
        read(people.everyone, done=self._take_people)
        read(system_rights.systems, done=self._take_systems)

    def focus_filter(self) -> None:
        self.box.setFocus()
        self.box.selectAll()

    def export(self) -> None:
        list_files.export_table(self, self.table)

    def print_list(self) -> None:
        list_files.print_table(self, self.table)

    def grant(self) -> None:
        """Open the form of a right, begun with what is selected."""
        row: RightRow | None = self.table.current_row
        form = Form(tr("Give a system to see"), self._fields(row), self.context, self, main=tr("Give"), note=_note())
        key = uuid.uuid4()
        form.run(partial(_grant, key))

    def withdraw(self) -> None:
        """Open the form that ends a right; the last one of a person asks for a tick more."""
        row: RightRow | None = self.table.current_row
        if row is None or row.right_id is None:
            return
        last = Field(
            "opens_all", tr("Every system"), Kind.FLAG, hint=tr("{name} may then see every system", name=row.person)
        )
        reason = Field("reason", tr("Reason"), Kind.LINES, required=True, lines=2)
        title = tr("Take {system} from {name}", system=row.system, name=row.person)
        note = tr("It holds at once. Without any system given, a person sees every system.")
        right_id = row.right_id
        form = Form(title, (reason, last), self.context, self, main=tr("Withdraw"), note=note)
        form.run(
            lambda values: Call(
                system_rights.withdraw, (right_id, values["reason"]), {"opens_all": values["opens_all"]}
            )
        )

    def _lay_out(self) -> None:
        self.bar.add(self.chips)
        self.bar.add(self.whom)
        self.bar.add(self.box)
        self.grant_button = self.bar.add_button(
            tr("Give a system…"), self.grant, is_main=True, needs=("system_rights.grant",)
        )
        self.withdraw_button = self.bar.add_button(tr("Withdraw…"), self.withdraw, needs=("system_rights.withdraw",))
        self.bar.let_give_way((self.withdraw_button, self.box))
        words = tr(
            "A shared database itself shows only these systems to whoever has any here; an embedded one only notes it."
        )
        line = PlainLabel(words, "secondary", self, wraps=True)
        line.setContentsMargins(12, 4, 12, 4)
        self.body.addWidget(line)
        self.body.addWidget(self.table, 1)
        self.whom.setAccessibleName(tr("Whose rights"))
        self.whom.hide()

    def _offer(self, side: str) -> None:
        """Offer the people or the systems to choose from, for the side that is looked at."""
        kept = self.whom.currentData()
        self.whom.blockSignals(True)
        self.whom.clear()
        for each in self._people if side == PERSON else self._systems if side == SYSTEM else ():
            self.whom.addItem(each.name, (side, each.id))
        at = self.whom.findData(kept) if kept else -1
        self.whom.setCurrentIndex(max(at, 0) if self.whom.count() else -1)
        self.whom.blockSignals(False)
        self.whom.setVisible(side != ALL)
        self._fill()

    def _fill(self) -> None:
        chosen = self.whom.currentData() if self.chips.current != ALL else None
        if chosen is None:
            self.table.fill(system_rights.standing, show=self._show)
        elif chosen[0] == PERSON:
            self.table.fill(system_rights.of_person, chosen[1], show=self._show)
        else:
            self.table.fill(system_rights.of_system, chosen[1], show=self._show)

    def _take_people(self, found: "list[PersonRow]") -> None:
        self._people = [row for row in found if row.posts]
        self._take(PERSON)

    def _take_systems(self, found: "list[SystemRow]") -> None:
        self._systems = found
        self._take(SYSTEM)
        self._enable()

    def _take(self, side: str) -> None:
        match self._wanted:
            case (wanted, number) if wanted == side:
                self._wanted = None
                self.chips.choose(side)
                self.whom.setCurrentIndex(max(0, self.whom.findData((side, number))))
            case _ if self.chips.current == side:
                self._offer(side)

    def _show(self, rows: "list[RightRow]") -> None:
        self.table.set_rows(rows)
        self._enable()

    def _enable(self) -> None:
        row: RightRow | None = self.table.current_row
        self.grant_button.setEnabled(bool(self._systems))
        self.withdraw_button.setEnabled(row is not None and row.right_id is not None)

    def _fields(self, row: "RightRow | None") -> tuple[Field, ...]:
        chosen = self.whom.currentData() if self.chips.current != ALL else None
        person_id = row.person_id if row else chosen[1] if chosen and chosen[0] == PERSON else None
        system_id = row.system_id if row and row.system_id else chosen[1] if chosen and chosen[0] == SYSTEM else None
        persons = [Choice(each.id, each.name) for each in self._people]
        systems = [Choice(each.id, each.name) for each in self._systems]
        return (
            Field("person_id", tr("Person"), Kind.CHOICE, True, person_id, persons, wide=False),
            Field("system_id", tr("System"), Kind.CHOICE, True, system_id, systems, wide=False),
            Field(
                "seat", tr("Only at the seat"), hint=tr("empty: at each"), initial=row.seat if row else "", wide=False
            ),
            Field("expires_at", tr("Until"), hint=tr("2026-12-31 18:00; empty: without an end"), wide=False),
            Field("may_write", tr("Writing"), Kind.FLAG, hint=tr("May change records too"), initial=True),
            Field("reason", tr("Reason"), Kind.LINES, required=True, lines=2),
        )

    def _follow(self, changed: Changed) -> None:
        if changed.touches(*TABLES):
            self.refresh()

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _grant(key: uuid.UUID, values: dict[str, Any]) -> Call:
    end = values["expires_at"]
    expires_at = parse_moment(end, "expires_at") if end else None
    more = {"may_write": values["may_write"], "seat": values["seat"], "expires_at": expires_at}
    return Call(system_rights.grant, (key, values["person_id"], values["system_id"], values["reason"]), more)


def _note() -> str:
    return tr("The first system given to somebody hides every other one from that person.")


def _chips() -> tuple[Chip, ...]:
    return (
        Chip(ALL, tr("All", context="rights")),
        Chip(PERSON, tr("By person")),
        Chip(SYSTEM, tr("By system")),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column("person", tr("Person"), lambda row: row.person, 130),
        Column("system", tr("System"), _system, 180, stretch=True),
        Column("may", tr("May"), lambda row: tr("read and write") if row.may_write else tr("read"), 110, drops=1),
        Column("seat", tr("Only at the seat"), lambda row: row.seat or tr("each"), 110, drops=4),
        Column("until", tr("Until"), _until, 140, look=_look),
        Column("since", tr("Since"), lambda row: full_moment(row.since) if row.since else "", 140, drops=3),
        Column("reason", tr("Reason"), lambda row: row.reason, 200, stretch=True, drops=2),
    )


def _system(row: "RightRow") -> str:
    return row.system if row.right_id is not None else tr("every system")


def _until(row: "RightRow") -> str:
    if row.expires_at is None:
        return ""
    return tr("over since {time}", time=minute(row.expires_at)) if row.is_over else minute(row.expires_at)


def _look(row: "RightRow") -> Look | None:
    return Tinted(_until(row), "warning") if row.is_over else None


def _is_unbound(row: "RightRow") -> bool:
    return row.right_id is None
