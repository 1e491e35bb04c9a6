"""Who a seat is on a shared database: one engine whose login changes with the person (SECURITY 6).

A second person proves itself by a short connection of its own, so that the database has seen both identities.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from app import connecting
from app.trouble import worded

_KEPT = "watchroom_login"


@dataclass(slots=True)
class Login:
    """What new connections of one engine sign in with; empty for what the URL itself says."""

    name: str = ""
    password: str = field(default="", repr=False)

    def give(self, _dialect: object, _record: object, _cargs: object, cparams: dict[str, Any]) -> None:
        """Put name and password into the driver's parameters (SQLAlchemy's `do_connect`); an empty one is left to
        `~/.pgpass`.
        """
        if self.name:
            cparams["user"] = self.name
        if self.name and self.password:
            cparams["password"] = self.password


def attach(engine: Engine, name: str = "", password: str = "") -> None:
    """Let the login of an engine be changed from now on; it begins with this one."""
    login = Login(name, password)
    engine.update_execution_options(**{_KEPT: login})
    event.listen(engine, "do_connect", login.give)


def of(engine: Engine) -> Login | None:
    """Return an engine's login; None for one that always is the same."""
    found: Login | None = engine.get_execution_options().get(_KEPT)
    return found


def change(engine: Engine, name: str, password: str) -> None:
    """Sign the seat in as somebody else: connections of the last person end, new ones are the new person's."""
    login = of(engine)
    assert login is not None, "this engine was opened without a changeable login"
    login.name, login.password = name, password
    engine.dispose()


def present(engine: Engine) -> str:
    """Return the login that new connections have."""
    login = of(engine)
    return login.name if login and login.name else engine.url.username or ""


def ask_as(engine: Engine, name: str, password: str, question: str, **values: object) -> Any:
    """Return the row that `question` gives to another login, over a connection that lives only for it.

    Raises BadInput for a wrong name or password, and what `worded` raises.
    """
    other = connecting.server_engine(engine.url.set(username=name, password=password))
    try:
        with worded(), other.begin() as connection:
            _announce_seat(connection, str(values.pop("seat", "")))
            return connection.execute(text(question), values).first()
    finally:
        other.dispose()


def _announce_seat(connection: Connection, seat: str) -> None:
    connection.execute(text("SELECT set_config('watchroom.seat', :seat, true)"), {"seat": seat})
