"""SNMPv3 notifications under the user security model (RFC 3412, 3414, 3826, 7860), as their receiver sees them.

A trap is secured by its sender's engine, an inform by ours: who sends an inform asks first who we are and how late it
is with us, and is told so in reports.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from app.collector.intake import ber, traps
from app.collector.intake.ber import BadBer, Reader

AUTHS: Mapping[str, tuple[str, int]] = {
    "MD5": ("md5", 12),
    "SHA": ("sha1", 12),
    "SHA224": ("sha224", 16),
    "SHA256": ("sha256", 24),
    "SHA384": ("sha384", 32),
    "SHA512": ("sha512", 48),
}
PRIVS = ("DES", "AES")
WINDOW_S = 150
_AUTH, _PRIV, _REPORTABLE = 1, 2, 4
_REPORT = 0xA8
_UNKNOWN_ENGINE, _NOT_IN_TIME = "1.3.6.1.6.3.15.1.1.4.0", "1.3.6.1.6.3.15.1.1.2.0"
_EXPANDED = 1_048_576
_USM = 3


@dataclass(frozen=True, slots=True)
class User:
    """A user whose notifications are taken; protocols "" for none, passwords as they are typed."""

    name: str
    auth: str = ""
    auth_key: str = ""
    priv: str = ""
    priv_key: str = ""


@dataclass(frozen=True, slots=True)
class _Packet:
    number: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: str
    auth: bytes
    auth_place: int
    priv: bytes
    content: bytes
    is_sealed: bool


def is_v3(data: bytes) -> bool:
    """Tell whether a packet names version 3."""
    try:
        return Reader.of(data).enter().integer() == traps.V3
    except BadBer:
        return False


class Engine:
    """Our engine as the receiver of informs, and the users that are known."""

    def __init__(self, engine_id: bytes, clock: Callable[[], float] = time.time) -> None:
        self._id, self._clock = engine_id, clock
        self._began = clock()
        self.users: Mapping[str, User] = {}

    @property
    def _boots(self) -> int:
        """A number that rises with every start: the minute in which this one began, since 2020."""
        return max(1, int(self._began - 1_577_836_800) // 60)

    @property
    def _time(self) -> int:
        return max(0, int(self._clock() - self._began))

    def parse(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the notification's PDU and its answer, as `traps.parse` does; of a question to us just the answer.

        Raises BadBer for what is no notification of a known user, is not signed or sealed as that user's, or is old.
        """
        packet = _read(data)
        if not packet.engine_id or (packet.flags & _REPORTABLE and packet.engine_id != self._id):
            if not packet.flags & _REPORTABLE:
                raise BadBer("no engine")
            return b"", self._report(packet, _UNKNOWN_ENGINE, None)
        user = self._user_of(packet)
        _check_signature(data, packet, user)
        if packet.engine_id == self._id and user.auth and not self._is_in_time(packet):
            return b"", self._report(packet, _NOT_IN_TIME, user)
        scoped = _unsealed(packet, user)
        inner = Reader.of(scoped).enter()
        context_engine, context_name = inner.octets(), inner.octets()
        begin = inner.place
        notice = traps.read_pdu(inner)
        pdu = scoped[begin : inner.place]
        if not notice.is_inform:
            return pdu, b""
        parts = (ber.element(ber.OCTETS, context_engine), ber.element(ber.OCTETS, context_name), traps.answer(pdu))
        return pdu, self._signed(packet.number, user, ber.sequence(parts), seals=bool(user.priv))

    def _user_of(self, packet: _Packet) -> User:
        user = self.users.get(packet.user)
        wanted = _AUTH * bool(user and user.auth) | _PRIV * bool(user and user.priv)
        if user is None or packet.flags & (_AUTH | _PRIV) != wanted:
            raise BadBer("no such user, or less secured than agreed")
        return user

    def _is_in_time(self, packet: _Packet) -> bool:
        return packet.boots == self._boots and abs(packet.time - self._time) <= WINDOW_S

    def _report(self, packet: _Packet, oid: str, user: User | None) -> bytes:
        """Return the report that tells our engine, its boots and its time."""
        pair = ber.sequence((ber.oid(oid), ber.integer(1, ber.COUNTER)))
        numbers = [ber.integer(number) for number in (packet.number, 0, 0)]
        pdu = ber.sequence((*numbers, ber.sequence([pair])), _REPORT)
        scoped = ber.sequence((ber.element(ber.OCTETS, self._id), ber.element(ber.OCTETS, b""), pdu))
        return self._signed(packet.number, user, scoped, seals=False)

    def _signed(self, number: int, user: User | None, scoped: bytes, *, seals: bool) -> bytes:
        is_signed = user is not None and bool(user.auth)
        salt, content = b"", scoped
        if seals and user is not None:
            salt = hashlib.sha256(f"{self._clock()}{number}".encode()).digest()[:8]
            sealed = _sealed(user, self._id, self._boots, self._time, salt, scoped)
            content = ber.element(ber.OCTETS, sealed)
        size = AUTHS[user.auth][1] if user is not None and is_signed else 0
        name = user.name.encode() if user is not None else b""

        def whole(signature: bytes) -> bytes:
            flags = bytes((_AUTH * is_signed | _PRIV * seals,))
            head = (ber.integer(number), ber.integer(65_507), ber.element(ber.OCTETS, flags), ber.integer(_USM))
            octets = [ber.element(ber.OCTETS, each) for each in (self._id, name, signature, salt)]
            security = ber.sequence((octets[0], ber.integer(self._boots), ber.integer(self._time), *octets[1:]))
            parts = (ber.integer(traps.V3), ber.sequence(head), ber.element(ber.OCTETS, security), content)
            return ber.sequence(parts)

        blank = whole(bytes(size))
        return whole(_signature(blank, user, self._id)) if user is not None and is_signed else blank


def _read(data: bytes) -> _Packet:
    whole = Reader.of(data).enter()
    whole.integer()
    head = whole.enter()
    number, _size, flags, model = head.integer(), head.integer(), head.octets(), head.integer()
    if len(flags) != 1 or model != _USM or not 0 <= number < 2**31:
        raise BadBer("another security model")
    security = whole.enter(ber.OCTETS).enter()
    engine_id, boots, at = security.octets(), security.integer(), security.integer()
    user, auth = security.octets(), security.octets()
    auth_place = security.place - len(auth)
    priv = security.octets()
    is_sealed = bool(flags[0] & _PRIV)
    begin = whole.place
    content = whole.octets() if is_sealed else data[begin : whole.take()[2]]
    if len(engine_id) > 32 or len(user) > 32:
        raise BadBer("too long")
    name = user.decode("utf-8", "replace")
    return _Packet(number, flags[0], engine_id, boots, at, name, auth, auth_place, priv, content, is_sealed)


def _check_signature(data: bytes, packet: _Packet, user: User) -> None:
    if not user.auth:
        return
    place, size = packet.auth_place, AUTHS[user.auth][1]
    if len(packet.auth) != size:
        raise BadBer("no signature")
    blank = data[:place] + bytes(size) + data[place + size :]
    if not hmac.compare_digest(_signature(blank, user, packet.engine_id), packet.auth):
        raise BadBer("wrong signature")


def _signature(blank: bytes, user: User, engine_id: bytes) -> bytes:
    name, size = AUTHS[user.auth]
    return hmac.new(_key(name, user.auth_key, engine_id), blank, name).digest()[:size]


def _unsealed(packet: _Packet, user: User) -> bytes:
    if not packet.is_sealed:
        return packet.content
    if len(packet.priv) != 8:
        raise BadBer("no salt")
    if not (0 <= packet.boots < 2**31 and 0 <= packet.time < 2**31):
        raise BadBer("bad time")
    if user.priv == "DES" and (not packet.content or len(packet.content) % 8):
        raise BadBer("no whole blocks")
    cipher = _cipher(user, packet.engine_id, packet.boots, packet.time, packet.priv)
    decryptor = cipher.decryptor()
    return decryptor.update(packet.content) + decryptor.finalize()


def _sealed(user: User, engine_id: bytes, boots: int, at: int, salt: bytes, scoped: bytes) -> bytes:
    padded = scoped + bytes(-len(scoped) % 8) if user.priv == "DES" else scoped
    encryptor = _cipher(user, engine_id, boots, at, salt).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _cipher(user: User, engine_id: bytes, boots: int, at: int, salt: bytes) -> "Cipher[CBC] | Cipher[CFB]":
    key = _key(AUTHS[user.auth][0], user.priv_key, engine_id)
    if user.priv == "DES":
        vector = bytes(a ^ b for a, b in zip(key[8:16], salt, strict=True))
        return Cipher(TripleDES(key[:8] * 3), CBC(vector))
    return Cipher(AES(key[:16]), CFB(boots.to_bytes(4, "big") + at.to_bytes(4, "big") + salt))


@lru_cache(maxsize=64)
def _secret(name: str, password: str) -> bytes:
    """Return the digest of a password written out to a megabyte (RFC 3414, A.2)."""
    octets = password.encode("utf-8") or b"\0"
    return hashlib.new(name, (octets * (_EXPANDED // len(octets) + 1))[:_EXPANDED]).digest()


@lru_cache(maxsize=4_096)
def _key(name: str, password: str, engine_id: bytes) -> bytes:
    secret = _secret(name, password)
    return hashlib.new(name, secret + engine_id + secret).digest()
