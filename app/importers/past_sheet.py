"""Sheets of an older register, of whatever subject: its row of headings, its rows, and the file of refused ones."""

import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from app.desk import ReadTx
from app.errors import WatchroomError
from app.importers.report import Refusal
from app.sheets import Value, as_text, write_csv
from app.text import clean_line
from app.times import parse_moment, to_utc
from app.words import tr

P = TypeVar("P")
Cells = Mapping[str, Value]
HEADING_ROWS = 10
ASKED_AT_ONCE = 500
_NOISE = re.compile(r"[\s*＊:：_\-/.、（）()]+")


def recognise(
    rows: Sequence[Sequence[Value]], headings: Mapping[str, str], required: Collection[str]
) -> tuple[int, dict[str, int]] | None:
    """Return the heading row's place and each field's column, None where no row names all that is required.

    `headings` holds, by field, the words that may stand above its column, parted by blanks.
    """
    known = {word: field for field, words in headings.items() for word in words.split()}
    for place, row in enumerate(rows[:HEADING_ROWS]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row):
            field = known.get(_NOISE.sub("", as_text(cell)).casefold())
            if field is not None:
                columns.setdefault(field, column)
        if all(field in columns for field in required):
            return place, columns
    return None


def read(
    rows: Sequence[Sequence[Value]],
    heading: int,
    columns: Mapping[str, int],
    named_by: str,
    take: Callable[[int, Cells], P],
) -> tuple[list[P], list[Refusal]]:
    """Return what `take(row number, cells)` makes of the rows under the heading, and those that it refuses.

    Rows without a text are passed over; `named_by` is the field that a refusal quotes.
    """
    good: list[P] = []
    refusals: list[Refusal] = []
    for number, row in enumerate(rows[heading + 1 :], heading + 2):
        cells = {field: row[at] if at < len(row) else None for field, at in columns.items()}
        if not any(as_text(cell).strip() for cell in cells.values()):
            continue
        try:
            good.append(take(number, cells))
        except WatchroomError as error:
            refusals.append(Refusal(number, error.sentence(), clean_line(as_text(cells[named_by]), 80)))
    return good, refusals


def moment(cell: Value) -> datetime | None:
    """Return a cell's time in UTC, None for an empty one or a dash. Raises BadInput."""
    if isinstance(cell, datetime):
        return to_utc(cell)
    text = as_text(cell).strip().removeprefix("—")
    return parse_moment(text) if text else None


def count_known(tx: ReadTx, model: Any, keys: Sequence[uuid.UUID]) -> int:
    """Return how many of the keys rows of `model` have already; a key that is given twice counts as known."""
    known = len(keys) - len(set(keys))
    for start in range(0, len(keys), ASKED_AT_ONCE):
        some = set(keys[start : start + ASKED_AT_ONCE])
        known += len(tx.session.scalars(select(model.id).where(model.key.in_(some))).all())
    return known


def write_failed(path: Path, rows: Sequence[Sequence[Value]], heading: int, refusals: Sequence[Refusal]) -> None:
    """Write the refused rows with their reasons, so that they can be put right and imported again."""
    heads = [as_text(cell) for cell in rows[heading]]
    lines = [[*_padded(rows[each.row - 1], len(heads)), each.reason] for each in refusals]
    write_csv(path, [*heads, tr("Reason")], lines)


def _padded(row: Sequence[Value], width: int) -> list[Value]:
    return [*row[:width], *[None] * (width - len(row))]
