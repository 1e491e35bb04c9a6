"""The one door to the database: `Desk.do(command, ...)` and `Desk.read(query, ...)` (DESIGN 2)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.orm import Session

from app.errors import BadInput, Conflict, NotAllowed, NotFound, WrongPassword
from app.permissions import Permission, granted
from app.trouble import worded
from app.words import label, tr
from models.audit import AuditEntry
from models.base import Base, Keyed, database_now
from models.enums import Post
from models.people import Act, SignIn

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
    """One short writing transaction."""

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

        Raises NotFound, or Conflict with the fields as they are now when somebody saved in between.
        """
        row: Any = self.find(model, row_id)
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
        """Return the time a ledger row happened: `given`, or now. Raises BadInput when it lies ahead."""
        if given is None:
            return self.now
        if given > self.now + ENTERED_AHEAD:
            raise BadInput(tr("This time lies in the future."), "happened_at")
        return given

    def act(self, kind: str, text: str) -> None:
        """Leave an audit entry for something that changes no row."""
        self.add(Act(kind=kind, text=text[:400], at=self.now))

    def _last_editor(self, table: str, row_id: int) -> str:
        return (
            self.session.scalars(
                select(AuditEntry.person)
                .where(AuditEntry.table_name == table, AuditEntry.row_key == str(row_id))
                .order_by(AuditEntry.id.desc())
            ).first()
            or ""
        )


class Command(Protocol[P, R_co]):
    """A function that changes something, marked with the permission it needs."""

    permission: Permission
    name: str

    def __call__(self, tx: Tx, /, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


COMMANDS: dict[str, Permission] = {}


def command(permission: Permission) -> Callable[[Callable[Concatenate[Tx, P], R]], Command[P, R]]:
    """Mark a function as a command; it is entered in COMMANDS, which a test holds against the role matrix."""

    def mark(function: Callable[Concatenate[Tx, P], R]) -> Command[P, R]:
        marked: Any = function
        marked.permission = permission
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
    ) -> None:
        self.engine = engine
        self.identity = identity
        self.seat = seat
        self.clock_ahead = clock_ahead
        self._audit_key = audit_key

    def as_identity(self, identity: Identity) -> "Desk":
        """Return a desk of another person at the same seat, over the same connections."""
        return Desk(self.engine, identity, self.seat, self._audit_key, self.clock_ahead)

    def do(self, what: Command[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a command in one transaction and return its result.

        Raises NotAllowed (leaving an audit entry), DatabaseAway or NotSaved; nothing is half saved.
        """
        return self.do_because("", what, *args, **kwargs)

    def do_because(self, reason: str, what: Command[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a command with a reason that its audit entries keep."""
        if not self.identity.may(what.permission):
            with self._writing("refused", reason) as tx:
                tx.act("refused", what.name)
            raise NotAllowed(label(what.permission))
        try:
            with self._writing(what.name, reason) as tx:
                return what(tx, *args, **kwargs)
        except WrongPassword as wrong:
            with self._writing(what.name, reason) as tx:
                tx.add(SignIn(login=wrong.login, person_id=wrong.person_id, at=tx.now, seat=tx.seat, succeeded=False))
            raise

    def read(self, query: Callable[Concatenate[ReadTx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the answer of a query, which can't change anything. Raises DatabaseAway."""
        with worded(), Session(self.engine, autoflush=False) as session, _read_only(session.connection()):
            return query(ReadTx(session, *self._scene(session)), *args, **kwargs)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _writing(self, name: str, reason: str) -> Iterator[Tx]:
        with worded(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            connection = session.connection(execution_options={"watchroom_write": True})
            acting = Acting(self.identity.login, self.seat, name, reason[:400])
            announce(connection, acting)
            yield Tx(session, *self._scene(session))

    def _scene(self, session: Session) -> tuple[datetime, Identity, str, bool, bytes | None]:
        now = session.scalar(select(database_now()))
        assert now is not None
        is_sqlite = self.engine.dialect.name == "sqlite"
        return now + self.clock_ahead, self.identity, self.seat, is_sqlite, self._audit_key


def announce(connection: Connection, acting: Acting) -> None:
    """Tell the audit triggers who acts in the transaction that runs on `connection`."""
    if connection.dialect.name == "sqlite":
        held: Acting = connection.info["acting"]
        held.person, held.seat = acting.person, acting.seat
        held.command, held.reason = acting.command, acting.reason
        return
    connection.execute(
        text(
            "SELECT set_config('watchroom.person', :person, true), set_config('watchroom.seat', :seat, true),"
            " set_config('watchroom.command', :command, true), set_config('watchroom.reason', :reason, true)"
        ),
        {
            "person": acting.person,
            "seat": acting.seat,
            "command": acting.command,
            "reason": acting.reason,
        },
    )


@contextmanager
def _read_only(connection: Connection) -> Iterator[None]:
    """Let the database itself refuse every write on `connection` inside the block."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        yield
        return
    connection.exec_driver_sql("PRAGMA query_only = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA query_only = OFF")
