"""Accounts of a shared database, through its narrow functions: sign in, attest, passwords, posts (SECURITY 1, 4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.desk import Desk, Tx
from app.errors import BadInput, DatabaseAway, Refused
from app.passwords import Weakness
from app.shared import logins
from app.shared.account_functions import WEAK
from app.words import tr
from models.enums import Post


@dataclass(frozen=True, slots=True)
class PasswordAge:
    """When the password that was just used was set, and whether it is a temporary one."""

    set_at: datetime
    is_temporary: bool


def sign_in(desk: Desk, login: str, password: str) -> PasswordAge:
    """Let the server check a password, and make the seat's connections that person's.

    Raises Refused in one sentence for a wrong name, a wrong password, an expired one and a locked login.
    """
    question = "SELECT person_id, set_at, is_temporary FROM public.watchroom_sign_in()"
    found = logins.ask_as(desk.engine, login, password, question, seat=desk.seat)
    logins.change(desk.engine, login, password)
    return PasswordAge(found.set_at, found.is_temporary)


def attest(tx: Tx, login: str, password: str, purpose: str) -> None:
    """Let a second person tell the database that it takes part in `purpose`. Raises BadInput for a wrong password."""
    question = "SELECT public.watchroom_attest(:purpose)"
    _prove(tx, login, password, "password", tr("The password is wrong."), question, purpose=purpose)


def change_password(tx: Tx, old: str, new: str) -> None:
    """Change the password of whoever is connected. Raises BadInput for a wrong old one or a weak new one."""
    engine = tx.connection.engine
    _prove(tx, logins.present(engine), old, "old", tr("The present password is wrong."), "SELECT 1")
    _set(tx, "SELECT public.watchroom_set_password(:password)", password=new)
    login = logins.of(engine)
    if login is not None and login.name:
        login.password = new


def give_password(tx: Tx, person_id: int, password: str) -> None:
    """Give somebody a temporary password. Raises BadInput for a weak one."""
    tx.session.flush()
    _set(tx, "SELECT public.watchroom_give_password(:who, :password)", who=person_id, password=password)


def begin_account(tx: Tx, person_id: int, posts: Iterable[Post], password: str) -> None:
    """Let a person of the demo sign in at once; only a superuser's session may."""
    hold_posts(tx, person_id, posts)
    _set(tx, "SELECT public.watchroom_keep_password(:who, :password, false)", who=person_id, password=password)


def hold_posts(tx: Tx, person_id: int, posts: Iterable[Post]) -> None:
    """Let the server give a login these posts and take all others. Raises Refused."""
    tx.session.flush()
    values = {"who": person_id, "posts": sorted(post.value for post in posts)}
    tx.connection.execute(text("SELECT public.watchroom_hold_posts(:who, CAST(:posts AS text[]))"), values)


def _prove(tx: Tx, login: str, password: str, field: str, sentence: str, question: str, **values: Any) -> None:
    try:
        logins.ask_as(tx.connection.engine, login, password, question, seat=tx.seat, **values)
    except DatabaseAway:
        raise
    except Refused as refused:
        raise BadInput(sentence, field) from refused


def _set(tx: Tx, statement: str, **values: Any) -> None:
    try:
        tx.connection.execute(text(statement), values)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != WEAK:
            raise
        names = str(error.orig).split("\n")[0].split()[1:]
        raise BadInput(" ".join(Weakness[name].sentence for name in names), "password") from None
