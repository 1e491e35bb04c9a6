"""Rounds on paper and in Excel: the record, the blank form for the pen, several in one batch (UX "Paper")."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app import attachments, audit, settings
from app.desk import Desk, ReadTx
from app.errors import BadInput, NotFound
from app.filenames import write_file
from app.inspections.limits import site_template
from app.inspections.queries import by_number
from app.inspections.rounds import SUBJECT, round_of
from app.inspections.rows import InspectionRow, Round, RoundItem
from app.outputs import left
from app.reports import press
from app.reports.forms import empty_form
from app.reports.inspection import (
    Attachment,
    Finding,
    InspectionSheet,
    Part,
    Photo,
    Signer,
    blank,
    inspection_record,
    table,
)
from app.reports.paper import Pictures, Sheet
from app.reports.sealing import Seal
from app.sheets import Value, write_xlsx
from app.times import full_moment, minute, to_local
from app.words import label, tr
from models.cmdb import Place
from models.enums import InspectionState


def record_pdf(desk: Desk, ids: Sequence[int]) -> bytes:
    """Return these rounds as one PDF, each with its own page numbers. Raises NotFound."""
    return inspection_record(*desk.read(_sheets, ids))


def blank_pdf(desk: Desk, ids: Sequence[int]) -> bytes:
    """Return the forms of these rounds for the pen: numbered, with last time's values. Raises NotFound."""
    return blank(*desk.read(_sheets, ids))


def empty_pdf(desk: Desk, template_code: str, room_id: int | None = None) -> bytes:
    """Return a template's form for the pen that belongs to no round yet. Raises BadInput."""
    return blank(desk.read(_empty, template_code, room_id))


def workbook(desk: Desk, ids: Sequence[int], path: Path) -> int:
    """Write these rounds as one Excel sheet, a line per item, and return how many lines it has; leaves an entry."""
    sheets = desk.read(_sheets, ids)
    desk.do(left, "export", "inspections: " + ", ".join(sheet.number for sheet in sheets))
    columns: tuple[str, ...] = ()
    lines: list[Sequence[Value]] = []
    for sheet in sheets:
        columns, rows = table(sheet)
        lines += [(sheet.number, sheet.title, *row) for row in rows]
    return write_xlsx(path, tr("Inspections"), (tr("Record number"), tr("Form"), *columns), lines).rows


def photos_pdf(desk: Desk, inspection_id: int, item_code: str) -> bytes:
    """Return an item's photographs as a PDF. Raises NotFound."""
    found = desk.read(round_of, inspection_id)
    photos = desk.read(_photos, found, item_code)
    title = next((item.title for item in found.items if item.code == item_code), item_code)
    pictures = Pictures(tuple((photo.caption, photo.content) for photo in photos))
    return press.render([Sheet(title, found.row.number, found.form, (pictures,), found.row.number)])


def write(desk: Desk, number: str | None, path: Path) -> None:
    """Write the round `number` (the last signed one without it) to `path`, a .pdf or an .xlsx; leaves an entry.

    Raises BadInput for another ending or when there is no such round, NotSaved.
    """
    found = desk.read(by_number, number or "")
    if found is None:
        raise BadInput(
            tr("There is no inspection {number}.", number=number) if number else tr("No inspection is signed yet.")
        )
    ending = path.suffix.lower()
    if ending == ".xlsx":
        workbook(desk, [found], path)
    elif ending == ".pdf":
        desk.do(left, "export", f"inspection {number or found} -> {path.name}")
        write_file(path, record_pdf(desk, [found]))
    else:
        raise BadInput(tr("An inspection is written as .pdf or .xlsx, not as “{ending}”.", ending=ending or path.name))


def sheet(tx: ReadTx, inspection_id: int) -> InspectionSheet:
    """Return the paper of one round. Raises NotFound."""
    found = round_of(tx, inspection_id)
    row = found.row
    number, digest = audit.last_seal(tx)
    return InspectionSheet(
        title=_title(found),
        unit=settings.get(tx, "unit.name"),
        form=found.form,
        number=row.number,
        facts=_facts(found),
        parts=tuple(Part(section.title, tuple(_finding(item) for item in section.items)) for section in found.sections),
        problems="\n".join(_problems(found)),
        opinion=found.opinion,
        signers=_signers(found),
        attachments=_attachments(found),
        photos=_photos(tx, found),
        printed=tr("Printed {at}  seat {seat}  {person}", at=minute(tx.now), seat=tx.seat, person=tx.person.name),
        seal=Seal(number, digest) if number else None,
    )


def _sheets(tx: ReadTx, ids: Sequence[int]) -> list[InspectionSheet]:
    return [sheet(tx, inspection_id) for inspection_id in ids]


def _empty(tx: ReadTx, template_code: str, room_id: int | None) -> InspectionSheet:
    room = tx.session.get(Place, room_id) if room_id is not None else None
    if room_id is not None and room is None:
        raise NotFound("place", room_id)
    form = site_template(tx, template_code)
    return empty_form(form, settings.get(tx, "unit.name"), room.name if room else "", to_local(tx.now).month)


def _title(found: Round) -> str:
    row = found.row
    if row.state is InspectionState.VOID:
        return tr("{title} (void)", title=row.title)
    if row.state is InspectionState.CORRECTED:
        return tr("{title} (replaced)", title=row.title)
    return tr("{title} (correction)", title=row.title) if row.corrects else row.title


def _facts(found: Round) -> tuple[tuple[tuple[str, str], ...], ...]:
    row = found.row
    facts: list[tuple[tuple[str, str], ...]] = [
        (
            (tr("Record number"), row.number),
            (tr("Machine room"), row.room or tr("Whole site")),
            (tr("Time of inspection"), _when(row)),
        ),
        ((tr("Inspector"), row.inspector), (tr("Witness"), row.witness), (tr("Basis"), found.basis)),
    ]
    if row.corrects:
        facts.append(((tr("Corrects"), row.corrects), (tr("Reason for the correction"), row.reason)))
    if found.corrected_by:
        facts.append(((tr("Replaced by"), found.corrected_by),))
    if row.state is InspectionState.VOID:
        facts.append(((tr("Void because"), row.reason),))
    return tuple(facts)


def _when(row: InspectionRow) -> str:
    span = _span(row.started_at, row.ended_at)
    return tr("{span} (entered later)", span=span) if row.is_entered_later else span


def _span(start: datetime | None, end: datetime | None) -> str:
    if start is None:
        return ""
    if end is None or minute(start) == minute(end):
        return minute(start)
    is_one_day = to_local(start).date() == to_local(end).date()
    return f"{minute(start)}–{f'{to_local(end):%H:%M}' if is_one_day else minute(end)}"


def _finding(item: RoundItem) -> Finding:
    notes = [item.note, *filter(None, (item.incident, item.work_order))]
    if item.measured_at is not None:
        notes.append(tr("read {at}", at=f"{to_local(item.measured_at):%H:%M}"))
    return Finding(
        title=item.title,
        standard=item.standard,
        last=item.last,
        now=item.shown,
        result=label(item.result) if item.result else "",
        abnormal=item.is_abnormal,
        note=tr("; ", context="list").join(note for note in notes if note),
    )


def _problems(found: Round) -> list[str]:
    """Return a numbered line for each finding: what, how far out, and what became of it."""
    lines = []
    for serial, item in enumerate((item for item in found.items if item.is_abnormal), 1):
        became = [item.note]
        if item.incident:
            became.append(tr("incident {number}", number=item.incident))
        if item.work_order:
            became.append(tr("work order {number}", number=item.work_order))
        what = tr("{item}: {value}, standard {standard}", item=item.title, value=item.shown, standard=item.standard)
        lines.append(f"{serial}. " + tr("; ", context="list").join(part for part in (what, *became) if part))
    return lines


def _signers(found: Round) -> tuple[Signer, ...]:
    """Return the boxes of the form; the first two are those that are signed in the program."""
    row = found.row
    names = ((row.inspector, found.inspector_signed_at), (row.witness, found.witness_signed_at))
    signers = []
    for place, part in enumerate(found.signers):
        name, at = names[place] if place < len(names) else ("", None)
        signers.append(Signer(part, name, full_moment(at)) if at else Signer(part))
    return tuple(signers)


def _attachments(found: Round) -> tuple[Attachment, ...]:
    if not found.faults:
        return ()
    columns = (tr("Number"), tr("Time", context="paper"), tr("Device"), tr("Symptom"), tr("State"))
    rows = tuple((one.number, minute(one.happened_at), one.device, one.title, one.state) for one in found.faults)
    since = minute(found.last_at) if found.last_at else tr("30 days ago")
    return (Attachment(tr("Faults since {since}, gathered beforehand", since=since), columns, rows),)


def _photos(tx: ReadTx, found: Round, item_code: str = "") -> tuple[Photo, ...]:
    """Return the round's photographs, or one item's."""
    titles = {item.code: item.title for item in found.items}
    return tuple(
        Photo(titles.get(file.item, file.name), attachments.content(tx, file.id))
        for file in attachments.attachments(tx, SUBJECT, found.id)
        if file.media_type in ("image/jpeg", "image/png") and item_code in ("", file.item)
    )
