"""The shift's hand-over record 交接班记录 (REQUIREMENTS B12)."""

from dataclasses import dataclass

from app.reports import press
from app.reports.inspection import Attachment, Signer, signatures
from app.reports.paper import Block, Column, Facts, Gap, Grid, Heading, Line, Remarks, Sheet
from app.reports.sealing import Seal, check_mark
from app.words import tr


@dataclass(frozen=True, slots=True)
class HandoverSheet:
    """A hand-over as it is printed: open items as lists, one for each kind (incidents, visitors ...)."""

    unit: str
    form: str
    number: str
    facts: tuple[tuple[tuple[str, str], ...], ...]
    summary: str
    lists: tuple[Attachment, ...]
    remarks: str = ""
    signers: tuple[Signer, ...] = ()
    printed: str = ""
    seal: Seal | None = None


def handover_record(*handovers: HandoverSheet) -> bytes:
    """Return the hand-overs as one PDF, each with its own page numbers."""
    return press.render([sheet(handover) for handover in handovers])


def sheet(handover: HandoverSheet) -> Sheet:
    """Return the paper of one hand-over; an empty list says that there is nothing to hand over."""
    blocks: list[Block] = [Facts(handover.facts), Remarks(((tr("What happened"), handover.summary),))]
    for listed in handover.lists:
        blocks += [Gap(), Heading(f"{listed.title} ({len(listed.rows)})"), _list(listed)]
    blocks += [Gap(), Remarks(((tr("To be done by the next shift"), handover.remarks),))]
    blocks.append(signatures(handover.signers))
    return Sheet(
        title=tr("Hand-over record of the shift"),
        unit=handover.unit,
        form=handover.form,
        blocks=tuple(blocks),
        number=handover.number,
        printed=handover.printed,
        mark=check_mark(handover.number, handover.seal),
    )


def _list(listed: Attachment) -> Grid:
    columns = tuple(Column(title, grow=1.0) for title in listed.columns)
    none = (Line((tr("None", context="list"), *[""] * (len(columns) - 1))),)
    return Grid(columns, tuple(Line(row) for row in listed.rows) or none)
