"""The narrow door to an SNMP library: get some values, walk one column."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from app.words import tr

Value = int | float | str | bytes | None

GET_AT_ONCE: Final = 24
"""Objects in one request: an answer of that size fits the smallest agents' 1,472 bytes."""

MOST_AT_ONCE: Final = 128
"""Objects in one request to an agent that has shown that it answers so many."""


class NoAnswer(Exception):
    """Nothing came back in time."""


class BadAnswer(Exception):
    """Something came back that is not an answer; the text is the library's."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to be let in. `version` is "2c" or "3"; v3 has `auth` MD5, SHA ... and `priv` DES, AES128 ..."""

    version: str = "2c"
    community: str = field(default="public", repr=False)
    user: str = ""
    auth: str = ""
    priv: str = ""
    auth_key: str = field(default="", repr=False)
    priv_key: str = field(default="", repr=False)

    @classmethod
    def of(cls, params: Mapping[str, str], secret: str | None) -> "Credentials":
        """Return a check's credentials: `secret` is the community, for v3 JSON of `auth_key` and `priv_key`.

        Raises ValueError when a v3 secret is not such JSON.
        """
        if params.get("version", "2c") != "3":
            return cls(community=secret or "public")
        keys = json.loads(secret) if secret else {}
        if not isinstance(keys, dict):
            raise ValueError("v3 keys")
        return cls(
            version="3",
            user=params.get("user", ""),
            auth=params.get("auth", ""),
            priv=params.get("priv", ""),
            auth_key=str(keys.get("auth_key", "")),
            priv_key=str(keys.get("priv_key", "")),
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One walked column: value by row index, in the device's order; `trouble` says why it is cut short."""

    rows: dict[str, Value]
    trouble: str = ""


class Client(Protocol):
    """A session with one device, reused for its whole life. Calls must not overlap."""

    retries: int
    """how often a question that nothing answers is asked again"""

    async def get(self, oids: Sequence[str], at_once: int = GET_AT_ONCE) -> dict[str, Value]:
        """Return the values that exist, `at_once` objects a request; raises NoAnswer, BadAnswer."""

    async def walk(self, oid: str, most_rows: int, usual_rows: int = 0) -> Column:
        """Return what is below `oid`, at most `most_rows` rows; raises NoAnswer when nothing came at all.

        `usual_rows` is how many there were last time, so that as many can be asked for at once.
        """

    def close(self) -> None:
        """Let the socket go."""


class ColumnReader:
    """Takes a walk's answers one by one and notices the walks that would never end."""

    def __init__(self, oid: str, most_rows: int) -> None:
        self._prefix = oid + "."
        self._most = most_rows
        self.rows: dict[str, Value] = {}
        self.trouble = ""

    def take(self, oid: str, value: Value) -> bool:
        """Keep one answer; False when the walk is over or has to be cut."""
        if not oid.startswith(self._prefix):
            return False
        index = oid[len(self._prefix) :]
        if index in self.rows:
            self.trouble = tr("the table {oid} repeats itself and was cut", oid=self._prefix[:-1])
            return False
        if len(self.rows) >= self._most:
            self.trouble = tr("the table {oid} was cut at {n} rows", oid=self._prefix[:-1], n=self._most)
            return False
        self.rows[index] = value
        return True

    def take_all(self, answers: Iterable[tuple[str, Value] | None]) -> bool:
        """Keep answers as `take` does; None stands for the end."""
        return all(answer is not None and self.take(*answer) for answer in answers)

    def column(self) -> Column:
        return Column(self.rows, self.trouble)


def open_client(address: str, port: int, credentials: Credentials, timeout_s: float, retries: int) -> Client:
    """Return a session with the numeric `address`; nothing is sent yet.

    Raises ValueError for credentials that can't work (a privacy key without an authentication key ...).
    """
    if sys.platform == "linux":
        from app.collector.probes.snmp.client_gufo import GufoClient

        return GufoClient(address, port, credentials, timeout_s, retries)
    from app.collector.probes.snmp.client_pysnmp import PysnmpClient

    return PysnmpClient(address, port, credentials, timeout_s, retries)
