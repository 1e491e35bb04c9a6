"""Incidents on paper and in Excel: the record 事件处理单 of one or several, and the month's ledger."""

from collections.abc import Sequence

from sqlalchemy import select

from app.desk import Desk, ReadTx
from app.incidents.records import detail, ledger
from app.incidents.rows import EventRow, IncidentDetail, LedgerRow, NotificationRow
from app.ledgers import MonthLedger
from app.printing import Head, head
from app.reports.incident import Event, IncidentSheet, Told, incident_record
from app.reports.inspection import Signer
from app.reports.ledger import LedgerColumn
from app.sheets import Value
from app.times import full_moment, minute
from app.words import label, tr
from models.incidents import Incident

RECORD_FORM = "XJ-E-01"


def record_pdf(desk: Desk, ids: Sequence[int]) -> bytes:
    """Return the records of these incidents as one PDF. Raises NotFound."""
    return incident_record(*desk.read(_sheets, ids))


def by_number(tx: ReadTx, number: str = "") -> int | None:
    """Return the id of the incident `number`, of the latest one when no number is given; None for none."""
    query = select(Incident.id)
    if number:
        query = query.where(Incident.number == number.upper())
    return tx.session.scalar(query.order_by(Incident.happened_at.desc(), Incident.id.desc()).limit(1))


def _sheets(tx: ReadTx, ids: Sequence[int]) -> list[IncidentSheet]:
    paper = head(tx)
    return [_sheet(paper, detail(tx, incident_id)) for incident_id in ids]


def _sheet(paper: Head, found: IncidentDetail) -> IncidentSheet:
    symptom = "\n".join(text for text in (found.row.title, found.description) if text)
    return IncidentSheet(
        unit=paper.unit,
        form=tr("Form {form}", form=RECORD_FORM),
        number=found.row.number,
        facts=_facts(found),
        symptom=symptom,
        events=tuple(_event(event) for event in found.events),
        people_told=tuple(_told(line) for line in found.notifications),
        cause=found.cause,
        solution=found.solution,
        prevention=found.review,
        signers=(Signer(tr("Handled by")), Signer(tr("Duty operator")), Signer(tr("Head of the center"))),
        printed=paper.printed,
        seal=paper.seal,
    )


def _facts(found: IncidentDetail) -> tuple[tuple[tuple[str, str], ...], ...]:
    row = found.row
    acknowledged = full_moment(row.acknowledged_at) if row.acknowledged_at else ""
    return (
        (
            (tr("Number"), row.number),
            (tr("Grade"), label(row.grade)),
            (tr("State", context="incident"), label(row.state)),
        ),
        (
            (tr("Source"), label(row.source)),
            (tr("Device"), row.ci_name or "—"),
            (tr("Happened at"), full_moment(row.happened_at)),
        ),
        (
            (tr("Caller"), " ".join((row.caller, found.caller_department, found.caller_telephone)).strip() or "—"),
            (tr("Acknowledged"), f"{row.acknowledged_by or ''} {acknowledged}".strip() or "—"),
            (tr("Resolved at"), full_moment(found.resolved_at) if found.resolved_at else "—"),
        ),
    )


def _event(event: EventRow) -> Event:
    return Event(full_moment(event.happened_at), event.person or "—", label(event.kind), event.text)


def _told(line: NotificationRow) -> Told:
    whom = f"{line.name} {line.number}".strip()
    return Told(full_moment(line.happened_at), whom, label(line.medium), line.person or "—", line.result)


def _columns() -> tuple[LedgerColumn, ...]:
    return (
        LedgerColumn(tr("Number")),
        LedgerColumn(tr("Happened at")),
        LedgerColumn(tr("Source")),
        LedgerColumn(tr("Grade")),
        LedgerColumn(tr("State", context="incident")),
        LedgerColumn(tr("Device")),
        LedgerColumn(tr("Content", context="incident")),
        LedgerColumn(tr("Acknowledged by")),
        LedgerColumn(tr("Resolved at")),
        LedgerColumn(tr("Cause and solution")),
    )


def _cells(row: LedgerRow) -> tuple[str, ...]:
    return (
        row.number,
        minute(row.happened_at),
        label(row.source),
        row.grade.value,
        label(row.state),
        row.ci_name or "—",
        row.title,
        row.acknowledged_by or "—",
        minute(row.resolved_at) if row.resolved_at else "—",
        "\n".join(text for text in (row.cause, row.solution) if text),
    )


def _excel_cells(row: LedgerRow) -> tuple[Value, ...]:
    texts = _cells(row)
    return (texts[0], row.happened_at, *texts[2:8], row.resolved_at, texts[9])


LEDGER = MonthLedger(
    name="incident ledger",
    title=lambda: tr("Incident ledger"),
    form="XJ-E-02",
    prefix="SJ",
    rows=ledger,
    columns=_columns,
    cells=_cells,
    values=_excel_cells,
)

month_pdf = LEDGER.pdf
month_xlsx = LEDGER.write
