"""One round with everything that its form shows: sections, last time's values, past faults, signatures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.cmdb.places import chain, every_place
from app.desk import ReadTx
from app.errors import NotFound
from app.inspections.limits import site_template, with_all_limits
from app.inspections.queries import rows
from app.inspections.rows import Fault, Option, Round, RoundItem, RoundSection
from app.reports.forms import form_line
from app.signatures import SignatureRow, signatures
from app.template_items import Item, Kind, Template
from app.templates import shown, standard, template
from app.words import label
from models.cmdb import Ci
from models.enums import InspectionState
from models.incidents import Incident, WorkOrder
from models.inspections import Inspection, InspectionValue
from models.people import Attachment

SUBJECT = "inspection"
INSPECTOR, WITNESS = "inspector", "witness"
FAULTS_BACK = timedelta(days=30)
MOST_FAULTS = 60


@dataclass(frozen=True, slots=True)
class Last:
    """The signed round before: its number, when it ended and what was found, by item code."""

    number: str
    at: datetime | None
    values: Mapping[str, str]


def round_of(tx: ReadTx, inspection_id: int) -> Round:
    """Return one round. Raises NotFound; BadInput when its template is no longer shipped."""
    found = rows(tx, [inspection_id])
    inspection = tx.session.get(Inspection, inspection_id)
    if not found or inspection is None:
        raise NotFound("inspection", inspection_id)
    values = {v.item: v for v in _values(tx, inspection_id)}
    last = last_round(tx, inspection)
    frozen = {code: value.limits for code, value in values.items() if value.limits}
    form = with_all_limits(template(inspection.template), frozen) if values else site_template(tx, inspection.template)
    signed = {signature.role: signature for signature in _last_signatures(tx, inspection)}
    correction = select(Inspection.number).where(
        Inspection.corrects_id == inspection_id, Inspection.voided_at.is_(None)
    )
    return Round(
        row=found[0],
        form=form_line(form),
        template_version=inspection.template_version,
        basis=str(form.basis),
        signers=tuple(str(signer) for signer in form.signers),
        sections=_sections(tx, form, values, last, inspection),
        opinion=inspection.opinion,
        inspector_id=inspection.inspector_id,
        witness_id=inspection.witness_id,
        inspector_signed_at=signed[INSPECTOR].signed_at if INSPECTOR in signed else None,
        witness_signed_at=signed[WITNESS].signed_at if WITNESS in signed else None,
        last_number=last.number,
        last_at=last.at,
        faults=tuple(past_faults(tx, inspection, last.at)),
        corrected_by=tx.session.scalar(correction.order_by(Inspection.id.desc()).limit(1)) or "",
    )


def last_round(tx: ReadTx, inspection: Inspection) -> Last:
    """Return the last signed round of the same form and room before this one, empty when there is none."""
    query = (
        select(Inspection)
        .where(
            Inspection.template == inspection.template,
            Inspection.room_id == inspection.room_id
            if inspection.room_id is not None
            else Inspection.room_id.is_(None),
            Inspection.state == InspectionState.SIGNED,
            Inspection.happened_at < inspection.happened_at,
            Inspection.id != inspection.id,
        )
        .order_by(Inspection.happened_at.desc(), Inspection.id.desc())
        .limit(1)
    )
    before = tx.session.scalars(query).first()
    if before is None:
        return Last("", None, {})
    return Last(before.number, before.ended_at, {v.item: v.value for v in _values(tx, before.id)})


def past_faults(tx: ReadTx, inspection: Inspection, since: datetime | None) -> list[Fault]:
    """Return the incidents of the round's room (of the whole site without one) since the last round, newest first."""
    until = inspection.started_at or tx.now
    query = (
        select(
            Incident.id, Incident.number, Incident.happened_at, func.coalesce(Ci.name, ""), Incident.title,
            Incident.state,
        )
        .join(Ci, Ci.id == Incident.ci_id, isouter=True)
        .where(Incident.happened_at >= (since or until - FAULTS_BACK), Incident.happened_at <= until)
        .order_by(Incident.happened_at.desc(), Incident.id.desc())
        .limit(MOST_FAULTS)
    )  # fmt: skip
    if inspection.room_id is not None:
        query = query.where(Ci.place_id.in_(places_of_room(tx, inspection.room_id)))
    return [Fault(*row[:5], label(row[5])) for row in tx.session.execute(query)]


def places_of_room(tx: ReadTx, room_id: int) -> list[int]:
    """Return the ids of a room and of every row and rack in it."""
    places = every_place(tx)
    return [place_id for place_id in places if any(place.id == room_id for place in chain(places, place_id))]


def _values(tx: ReadTx, inspection_id: int) -> Sequence[InspectionValue]:
    return tx.session.scalars(select(InspectionValue).where(InspectionValue.inspection_id == inspection_id)).all()


def _last_signatures(tx: ReadTx, inspection: Inspection) -> list[SignatureRow]:
    """Return the signatures that still hold: none under a draft, and without a witness only the inspector's."""
    held = {
        InspectionState.SIGNED_ONCE: (INSPECTOR,),
        InspectionState.SIGNED: (INSPECTOR, WITNESS),
        InspectionState.CORRECTED: (INSPECTOR, WITNESS),
        InspectionState.VOID: (INSPECTOR, WITNESS),
    }.get(inspection.state, ())
    return [one for one in signatures(tx, SUBJECT, inspection.id) if one.role in held]


def _sections(
    tx: ReadTx, form: Template, values: Mapping[str, InspectionValue], last: Last, inspection: Inspection
) -> tuple[RoundSection, ...]:
    """Return the form's lines; before a round begins they are those of its month."""
    linked = _linked(tx, values.values())
    photos: dict[str, int] = dict(
        tx.session.execute(
            select(Attachment.item, func.count())
            .where(Attachment.subject == SUBJECT, Attachment.subject_id == inspection.id)
            .group_by(Attachment.item)
        ).all()
    )
    month = (inspection.due_on or inspection.happened_at).month
    sections = []
    for section in form.sections:
        items = tuple(
            _item(item, values.get(item.code), last, linked, photos.get(item.code, 0))
            for item in section.items
            if item.code in values or (not values and item.is_in_season(month))
        )
        if items:
            sections.append(RoundSection(str(section.title), items))
    return tuple(sections)


def _linked(tx: ReadTx, values: Any) -> dict[tuple[str, int], str]:
    """Return the numbers of the incidents and work orders that came out of the round."""
    values = list(values)
    incidents = [v.incident_id for v in values if v.incident_id]
    orders = [v.work_order_id for v in values if v.work_order_id]
    found = {("incident", row_id): number for row_id, number in tx.session.execute(
        select(Incident.id, Incident.number).where(Incident.id.in_(incidents)))}  # fmt: skip
    found |= {("work_order", row_id): number for row_id, number in tx.session.execute(
        select(WorkOrder.id, WorkOrder.number).where(WorkOrder.id.in_(orders)))}  # fmt: skip
    return found


def _item(
    item: Item, value: InspectionValue | None, last: Last, linked: Mapping[tuple[str, int], str], photos: int
) -> RoundItem:
    incident_id = value.incident_id if value else None
    order_id = value.work_order_id if value else None
    return RoundItem(
        code=item.code,
        title=str(item.title),
        standard=standard(item),
        kind=item.kind,
        unit=item.units[0] if len(set(item.units)) == 1 else "",
        options=tuple(Option(choice.code, str(choice.title)) for choice in item.choices),
        is_mandatory=item.kind is not Kind.TEXT,
        is_known=item.filling is not None,
        value=value.value if value else "",
        shown=shown(item, value.value) if value else "",
        result=value.result if value else None,
        note=value.note if value else "",
        measured_at=value.measured_at if value else None,
        version=value.version if value else 0,
        last=shown(item, last.values.get(item.code, "")),
        last_value=last.values.get(item.code, ""),
        incident_id=incident_id,
        incident=linked.get(("incident", incident_id or 0), ""),
        work_order_id=order_id,
        work_order=linked.get(("work_order", order_id or 0), ""),
        photos=photos,
    )
