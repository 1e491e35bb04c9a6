"""The evacuation list: who is inside now, to be ticked off by hand at the assembly point (E1)."""

from dataclasses import dataclass

from app.reports import press
from app.reports.inspection import Signer, signatures
from app.reports.paper import Align, Column, Facts, Gap, Grid, Line, Section, Sheet
from app.words import tr


@dataclass(frozen=True, slots=True)
class Inside:
    """A person in a room: visitor or staff; `since` is already local."""

    name: str
    unit: str
    telephone: str
    escort: str
    since: str


@dataclass(frozen=True, slots=True)
class EvacuationSheet:
    """Everyone inside at `at`, by room."""

    unit: str
    form: str
    at: str
    rooms: tuple[tuple[str, tuple[Inside, ...]], ...]
    printed: str = ""


def evacuation_list(evacuation: EvacuationSheet) -> bytes:
    """Return the list as a PDF, with a box to tick beside each name."""
    columns = (
        Column(tr("No.", context="paper"), 26, Align.CENTER),
        Column(tr("Name", context="person"), grow=1.0),
        Column(tr("Unit", context="person"), grow=1.4),
        Column(tr("Telephone", context="person"), 84),
        Column(tr("Escort"), grow=1.0),
        Column(tr("Inside since"), 84),
        Column(tr("Out"), 30, Align.CENTER),
    )
    lines: list[Line | Section] = []
    serial = 0
    for room, people in evacuation.rooms:
        lines.append(Section(f"{room} ({len(people)})"))
        for one in people:
            serial += 1
            cells = (str(serial), one.name, one.unit, one.telephone, one.escort, one.since, "□")
            lines.append(Line(cells, bold=(1,)))
    if not serial:
        lines.append(Line(("", tr("Nobody is inside"), "", "", "", "", "")))
    head = ((tr("As of"), evacuation.at), (tr("People inside"), str(serial)))
    sheet = Sheet(
        title=tr("Evacuation list"),
        unit=evacuation.unit,
        form=evacuation.form,
        blocks=(
            Facts((head,)),
            Gap(),
            Grid(columns, tuple(lines)),
            Gap(),
            signatures((Signer(tr("Counted by")), Signer(tr("Person in charge on site")))),
        ),
        printed=evacuation.printed,
    )
    return press.render([sheet])
