"""Signing a round, twice and by two people; afterwards it never changes: a correction is a new version (更正)."""

from typing import Any

from sqlalchemy import select

from app import people, signatures
from app.desk import Tx, command
from app.errors import BadInput, Refused
from app.inspections.expected import round_number
from app.inspections.filling import fillable
from app.inspections.rounds import INSPECTOR, SUBJECT, WITNESS
from app.permissions import Permission
from app.template_items import Kind
from app.templates import template
from app.text import clean_line
from app.times import to_local
from app.words import label, tr, trn
from models.enums import InspectionState, ItemResult
from models.inspections import Inspection, InspectionValue
from models.people import Person


@command(Permission.INSPECTION_SIGN)
def sign(tx: Tx, inspection_id: int, version: int) -> None:
    """Sign a round as its inspector, who is whoever is signed in.

    Raises Refused while mandatory items are empty or something abnormal is neither an incident, a work order nor
    explained in its remark; Conflict.
    """
    fillable(tx, inspection_id)
    inspection = tx.get(Inspection, inspection_id, version)
    if tx.person.id is None:
        raise Refused(tr("Sign in to sign the inspection."))
    values = _values(tx, inspection_id)
    _refuse_incomplete(inspection, values)
    inspection.state, inspection.inspector_id = InspectionState.SIGNED_ONCE, tx.person.id
    inspection.ended_at = inspection.ended_at or tx.now
    signatures.sign(tx, SUBJECT, inspection.id, INSPECTOR, tx.person.id, content(inspection, values))


@command(Permission.INSPECTION_SIGN)
def witness(tx: Tx, inspection_id: int, version: int, person_id: int, password: str) -> None:
    """Sign a round as its witness: another person than the inspector, with the own password.

    Raises BadInput for a wrong password, Refused for the same person or a round that does not wait for it, Conflict.
    """
    inspection = tx.get(Inspection, inspection_id, version)
    if inspection.state is not InspectionState.SIGNED_ONCE:
        raise Refused(tr("{number} does not wait for the second signature.", number=inspection.number))
    if person_id == inspection.inspector_id:
        raise BadInput(tr("Somebody else than the inspector signs as witness."), "person")
    if not tx.find(Person, person_id).is_active:
        raise BadInput(tr("This person no longer works here."), "person")
    people.confirm(tx, person_id, password, f"{SUBJECT}:{inspection.id}")
    inspection.state, inspection.witness_id = InspectionState.SIGNED, person_id
    signatures.sign(tx, SUBJECT, inspection.id, WITNESS, person_id, content(inspection, _values(tx, inspection_id)))


@command(Permission.INSPECTION_SIGN)
def take_back(tx: Tx, inspection_id: int, version: int) -> None:
    """Fill in again what the witness did not sign yet; the inspector then signs anew. Raises Refused or Conflict."""
    inspection = tx.get(Inspection, inspection_id, version)
    if inspection.state is not InspectionState.SIGNED_ONCE:
        raise Refused(tr("{number} does not wait for the second signature.", number=inspection.number))
    inspection.state, inspection.ended_at = InspectionState.DRAFT, None


@command(Permission.INSPECTION_SIGN)
def correct(tx: Tx, inspection_id: int, version: int, reason: str) -> int:
    """Begin a new version of a signed round with its values and return its id; the signed one stays as it is.

    Raises BadInput without a reason, Refused when it is not signed, Conflict.
    """
    words = clean_line(reason)[:250]
    if not words:
        raise BadInput(tr("Say why it is corrected."), "reason")
    old = tx.get(Inspection, inspection_id, version)
    if old.state is not InspectionState.SIGNED:
        raise Refused(tr("Only a signed record is corrected; {number} is {state}.", number=old.number,
                         state=label(old.state)))  # fmt: skip
    old.state = InspectionState.CORRECTED
    new = Inspection(
        number=round_number(tx, to_local(tx.now).date()), template=old.template, plan_id=old.plan_id,
        template_version=old.template_version, room_id=old.room_id, due_on=old.due_on, state=InspectionState.DRAFT,
        started_at=old.started_at, ended_at=old.ended_at, happened_at=old.happened_at, opinion=old.opinion,
        inspector_id=tx.person.id, corrects_id=old.id, correction_reason=words,
    )  # fmt: skip
    tx.add(new)
    for value in _values(tx, old.id):
        tx.session.add(
            InspectionValue(
                inspection_id=new.id, item=value.item, value=value.value, result=value.result, note=value.note,
                limits=value.limits, measured_at=value.measured_at, incident_id=value.incident_id,
                work_order_id=value.work_order_id,
            )
        )  # fmt: skip
    return new.id


@command(Permission.INSPECTION_PLAN)
def void(tx: Tx, inspection_id: int, version: int, reason: str) -> None:
    """Strike a round through; what a voided correction had replaced holds again.

    Raises BadInput without a reason, Refused for one that is void or replaced already, Conflict.
    """
    words = clean_line(reason)[:250]
    if not words:
        raise BadInput(tr("Say why it is struck through."), "reason")
    inspection = tx.get(Inspection, inspection_id, version)
    if not inspection.can_be_voided:
        raise Refused(tr("{number} is {state}. Nothing was changed.", number=inspection.number,
                         state=label(inspection.state)))  # fmt: skip
    inspection.state, inspection.voided_at, inspection.void_reason = InspectionState.VOID, tx.now, words
    if inspection.corrects_id is not None:
        old = tx.find(Inspection, inspection.corrects_id)
        old.state, old.version = InspectionState.SIGNED, old.version + 1


def content(inspection: Inspection, values: list[InspectionValue]) -> dict[str, Any]:
    """Return what a signature is put under: the round's head and every value."""
    return {
        "number": inspection.number,
        "template": f"{inspection.template} {inspection.template_version}",
        "started_at": inspection.started_at,
        "opinion": inspection.opinion,
        "values": [[v.item, v.value, v.result, v.note, v.limits] for v in values],
    }


def _values(tx: Tx, inspection_id: int) -> list[InspectionValue]:
    query = select(InspectionValue).where(InspectionValue.inspection_id == inspection_id)
    return list(tx.session.scalars(query.order_by(InspectionValue.id)))


def _refuse_incomplete(inspection: Inspection, values: list[InspectionValue]) -> None:
    items = {item.code: item for item in template(inspection.template).items}
    empty = [v for v in values if v.result is None and v.item in items and items[v.item].kind is not Kind.TEXT]
    if empty:
        first = items[empty[0].item].title
        raise Refused(
            trn(
                "{n} item is not filled in yet: “{first}”.",
                "{n} items are not filled in yet, the first is “{first}”.",
                len(empty),
                first=first,
            )
        )
    for value in values:
        is_open = value.result is ItemResult.ABNORMAL and not (value.incident_id or value.work_order_id or value.note)
        if is_open and value.item in items:
            raise Refused(
                tr(
                    "“{item}” is abnormal: make it an incident or a work order, or explain it in the remark.",
                    item=items[value.item].title,
                )
            )
