"""Pages of long lists: by key, never by offset, with a count that stops at 10,001 (PERFORMANCE P3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, ColumnExpressionArgument, Select, func, select, tuple_

from app.desk import ReadTx

PAGE = 200
COUNT_LIMIT = 10_001

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows of a list in its order; `has_more` tells whether rows follow in the direction that was asked."""

    rows: tuple[R, ...]
    has_more: bool


def capped_count(tx: ReadTx, query: Select[Any]) -> int:
    """Return how many rows `query` has, at most COUNT_LIMIT (shown as "10,000+")."""
    inner = query.limit(COUNT_LIMIT).subquery()
    return tx.session.scalar(select(func.count()).select_from(inner)) or 0


def beyond(
    columns: Sequence[ColumnExpressionArgument[Any]], key: Sequence[Any], *, descending: bool
) -> ColumnElement[bool]:
    """Return the row-value condition that continues a list after `key`, all columns in one direction."""
    here = tuple_(*columns)
    there = tuple_(*key)
    return here < there if descending else here > there
