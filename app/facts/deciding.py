"""What a person decides on a difference: the record takes it, somebody goes and looks, or the record stands."""

import uuid
from dataclasses import replace
from typing import Any

from app import work_orders
from app.cmdb.checking import checked
from app.cmdb.commands import change, draft_of
from app.desk import Tx, command
from app.errors import BadInput, Refused
from app.facts.comparing import interfaces_seen
from app.interface_facts import PREFIX, lines_in
from app.permissions import Permission
from app.text import clean_line
from app.words import label, tr
from models.cmdb import Ci
from models.enums import DifferenceState, Fact
from models.facts import Difference
from models.monitoring import DeviceState


@command(Permission.CMDB_EDIT)
def accept(tx: Tx, difference_id: int, version: int, value: str = "") -> None:
    """Let the record take what the device says; `value` chooses one of several addresses.

    Raises BadInput where several stand to choose from, Refused where it was decided, or Conflict.
    """
    row = _undecided(tx, difference_id, version)
    if row.fact is Fact.INTERFACES:
        _take_interfaces(tx, row)
        return
    offered = row.polled.split() if row.fact is Fact.ADDRESS else [row.polled]
    wanted = value or (offered[0] if len(offered) == 1 else "")
    if wanted not in offered:
        raise BadInput(tr("Choose one of the addresses that the device has."), "value")
    ci = tx.get(Ci, row.ci_id, tx.find(Ci, row.ci_id).version)
    draft = draft_of(ci)
    fields: dict[str, Any] = {row.fact.value: wanted}
    if row.fact is Fact.PORTS:
        fields = {"attributes": {**draft.attributes, "ports": float(wanted)}}
    change(tx, ci, checked(replace(draft, **fields)))
    _decide(tx, row, DifferenceState.ACCEPTED)


def _take_interfaces(tx: Tx, row: Difference) -> None:
    """Let the record list the interfaces as the device has them. Raises Refused where it says something else by now."""
    ci, state = tx.get(Ci, row.ci_id, tx.find(Ci, row.ci_id).version), tx.session.get(DeviceState, row.ci_id)
    told = state.facts if state is not None else {}
    seen = interfaces_seen(ci.id, ci.attributes, told)
    if seen is None or (seen.recorded, seen.polled) != (row.recorded, row.polled):
        raise Refused(tr("The device or its record says something else by now. Nothing was changed: look again."))
    draft = draft_of(ci)
    others = {name: value for name, value in draft.attributes.items() if not name.startswith(PREFIX)}
    lines = {f"{PREFIX}{name}": line for name, line in lines_in(told).items()}
    change(tx, ci, checked(replace(draft, attributes=others | lines)))
    _decide(tx, row, DifferenceState.ACCEPTED)


@command(Permission.INCIDENT_HANDLE)
def order(tx: Tx, key: uuid.UUID, difference_id: int, version: int, title: str, assignee_id: int | None = None) -> int:
    """Hand out a work order about the difference and return its id. Raises BadInput, Refused or Conflict."""
    row = _undecided(tx, difference_id, version)
    draft = work_orders.WorkOrderDraft(title, assignee_id, ci_id=row.ci_id)
    made = work_orders.create(tx, draft, key)
    row.work_order_id = made.id
    _decide(tx, row, DifferenceState.ORDERED)
    return made.id


@command(Permission.CMDB_EDIT)
def keep(tx: Tx, difference_id: int, version: int, reason: str) -> None:
    """Leave the record as it is, until the device says something else. Raises BadInput without a reason."""
    words = clean_line(reason, 250)
    if not words:
        raise BadInput(tr("Say why the record stands."), "reason")
    row = _undecided(tx, difference_id, version)
    row.reason = words
    _decide(tx, row, DifferenceState.KEPT)


def _undecided(tx: Tx, difference_id: int, version: int) -> Difference:
    row = tx.get(Difference, difference_id, version)
    if row.state not in (DifferenceState.OPEN, DifferenceState.ORDERED, DifferenceState.KEPT):
        raise Refused(tr("This difference is settled: {state}. Nothing was changed.", state=label(row.state)))
    return row


def _decide(tx: Tx, row: Difference, state: DifferenceState) -> None:
    row.state, row.decided_at, row.decided_by = state, tx.now, tx.person.id
    tx.session.flush()
