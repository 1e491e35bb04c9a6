"""One table carried from SQLite to PostgreSQL: its rows by COPY, and a digest over them that both sides give."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Dialect, Row, Table, func, select, text

ROWS_AT_ONCE = 5_000
_SEPARATOR = b"\x1f"
_WRAP = 1 << 128


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows a table has, and a digest over them whatever their order."""

    rows: int
    digest: str


class Digest:
    """Sums up rows; the same rows in another order, or from the other database, give the same."""

    def __init__(self) -> None:
        self._rows, self._sum = 0, 0

    def add(self, row: Sequence[Any]) -> None:
        words = _SEPARATOR.join(_word(value) for value in row)
        self._sum = (self._sum + int.from_bytes(hashlib.blake2b(words, digest_size=16).digest())) % _WRAP
        self._rows += 1

    def content(self) -> Content:
        return Content(self._rows, f"{self._sum:032x}")


def count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def content(connection: Connection, table: Table) -> Content:
    """Read a table and return what it holds."""
    digest = Digest()
    for row in read(connection, table):
        digest.add(row)
    return digest.content()


def read(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """Yield a table's rows as Python values, without holding them all."""
    query = select(*table.columns).execution_options(yield_per=ROWS_AT_ONCE, stream_results=True)
    yield from connection.execute(query)


def carry(source: Connection, target: Connection, table: Table, progress: Callable[[int], None]) -> Content:
    """Copy a table's rows into an empty table of the same name and set its sequence; return what the source gave."""
    digest = Digest()

    def rows() -> Iterator[Sequence[Any]]:
        for row in read(source, table):
            digest.add(row)
            yield row
            if (done := digest.content().rows) % ROWS_AT_ONCE == 0:
                progress(done)

    copy_rows(target, table, rows())
    set_sequence(target, table)
    return digest.content()


def copy_rows(target: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows in the order of the table's columns by COPY."""
    shapes = [_shape(column.type, target.dialect, bool(column.nullable)) for column in table.columns]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    raw: Any = target.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([shape(value) for shape, value in zip(shapes, row, strict=True)])


def set_sequence(target: Connection, table: Table) -> None:
    """Let the next row made here follow the highest id."""
    key = table.autoincrement_column
    if key is None:
        return
    target.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), max({key.name}))"
            f' FROM "{table.name}" HAVING max({key.name}) IS NOT NULL'
        )
    )


def _shape(kind: Any, dialect: Dialect, is_nullable: bool) -> Callable[[Any], Any]:
    """Return what turns a Python value into the driver's own, for one column."""
    bind = kind.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return lambda value: value
    return lambda value: None if value is None and is_nullable else bind(value)


def _word(value: Any) -> bytes:
    """Return a value as bytes that are the same from both databases."""
    if value is None:
        return b"\x00"
    if isinstance(value, bytes):
        return value.hex().encode()
    if isinstance(value, dict | list):
        return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if isinstance(value, datetime | date):
        return value.isoformat().encode()
    if isinstance(value, Enum):
        return str(value.value).encode()
    if isinstance(value, uuid.UUID):
        return value.hex.encode()
    return str(value).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    """Return a JSON value with whole numbers as integers, as PostgreSQL gives them back."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
