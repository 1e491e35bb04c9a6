"""The shift's hand-over on paper 交接班记录 (REQUIREMENTS B12)."""

from datetime import datetime

from app.desk import Desk, ReadTx
from app.duty.handover import HandoverItem, HandoverRow, handover
from app.errors import NotFound
from app.printing import head
from app.reports.handover import HandoverSheet, handover_record
from app.reports.inspection import Attachment, Signer
from app.times import minute
from app.words import label, tr

FORM = "XJ-D-01"
LOG = "log"


def handover_pdf(desk: Desk, handover_id: int) -> bytes:
    """Return the record of a hand-over as a PDF. Raises NotFound."""
    return handover_record(desk.read(_sheet, handover_id))


def section_titles() -> dict[str, str]:
    """Return the sections of a hand-over by name, in the order of the paper."""
    return {
        "incidents": tr("Open incidents"),
        "visitors": tr("Visitors inside"),
        "backups": tr("Failed backups"),
        "inspections": tr("Due inspections"),
        "maintenance": tr("In maintenance", context="devices"),
        LOG: tr("What happened"),
    }


def _sheet(tx: ReadTx, handover_id: int) -> HandoverSheet:
    found = handover(tx, handover_id)
    if found is None:
        raise NotFound("handover", handover_id)
    paper = head(tx)
    return HandoverSheet(
        unit=paper.unit,
        form=tr("Form {form}", form=FORM),
        number=found.number,
        facts=_facts(found),
        summary="\n".join(item.text for item in found.items if item.section == LOG),
        lists=tuple(
            Attachment(title, (tr("Matter"),), _lines(found.items, section))
            for section, title in section_titles().items()
            if section != LOG
        ),
        remarks=found.remarks,
        signers=(
            Signer(tr("Handed over by"), found.from_person, _moment(found.offered_at)),
            Signer(tr("Taken over by"), found.to_person, _moment(found.signed_at)),
        ),
        printed=paper.printed,
        seal=paper.seal,
    )


def _facts(found: HandoverRow) -> tuple[tuple[tuple[str, str], ...], ...]:
    return (
        (
            (tr("Shift", context="duty"), found.shift or "—"),
            (tr("State", context="handover"), label(found.state)),
        ),
        (
            (tr("Handed over at"), _moment(found.offered_at) or "—"),
            (tr("Signed at"), _moment(found.signed_at) or "—"),
        ),
    )


def _lines(items: tuple[HandoverItem, ...], section: str) -> tuple[tuple[str, ...], ...]:
    return tuple((item.text,) for item in items if item.section == section)


def _moment(moment: datetime | None) -> str:
    return minute(moment) if moment else ""
