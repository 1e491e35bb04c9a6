"""The steps that the menus, the queue and the incident's page offer on the current incident."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.errors import WatchroomError
from app.words import tr, trn
from ui.banner import Banners
from ui.commands import Command
from ui.context import Context
from ui.filters import ChipBar
from ui.on_demand import on_demand
from ui.subjects import incidents
from ui.table import Table

if TYPE_CHECKING:
    from app.incidents import Acknowledged, IncidentDetail, IncidentRow
    from ui.docks import incident_forms
else:
    incident_forms = on_demand("ui.docks.incident_forms")


class Steps:
    """What can be done with the current row of the queue; each opens its form over the window."""

    def __init__(
        self, context: Context, table: Table, now: Callable[[], datetime], banners: Banners, chips: ChipBar
    ) -> None:
        self._context, self._table, self._now = context, table, now
        self._banners, self._chips = banners, chips

    def acknowledge(self) -> None:
        """Acknowledge what is selected, with the usual reason (F4)."""
        waiting = [row.id for row in self._table.selected_rows if row.is_unacknowledged]
        if not self._table.selected_rows:
            self.go_to_next()
        elif waiting:
            work = self._context.work
            done, failed = self._say_passed_over, self._fail
            work.do(incidents.acknowledge_many, waiting, done=done, failed=failed, owner=self._table)
        else:
            self._banners.show_banner("step", "info", tr("What is selected is acknowledged already."))

    def acknowledge_with_note(self) -> None:
        """Acknowledge what is selected with one note (Shift+F4)."""
        waiting = [row for row in self._table.selected_rows if row.is_unacknowledged]
        if waiting:
            form = incident_forms.acknowledge(self._context, self._table, waiting, self._now)
            form.saved.connect(self._say_passed_over)

    def go_to_next(self) -> None:
        """Select the next unacknowledged incident, whichever tab is open (F3)."""
        current = self._table.current_row
        after = current.id if current else None
        self._context.work.read(incidents.next_unacknowledged, after, done=self._select, owner=self._table)

    def _select(self, row: "IncidentRow | None") -> None:
        if row is None:
            self._banners.show_banner("step", "info", tr("Everything is acknowledged."))
        elif not self._table.select_key(row.id):
            self._chips.choose("unacknowledged")
            self._select_when_loaded(row.id)

    def _select_when_loaded(self, incident_id: int) -> None:
        """Select an incident once the tab that lists it has been loaded."""
        rows = self._table.rows

        def try_again() -> None:
            rows.modelReset.disconnect(try_again)
            self._table.select_key(incident_id)

        rows.modelReset.connect(try_again)

    def _say_passed_over(self, done: "Acknowledged") -> None:
        self._table.refresh()
        if done.passed_over:
            words = trn(
                "{n} incident had been acknowledged by somebody else and was left as it is.",
                "{n} incidents had been acknowledged by somebody else and were left as they are.",
                len(done.passed_over),
            )
            self._banners.show_banner("step", "info", words)

    def assign(self) -> None:
        self._with_row(lambda row: incident_forms.assign(self._context, self._parent, row))

    def escalate(self) -> None:
        self._with_row(lambda row: escalate(self._context, self._parent, row))

    def commands(self) -> Iterator[tuple[Command, Callable[[], None]]]:
        """Yield the steps that have no key of their own."""
        context, parent = self._context, self._parent
        steps: tuple[tuple[str, str, str, Callable[[IncidentRow], object]], ...] = (
            ("note", "add_note", tr("Add a note…"), lambda row: incident_forms.note(context, parent, row)),
            (
                "tell",
                "record_notification",
                tr("Record a call…"),
                lambda row: incident_forms.tell(context, parent, row),
            ),
            ("grade", "set_grade", tr("Change the grade…"), lambda row: incident_forms.grade(context, parent, row)),
            ("resolve", "resolve", tr("Resolve…"), lambda row: incident_forms.resolve(context, parent, row)),
            ("close-incident", "close", tr("Close the incident…"), self._close),
            ("noise", "mark_as_noise", tr("Mark as noise…"), lambda row: mark_as_noise(context, parent, row)),
            ("reopen", "reopen", tr("Reopen…"), lambda row: reopen(context, parent, row)),
        )
        for name, needs, title, call in steps:
            command = Command(name, title, "incidents", "", 3, needs=f"incidents.{needs}")
            yield command, partial(self._with_row, call)

    @property
    def _parent(self) -> QWidget:
        return self._table

    def _fail(self, error: WatchroomError) -> None:
        self._banners.show_banner("step", "error", error.sentence())

    def _with_row(self, call: "Callable[[IncidentRow], object]") -> None:
        if self._table.current_row is not None:
            call(self._table.current_row)

    def _close(self, row: "IncidentRow") -> None:
        def show(found: "IncidentDetail") -> None:
            incident_forms.close(self._context, self._parent, found)

        self._context.work.read(incidents.detail, row.id, done=show, owner=self._table)


def escalate(context: Context, parent: QWidget, row: "IncidentRow") -> None:
    """Ask why, and take the incident one step up the chain."""
    title = tr("Escalate {number}", number=row.number)
    incident_forms.reason(context, parent, row, title, incidents.escalate, tr("Escalate", context="button"))


def mark_as_noise(context: Context, parent: QWidget, row: "IncidentRow") -> None:
    """Ask why, and end an incident that was none."""
    title = tr("Mark {number} as noise", number=row.number)
    incident_forms.reason(context, parent, row, title, incidents.mark_as_noise)


def reopen(context: Context, parent: QWidget, row: "IncidentRow") -> None:
    """Ask why, and open an ended incident again."""
    title = tr("Open {number} again", number=row.number)
    incident_forms.reason(context, parent, row, title, incidents.reopen)
