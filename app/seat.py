"""How a desktop sits down before a database: which identity it starts with, and what a first start needs."""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select

from app import people
from app.database import EVERY_POST, Database, account_name, cli_identity, display_identity, open_database
from app.desk import Desk, Identity, ReadTx
from models.monitoring import Check


@dataclass(frozen=True, slots=True)
class Situation:
    """What the window must know at its start.

    `identity` is who works here without a password, None when somebody must sign in. `is_first`: the person was
    made just now and holds all posts. `is_empty`: nothing is watched yet.
    """

    identity: Identity | None
    is_first: bool
    is_empty: bool
    is_embedded: bool
    database_uuid: str


class Seat:
    """Opens the database once, on a worker; `situation` then says how to begin."""

    def __init__(
        self, url: str, name: str, user: str = "", *, is_display: bool = False, login: str = "", password: str = ""
    ) -> None:
        self._url, self._name, self._user, self._is_display = url, name, user, is_display
        self._login, self._password = login, password
        self.database: Database | None = None
        self._is_first = False

    def open(self) -> Desk:
        """Return the desk that the window starts with. Raises Refused, BadInput or DatabaseAway."""
        is_file = self._url.startswith("sqlite")
        database = open_database(self._url, create=is_file, login=self._login, password=self._password)
        self.database, self._password = database, ""
        if self._is_display:
            return database.desk(display_identity(), self._name)
        owner = database.desk(cli_identity(), self._name)
        if database.is_embedded and owner.read(people.is_empty):
            self._is_first = True
            owner.do(people.add_person, uuid.uuid4(), account_name(), account_name(), EVERY_POST)
        alone = self._alone(owner) if database.is_embedded else None
        return owner.as_identity(alone) if alone else database.desk(display_identity(), self._name)

    def _alone(self, owner: Desk) -> Identity | None:
        """Return the one who may work without a password: nobody on this database has one."""
        everyone = owner.read(people.everyone)
        if any(person.has_password for person in everyone):
            return None
        named = [person for person in everyone if self._user in ("", person.login) and person.posts]
        return named[0].identity if named else None

    def situation(self, desk: Desk, _job: object = None) -> Situation:
        """Return how to begin, for the desk that `open` gave."""
        assert self.database is not None
        is_signed_in = desk.identity.id is not None
        return Situation(
            desk.identity if is_signed_in or self._is_display else None,
            self._is_first,
            not desk.read(_watched),
            self.database.is_embedded,
            self.database.uuid,
        )


def _watched(tx: ReadTx) -> int:
    return tx.session.scalar(select(func.count(Check.id))) or 0
