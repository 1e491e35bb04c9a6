"""What ties a printed record to the audit trail: its number and the last seal, as words and as a QR code."""

from dataclasses import dataclass

from app.reports.paper import Mark
from app.words import tr

_GROUP = 4
_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal of the audit trail: its number and its hash in hexadecimal."""

    number: int
    digest: str


def check_mark(number: str, seal: Seal | None) -> Mark:
    """Return the mark by which the record `number` can be checked; it says so when there is no seal."""
    advice = tr("Scan, or enter the record's number in the program, to check")
    if seal is None:
        return Mark(f"WATCHROOM {number}", (advice, tr("The audit trail had no seal when this was printed")))
    words = f"№ {seal.number:,}".replace(",", " ") + f" · {_grouped(seal.digest)}"
    code = f"WATCHROOM {number} {seal.number} {seal.digest[:_SHOWN]}"
    return Mark(code, (advice, tr("Audit seal {seal}", seal=words)))


def _grouped(digest: str) -> str:
    shown = digest[:_SHOWN]
    return " ".join(shown[place : place + _GROUP] for place in range(0, len(shown), _GROUP))
