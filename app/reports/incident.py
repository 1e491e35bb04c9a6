"""The incident record 事件处理单: time line, cause, solution, people told, signatures (REQUIREMENTS B6, B8)."""

from dataclasses import dataclass

from app.reports import press
from app.reports.inspection import Signer, signatures
from app.reports.paper import Block, Column, Facts, Gap, Grid, Heading, Line, Remarks, Sheet
from app.reports.sealing import Seal, check_mark
from app.words import tr


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the time line, its time already local."""

    at: str
    who: str
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A person who was told of the incident (REQUIREMENTS B6)."""

    at: str
    whom: str
    how: str
    by: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class IncidentSheet:
    """An incident as it is printed; `facts` are the rows of the head table (grade, source, CI, times ...)."""

    unit: str
    form: str
    number: str
    facts: tuple[tuple[tuple[str, str], ...], ...]
    symptom: str
    events: tuple[Event, ...]
    people_told: tuple[Told, ...] = ()
    cause: str = ""
    solution: str = ""
    prevention: str = ""
    signers: tuple[Signer, ...] = ()
    printed: str = ""
    seal: Seal | None = None


def incident_record(*incidents: IncidentSheet) -> bytes:
    """Return the incidents as one PDF, each with its own page numbers."""
    return press.render([sheet(incident) for incident in incidents])


def sheet(incident: IncidentSheet) -> Sheet:
    """Return the paper of one incident; a box that is still empty has room for the pen."""
    blocks: list[Block] = [
        Facts(incident.facts),
        Remarks(((tr("Symptom"), incident.symptom),)),
        Gap(),
        Heading(tr("Time line")),
        _time_line(incident.events),
        Gap(),
        Heading(tr("People told")),
        _people_told(incident.people_told),
        Gap(),
        Remarks(
            (
                (tr("Cause"), incident.cause),
                (tr("Solution"), incident.solution),
                (tr("Measures against recurrence"), incident.prevention),
            )
        ),
        signatures(incident.signers),
    ]
    return Sheet(
        title=tr("Incident record"),
        unit=incident.unit,
        form=incident.form,
        blocks=tuple(blocks),
        number=incident.number,
        printed=incident.printed,
        mark=check_mark(incident.number, incident.seal),
    )


def _time_line(events: tuple[Event, ...]) -> Grid:
    columns = (
        Column(tr("Time", context="paper"), 92),
        Column(tr("Who"), 70),
        Column(tr("What", context="paper"), 70),
        Column(tr("Details", context="paper"), grow=1.0),
    )
    return Grid(columns, tuple(Line((one.at, one.who, one.what, one.text)) for one in events))


def _people_told(people: tuple[Told, ...]) -> Grid:
    columns = (
        Column(tr("Time", context="paper"), 92),
        Column(tr("Person told"), 90),
        Column(tr("By what means"), 70),
        Column(tr("Told by"), 70),
        Column(tr("Answer", context="paper"), grow=1.0),
    )
    lines = tuple(Line((one.at, one.whom, one.how, one.by, one.answer)) for one in people)
    return Grid(columns, lines or (Line(("", "", "", "", "")),))
