"""The dialogs of inspections: second signature, findings, correction, void, a round that no plan asked for."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.templates import load_templates
from app.times import to_local
from app.words import label, tr
from models.enums import Grade
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.rows import Call
from ui.subjects import incidents, inspections

if TYPE_CHECKING:
    from app.inspections.plans import FormChoices
    from app.inspections.rows import InspectionRow, Round, RoundItem

TIME_FOR_WORK = timedelta(days=7)
WORKDAY_ENDS = 18


class Devices:
    """Suggests devices by name, pinyin or address and knows afterwards which one a line names."""

    def __init__(self, context: Context, owner: QWidget) -> None:
        self._context, self._owner = context, owner
        self._known: dict[str, int] = {}

    def suggest(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        self._context.work.read(incidents.cis, text, done=partial(self._told, tell), owner=self._owner)

    def id_of(self, line: str) -> int | None:
        return self._known.get(line)

    def field(self) -> Field:
        return Field("ci", tr("Device"), hint=tr("Name, pinyin or address"), suggest=self.suggest)

    def _told(self, tell: Callable[[Sequence[str]], None], found: Sequence[Any]) -> None:
        self._known |= {choice.words: choice.id for choice in found}
        tell([choice.words for choice in found])


def ask_witness(context: Context, parent: QWidget, found: "Round", people: "FormChoices") -> Form:
    """Open the second signature: another person than the inspector, with the own password."""
    others = [Choice(person.id, person.name) for person in people.people if person.id != found.inspector_id]
    fields = (
        Field("person", tr("Witness"), Kind.CHOICE, required=True, choices=others),
        Field("password", tr("Password of the witness"), Kind.SECRET, required=True),
    )
    note = tr("{inspector} signed this inspection. The witness signs with the own password.",
              inspector=found.row.inspector)  # fmt: skip
    form = Form(tr("Second signature"), fields, context, parent, main=tr("Sign"), note=note)
    row = found.row
    form.edits("inspection", row.id, row.version)
    return form.run(lambda v: Call(inspections.witness, (row.id, form.version, v["person"], v["password"])))


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A step on a row that needs a reason: `command(id, version, reason)`."""

    table: str
    row: Any
    command: Callable[..., Any]


def ask_reason(context: Context, parent: QWidget, title: str, note: str, main: str, step: Reasoned) -> Form:
    """Open a dialog for the reason of a correction or of a void."""
    form = Form(title, (Field("reason", tr("Reason"), required=True),), context, parent, main=main, note=note)
    form.edits(step.table, step.row.id, step.row.version)
    return form.run(lambda values: Call(step.command, (step.row.id, form.version, values["reason"])))


def ask_incident(context: Context, parent: QWidget, found: "Round", item: "RoundItem", version: int) -> Form:
    """Open the finding as an incident, its words prepared."""
    devices = Devices(context, parent)
    grades = tuple(Choice(grade, label(grade)) for grade in reversed(Grade))
    fields = (
        Field("title", tr("Symptom"), required=True, initial=_words(found, item)),
        devices.field(),
        Field("grade", tr("Grade"), Kind.CHOICE, required=True, choices=grades, initial=Grade.IV),
    )
    key = uuid.uuid4()
    form = Form(tr("Make it an incident"), fields, context, parent, main=tr("Register the incident"))
    return form.run(
        lambda v: Call(
            inspections.raise_incident,
            (key, found.id, item.code, version, v["title"], devices.id_of(v["ci"]), v["grade"]),
        )
    )


def ask_order(
    context: Context, parent: QWidget, found: "Round", item: "RoundItem", version: int, people: "FormChoices"
) -> Form:
    """Open the finding as a work order: what, who, until when."""
    devices = Devices(context, parent)
    due = to_local(datetime.now(UTC) + TIME_FOR_WORK).replace(hour=WORKDAY_ENDS, minute=0, second=0, microsecond=0)
    fields = (
        Field("title", tr("What is to be done"), required=True, initial=_words(found, item)),
        devices.field(),
        Field("assignee", tr("Assignee"), Kind.CHOICE, choices=[Choice(p.id, p.name) for p in people.people]),
        Field("due", tr("Until"), Kind.MOMENT, initial=due.astimezone(UTC)),
    )
    key = uuid.uuid4()
    form = Form(tr("Open a work order"), fields, context, parent, main=tr("Hand it out"))
    return form.run(
        lambda v: Call(
            inspections.order_work,
            (key, found.id, item.code, version, v["title"], v["assignee"], v["due"], devices.id_of(v["ci"])),
        )
    )


def ask_begin(context: Context, parent: QWidget, people: "FormChoices") -> Form:
    """Begin a round that no plan asked for, or enter one that was done on paper."""
    templates = [Choice(one.code, str(one.title)) for one in load_templates()]
    rooms = [Choice(room.id, room.name) for room in people.rooms]
    fields = (
        Field("template", tr("Form"), Kind.CHOICE, required=True, choices=templates, initial=templates[0].value),
        Field("room", tr("Machine room"), Kind.CHOICE, choices=rooms, initial=rooms[0].value if rooms else None),
        Field("at", tr("Time of inspection"), Kind.MOMENT, initial=datetime.now(UTC)),
    )
    key = uuid.uuid4()
    note = tr("For a round that was done on paper, give the time at which it was done.")
    form = Form(tr("Enter an inspection"), fields, context, parent, main=tr("Fill in"), note=note)
    return form.run(lambda v: Call(inspections.begin, (key, v["template"], v["room"], _not_ahead(v["at"]))))


def ask_void(context: Context, parent: QWidget, row: "InspectionRow") -> Form:
    """Strike a round through, with the reason."""
    note = tr("{number} {title} is struck through and stays in the list.", number=row.number, title=row.title)
    step = Reasoned("inspection", row, inspections.void)
    return ask_reason(context, parent, tr("Void the inspection"), note, tr("Void"), step)


def ask_correction(context: Context, parent: QWidget, row: "InspectionRow") -> Form:
    """Begin a new version of a signed round, with the reason."""
    note = tr("{number} stays as it was signed; a new version begins with its values.", number=row.number)
    step = Reasoned("inspection", row, inspections.correct)
    return ask_reason(context, parent, tr("Correct a signed inspection"), note, tr("Begin the correction"), step)


def _words(found: "Round", item: "RoundItem") -> str:
    what = tr("{item}: {value}, standard {standard}", item=item.title, value=item.shown, standard=item.standard)
    return f"{found.row.room} {what}".strip()


def _not_ahead(at: datetime) -> datetime:
    return min(at, datetime.now(UTC))
