"""SNMP through pysnmp, where gufo-snmp has no wheels (Windows, macOS)."""

from collections.abc import Sequence
from typing import Any, Final

from pyasn1.type.univ import ObjectIdentifier  # type: ignore[import-untyped]  # the library has no types
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
    get_cmd,
    usmAesCfb128Protocol,
    usmAesCfb192Protocol,
    usmAesCfb256Protocol,
    usmDESPrivProtocol,
    usmHMAC128SHA224AuthProtocol,
    usmHMAC192SHA256AuthProtocol,
    usmHMAC256SHA384AuthProtocol,
    usmHMAC384SHA512AuthProtocol,
    usmHMACMD5AuthProtocol,
    usmHMACSHAAuthProtocol,
)
from pysnmp.proto import errind
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from app.collector.probes.snmp.client import (
    GET_AT_ONCE,
    BadAnswer,
    Column,
    ColumnReader,
    Credentials,
    NoAnswer,
    Value,
)

_ROWS_AT_ONCE: Final = 40
_AUTH: Final = {
    "MD5": usmHMACMD5AuthProtocol,
    "SHA": usmHMACSHAAuthProtocol,
    "SHA224": usmHMAC128SHA224AuthProtocol,
    "SHA256": usmHMAC192SHA256AuthProtocol,
    "SHA384": usmHMAC256SHA384AuthProtocol,
    "SHA512": usmHMAC384SHA512AuthProtocol,
}
_PRIV: Final = {
    "DES": usmDESPrivProtocol,
    "AES": usmAesCfb128Protocol,
    "AES128": usmAesCfb128Protocol,
    "AES192": usmAesCfb192Protocol,
    "AES256": usmAesCfb256Protocol,
}


class PysnmpClient:
    """A session of pysnmp; lost requests are sent again by pysnmp."""

    def __init__(self, address: str, port: int, credentials: Credentials, timeout_s: float, retries: int) -> None:
        self._engine = SnmpEngine()
        self.retries = retries
        self._where = (address, port, timeout_s)
        self._who = _user(credentials)
        self._target: UdpTransportTarget | None = None

    async def get(self, oids: Sequence[str], at_once: int = GET_AT_ONCE) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for start in range(0, len(oids), at_once):
            wanted = [ObjectType(ObjectIdentity(oid)) for oid in oids[start : start + at_once]]
            for oid, value in await self._ask(get_cmd, *wanted):
                if not isinstance(value, NoSuchObject | NoSuchInstance | EndOfMibView):
                    found[oid] = _plain(value)
        return found

    async def walk(self, oid: str, most_rows: int, usual_rows: int = 0) -> Column:
        reader = ColumnReader(oid, most_rows)
        after = oid
        try:
            while after:
                after = await self._walk_on(reader, after)
        except (NoAnswer, BadAnswer) as error:
            if not reader.rows:
                raise
            reader.trouble = str(error)
        return reader.column()

    async def _walk_on(self, reader: ColumnReader, after: str) -> str:
        """Take one answer into `reader`; return where to go on, empty at the end."""
        answers = await self._ask(bulk_cmd, 0, _ROWS_AT_ONCE, ObjectType(ObjectIdentity(after)))
        for found, value in answers:
            if isinstance(value, EndOfMibView) or not reader.take(found, _plain(value)):
                return ""
            after = found
        return after if answers else ""

    def close(self) -> None:
        self._engine.close_dispatcher()

    async def _ask(self, command: Any, *what: Any) -> list[tuple[str, Any]]:
        if self._target is None:
            address, port, timeout_s = self._where
            self._target = await UdpTransportTarget.create((address, port), timeout_s, self.retries)
        self._target.retries = self.retries
        try:
            failed, status, _, rows = await command(
                self._engine, self._who, self._target, ContextData(), *what, lookupMib=False
            )
        except PySnmpError as error:
            raise BadAnswer(str(error)) from error
        if isinstance(failed, errind.RequestTimedOut):
            raise NoAnswer
        if failed:
            raise BadAnswer(str(failed))
        if status and int(status) != 2:  # 2, noSuchName, is how old agents say that there is nothing
            raise BadAnswer(str(status.prettyPrint()))
        return [(str(name), value) for name, value in rows]


def _user(credentials: Credentials) -> CommunityData | UsmUserData:
    if credentials.version != "3":
        return CommunityData(credentials.community, mpModel=1)
    more: dict[str, Any] = {}
    if credentials.auth:
        more |= {"authKey": credentials.auth_key, "authProtocol": _protocol(_AUTH, credentials.auth)}
    if credentials.priv:
        more |= {"privKey": credentials.priv_key, "privProtocol": _protocol(_PRIV, credentials.priv)}
    return UsmUserData(credentials.user, **more)


def _protocol(known: dict[str, Any], name: str) -> Any:
    key = name.upper().replace("-", "")
    if key not in known:
        raise ValueError(name)
    return known[key]


def _plain(value: Any) -> Value:
    if isinstance(value, ObjectIdentifier):
        return str(value)
    if hasattr(value, "asOctets"):
        return bytes(value.asOctets())
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
