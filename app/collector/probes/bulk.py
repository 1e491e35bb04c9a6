"""Thousands of datagrams with few system calls: Linux's sendmmsg and recvmmsg over arrays that lie ready.

A step of Python a packet costs more than the kernel's own work on it. Where the system lacks these calls (`can` is
False) `wire` sends and receives one by one.
"""

import ctypes
import os
import socket
import sys
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_ADDRESS: Final = np.dtype([("family", "u2"), ("port", "u2"), ("host", "u4"), ("zero", "u8")])
_PIECE: Final = np.dtype([("start", "u8"), ("size", "u8")])
_MESSAGE: Final = np.dtype(
    [
        *(("name", "u8"), ("name_size", "u8"), ("pieces", "u8"), ("piece_count", "u8")),
        *(("control", "u8"), ("control_size", "u8"), ("flags", "u8"), ("came", "u8")),
    ]
)
"""struct mmsghdr as 64-bit little-endian systems lay it out: its 32-bit fields are followed by 32 bits of nothing."""


@lru_cache(maxsize=1)
def can() -> bool:
    """Tell whether this system has both calls in the form that is known here."""
    is_known = sys.platform == "linux" and sys.byteorder == "little" and ctypes.sizeof(ctypes.c_void_p) == 8
    return is_known and hasattr(_system(), "sendmmsg") and hasattr(_system(), "recvmmsg")


@lru_cache(maxsize=1)
def _system() -> Any:
    return ctypes.CDLL(None, use_errno=True)


class Outbox:
    """`packets`, a row each, to the IPv4 hosts of `hosts` (four bytes each, as on the wire)."""

    def __init__(self, descriptor: int, hosts: bytes, packets: Bytes) -> None:
        self._descriptor = descriptor
        self._to = np.zeros(len(packets), _ADDRESS)
        self._to["family"], self._to["host"] = socket.AF_INET, np.frombuffer(hosts, "u4")
        self._messages = _Messages(packets)
        self._messages.headers["name"] = _places(self._to)
        self._messages.headers["name_size"] = _ADDRESS.itemsize

    def send(self, start: int, stop: int) -> int:
        """Send rows `start` to `stop` and return how many went; raises OSError when the first of them can't."""
        went = _system().sendmmsg(self._descriptor, self._messages.at(start), stop - start, socket.MSG_DONTWAIT)
        if went < 0:
            raise _failure()
        return int(went)


class Inbox:
    """Room for `count` datagrams of at most `size` bytes; a longer one is cut."""

    def __init__(self, descriptor: int, count: int, size: int) -> None:
        self._descriptor = descriptor
        self._rows = np.zeros((count, size), np.uint8)
        self._messages = _Messages(self._rows)

    def receive(self) -> tuple[Bytes, NDArray[np.uint64]]:
        """Return what is there, a row each until the next call, and how long each is. Raises OSError, BlockingIOError
        where nothing is."""
        room = len(self._rows)
        came = _system().recvmmsg(self._descriptor, self._messages.at(0), room, socket.MSG_DONTWAIT, None)
        if came < 0:
            raise _failure()
        return self._rows[:came], self._messages.headers["came"][:came]


class _Messages:
    """Message headers that point at the rows of `packets`, which live as long."""

    def __init__(self, packets: Bytes) -> None:
        self._packets = packets
        self._pieces = np.zeros(len(packets), _PIECE)
        self._pieces["start"], self._pieces["size"] = _places(packets), packets.shape[1]
        self.headers = np.zeros(len(packets), _MESSAGE)
        self.headers["pieces"], self.headers["piece_count"] = _places(self._pieces), 1
        self._begin = self.headers.ctypes.data

    def at(self, place: int) -> ctypes.c_void_p:
        return ctypes.c_void_p(self._begin + place * _MESSAGE.itemsize)


def _places(rows: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the address of each row in memory."""
    return rows.ctypes.data + np.arange(len(rows), dtype=np.uint64) * np.uint64(rows.strides[0])


def _failure() -> OSError:
    """Return what errno says, as the kind of OSError that Python would raise."""
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
