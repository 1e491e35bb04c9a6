"""What stands on every paper that leaves the program."""

from dataclasses import dataclass

from app import audit, settings
from app.desk import ReadTx
from app.reports.sealing import Seal
from app.times import minute
from app.words import tr


@dataclass(frozen=True, slots=True)
class Head:
    """The unit's name, the last seal (None before the first), and who prints it when and where."""

    unit: str
    seal: Seal | None
    printed: str


def head(tx: ReadTx) -> Head:
    """Return what the papers of this transaction's moment carry."""
    number, digest = audit.last_seal(tx)
    printed = tr("Printed {time} · seat {seat} · {name}", time=minute(tx.now), seat=tx.seat, name=tx.person.name)
    return Head(str(settings.get(tx, "unit.name")), Seal(number, digest) if number else None, printed)
