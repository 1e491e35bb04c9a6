"""What devices send, made into text and figures; nothing here raises on garbage."""

import re
from functools import lru_cache
from typing import Final

from app.collector.probes.snmp.client import Value
from app.text import clean, decode

NOT_AVAILABLE: Final = frozenset({4294967295.0, 2147483647.0, -2147483648.0, 18446744073709551615.0})
"""What agents say for "I don't know", whatever the object; a family adds its own (65535, -1 ...)."""

_NUMBER: Final = re.compile(r"^\s*([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2})?)")
_LONGEST_TEXT: Final = 2000
_SHORT: Final = 64


def text(value: Value) -> str:
    """Return clean text: UTF-8, else GB18030, else Latin-1; without control and bidi characters."""
    if value is None:
        return ""
    if not isinstance(value, bytes):
        return str(value)
    return _worded(value) if len(value) <= _SHORT else _read(value)


def _read(octets: bytes) -> str:
    return clean(decode(octets.rstrip(b"\x00")), _LONGEST_TEXT).strip('"').strip()


_worded = lru_cache(8192)(_read)
"""The names of ports are asked for at each poll, and switches call theirs alike."""


def number(value: Value) -> float | None:
    """Return the figure that `value` is or begins with ("9.68A" is 9.68), else None."""
    if isinstance(value, int | float):
        return float(value) if abs(value) < 2.0**70 else None
    if value is None:
        return None
    found = _NUMBER.match(value.decode("latin-1") if isinstance(value, bytes) else value)
    return float(found.group(1)) if found else None


def count(value: Value) -> int | None:
    """Return a counter's reading exactly (a float would lose the low bits of 64), else None."""
    if isinstance(value, int) and value >= 0:
        return value
    figure = number(value)
    return int(figure) if figure is not None and figure >= 0 else None
