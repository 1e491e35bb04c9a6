"""A database of a shared desk with one real login per post and service, each over a raw connection of its own."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, make_url

from app.shared.setting_up import set_up

POSTS = {
    "O": "operator",
    "E": "engineer",
    "D": "desk",
    "R": "room_manager",
    "C": "clerk",
    "M": "manager",
    "A": "auditor",
    "X": "administrator",
}
"""People's posts by the letters that the expectations use; K, W, S and B are the services."""
SERVICES = {"K": "collector", "W": "display", "S": "sealer", "B": "backup"}
PASSWORD = "night-Watch-2026"


@dataclass(slots=True)
class Site:
    """One database; `connections` are the logins' own by letter, `people` their ids, `owner` is the superuser's."""

    url: str
    owner: psycopg.Connection[Any]
    people: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    connections: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)

    def login(self, letter: str) -> str:
        return SERVICES.get(letter) or f"t_{POSTS[letter]}"

    def connect(self, letter: str) -> psycopg.Connection[Any]:
        """Return a new raw connection of a login, with its password."""
        return raw(self.url, self.login(letter), self.passwords[self.login(letter)])

    @contextmanager
    def trying(self, letter: str) -> Iterator[psycopg.Connection[Any]]:
        """Yield the login's connection in a transaction that is rolled back whatever happens."""
        connection = self.connections.get(letter)
        if connection is None or connection.closed:
            connection = self.connections[letter] = self.connect(letter)
        with connection.transaction(force_rollback=True):
            yield connection

    def close(self) -> None:
        for connection in (self.owner, *self.connections.values()):
            connection.close()


def raw(url: str, login: str, password: str) -> psycopg.Connection[Any]:
    """Return a raw connection that commits each statement, as psql has it."""
    own = make_url(url).set(drivername="postgresql", username=login, password=password or None)
    return psycopg.connect(own.render_as_string(hide_password=False), autocommit=True)


def make_site(url: str) -> Site:
    """Set the empty database up with a person for each post, all with passwords of their own.

    `url` is its superuser's; the services, which the whole server shares, get passwords of their own too.
    """
    engine = create_engine(url)
    made = set_up(engine, 10)
    site = Site(url, _superuser(engine))
    engine.dispose()
    for service in SERVICES.values():
        site.passwords[service] = f"{service}-{PASSWORD}"
        site.owner.execute(f"ALTER ROLE {service} PASSWORD '{site.passwords[service]}'")
    for letter, post in POSTS.items():
        site.people[letter] = add_person(site, f"t_{post}", [post])
    assert made.administrator is not None
    return site


def add_person(site: Site, login: str, posts: list[str]) -> int:
    """Enter a person with a password that is no longer temporary."""
    row = site.owner.execute(
        "INSERT INTO person (key, name, login, search) VALUES (%s, %s, %s, '') RETURNING id",
        (uuid.uuid4(), f"测试 {login}", login),
    ).fetchone()
    assert row is not None
    site.owner.execute("SELECT watchroom_hold_posts(%s, %s)", (row[0], posts))
    site.owner.execute("SELECT watchroom_keep_password(%s, %s, false)", (row[0], PASSWORD))
    site.passwords[login] = PASSWORD
    return int(row[0])


def _superuser(engine: Engine) -> psycopg.Connection[Any]:
    return psycopg.connect(
        engine.url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    )
