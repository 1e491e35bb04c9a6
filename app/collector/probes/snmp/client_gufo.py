"""SNMP through gufo-snmp (Linux): one socket a device, answers decoded in Rust."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, TypeVar

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    Md5Key,
    NoSuchInstance,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    SnmpError,
    SnmpVersion,
    User,
)
from gufo.snmp.aio.client import GetBulkIter, SnmpSession

from app.collector.probes.snmp.client import (
    GET_AT_ONCE,
    BadAnswer,
    Column,
    ColumnReader,
    Credentials,
    NoAnswer,
    Value,
)

T = TypeVar("T")

_ROWS_AT_ONCE: Final = 40
_MOST_AT_ONCE: Final = 60
"""Rows that still fit one answer: a table that had up to so many is read with one question."""
_AUTH: Final = {
    "MD5": Md5Key,
    "SHA": Sha1Key,
    "SHA224": Sha224Key,
    "SHA256": Sha256Key,
    "SHA384": Sha384Key,
    "SHA512": Sha512Key,
}
_PRIV: Final = {
    "DES": DesKey,
    "AES": Aes128Key,
    "AES128": Aes128Key,
    "AES192": Aes192Key,
    "AES256": Aes256Key,
}


class GufoClient:
    """A session of gufo; a request that is lost is sent again `retries` times."""

    def __init__(self, address: str, port: int, credentials: Credentials, timeout_s: float, retries: int) -> None:
        self.retries = retries
        self._is_v3 = credentials.version == "3"
        self._is_fresh = not self._is_v3
        self._session = SnmpSession(
            address,
            port,
            community=credentials.community,
            user=_user(credentials) if self._is_v3 else None,
            version=SnmpVersion.v3 if self._is_v3 else SnmpVersion.v2c,
            timeout=timeout_s,
            max_repetitions=_ROWS_AT_ONCE,
        )

    async def get(self, oids: Sequence[str], at_once: int = GET_AT_ONCE) -> dict[str, Value]:
        await self._refresh()
        found: dict[str, Value] = {}
        for start in range(0, len(oids), at_once):
            found.update(await self._get_some(oids[start : start + at_once]))
        return found

    async def _get_some(self, oids: Sequence[str]) -> dict[str, Value]:
        try:
            return await self._try(lambda: self._session.get_many(oids))
        except NoSuchInstance:
            return {}

    async def walk(self, oid: str, most_rows: int, usual_rows: int = 0) -> Column:
        await self._refresh()
        reader = ColumnReader(oid, most_rows)
        at_once = usual_rows + 1 if _ROWS_AT_ONCE <= usual_rows < _MOST_AT_ONCE else _ROWS_AT_ONCE
        answers = self._session.getbulk(oid, at_once)
        try:
            while reader.take(*await self._try(answers.__anext__)) and reader.take_all(_rest(answers)):
                pass
        except (StopAsyncIteration, NoSuchInstance):
            pass
        except (NoAnswer, BadAnswer) as error:
            if not reader.rows:
                raise
            reader.trouble = str(error)
        return reader.column()

    def close(self) -> None:
        del self._session

    async def _refresh(self) -> None:
        """Learn a v3 engine's id and clock before the first question, and again after a failure."""
        if not self._is_fresh:
            await self._try(self._session.refresh)
            self._is_fresh = True

    async def _try(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask up to 1 + `retries` times; gufo's walk goes on where it was when it is asked again."""
        for _ in range(self.retries + 1):
            try:
                return await ask()
            except TimeoutError:
                continue
            except (NoSuchInstance, StopAsyncIteration):
                raise
            except (SnmpError, OSError, ValueError, RuntimeError) as error:
                raise BadAnswer(_words(error)) from error
        self._is_fresh = self._is_fresh and not self._is_v3
        raise NoAnswer


def _rest(answers: AsyncIterator[tuple[str, Value]]) -> list[tuple[str, Value] | None]:
    """Return what else came with the last answer: taken one by one, it costs gufo five times as much."""
    assert isinstance(answers, GetBulkIter)
    rest: list[tuple[str, Value] | None] = answers._buffer
    answers._buffer = []
    return rest


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _user(credentials: Credentials) -> User:
    auth = _AUTH.get(credentials.auth.upper().replace("-", ""))
    priv = _PRIV.get(credentials.priv.upper().replace("-", ""))
    if (credentials.auth and auth is None) or (credentials.priv and priv is None):
        raise ValueError(f"{credentials.auth} {credentials.priv}")
    return User(
        credentials.user,
        auth_key=auth(credentials.auth_key.encode()) if auth else None,
        priv_key=priv(credentials.priv_key.encode()) if priv else None,
    )
