"""The declarative base and the column types that both databases share."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Text,
    Uuid,
    event,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.enums import Word

FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2100, 1, 1, tzinfo=UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime with microseconds; SQLite keeps it as text that sorts by time.

    Every column of this type gets a CHECK that holds it within 2000..2100 (DESIGN 2).
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone reached the database layer")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return what reads a value; SQLite's text in one call, since a page of a list has a thousand of them."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


@event.listens_for(Column, "after_parent_attach")
def _hold_within_the_century(column: Column[Any], table: Any) -> None:
    if isinstance(column.type, UtcDateTime):
        first, last = FIRST_MOMENT.date(), LAST_MOMENT.date()
        table.append_constraint(
            CheckConstraint(f"{column.name} >= '{first}' AND {column.name} < '{last}'", name=f"{column.name}_century")
        )


class WordType(TypeDecorator[Word]):
    """One of the closed lists of `models.enums`, stored by its value."""

    impl = String(24)
    cache_ok = True

    def __init__(self, words: type[Word]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Word | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Word | None]:
        """Return what reads a value: a look into a dict."""
        members: dict[str | None, Word | None] = {None: None, **{word.value: word for word in self.words}}
        return members.__getitem__

    def process_result_value(self, value: str | None, dialect: Dialect) -> Word | None:
        return None if value is None else self.words(value)


class database_now(GenericFunction[datetime]):  # noqa: N801 - the name in SQL expressions
    """The database's clock in UTC, as a column default."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, compiler: Any, **kw: Any) -> str:
    return "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"


@compiles(database_now)
def _postgresql_now(element: database_now, compiler: Any, **kw: Any) -> str:
    return "clock_timestamp()"


class this_transaction(GenericFunction[int]):  # noqa: N801 - the name in SQL expressions
    """The number of the transaction that writes, on PostgreSQL, whose feed needs it; NULL on SQLite."""

    type = BigInteger()
    inherit_cache = True


@compiles(this_transaction, "sqlite")
def _sqlite_transaction(element: this_transaction, compiler: Any, **kw: Any) -> str:
    return "NULL"


@compiles(this_transaction)
def _postgresql_transaction(element: this_transaction, compiler: Any, **kw: Any) -> str:
    return "(pg_current_xact_id()::text::bigint)"


RowId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")

Id = Annotated[int, mapped_column(RowId, primary_key=True, autoincrement=True)]
Line = Annotated[str, mapped_column(String(250), default="", server_default="")]
Prose = Annotated[str, mapped_column(Text, default="", server_default="")]
Flag = Annotated[bool, mapped_column(default=False, server_default="0")]


def words(kind: type[Word]) -> WordType:
    """Return the column type of a closed list."""
    return WordType(kind)


def to(target: str) -> ForeignKey:
    """Return a foreign key to `target`'s id."""
    return ForeignKey(f"{target}.id")


class Base(DeclarativeBase):
    """All tables. A class with `audited = False` in its table's info is left out of the audit trail."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own form
        datetime: UtcDateTime(),
        int: RowId,
        dict[str, Any]: Json,
        list[Any]: Json,
        uuid.UUID: Uuid(),
    }


class Recorded:
    """The two times of a ledger row (DESIGN 2): the database's stamp and the time a person gives."""

    recorded_at: Mapped[datetime] = mapped_column(server_default=database_now())
    happened_at: Mapped[datetime] = mapped_column(server_default=database_now(), index=True)


class Versioned:
    """A row that people edit; a command names the version it saw."""

    version: Mapped[int] = mapped_column(default=1, server_default="1")


class Keyed:
    """A row that a form creates; the form's key makes a retry harmless."""

    key: Mapped[uuid.UUID] = mapped_column(Uuid(), default=uuid.uuid4, unique=True)


class Voidable:
    """A ledger row that can be struck through but never deleted (UX rule 9)."""

    voided_at: Mapped[datetime | None]
    void_reason: Mapped[Line]


__all__ = [
    "Base",
    "Flag",
    "Id",
    "Json",
    "Keyed",
    "Line",
    "Prose",
    "Recorded",
    "RowId",
    "UtcDateTime",
    "Versioned",
    "Voidable",
    "database_now",
    "func",
    "this_transaction",
    "to",
    "words",
]
