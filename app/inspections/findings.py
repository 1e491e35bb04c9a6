"""What an abnormal item leads to: an incident, or a work order with somebody who does it until a day (G1)."""

import uuid
from datetime import datetime

from app import work_orders
from app.desk import Tx, command
from app.errors import Refused
from app.incidents.changing import stop_clock
from app.incidents.opening import IncidentDraft, create
from app.inspections.filling import item_of, value_of
from app.permissions import Permission
from app.templates import shown, standard
from app.words import tr
from models.enums import Grade, ItemResult, Source
from models.incidents import Incident, WorkOrder
from models.inspections import Inspection, InspectionValue


@command(Permission.INCIDENT_REGISTER)
def raise_incident(
    tx: Tx,
    key: uuid.UUID,
    inspection_id: int,
    item_code: str,
    version: int,
    title: str,
    ci_id: int | None = None,
    grade: Grade = Grade.IV,
) -> int:
    """Make the finding an incident and return its id; whoever enters it has thereby acknowledged it.

    The same key again returns the incident that is there. Raises BadInput, Refused or Conflict.
    """
    made = tx.already(Incident, key)
    if made is not None:
        return made.id
    row = _finding(tx, inspection_id, item_code, version)
    number = tx.find(Inspection, inspection_id).number
    draft = IncidentDraft(title, Source.INSPECTION, f"{number}\n{_words(tx, row)}", ci_id, grade)
    incident = create(tx, draft, key)
    stop_clock(tx, incident, tr("found at the inspection {number}", number=number))
    row.incident_id = incident.id
    return incident.id


@command(Permission.INSPECTION_FILL)
def order_work(
    tx: Tx,
    key: uuid.UUID,
    inspection_id: int,
    item_code: str,
    version: int,
    title: str,
    assignee_id: int | None,
    due_at: datetime | None,
    ci_id: int | None = None,
) -> int:
    """Make the finding a work order and return its id; the same key again returns the one that is there.

    Raises BadInput, Refused or Conflict.
    """
    made = tx.already(WorkOrder, key)
    if made is not None:
        return made.id
    row = _finding(tx, inspection_id, item_code, version)
    draft = work_orders.WorkOrderDraft(title, assignee_id, due_at, ci_id, row.incident_id, inspection_id)
    order = work_orders.create(tx, draft, key)
    row.work_order_id = order.id
    return order.id


def _finding(tx: Tx, inspection_id: int, item_code: str, version: int) -> InspectionValue:
    row = value_of(tx, inspection_id, item_code, version)
    if row.result is not ItemResult.ABNORMAL:
        raise Refused(tr("Only what is abnormal becomes an incident or a work order."))
    return row


def _words(tx: Tx, row: InspectionValue) -> str:
    item = item_of(tx, row)
    return tr(
        "{item}: {value}, standard {standard}", item=item.title, value=shown(item, row.value), standard=standard(item)
    ) + (f"\n{row.note}" if row.note else "")
