"""One visit: who is still inside, what was carried and what was done (REQUIREMENTS E1-E3, C10)."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QGridLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.words import label, tr
from models.enums import State, VisitState
from ui.context import Context
from ui.docks.access_columns import approver_text, moment_text, state_text
from ui.docks.access_steps import VisitSteps
from ui.labels import ElidedLabel, PlainLabel
from ui.page import Page
from ui.presence import PresenceLine
from ui.rows import Column, Look, Pill, Tinted
from ui.subjects import access
from ui.table import Table

if TYPE_CHECKING:
    from app.access import MemberRow, VisitDetail, VisitRow

NAME = "visit"
TABLES = ("visit", "visit_member", "visit_item", "operation")
OUT = "out"


class VisitPage(Page):
    """A visit's facts above, its people, items and operations below; people leave one by one."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("access", tr("Visit"), context, parent)
        self._visit_id: int | None = None
        self._detail: VisitDetail | None = None
        self.steps = VisitSteps(context, self.banners, self)
        self._facts = {key: ElidedLabel("", parent=self) for key, _title in _fact_titles()}
        self.people = Table("visit-people", _people_columns(), context, parent=self)
        self.items = Table("visit-items", _item_columns(), context, key=hash, parent=self)
        self.operations = Table("visit-operations", _operation_columns(), context, parent=self)
        self._buttons: dict[str, QPushButton] = {}
        self.presence = PresenceLine(context, self)
        self._lay_out()
        self._connect()

    def show_row(self, key: object) -> None:
        """Show a visit by its id."""
        if isinstance(key, int):
            self._visit_id = key
        self.refresh()

    def refresh(self) -> None:
        if self._visit_id is not None:
            self.people.fill(access.detail, self._visit_id, show=self._show)

    def _lay_out(self) -> None:
        for name, needs, title, call in (
            ("in", "let_in", tr("Let in"), self._let_in),
            ("out", "leave", tr("Everybody leaves"), self._let_all_out),
            ("operation", "add_operation", tr("Operation…"), self._add_operation),
            ("carry", "carry", tr("Carried items…"), self._carry),
            ("edit", "edit_visit", tr("Correct…"), self._edit),
            ("void", "void", tr("Void the entry…"), self._void),
        ):
            is_main = name == "out"
            self._buttons[name] = self.bar.add_button(title, call, is_main=is_main, needs=(f"access.{needs}",))
        self.bar.let_give_way([self._buttons[name] for name in ("void", "edit", "carry", "operation")])
        content = QVBoxLayout()
        content.setContentsMargins(12, 10, 12, 8)
        content.setSpacing(6)
        content.addLayout(self._facts_grid())
        for title, table, stretch in (
            (tr("People", context="visit"), self.people, 3),
            (tr("Carried items"), self.items, 2),
            (tr("Operations within the visit"), self.operations, 3),
        ):
            content.addWidget(PlainLabel(title, "strong", self))
            content.addWidget(table, stretch)
        self.items.empty.say(tr("Nothing was carried in or out."))
        self.operations.empty.say(
            tr("No operation was entered yet: who did what on which device."),
            tr("Enter an operation"),
            self._add_operation,
        )
        self.body.addWidget(self.presence)
        self.body.addLayout(content)
        self.setFocusProxy(self.people)

    def _facts_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for at, (key, title) in enumerate(_fact_titles()):
            row, column = divmod(at, 3)
            grid.addWidget(PlainLabel(title, "secondary", self), row, 2 * column)
            grid.addWidget(self._facts[key], row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        return grid

    def _connect(self) -> None:
        self.people.clicked.connect(self._click)
        self.people.activated_row.connect(self._let_member_out)
        self.people.menu_asked.connect(self._show_menu)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self.refresh)

    def _follow(self, changed: Any) -> None:
        if self._visit_id is not None and changed.touches(*TABLES):
            self.refresh()

    def _show(self, detail: "VisitDetail | None") -> None:
        self._detail = detail
        if detail is None:
            self.banners.error(tr("This visit is not there any more."))
            return
        row = detail.row
        self.presence.follow("visit", row.id)
        self.bar.title.setText(f"{tr('Visit')} {row.number}")
        for key, text in _fact_texts(row).items():
            self._facts[key].setText(text)
        self.people.set_rows(detail.members)
        self.items.set_rows(detail.items)
        self.operations.set_rows(detail.operations)
        is_inside, is_void = row.state is VisitState.INSIDE, row.state is VisitState.VOID
        self.bar.allow(self._buttons["in"], row.state is VisitState.ANNOUNCED)
        self.bar.allow(self._buttons["out"], is_inside)
        for name in ("operation", "carry", "edit", "void"):
            self._buttons[name].setEnabled(not is_void)

    def _click(self, index: Any) -> None:
        if self.people.rows.columns[index.column()].key == OUT:
            self._let_member_out(self.people.rows.rows[index.row()])

    def _show_menu(self, member: "MemberRow | None", place: QPoint) -> None:
        if member is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if _is_inside(member):
            leaves = partial(self._let_member_out, member)
            menu.addAction(tr("{name} leaves", name=member.name), leaves)
        menu.addAction(tr("Copy"), self.people.copy)
        menu.popup(place)

    def _let_member_out(self, member: "MemberRow") -> None:
        if self._detail is not None and _is_inside(member) and self._detail.row.state is VisitState.INSIDE:
            self.steps.let_member_out(self._detail.row, (member.id,))

    def _let_in(self) -> None:
        if self._detail is not None:
            self.steps.let_in(self._detail.row)

    def _let_all_out(self) -> None:
        if self._detail is not None:
            self.steps.let_member_out(self._detail.row, ())

    def _add_operation(self) -> None:
        if self._detail is not None:
            self.steps.add_operation(self._detail.row, self._detail.members)

    def _carry(self) -> None:
        if self._detail is not None:
            self.steps.carry(self._detail.row)

    def _edit(self) -> None:
        if self._detail is not None:
            self.steps.edit(self._detail.row)

    def _void(self) -> None:
        if self._detail is not None:
            self.steps.void(self._detail.row)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _fact_titles() -> tuple[tuple[str, str], ...]:
    return (
        ("state", tr("State", context="visit")),
        ("room", tr("Machine room")),
        ("unit", tr("Unit", context="person")),
        ("entered", tr("Entered", context="visit")),
        ("left", tr("Left", context="visit")),
        ("planned", tr("Planned exit")),
        ("purpose", tr("Purpose")),
        ("linked", tr("Linked", context="visit")),
        ("headcount", tr("Headcount")),
        ("approver", tr("Approved by")),
        ("escort", tr("Escort")),
        ("remarks", tr("Remarks")),
    )


def _fact_texts(row: "VisitRow") -> dict[str, str]:
    later = tr("entered later") if row.is_entered_later else ""
    return {
        "state": state_text(row),
        "room": row.room,
        "unit": row.unit or "—",
        "entered": f"{moment_text(row.entered_at)} {later}".strip() or "—",
        "left": moment_text(row.left_at) or "—",
        "planned": moment_text(row.planned_until) or "—",
        "purpose": row.purpose,
        "linked": row.linked or "—",
        "headcount": str(row.headcount),
        "approver": approver_text(row),
        "escort": row.escort or "—",
        "remarks": row.remarks or "—",
    }


def _is_inside(member: "MemberRow") -> bool:
    return member.entered_at is not None and member.left_at is None


def _member_state(member: "MemberRow") -> str:
    return tr("Inside", context="visits") if _is_inside(member) else moment_text(member.left_at)


def _member_look(member: "MemberRow") -> Look | None:
    return Tinted(_member_state(member), "normal", State.NORMAL) if _is_inside(member) else None


def _leave_look(member: "MemberRow") -> Look | None:
    return Pill(tr("Leaves"), "accent") if _is_inside(member) else None


def _people_columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("Name", context="person"), lambda row: row.name, 120, stretch=True),
        Column("unit", tr("Unit", context="person"), lambda row: row.unit, 130, stretch=True),
        Column("telephone", tr("Telephone", context="person"), lambda row: row.telephone, 120, drops=4),
        Column(
            "paper", tr("Paper shown"), lambda row: label(row.certificate) if row.certificate else "—", 110, drops=3
        ),
        Column("number", tr("Its number"), lambda row: row.certificate_mask or "—", 170, drops=2),
        Column("entered", tr("Entered", context="visit"), lambda row: moment_text(row.entered_at), 98, drops=1),
        Column("left", tr("Left", context="visit"), _member_state, 98, look=_member_look),
        Column(OUT, "", lambda _row: "", 110, look=_leave_look),
    )


def _item_columns() -> tuple[Column, ...]:
    return (
        Column("direction", tr("Direction"), lambda row: label(row.direction), 110),
        Column("name", tr("Item"), lambda row: row.name, 200, stretch=True),
        Column("quantity", tr("Quantity"), lambda row: str(row.quantity), 80, right=True),
        Column("ci", tr("Device"), lambda row: row.ci_name or "—", 180, stretch=True, drops=2),
    )


def _operation_columns() -> tuple[Column, ...]:
    return (
        Column("time", tr("Time"), lambda row: moment_text(row.happened_at), 98),
        Column("operator", tr("Operator"), lambda row: row.operator, 110),
        Column("content", tr("What was done"), lambda row: row.content, 260, stretch=True),
        Column("ci", tr("Device"), lambda row: row.ci_name or "—", 140, drops=2),
        Column("witness", tr("Witness"), lambda row: row.witness or "—", 110, drops=3),
    )
