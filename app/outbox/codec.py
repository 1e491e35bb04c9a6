"""Arguments of commands as JSON and back: the one border of the outbox's file.

A value is written plainly and read by the command's own signature, so the file can't name a type of its own.
"""

import dataclasses
import inspect
import types
import typing
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Union


class Unreadable(Exception):
    """What the file holds does not fit the command: it was written by another version, or changed by hand."""


def encode(value: Any) -> Any:
    """Return `value` as what JSON can say. Raises TypeError for a type that no kept command has."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (date, uuid.UUID)):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: encode(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [encode(each) for each in value]
    raise TypeError(f"{type(value).__name__} can't be kept in an outbox")


def decode(data: Any, kind: Any) -> Any:
    """Return the value of the type `kind` that `data` says. Raises Unreadable."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(data, inside)
    if origin in (tuple, Sequence, list):
        return _sequence(data, inside[0])
    if kind in _PLAIN:
        return _plain(data, kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _made(kind, data)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(data, kind)
    raise TypeError(f"{kind} can't be kept in an outbox")


def bound(command: Callable[..., Any], args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by parameter name, as JSON; the transaction is not among them."""
    given = inspect.signature(command).bind(None, *args, **values).arguments
    return {name: encode(given[name]) for name in list(given)[1:]}


def restored(command: Callable[..., Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that `bound` wrote. Raises Unreadable."""
    kinds = parameters(command)
    if not data.keys() <= kinds.keys():
        raise Unreadable(", ".join(sorted(data.keys() - kinds.keys())))
    return {name: decode(value, kinds[name]) for name, value in data.items()}


@lru_cache
def parameters(command: Callable[..., Any]) -> dict[str, Any]:
    """Return the types of a command's parameters after the transaction."""
    hints = typing.get_type_hints(command)
    return {name: hints[name] for name in list(inspect.signature(command).parameters)[1:]}


_PLAIN: dict[Any, type] = {int: int, str: str, bool: bool, datetime: str, date: str, uuid.UUID: str}
"""What JSON says each in."""


def _plain(data: Any, kind: type) -> Any:
    if type(data) is not _PLAIN[kind]:
        raise Unreadable(f"{data!r} is no {kind.__name__}")
    if kind is datetime:
        moment = _made(datetime.fromisoformat, data)
        if moment.tzinfo is None:
            raise Unreadable(f"{data} has no time zone")
        return moment
    return data if kind in (int, str, bool) else _made(date.fromisoformat if kind is date else uuid.UUID, data)


def _made(make: Callable[[Any], Any], data: Any) -> Any:
    try:
        return make(data)
    except (ValueError, TypeError) as error:
        raise Unreadable(str(error)) from error


def _optional(data: Any, inside: tuple[Any, ...]) -> Any:
    rest = [kind for kind in inside if kind is not type(None)]
    if len(rest) != 1 or len(rest) == len(inside):
        raise TypeError(f"{inside} can't be kept in an outbox")
    return None if data is None else decode(data, rest[0])


def _sequence(data: Any, kind: Any) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise Unreadable(f"{data!r} is no list")
    return tuple(decode(each, kind) for each in data)


def _record(data: Any, kind: type) -> Any:
    kinds = typing.get_type_hints(kind)
    if not isinstance(data, dict) or not data.keys() <= kinds.keys():
        raise Unreadable(f"{data!r} is no {kind.__name__}")
    return _made(lambda given: kind(**{name: decode(value, kinds[name]) for name, value in given.items()}), data)
