"""From a template to its paper: what a round's record and its blank form have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.reports.inspection import Finding, InspectionSheet, Part, Signer
from app.templates import Item, Template, shown, standard
from app.words import label, tr
from models.enums import ItemResult


@dataclass(frozen=True, slots=True)
class Entry:
    """What was found at one item: the stored value, what it was judged to be, and last time's value."""

    value: str = ""
    result: ItemResult | None = None
    note: str = ""
    last: str = ""


def form_line(template: Template) -> str:
    """Return what stands at the head of the paper: the form's number and edition."""
    return tr("Form {form}, edition {version}", form=template.form, version=template.version)


def parts(template: Template, entries: Mapping[str, Entry], month: int | None = None) -> tuple[Part, ...]:
    """Return the form's sections with `entries` by item code; out of season items are left out by `month`.

    An item that has an entry is printed in any month.
    """
    filled = []
    for section in template.sections:
        items = [item for item in section.items if month is None or item.is_in_season(month) or item.code in entries]
        if items:
            findings = tuple(_finding(item, entries.get(item.code, Entry())) for item in items)
            filled.append(Part(str(section.title), findings))
    return tuple(filled)


def empty_form(template: Template, unit: str, room: str = "", month: int | None = None) -> InspectionSheet:
    """Return the template's sheet without a record: print it with `blank` for the pen."""
    return InspectionSheet(
        title=str(template.title),
        unit=unit,
        form=form_line(template),
        number="",
        facts=(
            ((tr("Record number"), ""), (tr("Machine room"), room), (tr("Time of inspection"), "")),
            ((tr("Inspector"), ""), (tr("Witness"), ""), (tr("Basis"), str(template.basis))),
        ),
        parts=parts(template, {}, month),
        signers=tuple(Signer(str(signer)) for signer in template.signers),
    )


def _finding(item: Item, entry: Entry) -> Finding:
    return Finding(
        title=str(item.title),
        standard=standard(item),
        last=shown(item, entry.last),
        now=shown(item, entry.value),
        result=label(entry.result) if entry.result else "",
        abnormal=entry.result is ItemResult.ABNORMAL,
        note=entry.note,
    )
