"""Syslog lines of RFC 3164 and RFC 5424: a total function of any bytes, and the two framings over TCP (RFC 6587)."""

import re
from collections.abc import Iterator

from app.collector.intake.message import HOST, NOTICE, TAG, TEXT, Message
from app.text import clean, clean_line, decode
from models.enums import MessageKind

LONGEST = 65_536
"""Bytes of one message; what is longer is cut here."""
_USER_NOTICE = 13
_PRIORITY = re.compile(rb"<(\d{1,3})>")
_NEW = re.compile(r"1 (\S+) (\S+) (\S+) (\S+) (\S+) ?")
_ELEMENT = re.compile(r'\[[^\s=\]"]{1,120}(?: [^\s=\]"]{1,120}="(?:[^"\\\]]|\\.)*")*\]')
_OLD_TIME = re.compile(
    r"(?:(?:\d{4} )?[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?:? "
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)? )"
)
_OLD_HOST = re.compile(r"([^\s:\[\]]{1,255}) (?=\S)")
_OLD_TAG = re.compile(r"([^\s:\[\]]{1,120})(?:\[[^\]\s]{0,40}\])?: ?")


def parse(data: bytes) -> Message:
    """Return the message of one datagram or frame; what follows no standard is kept whole, as a notice."""
    data = data[:LONGEST].rstrip(b"\r\n\0")
    found = _PRIORITY.match(data)
    priority = int(found[1]) if found else _USER_NOTICE
    if priority > 191:
        priority, found = _USER_NOTICE, None
    text = decode(data[found.end() :] if found else data)
    new = _NEW.match(text) if found else None
    host, tag, words = _new(text, new) if new else _old(text)
    line = clean_line(host, HOST)
    return Message(
        MessageKind.SYSLOG,
        priority & 7 if found else NOTICE,
        clean_line(tag, TAG),
        clean(words, TEXT),
        line,
        (line,) if line else (),
    )


def _new(text: str, head: re.Match[str]) -> tuple[str, str, str]:
    """Return host, program and message of RFC 5424, whose structured data stays out of the message."""
    place = head.end()
    if text.startswith("- ", place) or text[place:] == "-":
        place += 2
    else:
        while (element := _ELEMENT.match(text, place)) is not None:
            place = element.end()
    host, tag = head[2], head[3]
    return "" if host == "-" else host, "" if tag == "-" else tag, text[place:].lstrip("\ufeff ")


def _old(text: str) -> tuple[str, str, str]:
    """Return host, program and message of RFC 3164, as far as the line follows it."""
    time = _OLD_TIME.match(text)
    if time is None:
        tag = _OLD_TAG.match(text)
        return ("", tag[1], text[tag.end() :]) if tag else ("", "", text)
    place, host = time.end(), ""
    named = _OLD_HOST.match(text, place)
    if named is not None:
        host, place = named[1], named.end()
    tag = _OLD_TAG.match(text, place)
    return (host, tag[1], text[tag.end() :]) if tag else (host, "", text[place:])


class Frames:
    """Cuts a TCP stream into messages: octet-counted frames, or lines; each frame says which by its first byte."""

    def __init__(self) -> None:
        self._left = b""
        self._skips = 0

    def take(self, data: bytes) -> Iterator[bytes]:
        """Yield the whole messages so far. What never ends is given out in pieces of LONGEST."""
        self._left += data
        while self._left:
            frame = self._next()
            if frame is None:
                return
            if frame.strip(b"\r\n\0 "):
                yield frame

    def rest(self) -> bytes:
        """Return what the sender had begun when the stream ended."""
        left, self._left = self._left, b""
        return left

    def _next(self) -> bytes | None:
        if self._skips:
            taken = min(self._skips, len(self._left))
            self._left, self._skips = self._left[taken:], self._skips - taken
            return b""
        counted = re.match(rb"([1-9]\d{0,8}) ", self._left)
        if counted is not None:
            return self._counted(int(counted[1]), counted.end())
        if self._left[:1].isdigit() and re.fullmatch(rb"[1-9]\d{0,8}", self._left):
            return None
        end = self._left.find(b"\n")
        if end < 0 and len(self._left) < LONGEST:
            return None
        end = min(end if end >= 0 else LONGEST, LONGEST)
        frame, self._left = self._left[:end], self._left[end:].removeprefix(b"\n")
        return frame

    def _counted(self, length: int, begin: int) -> bytes | None:
        """Return a frame of `length` octets once it is whole; of an overlong one the head, its rest is skipped."""
        wanted = min(length, LONGEST)
        if len(self._left) < begin + wanted:
            return None
        frame, self._left = self._left[begin : begin + wanted], self._left[begin + wanted :]
        self._skips = length - wanted
        return frame
