"""Traps and informs of SNMP v1, v2c and v3: what a packet says, and what an inform is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from app.collector.intake import ber
from app.collector.intake.ber import BadBer, Reader
from app.collector.intake.message import NOTICE, TAG, TEXT, Message
from app.text import clean, clean_line, decode
from models.enums import MessageKind

V1, V2C, V3 = 0, 1, 3
TRAP_V1, RESPONSE, INFORM, TRAP_V2 = 0xA4, 0xA2, 0xA6, 0xA7
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
UPTIME_OID = "1.3.6.1.2.1.1.3.0"
STANDARD_TRAPS = "1.3.6.1.6.3.1.1.5"
_ENTERPRISE_SPECIFIC = 6
_MOST_VALUES = 200
_LONGEST_VALUE = 1_000
_UNSIGNED = (ber.COUNTER, ber.GAUGE, ber.TICKS, ber.COUNTER64)
_QUIET = (UPTIME_OID, TRAP_OID)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a packet says: the trap's OID, its variables in order, and who sent it first, where it says so."""

    is_inform: bool
    oid: str
    values: Sequence[tuple[str, str]]
    agent: str = ""


def parse(data: bytes) -> tuple[bytes, bytes]:
    """Return the PDU of a packet of v1 or v2c and, for an inform, the answer that acknowledges it (else nothing).

    Raises BadBer, and nothing else, for what is no such packet.
    """
    whole = Reader.of(data).enter()
    version = whole.integer()
    if version not in (V1, V2C):
        raise BadBer("another version")
    community = whole.octets()
    begin = whole.place
    notice = read_pdu(whole)
    pdu = data[begin : whole.place]
    if not notice.is_inform:
        return pdu, b""
    return pdu, ber.sequence((ber.integer(version), ber.element(ber.OCTETS, community), answer(pdu)))


def read_pdu(at: Reader) -> Notice:
    """Return what the notification PDU says that comes next. Raises BadBer."""
    tag, begin, end = at.take()
    pdu = Reader(at.data, begin, end)
    if tag == TRAP_V1:
        return _v1(pdu)
    if tag not in (TRAP_V2, INFORM):
        raise BadBer("no notification")
    for _ in ("request", "error", "place of the error"):
        pdu.integer()
    values = _variables(pdu)
    oid = next((value for name, value in values if name == TRAP_OID), "")
    return Notice(tag == INFORM, oid, values)


def answer(pdu: bytes) -> bytes:
    """Return the response PDU to an inform: the same but for its tag."""
    return bytes((RESPONSE,)) + pdu[1:]


def message(notice: Notice) -> Message:
    """Return the message that is kept: the variables as lines, the agent's own address before the packet's."""
    values = {name: value for name, value in notice.values if name not in _QUIET}
    text = "\n".join(f"{name} = {value}" for name, value in values.items())
    kind = MessageKind.INFORM if notice.is_inform else MessageKind.TRAP
    places = (notice.agent,) if notice.agent else ()
    return Message(kind, NOTICE, notice.oid[:TAG], clean(text, TEXT), "", places, values)


def _v1(pdu: Reader) -> Notice:
    """Return a v1 trap in the terms of v2 (RFC 3584, 3.1)."""
    enterprise, address = pdu.oid(), pdu.octets(ber.ADDRESS)
    generic, specific = pdu.integer(), pdu.integer()
    pdu.octets(ber.TICKS)
    is_standard = 0 <= generic < _ENTERPRISE_SPECIFIC
    oid = f"{STANDARD_TRAPS}.{generic + 1}" if is_standard else f"{enterprise}.0.{specific}"
    agent = str(IPv4Address(address)) if len(address) == 4 and any(address) else ""
    return Notice(False, oid, _variables(pdu), agent)


def _variables(pdu: Reader) -> list[tuple[str, str]]:
    inner = pdu.enter()
    found: list[tuple[str, str]] = []
    while not inner.is_done and len(found) < _MOST_VALUES:
        pair = inner.enter()
        name = pair.oid()
        tag, begin, end = pair.take()
        found.append((name, _value(tag, pair.data[begin:end])))
    return found


def _value(tag: int, octets: bytes) -> str:
    if tag == ber.INTEGER:
        return str(ber.signed(octets))
    if tag in _UNSIGNED:
        return str(ber.unsigned(octets))
    if tag == ber.OID:
        return ber.oid_text(octets)
    if tag == ber.ADDRESS and len(octets) == 4:
        return str(IPv4Address(octets))
    if tag == ber.OCTETS:
        return _text(octets[:_LONGEST_VALUE])
    return octets[:_LONGEST_VALUE].hex(" ")


def _text(octets: bytes) -> str:
    """Return octets as text where they are text, in UTF-8 or GBK, else as hexadecimal pairs."""
    body = octets.rstrip(b"\0")
    if not any(octet < 32 and octet not in (9, 10, 13) for octet in body):
        text = clean_line(decode(body), _LONGEST_VALUE)
        if "\ufffd" not in text and (body.isascii() or any(character > "\u00ff" for character in text)):
            return text
    return octets.hex(" ")
