"""One incident whole: facts, time line, who was told, cause and solution, and the steps of its state machine."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.times import full_moment, moment
from app.words import label, tr
from ui.context import Context
from ui.docks import incident_files, incident_forms
from ui.docks.incident_columns import clock_text
from ui.docks.incident_steps import escalate, mark_as_noise, reopen
from ui.labels import PlainLabel
from ui.page import Page
from ui.pages.incident_words import WordsEditor
from ui.presence import PresenceLine
from ui.rows import Column
from ui.subjects import incidents, work_orders
from ui.table import Table

if TYPE_CHECKING:
    from app.incidents import IncidentDetail, IncidentRow
    from app.work_orders import WorkOrderRow

TABLES = ("incident", "incident_event", "notification", "work_order")

_COMMANDS = {"grade": "set_grade", "noise": "mark_as_noise"}
"""The door's commands behind the steps that are called otherwise on the screen."""


class IncidentPage(Page):
    """The incident that `show_row` names; it follows what others do, and half-typed words survive that."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("queue", tr("Incident"), context, parent)
        self._id: int | None = None
        self._found: IncidentDetail | None = None
        self._steps: dict[str, QPushButton] = {}
        self._facts = QGridLayout()
        self._lines: list[tuple[PlainLabel, PlainLabel]] = []
        self.title = PlainLabel("", "title", self, wraps=True)
        self.words = WordsEditor(context, self.banners, self)
        self.timeline = Table("incident-timeline", _event_columns(), context, parent=self)
        self.told = Table("incident-told", _told_columns(), context, parent=self)
        self.orders = Table("incident-orders", _order_columns(), context, parent=self)
        self.presence = PresenceLine(context, self)
        self._lay_out()
        self.words.touched.connect(self._tell_presence)
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)

    def show_row(self, key: object) -> None:
        """Show the incident with this id; words of another one that are not saved yet are kept by their editor."""
        if isinstance(key, int) and key != self._id:
            self._id, self._found = key, None
            self.words.forget()
        self.refresh()

    def refresh(self) -> None:
        if self._id is not None:
            self.timeline.fill(incidents.detail, self._id, show=self._show)
            self.orders.fill(work_orders.of_incident, self._id)

    def print_list(self) -> None:
        """Show the incident record 事件处理单 in the print preview."""
        if self._found is not None:
            incident_files.print_records(self.context, [self._found.id], self._found.row.number)

    def _lay_out(self) -> None:
        for name, title, call in self._step_list():
            needs = (f"incidents.{_COMMANDS.get(name, name)}",)
            self._steps[name] = self.bar.add_button(title, partial(self._with_found, call), needs=needs)
            self._steps[name].setObjectName(f"step-{name}")
        paper = self.bar.add_button(tr("Incident record"), self.print_list)
        order = self.bar.add_button(tr("Ordered shutdown"), lambda: self.context.nav.open("shutdown", self._id))
        steps = [order, *(self._steps[name] for name in ("noise", "grade", "escalate", "reopen", "assign"))]
        self.bar.let_give_way((paper, *steps))
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self._left())
        split.addWidget(self._right())
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setChildrenCollapsible(False)
        self.body.addWidget(self.presence)
        self.body.addWidget(split, 1)

    def _left(self) -> QWidget:
        inside = QWidget(self)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(4)
        self._facts.setColumnStretch(1, 1)
        layout.addLayout(self._facts)
        layout.addWidget(self.words)
        layout.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        for each in (area.viewport(), inside):
            each.setAutoFillBackground(False)
        return area

    def _right(self) -> QWidget:
        right = QSplitter(Qt.Orientation.Vertical, self)
        parts = (
            (tr("Time line"), self.timeline, tr("Add a note…"), self._note, 3),
            (tr("People told"), self.told, tr("Record a call…"), self._tell, 2),
            (tr("Work orders"), self.orders, "", None, 1),
        )
        for title, table, step, call, share in parts:
            right.addWidget(_titled(title, table, step, call))
            right.setStretchFactor(right.count() - 1, share)
        self.told.empty.say(tr("Nobody was told yet."))
        self.orders.current_row_changed.connect(self._select_order)
        self.orders.empty.say(tr("No work order came out of this incident."))
        return right

    def _step_list(self) -> tuple[tuple[str, str, "Callable[[IncidentDetail], object]"], ...]:
        context = self.context
        return (
            ("acknowledge", tr("Acknowledge"), lambda found: self._acknowledge(found.row)),
            ("assign", tr("Assign…"), lambda found: incident_forms.assign(context, self, found.row)),
            ("escalate", tr("Escalate…"), lambda found: escalate(context, self, found.row)),
            ("grade", tr("Grade…"), lambda found: incident_forms.grade(context, self, found.row)),
            ("resolve", tr("Resolve…"), self._resolve),
            ("close", tr("Close the incident…"), lambda found: incident_forms.close(context, self, found)),
            ("noise", tr("Noise…"), lambda found: mark_as_noise(context, self, found.row)),
            ("reopen", tr("Reopen…"), lambda found: reopen(context, self, found.row)),
        )

    def _select_order(self, order: "WorkOrderRow | None") -> None:
        if order is not None:
            self.context.nav.select("work_order", order.id)

    def _with_found(self, call: "Callable[[IncidentDetail], object]") -> None:
        if self._found is not None:
            call(self._found)

    def _acknowledge(self, row: "IncidentRow") -> None:
        self.context.work.do(incidents.acknowledge, row.id, failed=self._fail, owner=self)

    def _resolve(self, found: "IncidentDetail") -> None:
        typed = self.words.values()
        incident_forms.resolve(self.context, self, found.row, typed["cause"], typed["solution"])

    def _note(self) -> None:
        self._with_found(lambda found: incident_forms.note(self.context, self, found.row))

    def _tell(self) -> None:
        self._with_found(lambda found: incident_forms.tell(self.context, self, found.row))

    def _follow(self, changed: Any) -> None:
        if self._id is not None and self.isVisible() and changed.touches(*TABLES):
            self.refresh()

    def _show(self, found: "IncidentDetail") -> None:
        if found.id != self._id:
            return
        self._found = found
        self.bar.count.setText(f"{found.row.number} · {label(found.row.state)}")
        self.title.setText(found.row.title)
        self._show_facts(found)
        self.words.show_words(found)
        self._tell_presence()
        self.timeline.set_rows(found.events)
        self.told.set_rows(found.notifications)
        always = {"escalate", "grade"} if found.row.is_open else set()
        for name, button in self._steps.items():
            self.bar.allow(button, name in found.steps | always)
        main = next((name for name in ("acknowledge", "resolve", "close", "reopen") if name in found.steps), "")
        self._mark_main(main)

    def _tell_presence(self) -> None:
        """Tell the other seats that the incident is looked at, or edited once words are typed."""
        if self._found is not None:
            self.presence.follow("incident", self._found.id, is_edited=bool(self.words.changed_fields))

    def _mark_main(self, main: str) -> None:
        for name, button in self._steps.items():
            if button.property("main") != (name == main):
                button.setProperty("main", name == main)
                button.style().unpolish(button)
                button.style().polish(button)

    def _show_facts(self, found: "IncidentDetail") -> None:
        """Fill the lines that are there, adding and hiding lines as needed, so that a marked text stays marked."""
        facts = _facts(found)
        while len(self._lines) < len(facts):
            title, value = PlainLabel("", "secondary", self), PlainLabel("", parent=self, wraps=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(title, len(self._lines), 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(value, len(self._lines), 1)
            self._lines.append((title, value))
        for at, (title, value) in enumerate(self._lines):
            words = facts[at] if at < len(facts) else ("", "")
            title.setText(words[0])
            if value.text() != words[1]:
                value.setText(words[1])
            title.setVisible(at < len(facts))
            value.setVisible(at < len(facts))

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _facts(found: "IncidentDetail") -> list[tuple[str, str]]:
    row = found.row
    caller = " · ".join(text for text in (row.caller, found.caller_department, found.caller_telephone) if text)
    entered = tr("entered later: {time}", time=moment(row.recorded_at))
    is_late = (row.recorded_at - row.happened_at).total_seconds() > 300
    facts = [
        (tr("Grade"), label(row.grade)),
        (tr("Severity"), label(row.severity) if row.severity else "—"),
        (tr("Priority"), label(row.priority)),
        (tr("Source"), label(row.source)),
        (tr("Device"), row.ci_name or "—"),
        (tr("Happened at"), full_moment(row.happened_at) + (f"（{entered}）" if is_late else "")),
        (tr("To acknowledge"), _waiting(row)),
        (tr("By whom, and why"), _acknowledged(row)),
        (tr("Assignee"), row.assignee or "—"),
    ]
    if caller:
        facts.insert(4, (tr("Caller"), caller))
    if row.cleared_at:
        facts.append((tr("Recovered at"), full_moment(row.cleared_at)))
    if found.resolved_at:
        facts.append((tr("Resolved at"), f"{full_moment(found.resolved_at)} {found.resolved_by or ''}".strip()))
    if row.escalation_level:
        facts.append((tr("Escalated to level"), str(row.escalation_level)))
    return facts


def _waiting(row: "IncidentRow") -> str:
    """Return until when it must be acknowledged, or in how long it was."""
    due = row.acknowledge_due_at
    return tr("by {time}", time=moment(due)) if row.is_unacknowledged else clock_text(row, due)


def _acknowledged(row: "IncidentRow") -> str:
    if row.acknowledged_at is None:
        return "—"
    words = f"{row.acknowledged_by or '—'} · {moment(row.acknowledged_at)} · {row.acknowledge_reason}"
    if row.acknowledge_expires_at:
        words += " · " + tr("until {time}", time=moment(row.acknowledge_expires_at))
    return words


def _titled(title: str, table: Table, step: str, call: Callable[[], None] | None) -> QWidget:
    part = QWidget()
    layout = QGridLayout(part)
    layout.setContentsMargins(8, 8, 8, 0)
    layout.setSpacing(4)
    layout.setColumnStretch(0, 1)
    layout.addWidget(PlainLabel(title, "strong", part), 0, 0)
    if call is not None:
        button = QPushButton(step, part)
        button.clicked.connect(lambda _on=False: call())
        layout.addWidget(button, 0, 1)
    layout.addWidget(table, 1, 0, 1, 2)
    return part


def _event_columns() -> tuple[Column, ...]:
    return (
        Column("at", tr("Time"), lambda event: moment(event.happened_at), 120),
        Column("kind", tr("Step", context="incident"), lambda event: label(event.kind), 90),
        Column("person", tr("Who"), lambda event: event.person or "—", 84),
        Column("text", tr("Details", context="incident"), lambda event: event.text or "—", 120, stretch=True),
    )


def _told_columns() -> tuple[Column, ...]:
    return (
        Column("at", tr("Time"), lambda line: moment(line.happened_at), 120),
        Column("name", tr("Who was told"), lambda line: f"{line.name} {line.number}".strip(), 108),
        Column("medium", tr("By what means"), lambda line: label(line.medium), 104, drops=2),
        Column("person", tr("Told by"), lambda line: line.person or "—", 72),
        Column("result", tr("Result"), lambda line: line.result or "—", 70, stretch=True),
    )


def _order_columns() -> tuple[Column, ...]:
    return (
        Column("number", tr("Number"), lambda order: order.number, 110),
        Column("state", tr("State", context="incident"), lambda order: label(order.state), 74),
        Column("title", tr("Content", context="incident"), lambda order: order.title, 90, stretch=True),
        Column("assignee", tr("Assignee"), lambda order: order.assignee or "—", 80, drops=1),
        Column("due", tr("Due"), lambda order: moment(order.due_at) if order.due_at else "—", 116, drops=2),
    )
