"""The inspection record and its blank form (REQUIREMENTS G1, E4; UX "Paper")."""

from dataclasses import dataclass, replace

from app.reports import press
from app.reports.paper import (
    Align,
    Block,
    Column,
    Facts,
    Gap,
    Grid,
    Heading,
    Line,
    Mark,
    Pictures,
    Remarks,
    Section,
    Sheet,
    Signatures,
)
from app.reports.sealing import Seal, check_mark
from app.words import label, tr
from models.enums import ItemResult

_RESULT, _NOW = 5, 4
_PEN_LINE = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One item of a round as it is printed. `result` is worded; an `abnormal` one is marked."""

    title: str
    standard: str
    last: str = ""
    now: str = ""
    result: str = ""
    abnormal: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The items under one heading of the form."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A list on a page of its own: devices outside their limits, past faults gathered beforehand."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of an item: JPEG or PNG."""

    caption: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs in which part, and when that was signed in the program (worded), if it was."""

    part: str
    name: str = ""
    signed: str = ""


@dataclass(frozen=True, slots=True)
class InspectionSheet:
    """A signed or drafted round. `facts` are the rows of the head table; times in it are already local."""

    title: str
    unit: str
    form: str
    number: str
    facts: tuple[tuple[tuple[str, str], ...], ...]
    parts: tuple[Part, ...]
    problems: str = ""
    opinion: str = ""
    signers: tuple[Signer, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    photos: tuple[Photo, ...] = ()
    printed: str = ""
    seal: Seal | None = None


def inspection_record(*records: InspectionSheet) -> bytes:
    """Return the records as one PDF, each with its own page numbers."""
    return press.render([sheet(record) for record in records])


def blank(*records: InspectionSheet) -> bytes:
    """Return the records' forms for the pen: items, standards and last time's values stand, the rest is empty."""
    return press.render([sheet(_emptied(record), for_pen=True) for record in records])


def table(record: InspectionSheet) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the record as columns and rows for a sheet (`app.sheets`), each row with its section's title."""
    columns = (
        tr("Section", context="inspection"),
        tr("Item", context="inspection"),
        tr("Standard", context="inspection"),
        tr("Last time"),
        tr("This time"),
        tr("Result", context="inspection"),
        tr("Remarks", context="paper"),
    )
    rows: list[tuple[str, ...]] = [
        (part.title, one.title, one.standard, one.last, one.now, one.result, one.note)
        for part in record.parts
        for one in part.findings
    ]
    return columns, rows


def sheet(record: InspectionSheet, for_pen: bool = False) -> Sheet:
    """Return the paper of one record; `for_pen` gives its lines room for handwriting."""
    blocks: list[Block] = [Facts(record.facts), Gap(), _items(record.parts, for_pen), Gap(), _closing(record)]
    blocks.append(signatures(record.signers))
    for attachment in record.attachments:
        blocks += [Gap(10), Heading(attachment.title), _list(attachment)]
    if record.photos:
        pictures = tuple((photo.caption, photo.content) for photo in record.photos)
        blocks += [Gap(10), Heading(tr("Photographs")), Pictures(pictures)]
    return Sheet(
        title=record.title,
        unit=record.unit,
        form=record.form,
        blocks=tuple(blocks),
        number=record.number,
        printed=record.printed,
        mark=_mark(record),
    )


def signatures(signers: tuple[Signer, ...]) -> Signatures:
    """Return the boxes of `signers` and the seal's."""
    boxes = tuple(
        (tr("{part} (signature):", part=signer.part), " ".join((signer.name, signer.signed)).strip())
        for signer in signers
    )
    return Signatures(boxes, tr("        (year)     (month)     (day)"), tr("(seal)"))


def _items(parts: tuple[Part, ...], for_pen: bool) -> Grid:
    columns = (
        Column(tr("No.", context="paper"), 26, Align.CENTER),
        Column(tr("Item", context="inspection"), 0, grow=1.35),
        Column(tr("Standard", context="inspection"), 92),
        Column(tr("Last time"), 70, Align.RIGHT),
        Column(tr("This time"), 70, Align.RIGHT),
        Column(tr("Result", context="inspection"), 78 if for_pen else 60, Align.CENTER),
        Column(tr("Remarks", context="paper"), 0, grow=1.0),
    )
    lines: list[Line | Section] = []
    serial = 0
    for part in parts:
        lines.append(Section(part.title))
        for finding in part.findings:
            serial += 1
            lines.append(_line(serial, finding))
    return Grid(columns, tuple(lines), line_height=_PEN_LINE if for_pen else 0.0)


def _line(serial: int, finding: Finding) -> Line:
    result = f"▲ {finding.result}" if finding.abnormal else finding.result
    cells = (str(serial), finding.title, finding.standard, finding.last, finding.now, result, finding.note)
    return Line(cells, (_NOW, _RESULT) if finding.abnormal else ())


def _closing(record: InspectionSheet) -> Remarks:
    return Remarks(
        ((tr("Problems found"), record.problems), (tr("Opinion on handling"), record.opinion)),
    )


def _list(attachment: Attachment) -> Grid:
    columns = tuple(Column(title, grow=1.0) for title in attachment.columns)
    return Grid(columns, tuple(Line(row) for row in attachment.rows))


def _mark(record: InspectionSheet) -> Mark | None:
    return check_mark(record.number, record.seal) if record.number else None


def _emptied(record: InspectionSheet) -> InspectionSheet:
    """Return `record` without what the pen fills in; number and head table stand as they are given."""
    choice = f"□ {label(ItemResult.NORMAL)}  □ {label(ItemResult.ABNORMAL)}"
    parts = tuple(
        Part(part.title, tuple(Finding(one.title, one.standard, one.last, result=choice) for one in part.findings))
        for part in record.parts
    )
    signers = tuple(Signer(signer.part) for signer in record.signers)
    return replace(record, parts=parts, problems="", opinion="", signers=signers, attachments=(), photos=())
