"""The review of the audit trail on paper: the month's figures, what was found and the opinion that goes up (H4)."""

from app.desk import Desk, ReadTx
from app.errors import NotFound
from app.printing import head
from app.reports import press
from app.reports.inspection import Signer, signatures
from app.reports.paper import Facts, Gap, Remarks, Sheet
from app.reports.sealing import check_mark
from app.times import minute
from app.trail.notes import NoteRow, Summary, notes, summary
from app.words import tr

FORM = "XJ-S-01"


def note_pdf(desk: Desk, note_id: int) -> bytes:
    """Return a note as a PDF. Raises NotFound."""
    return press.render([desk.read(_sheet, note_id)])


def _sheet(tx: ReadTx, note_id: int) -> Sheet:
    note = next((row for row in notes(tx) if row.id == note_id), None)
    if note is None:
        raise NotFound("trail_review", note_id)
    paper, number = head(tx), f"SJ-{note.id}"
    return Sheet(
        title=tr("Review of the audit trail"),
        unit=paper.unit,
        form=tr("Form {form}", form=FORM),
        number=number,
        blocks=(
            Facts(_facts(note, summary(tx, note.from_at, note.to_at))),
            Gap(),
            Remarks(((tr("Findings"), note.findings or tr("None", context="list")), (tr("Opinion"), note.opinion))),
            signatures((Signer(tr("Reviewed by"), note.person, minute(note.recorded_at)), Signer(tr("Taken note of")))),
        ),
        printed=paper.printed,
        mark=check_mark(number, paper.seal),
    )


def _facts(note: NoteRow, figures: Summary) -> tuple[tuple[tuple[str, str], ...], ...]:
    return (
        ((tr("From"), minute(note.from_at)), (tr("To"), minute(note.to_at))),
        ((tr("Entries"), str(note.entries)), (tr("The trail"), note.verdict or tr("not checked"))),
        ((tr("Sign-ins"), str(figures.sign_ins)), (tr("Failed sign-ins"), str(figures.failed_sign_ins))),
        ((tr("Refused"), str(figures.refused)), (tr("Past the program"), str(figures.past_the_program))),
        ((tr("Changes of structure"), str(figures.schema_changes)), (tr("Printed and exported"), str(figures.outputs))),
    )
