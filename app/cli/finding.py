"""One line of `watchroom doctor`."""

from dataclasses import dataclass
from enum import Enum

from app.words import tr


class Mark(Enum):
    """How a finding stands; a note is worth knowing, but nothing is missing."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"

    @property
    def word(self) -> str:
        return {
            Mark.OK: tr("OK", context="doctor"),
            Mark.NOTE: tr("NOTE"),
            Mark.MISSING: tr("MISSING"),
        }[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was found, and how to get what is missing."""

    mark: Mark
    what: str
    detail: str = ""
    advice: str = ""

    def line(self) -> str:
        """Return "MISSING  Sound player: none → apt install pipewire-bin"."""
        text = f"{self.mark.word}  {self.what}"
        if self.detail:
            text += f": {self.detail}"
        return f"{text} → {self.advice}" if self.advice and self.mark is not Mark.OK else text
