"""The site's own limits over those of the shipped templates, and templates as the site uses them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput, Conflict
from app.permissions import Permission
from app.template_items import Item, Kind, Limits, Section, Template
from app.templates import TemplateError, limits_data, limits_from, load_templates, standard, template
from app.words import tr
from models.inspections import TemplateChange

_KEYS = uuid.UUID("5f0c5f1c-6f0f-4c5e-9f55-2d6f5c1f9a41")


@dataclass(frozen=True, slots=True)
class LimitRow:
    """An item's limits: as shipped and as the site has them. `version` is 0 while the shipped ones hold."""

    template: str
    template_title: str
    item: str
    title: str
    units: tuple[str, ...]
    limits: Limits
    standard: str
    shipped: str
    version: int

    @property
    def id(self) -> tuple[str, str]:
        return self.template, self.item

    @property
    def is_changed(self) -> bool:
        return self.standard != self.shipped


def limit_rows(tx: ReadTx) -> list[LimitRow]:
    """Return every item that has ranges, by template and in the form's order."""
    changes = {(c.template, c.item): c for c in tx.session.scalars(select(TemplateChange))}
    rows = []
    for shipped in load_templates():
        for item in shipped.items:
            if item.limits.ranges:
                change = changes.get((shipped.code, item.code))
                own = with_limits(item, change.limits) if change else item
                rows.append(
                    LimitRow(
                        shipped.code, str(shipped.title), item.code, str(item.title), item.units, own.limits,
                        standard(own), standard(item), change.version if change else 0,
                    )
                )  # fmt: skip
    return rows


@command(Permission.INSPECTION_PLAN)
def set_limits(tx: Tx, template_code: str, item_code: str, limits: Limits, version: int) -> None:
    """Give an item the site's own ranges, for rounds that begin from now on; `version` is the one that was seen.

    Raises BadInput for ranges that don't fit the item, or Conflict.
    """
    item = _ranged_item(template_code, item_code)
    data = limits_data(limits)
    try:
        with_limits(item, data)
    except TemplateError as error:
        raise BadInput(tr("The lower limit must not be above the upper one."), "low_1") from error
    if len(limits.ranges) != len(item.limits.ranges) or not data:
        raise BadInput(tr("Give a limit: the lower one, the upper one or both."), "low_1")
    found = tx.session.scalars(
        select(TemplateChange).where(TemplateChange.template == template_code, TemplateChange.item == item_code)
    ).first()
    if found is not None:
        tx.get(TemplateChange, found.id, version).limits = data
    elif version:
        raise Conflict("template_change", "", {}, {})
    else:
        key = uuid.uuid5(_KEYS, f"{template_code} {item_code}")
        tx.add(TemplateChange(key=key, template=template_code, item=item_code, limits=data))


@command(Permission.INSPECTION_PLAN)
def restore_limits(tx: Tx, template_code: str, item_code: str, version: int) -> None:
    """Put the shipped ranges back. Raises Conflict."""
    found = tx.session.scalars(
        select(TemplateChange).where(TemplateChange.template == template_code, TemplateChange.item == item_code)
    ).first()
    if found is not None:
        shipped = _ranged_item(template_code, item_code)
        tx.get(TemplateChange, found.id, version).limits = limits_data(shipped.limits)


def site_template(tx: ReadTx, code: str) -> Template:
    """Return the template with the site's own limits. Raises BadInput for one that is not shipped."""
    changes: dict[str, dict[str, Any]] = dict(
        tx.session.execute(
            select(TemplateChange.item, TemplateChange.limits).where(TemplateChange.template == code)
        ).all()
    )
    return with_all_limits(template(code), changes)


def with_all_limits(shipped: Template, limits: Mapping[str, Mapping[str, Any]]) -> Template:
    """Return the template with the limits in `limits` (by item code) in the place of its own."""
    sections = tuple(
        Section(
            section.title,
            tuple(with_limits(item, limits[item.code]) if item.code in limits else item for item in section.items),
        )
        for section in shipped.sections
    )
    return replace(shipped, sections=sections)


def with_limits(item: Item, data: Mapping[str, Any]) -> Item:
    """Return the item judged by `data`; words of its own give way to ranges that differ. Raises TemplateError."""
    limits = limits_from(data, max(1, len(item.units)))
    if limits == item.limits:
        return item
    return replace(item, limits=limits, standard=None if limits.ranges else item.standard)


def _ranged_item(template_code: str, item_code: str) -> Item:
    for item in template(template_code).items:
        if item.code == item_code and item.limits.ranges and item.kind is not Kind.TEXT:
            return item
    raise BadInput(tr("This item has no limits that could be changed."), "item")
