"""The forms of an incident's steps: note, assignee, reason, cause and solution, who was told."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.words import label, tr, trn
from models.enums import Grade, Medium
from ui.context import Context
from ui.editing import Again
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.rows import Call
from ui.subjects import contacts, incidents

if TYPE_CHECKING:
    from app.contacts import ContactRow
    from app.incidents import IncidentDetail, IncidentRow, PersonChoice

Row = Any


def acknowledge(context: Context, parent: QWidget, rows: "Sequence[IncidentRow]", now: Callable[[], datetime]) -> Form:
    """Open the form that acknowledges one or several incidents with one note, which may expire."""
    form = Form(
        trn("Acknowledge {n} incident", "Acknowledge {n} incidents", len(rows)),
        (
            Field("reason", tr("Note"), Kind.COMBO, choices=_usual_reasons(), hint=tr("seen, being handled")),
            Field("hours", tr("Expires after"), Kind.CHOICE, choices=_expiries()),
        ),
        context,
        parent,
        main=tr("Acknowledge"),
    )
    ids = [row.id for row in rows]

    def save(values: dict[str, Any]) -> Call:
        expires_at = now() + timedelta(hours=values["hours"]) if values["hours"] else None
        return Call(incidents.acknowledge_many, (ids, values["reason"], expires_at))

    return form.run(save)


def assign(context: Context, parent: QWidget, row: "IncidentRow") -> None:
    """Ask who is there, then open the form that hands the incident out."""
    context.work.read(incidents.people, done=partial(_open_assign, context, parent, row), owner=parent)


def _open_assign(context: Context, parent: QWidget, row: "IncidentRow", people: "Sequence[PersonChoice]") -> None:
    choices = [Choice(one.id, f"{one.name}　{one.department}".strip("　")) for one in people]
    form = Form(
        tr("Assign {number}", number=row.number),
        (
            Field("assignee", tr("Assignee"), Kind.CHOICE, required=True, choices=choices, initial=row.assignee_id),
            Field("note", tr("Note"), Kind.LINES),
        ),
        context,
        parent,
        main=tr("Assign"),
        note=row.title,
    )
    again = Again(Call(incidents.detail, (row.id,)), _assignee_of)
    form.edits("incident", row.id, row.version, again)
    form.run(lambda values: Call(incidents.assign, (row.id, form.version, values["assignee"], values["note"])))


def _assignee_of(found: "IncidentDetail | None") -> "Sequence[Field]":
    return (Field("assignee", tr("Assignee"), initial=found.row.assignee_id),) if found else ()


def reason(
    context: Context,
    parent: QWidget,
    row: "IncidentRow",
    title: str,
    command: Callable[..., Any],
    main: str = "",
) -> Form:
    """Open a form that asks for the reason of a step: `command(id, version, reason)`."""
    field = Field("reason", tr("Reason"), Kind.LINES, required=True)
    form = Form(title, (field,), context, parent, main=main, note=f"{row.number}　{row.title}")
    form.edits("incident", row.id, row.version)
    return form.run(lambda values: Call(command, (row.id, form.version, values["reason"])))


def note(context: Context, parent: QWidget, row: "IncidentRow") -> Form:
    """Open the form of a line in the time line."""
    key = uuid.uuid4()
    field = Field("text", tr("Note"), Kind.LINES, required=True, lines=4)
    form = Form(tr("Note on {number}", number=row.number), (field,), context, parent, note=row.title)
    return form.run(lambda values: Call(incidents.add_note, (row.id, key, values["text"])))


def grade(context: Context, parent: QWidget, row: "IncidentRow") -> Form:
    """Open the form of a person's judgement (REQUIREMENTS B7)."""
    choices = [Choice(each, label(each)) for each in Grade]
    form = Form(
        tr("Grade of {number}", number=row.number),
        (
            Field("grade", tr("Grade"), Kind.CHOICE, required=True, choices=choices, initial=row.grade),
            Field("reason", tr("Reason"), Kind.LINES, required=True),
        ),
        context,
        parent,
        note=row.title,
    )
    form.edits("incident", row.id, row.version)
    return form.run(lambda values: Call(incidents.set_grade, (row.id, form.version, values["grade"], values["reason"])))


def resolve(context: Context, parent: QWidget, row: "IncidentRow", cause: str = "", solution: str = "") -> Form:
    """Open the form of cause and solution, both required (REQUIREMENTS B8)."""
    form = Form(
        tr("Resolve {number}", number=row.number),
        (
            Field("cause", tr("Cause"), Kind.LINES, required=True, initial=cause),
            Field("solution", tr("Solution"), Kind.LINES, required=True, initial=solution),
            Field("is_first_line", "", Kind.FLAG, hint=tr("Solved by the desk itself (first line)")),
        ),
        context,
        parent,
        main=tr("Resolve"),
        note=row.title,
    )

    def save(values: dict[str, Any]) -> Call:
        words = (row.id, form.version, values["cause"], values["solution"])
        return Call(incidents.resolve, words, {"is_first_line": values["is_first_line"]})

    return form.edits("incident", row.id, row.version).run(save)


def close(context: Context, parent: QWidget, found: "IncidentDetail") -> Form:
    """Open the form that closes a resolved incident; grades I to III need the review (REQUIREMENTS B7)."""
    marks = [Choice(mark, str(mark)) for mark in (5, 4, 3, 2, 1)]
    form = Form(
        tr("Close {number}", number=found.row.number),
        (
            Field(
                "review",
                tr("Review: analysis and preventive measures"),
                Kind.LINES,
                required=found.needs_review,
                initial=found.review,
                lines=5,
            ),
            Field("satisfaction", tr("Satisfaction of the caller (5 is best)"), Kind.CHOICE, choices=marks),
        ),
        context,
        parent,
        main=tr("Close", context="incident"),
        note=found.row.title,
    )
    form.edits("incident", found.id, found.version)
    return form.run(lambda values: Call(incidents.close, (found.id, form.version), values))


def tell(context: Context, parent: QWidget, row: "IncidentRow") -> None:
    """Ask for the contact directory, then open the form that records who was told (REQUIREMENTS B6)."""
    context.work.read(contacts.directory, done=partial(_open_tell, context, parent, row), owner=parent)


def _open_tell(context: Context, parent: QWidget, row: "IncidentRow", directory: "Sequence[ContactRow]") -> None:
    key = uuid.uuid4()
    known = {_contact_words(each): each for each in directory}
    media = [Choice(each, label(each)) for each in Medium]
    results = [tr("informed"), tr("coming on site"), tr("nobody answered"), tr("asked to call back")]
    form = Form(
        tr("Record a call about {number}", number=row.number),
        (
            Field("name", tr("Who was told"), Kind.COMBO, True, choices=[Choice(words, words) for words in known]),
            Field(
                "medium",
                tr("By what means"),
                Kind.CHOICE,
                True,
                choices=media,
                initial=Medium.TELEPHONE,
                wide=False,
            ),
            Field("number", tr("Telephone"), wide=False),
            Field("result", tr("Result"), Kind.COMBO, choices=[Choice(text, text) for text in results]),
            Field("happened_at", tr("When"), Kind.MOMENT),
        ),
        context,
        parent,
        note=row.title,
    )
    name = form.field("name")

    def fill_in() -> None:
        contact = known.get(name.value())
        if contact is not None:
            form.set_values({"number": contact.number})

    def save(values: dict[str, Any]) -> Call:
        contact = known.get(values.pop("name"))
        told = contact.name if contact else name.value()
        values["contact_id"] = contact.id if contact else None
        return Call(incidents.record_notification, (row.id, key, told, values.pop("medium")), values)

    name.changed.connect(fill_in)
    form.run(save)


def _contact_words(contact: "ContactRow") -> str:
    parts = (contact.name, contact.role or contact.unit, contact.number)
    return " · ".join(part for part in parts if part)


def _usual_reasons() -> list[Choice]:
    texts = (
        tr("seen, being handled"),
        tr("engineer informed"),
        tr("vendor on the way"),
        tr("planned work"),
        tr("waiting for spare part"),
    )
    return [Choice(text, text) for text in texts]


def _expiries() -> list[Choice]:
    return [Choice(hours, trn("{n} hour", "{n} hours", hours)) for hours in (1, 4, 12, 24, 72)]
