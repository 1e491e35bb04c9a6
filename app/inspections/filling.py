"""Filling a round in: begun or continued, a value kept after every field, judged at once by the frozen limits."""

import unicodedata
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select

from app.desk import Tx, command
from app.errors import BadInput, NotFound, Refused
from app.inspections.expected import round_number
from app.inspections.limits import site_template, with_limits
from app.inspections.rows import ENTERED_LATER, KnownFigure, Saved
from app.permissions import Permission
from app.template_items import Item, Kind
from app.templates import judge_value, limits_data, template
from app.text import clean, clean_line
from app.times import to_local
from app.words import label, tr
from models.cmdb import Place
from models.enums import InspectionState, ItemResult
from models.inspections import Inspection, InspectionValue


@command(Permission.INSPECTION_FILL)
def start(tx: Tx, inspection_id: int, version: int) -> None:
    """Begin a round that is due; its items and their limits are frozen now. Raises Refused or Conflict."""
    inspection = tx.get(Inspection, inspection_id, version)
    if inspection.state is not InspectionState.DUE:
        raise Refused(tr("{number} is {state}. Nothing was changed.", number=inspection.number,
                         state=label(inspection.state)))  # fmt: skip
    _begin(tx, inspection, tx.now)


@command(Permission.INSPECTION_FILL)
def begin(
    tx: Tx, key: uuid.UUID, template_code: str, room_id: int | None = None, happened_at: datetime | None = None
) -> int:
    """Begin a round that no plan asked for and return its id; `happened_at` enters one that was done on paper.

    Raises BadInput.
    """
    made = tx.already(Inspection, key)
    if made is not None:
        return made.id
    form = template(template_code)
    if room_id is not None:
        tx.find(Place, room_id)
    when = tx.happened(happened_at)
    inspection = Inspection(
        key=key, number=round_number(tx, to_local(when).date()), template=form.code, template_version=form.version,
        room_id=room_id, state=InspectionState.DUE, happened_at=when,
    )  # fmt: skip
    tx.add(inspection)
    _begin(tx, inspection, when)
    if tx.now - when > ENTERED_LATER:
        inspection.ended_at = when
    return inspection.id


@command(Permission.INSPECTION_FILL, keeps=True)
def set_value(
    tx: Tx,
    inspection_id: int,
    item_code: str,
    value: str,
    note: str,
    version: int,
    *,
    measured_at: datetime | None = None,
    is_abnormal: bool = False,
) -> Saved:
    """Keep what was found at an item and return what it was judged to be; an empty value takes it back.

    `is_abnormal`: somebody judges an in-range value abnormal all the same; out of range stays out of range.
    A figure of the program keeps its time as long as its value is not changed.
    Raises BadInput for a value that can't be read, Conflict, or Refused when the round is not being filled in.
    """
    row = value_of(tx, inspection_id, item_code, version)
    item = item_of(tx, row)
    stored = stored_value(item, value)
    result = judge_value(item, stored) if stored else None
    if result is ItemResult.NORMAL and is_abnormal:
        result = ItemResult.ABNORMAL
    if result is not ItemResult.ABNORMAL and (row.incident_id or row.work_order_id):
        raise Refused(tr("This finding is an incident or a work order already: say in the remark what is different."))
    kept = row.measured_at if stored == row.value else None
    row.value, row.result, row.note, row.measured_at = stored, result, clean(note, 1000), measured_at or kept
    return Saved(row.version, result, stored, tx.now)


@command(Permission.INSPECTION_FILL)
def take_figures(tx: Tx, inspection_id: int, figures: Sequence[KnownFigure]) -> int:
    """Enter figures of the program at items that are still empty and return how many; others are left alone."""
    fillable(tx, inspection_id)
    taken = 0
    for figure in figures:
        row = tx.session.scalars(_query(inspection_id, figure.item)).first()
        if row is None or row.value:
            continue
        item = item_of(tx, row)
        row.value, row.result = stored_value(item, figure.value), judge_value(item, figure.value)
        row.measured_at, row.version = figure.measured_at, row.version + 1
        taken += 1
    return taken


@command(Permission.INSPECTION_FILL)
def set_opinion(tx: Tx, inspection_id: int, version: int, opinion: str) -> int:
    """Keep the opinion on handling and return the round's new version. Raises Refused or Conflict."""
    fillable(tx, inspection_id)
    inspection = tx.get(Inspection, inspection_id, version)
    inspection.opinion = clean(opinion, 4000)
    return inspection.version


def stored_value(item: Item, text: str) -> str:
    """Return `text` as it is kept: a choice by its code, numbers in plain digits, anything else cleaned."""
    entered = clean_line(text, 250)
    if item.kind is Kind.TEXT:
        return entered
    plain = unicodedata.normalize("NFKC", entered)
    for choice in item.choices:
        if plain in (choice.code, choice.title.en, choice.title.zh):
            return choice.code
    return plain


def fillable(tx: Tx, inspection_id: int) -> Inspection:
    """Return the round, held until the transaction ends. Raises NotFound, or Refused when it can't be filled in."""
    inspection = tx.session.get(Inspection, inspection_id, with_for_update=True)
    if inspection is None:
        raise NotFound("inspection", inspection_id)
    if not inspection.is_fillable:
        raise Refused(
            tr("{number} is {state} and can't be filled in.", number=inspection.number, state=label(inspection.state))
        )
    return inspection


def value_of(tx: Tx, inspection_id: int, item_code: str, version: int) -> InspectionValue:
    """Return the value row of an item, to be edited. Raises NotFound, Refused or Conflict."""
    fillable(tx, inspection_id)
    row = tx.session.scalars(_query(inspection_id, item_code)).first()
    if row is None:
        raise BadInput(tr("This round does not ask for “{item}”.", item=item_code), item_code)
    return tx.get(InspectionValue, row.id, version)


def item_of(tx: Tx, row: InspectionValue) -> Item:
    """Return the item of a value with the limits that were frozen when its round began."""
    inspection = tx.find(Inspection, row.inspection_id)
    try:
        item = template(inspection.template).item(row.item)
    except KeyError as error:
        raise BadInput(tr("This round does not ask for “{item}”.", item=row.item), row.item) from error
    return with_limits(item, row.limits) if row.limits else item


def _begin(tx: Tx, inspection: Inspection, when: datetime) -> None:
    form = site_template(tx, inspection.template)
    inspection.state, inspection.started_at, inspection.happened_at = InspectionState.DRAFT, when, when
    inspection.inspector_id, inspection.template_version = tx.person.id, form.version
    month = (inspection.due_on or to_local(when)).month
    for item in form.items:
        if item.is_in_season(month):
            tx.session.add(
                InspectionValue(inspection_id=inspection.id, item=item.code, limits=limits_data(item.limits))
            )
    tx.session.flush()


def _query(inspection_id: int, item_code: str) -> Select[InspectionValue]:
    return select(InspectionValue).where(
        InspectionValue.inspection_id == inspection_id, InspectionValue.item == item_code
    )
