"""The one door to the database: `Desk.do(command, ...)` and `Desk.read(query, ...)` (DESIGN 2)."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.deadlines import Lines
from app.errors import BadInput, Conflict, DatabaseAway, NotAllowed, NotFound, ResultUnknown, WrongPassword
from app.permissions import Permission, granted
from app.trouble import translate, worded
from app.words import label, tr
from models.audit import AuditEntry
from models.base import Base, Keyed, database_now
from models.enums import Post
from models.people import Act, Person, SignIn
from models.seats import Receipt

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
M = TypeVar("M", bound=Base)

ENTERED_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts: a person, or a service or command-line identity (`id` None)."""

    id: int | None
    name: str
    login: str
    posts: frozenset[Post]

    def may(self, permission: Permission) -> bool:
        return permission in granted(self.posts)


@dataclass(slots=True)
class Acting:
    """What the audit triggers of one connection read; set for each transaction."""

    person: str = ""
    seat: str = ""
    command: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReadTx:
    """A read-only look at the database. `now` is the database's clock, in UTC."""

    session: Session
    now: datetime
    person: Identity
    seat: str
    is_sqlite: bool
    audit_key: bytes | None = field(repr=False)

    @property
    def connection(self) -> Connection:
        return self.session.connection()


@dataclass(frozen=True, slots=True)
class Tx(ReadTx):
    """One short writing transaction; `entered_at` when it saves what somebody entered earlier, in an outbox."""

    entered_at: datetime | None = None

    def add(self, row: M) -> M:
        """Insert `row` and return it with its id."""
        self.session.add(row)
        self.session.flush()
        return row

    def find(self, model: type[M], row_id: int) -> M:
        """Return the row. Raises NotFound."""
        row = self.session.get(model, row_id)
        if row is None:
            raise NotFound(model.__tablename__, row_id)
        return row

    def get(self, model: type[M], row_id: int, version: int) -> M:
        """Return a row to be edited whose version is `version`, and raise that version by one.

        The row is locked until the transaction ends: of two that save at once, the second sees what the first made.
        Raises NotFound, or Conflict with the fields as they are now when somebody saved in between.
        """
        row: Any = self.session.get(model, row_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound(model.__tablename__, row_id)
        if row.version != version:
            fields = {c.key: getattr(row, c.key) for c in inspect(model).column_attrs}
            raise Conflict(model.__tablename__, self._last_editor(model.__tablename__, row_id), fields, {})
        row.version = version + 1
        return row  # type: ignore[no-any-return]

    def already(self, model: type[M], key: object) -> M | None:
        """Return the row that a retry with the same form key already made, or None."""
        assert issubclass(model, Keyed)
        return self.session.scalars(select(model).where(model.key == key)).first()

    def happened(self, given: datetime | None) -> datetime:
        """Return when a ledger row happened: `given`, or when it was entered. Raises BadInput when it lies ahead."""
        if given is None:
            return min(self.entered_at or self.now, self.now)
        if given > self.now + ENTERED_AHEAD:
            raise BadInput(tr("This time lies in the future."), "happened_at")
        return given

    def act(self, kind: str, text: str) -> None:
        """Leave an audit entry for something that changes no row."""
        self.add(Act(kind=kind, text=text[:400], at=self.now))

    def _last_editor(self, table: str, row_id: int) -> str:
        """Return the name of who changed a row last; of who is no person of the desk, what the trail calls them."""
        found = self.session.execute(
            select(AuditEntry.person, Person.name)
            .outerjoin(Person, Person.login == AuditEntry.person)
            .where(AuditEntry.table_name == table, AuditEntry.row_key == str(row_id))
            .order_by(AuditEntry.id.desc())
            .limit(1)
        ).first()
        return (found.name or found.person) if found else ""


@dataclass(frozen=True, slots=True)
class Once:
    """The key under which a command is done at most once, and when it was entered if that was earlier."""

    key: uuid.UUID
    entered_at: datetime | None = None


class Command(Protocol[P, R_co]):
    """A function that changes something, marked with the permission it needs.

    One that `keeps` may wait in an outbox while the database is away (SECURITY 7).
    """

    permission: Permission
    name: str
    keeps: bool

    def __call__(self, tx: Tx, /, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


COMMANDS: dict[str, Permission] = {}


def command(
    permission: Permission, *, keeps: bool = False
) -> Callable[[Callable[Concatenate[Tx, P], R]], Command[P, R]]:
    """Mark a function as a command; it is entered in COMMANDS, which a test holds against the role matrix."""

    def mark(function: Callable[Concatenate[Tx, P], R]) -> Command[P, R]:
        marked: Any = function
        marked.permission, marked.keeps = permission, keeps
        marked.name = f"{function.__module__.removeprefix('app.')}.{function.__name__}"
        COMMANDS[marked.name] = permission
        return marked  # type: ignore[no-any-return]

    return mark


class Desk:
    """One identity at one seat before one database. Thread-safe; `close` ends its connections.

    `clock_ahead` shifts the database's clock, for tests that can't wait.
    """

    def __init__(
        self,
        engine: Engine,
        identity: Identity,
        seat: str,
        audit_key: bytes | None,
        clock_ahead: timedelta = timedelta(0),
        lines: Lines | None = None,
        limit_s: float | None = None,
    ) -> None:
        self.engine = engine
        self.identity = identity
        self.seat = seat
        self.clock_ahead = clock_ahead
        self.lines = lines or Lines()
        self._limit_s = limit_s
        self._audit_key = audit_key

    @property
    def is_remote(self) -> bool:
        """Whether a server answers, which may be slow, frozen or gone."""
        return self.engine.dialect.name != "sqlite"

    def as_identity(self, identity: Identity) -> "Desk":
        """Return a desk of another person at the same seat, over the same connections."""
        return Desk(self.engine, identity, self.seat, self._audit_key, self.clock_ahead, self.lines, self._limit_s)

    def within(self, limit_s: float) -> "Desk":
        """Return this desk with a deadline for each transaction on a server; `lines.cut_overdue` ends what is late."""
        return Desk(self.engine, self.identity, self.seat, self._audit_key, self.clock_ahead, self.lines, limit_s)

    def do(self, what: Command[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a command in one transaction and return its result.

        Raises NotAllowed (leaving an audit entry), DatabaseAway or NotSaved; nothing is half saved.
        """
        return self.do_because("", what, *args, **kwargs)

    def do_because(self, reason: str, what: Command[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a command with a reason that its audit entries keep."""
        self._refuse_forbidden(what, reason)
        try:
            with self._writing(what.name, reason) as tx:
                return what(tx, *args, **kwargs)
        except WrongPassword as wrong:
            with self._writing(what.name, reason) as tx:
                tx.add(SignIn(login=wrong.login, person_id=wrong.person_id, at=tx.now, seat=tx.seat, succeeded=False))
            raise

    def do_once(self, once: Once, what: Command[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Run a command unless it was done under this key before; then change nothing and return None.

        Its receipt is written in the same transaction, so that neither is saved without the other.
        """
        self._refuse_forbidden(what, "")
        with self._writing(what.name, "", once.entered_at) as tx:
            return what(tx, *args, **kwargs) if _receive(tx, once.key, what.name) else None

    def read(self, query: Callable[Concatenate[ReadTx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the answer of a query, which can't change anything. Raises DatabaseAway."""
        with worded(), Session(self.engine, autoflush=False) as session:
            connection = session.connection()
            with self.lines.held(connection, self._limit_s), _ended(session), _read_only(connection, self._limit_s):
                return query(ReadTx(session, *self._scene(session)), *args, **kwargs)

    def close(self) -> None:
        self.engine.dispose()

    def _refuse_forbidden(self, what: Command[..., Any], reason: str) -> None:
        if not self.identity.may(what.permission):
            with self._writing("refused", reason) as tx:
                tx.act("refused", what.name)
            raise NotAllowed(label(what.permission))

    @contextmanager
    def _writing(self, name: str, reason: str, entered_at: datetime | None = None) -> Iterator[Tx]:
        with worded(), Session(self.engine, expire_on_commit=False) as session:
            connection = session.connection(execution_options={"watchroom_write": True})
            with self.lines.held(connection, self._limit_s), _ended(session):
                announce(connection, Acting(self.identity.login, self.seat, name, reason[:400]), self._limit_s)
                yield Tx(session, *self._scene(session), entered_at)
                session.flush()
                _commit(session)
                _wake(session)

    def _scene(self, session: Session) -> tuple[datetime, Identity, str, bool, bytes | None]:
        now = session.scalar(select(database_now()))
        assert now is not None
        is_sqlite = self.engine.dialect.name == "sqlite"
        return now + self.clock_ahead, self.identity, self.seat, is_sqlite, self._audit_key


def _receive(tx: Tx, key: uuid.UUID, name: str) -> bool:
    """Write the receipt of `key` and return True, or False where it is there; waits for whoever is writing it."""
    made = insert_postgresql(Receipt) if not tx.is_sqlite else insert_sqlite(Receipt)
    values = made.values(key=key, command=name, seat=tx.seat).on_conflict_do_nothing(index_elements=["key"])
    return tx.session.execute(values.returning(Receipt.id)).first() is not None


def _commit(session: Session) -> None:
    """Commit. Raises ResultUnknown when a server's answer never comes: it may be saved all the same."""
    try:
        session.commit()
    except DBAPIError as error:
        told = translate(error)
        if not isinstance(told, DatabaseAway) or session.get_bind().dialect.name == "sqlite":
            raise
        raise ResultUnknown(told.detail) from error


def _wake(session: Session) -> None:
    """Call the other seats, after the commit: a NOTIFY inside would let commits pass one by one only.

    Where the word does not get through, they look by themselves within seconds.
    """
    if session.get_bind().dialect.name == "postgresql":
        with suppress(DBAPIError):
            session.execute(text("NOTIFY watchroom"))
            session.commit()


@contextmanager
def _ended(session: Session) -> Iterator[None]:
    """End the transaction inside the block, while its line still has a deadline."""
    try:
        yield
    finally:
        session.rollback()


def announce(connection: Connection, acting: Acting, limit_s: float | None = None) -> None:
    """Tell the audit triggers who acts in the transaction that runs on `connection`.

    The server itself ends each statement after `limit_s`, so that what nobody waits for any more does not go on, and a
    transaction whose seat was cut off before it could end it: else that one's receipt would keep its replay waiting.
    """
    if connection.dialect.name == "sqlite":
        held: Acting = connection.info["acting"]
        held.person, held.seat = acting.person, acting.seat
        held.command, held.reason = acting.command, acting.reason
        return
    connection.execute(
        text(
            "SELECT set_config('watchroom.person', :person, true), set_config('watchroom.seat', :seat, true),"
            " set_config('watchroom.command', :command, true), set_config('watchroom.reason', :reason, true),"
            " set_config('watchroom.wakes_later', 'on', true), set_config('TimeZone', 'UTC', true),"
            " set_config('statement_timeout', coalesce(:limit, current_setting('statement_timeout')), true),"
            " set_config('idle_in_transaction_session_timeout',"
            " coalesce(:idle, current_setting('idle_in_transaction_session_timeout')), true)"
        ),
        {
            "person": acting.person,
            "seat": acting.seat,
            "command": acting.command,
            "reason": acting.reason,
            "limit": None if limit_s is None else _milliseconds(limit_s),
            "idle": None if limit_s is None else _milliseconds(2 * limit_s),
        },
    )


@contextmanager
def _read_only(connection: Connection, limit_s: float | None = None) -> Iterator[None]:
    """Let the database itself refuse every write on `connection` inside the block, and show one moment throughout.

    A server ends each statement after `limit_s`.
    """
    if connection.dialect.name != "sqlite":
        late = "" if limit_s is None else f"; SET LOCAL statement_timeout = {_milliseconds(limit_s)}"
        connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY{late}")
        yield
        return
    connection.exec_driver_sql("PRAGMA query_only = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA query_only = OFF")


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
