"""The plans tab: which round is due where and when, who does it; the usual plans in one step."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.templates import load_templates
from app.times import to_local
from app.words import label, tr, trn
from models.enums import Frequency
from ui.context import Context
from ui.editing import Again
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.labels import PlainLabel
from ui.pages.inspection_forms import Reasoned, ask_reason
from ui.rows import Call, Column
from ui.subjects import inspections
from ui.table import Table

if TYPE_CHECKING:
    from app.inspections.plans import FormChoices, PlanRow


class PlansTab(QWidget):
    """Plans by frequency; Enter edits one."""

    failed = Signal(object)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.choices: FormChoices | None = None
        self.table = Table("inspection-plans", _columns(), context, is_dim=_is_off, parent=self)
        self.table.empty.say(tr("No round is planned yet."), tr("Plan the usual rounds"), self.add_defaults)
        self._said = PlainLabel("", "secondary", self)
        tools = QHBoxLayout()
        tools.setContentsMargins(10, 6, 10, 6)
        tools.addWidget(self._said, 1)
        for text, call in (
            (tr("Plan the usual rounds"), self.add_defaults),
            (tr("End the plan…"), self._ask_end),
            (tr("Edit…"), self._ask_edit),
            (tr("New plan…"), self._ask_new),
        ):
            button = QPushButton(text, self)
            button.clicked.connect(lambda _on=False, call=call: call())
            tools.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(tools)
        layout.addWidget(self.table, 1)
        self.table.activated_row.connect(lambda _row: self._ask_edit())

    def refresh(self) -> None:
        self.table.fill(inspections.plans)

    def add_defaults(self) -> None:
        """Plan every shipped form at its usual time."""
        self._context.work.do(inspections.add_default_plans, done=self._say_added, failed=self.failed.emit, owner=self)

    def _say_added(self, n: int) -> None:
        words = trn("{n} plan was added.", "{n} plans were added.", n)
        self._said.setText(words if n else tr("The usual rounds are planned already."))
        self._context.work.do(inspections.expect_rounds, done=lambda _n: self.refresh(), owner=self)

    def _ask_new(self) -> None:
        key = uuid.uuid4()
        self._run(None, lambda values, _form: Call(inspections.add_plan, (key, _entry(values))))

    def _ask_edit(self) -> None:
        row: PlanRow | None = self.table.current_row
        if row is not None:
            self._run(row, lambda values, form: Call(inspections.edit_plan, (row.id, form.version, _entry(values))))

    def _ask_end(self) -> None:
        row: PlanRow | None = self.table.current_row
        if row is not None:
            note = tr("{title}: rounds that are written already stay in the list.", title=row.title)
            form = ask_reason(
                self._context,
                self,
                tr("End the plan"),
                note,
                tr("End it"),
                Reasoned("inspection_plan", row, inspections.void_plan),
            )
            form.saved.connect(lambda _none: self.refresh())

    def _run(self, row: "PlanRow | None", save: Callable[[dict[str, Any], Form], Call]) -> None:
        title = tr("New plan") if row is None else tr("Edit the plan")
        form = Form(title, _fields(row, self.choices), self._context, self)
        if row is not None:
            again = Again.among(Call(inspections.plans), row.id, lambda kept: _fields(kept, self.choices))
            form.edits("inspection_plan", row.id, row.version, again)
        form.run(lambda values: save(values, form)).saved.connect(lambda _result: self._planned())

    def _planned(self) -> None:
        self._context.work.do(inspections.expect_rounds, done=lambda _n: self.refresh(), owner=self)


def usual_rules() -> tuple[Choice, ...]:
    """Return the rules that forms offer, the most frequent first."""
    return (
        Choice("FREQ=DAILY", tr("Every day")),
        Choice("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", tr("Every working day (Monday to Friday)")),
        Choice("FREQ=WEEKLY;BYDAY=MO", tr("Every Monday")),
        Choice("FREQ=WEEKLY;BYDAY=FR", tr("Every Friday")),
        Choice("FREQ=MONTHLY;BYMONTHDAY=1", tr("On the 1st of every month")),
        Choice("FREQ=MONTHLY;BYMONTHDAY=15", tr("On the 15th of every month")),
        Choice("FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=5", tr("On the 5th of January, April, July, October")),
        Choice("FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=10", tr("On the 10th of April and October")),
        Choice("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=10", tr("On the 10th of December")),
    )


def _fields(row: "PlanRow | None", choices: "FormChoices | None") -> tuple[Field, ...]:
    entry = row.entry if row else None
    templates = [Choice(one.code, str(one.title)) for one in load_templates()]
    rules = list(usual_rules())
    if entry and entry.rule not in [choice.value for choice in rules]:
        rules.append(Choice(entry.rule, entry.rule))
    rooms = [Choice(room.id, room.name) for room in choices.rooms] if choices else []
    people = [Choice(person.id, person.name) for person in choices.people] if choices else []
    start = datetime.combine(entry.starts_on, time(12)).astimezone(UTC) if entry else datetime.now(UTC)
    return (
        Field("template", tr("Form"), Kind.CHOICE, required=True, choices=templates,
              initial=entry.template if entry else templates[0].value),
        Field("rule", tr("Due", context="inspection"), Kind.CHOICE, required=True, choices=rules,
              initial=entry.rule if entry else rules[0].value),
        Field("room", tr("Machine room"), Kind.CHOICE, choices=rooms, initial=entry.room_id if entry else None),
        Field("assignee", tr("Done by"), Kind.CHOICE, choices=people, initial=entry.assignee_id if entry else None),
        Field("start", tr("From"), Kind.MOMENT, initial=start, wide=False),
        Field("grace", tr("Overdue after"), Kind.NUMBER, initial=entry.grace_days if entry else 1, most=366,
              unit=tr("days"), wide=False),
        Field("on", tr("In force"), Kind.FLAG, initial=entry.is_enabled if entry else True),
    )  # fmt: skip


def _entry(values: dict[str, object]) -> object:
    from app.inspections.plans import PlanEntry

    start = values["start"]
    assert isinstance(start, datetime)
    return PlanEntry(
        str(values["template"]),
        str(values["rule"]),
        to_local(start).date(),
        values["room"],  # type: ignore[arg-type]  # the form gives a room's id or None
        int(str(values["grace"])),
        values["assignee"],  # type: ignore[arg-type]  # the form gives a person's id or None
        bool(values["on"]),
    )


def _columns() -> tuple[Column, ...]:
    order = list(Frequency)
    return (
        Column("frequency", tr("Frequency"), lambda row: label(row.frequency), 90,
               value=lambda row: order.index(row.frequency), drops=5),
        Column("title", tr("Form"), lambda row: row.title, 240, stretch=True),
        Column("room", tr("Machine room"), lambda row: row.room or tr("Whole site"), 140, drops=2),
        Column("rule", tr("Due", context="inspection"), _rule, 300),
        Column("next", tr("Next on"), lambda row: row.next_on.isoformat() if row.next_on else "", 110),
        Column("grace", tr("Overdue after"), _grace, 110, right=True, drops=4),
        Column("assignee", tr("Done by"), lambda row: row.assignee, 110, drops=3),
        Column("on", tr("In force"), lambda row: tr("yes") if row.entry.is_enabled else tr("no"), 80, drops=1),
    )  # fmt: skip


def _rule(row: "PlanRow") -> str:
    return next((choice.title for choice in usual_rules() if choice.value == row.entry.rule), row.entry.rule)


def _grace(row: "PlanRow") -> str:
    return trn("{n} day", "{n} days", row.entry.grace_days)


def _is_off(row: "PlanRow") -> bool:
    return not row.entry.is_enabled
