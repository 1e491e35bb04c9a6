"""What an import did, in numbers that add up, and the sentence that ends it (DESIGN 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.words import tr


class Progress(Protocol):
    """Whoever waits for long work: told how far it is (0..1), and free to raise in order to stop it."""

    def progress(self, part: float, text: str = "") -> None: ...


class Unwatched:
    """Nobody waits."""

    def progress(self, part: float, text: str = "") -> None:
        return


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row or file that could not be taken; `row` is its number as a spreadsheet shows it, 0 for a file."""

    row: int
    reason: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`read` is always added + changed + unchanged + refused; `left_alone` was not meant to be read.

    `refusals` says why, by row; `failed_file` holds these rows where one was asked for.
    """

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    left_alone: int = 0
    refusals: Sequence[Refusal] = ()
    failed_file: Path | None = None
    is_dry_run: bool = False

    def sentence(self) -> str:
        """Return the last line: what was read, added, changed, unchanged and refused."""
        values: dict[str, Any] = {
            "read": self.read,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }
        if self.is_dry_run:
            line = tr(
                "Dry run, nothing was written. Read {read}: would add {added}, change {changed}, leave {unchanged}"
                " unchanged, refuse {refused}.",
                **values,
            )
        else:
            line = tr(
                "Read {read}: added {added}, changed {changed}, unchanged {unchanged}, refused {refused}.", **values
            )
        if self.left_alone:
            line += " " + tr("Left alone: {n}.", n=self.left_alone)
        return line
