"""Logins for the people who were carried over: the posts they held, and a temporary password each, told once."""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import DBAPIError

from app.database import Database
from app.errors import NotSaved
from app.shared import setting_up
from app.shared.setting_up import Secret
from app.words import label, tr
from models.enums import Post

LONELY = (Post.ADMINISTRATOR, Post.AUDITOR)
_LETTERS, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "23456789"
_PEOPLE = """
SELECT p.id, p.name, p.login, array_remove(array_agg(o.post ORDER BY o.post), NULL) AS posts
FROM person p LEFT JOIN person_post o ON o.person_id = p.id AND o.ended_at IS NULL
WHERE p.is_active AND p.login IS NOT NULL GROUP BY p.id ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Logins:
    """Logins made just now with their passwords, and what people should know of their posts."""

    people: tuple[Secret, ...]
    services: tuple[Secret, ...]
    notes: tuple[str, ...]


def make_logins(target: Database, seats: int, file: Path) -> Logins:
    """Give each active person with a name to sign in a login, make the services' and an administrator's, list them.

    The list is written to `file` (0600) before the passwords hold. Run again, it gives new passwords.
    Raises NotSaved when the file can't be written, and what setting up raises.
    """
    notes: list[str] = []
    with target.engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT set_config('watchroom.command', 'moving.logins', true)"))
        people = [made for row in connection.execute(text(_PEOPLE)).all() if (made := _login(connection, row, notes))]
        _write(file, people, notes)
    rest = setting_up.set_up(target.engine, seats)
    everyone = (*people, *([rest.administrator] if rest.administrator else []))
    _write(file, (*everyone, *rest.services), notes)
    return Logins(everyone, rest.services, tuple(notes))


def _login(connection: Connection, row: Row[*tuple[Any, ...]], notes: list[str]) -> Secret | None:
    """Make or renew one login; None, with a note, for a name that the server can't take."""
    who, name, login, held = row
    posts = [Post(post) for post in held]
    alone = [post for post in posts if post in LONELY]
    if alone and len(posts) > 1:
        posts = [post for post in posts if post not in LONELY]
        words = tr("{name} no longer holds {posts}: on a shared database it goes with no other post.", name=name,
                   posts=", ".join(label(post) for post in alone))  # fmt: skip
        notes.append(words)
    password = _temporary()
    try:
        with connection.begin_nested():
            connection.execute(
                text("SELECT watchroom_hold_posts(:who, :posts)"), {"who": who, "posts": [p.value for p in posts]}
            )
            connection.execute(
                text("SELECT watchroom_give_password(:who, :password)"), {"who": who, "password": password}
            )
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0].removeprefix("watchroom: ")
        notes.append(tr("{name} got no login “{login}”: {reason}", name=name, login=login, reason=reason))
        return None
    return Secret(login, password)


def _write(file: Path, made: Iterable[Secret], notes: Iterable[str]) -> None:
    """Write the list for its owner alone, whole or not at all."""
    lines = [f"{secret.login}\t{secret.password}" for secret in made]
    draft = file.with_name(f"{file.name}.part")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
            stream.write("\n".join((*lines, *(f"# {note}" for note in notes), "")))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        raise NotSaved(
            tr("the list of passwords {path} can't be written: {reason}", path=file, reason=error.strerror)
        ) from error


def _temporary() -> str:
    """Return a password that passes the rules and can be read from paper."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return letters + "".join(secrets.choice(_DIGITS) for _ in range(6))
