"""Is a draft fit to be kept? Pure rules, the same for forms and for sheets; each refusal names its field."""

import ipaddress
import math
import re
from dataclasses import replace
from datetime import date
from typing import Any

from app.ci_classes import Attribute, AttributeKind, catalogue, class_of
from app.cmdb.rows import CiDraft, PlaceDraft
from app.errors import BadInput
from app.text import clean, clean_line
from app.words import tr
from models.enums import PlaceKind

NAME_LIMIT = 120
LINE_LIMIT = 250
RACK_U_LIMIT = 100.0
FIRST_YEAR, LAST_YEAR = 1970, 2099
LINES = ("code", "maker", "model", "serial", "firmware", "supplier", "purpose", "persons_allowed")

_HOST = re.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$")
_LOOKS_LIKE_IP = re.compile(r"[\d.]+$")


def checked(draft: CiDraft) -> CiDraft:
    """Return `draft` cleaned. Raises BadInput with the field that can't be kept."""
    if draft.class_name not in catalogue().classes:
        raise BadInput(tr("There is no class “{name}”.", name=clean_line(draft.class_name, 40)), "class_name")
    for name in ("bought_on", "warranty_until"):
        _check_year(getattr(draft, name), name)
    lines: dict[str, Any] = {name: _line(getattr(draft, name), name) for name in LINES}
    return replace(
        draft,
        name=_name(draft.name),
        address=address(draft.address),
        note=clean(draft.note),
        u_bottom=_units(draft.u_bottom, "u_bottom", 1.0),
        u_height=_units(draft.u_height, "u_height", 0.0),
        attributes=attributes(draft.class_name, draft.attributes),
        **lines,
    )


def checked_place(draft: PlaceDraft) -> PlaceDraft:
    """Return `draft` cleaned. Raises BadInput with the field that can't be kept."""
    is_rack = draft.kind is PlaceKind.RACK
    height = _units(draft.height_u, "height_u", 1.0) if is_rack else None
    if is_rack and height is None:
        raise BadInput(tr("A rack needs its height in U, for example 42."), "height_u")
    room_class = draft.room_class.strip().upper() if draft.kind is PlaceKind.ROOM else ""
    if room_class not in ("", "A", "B", "C"):
        raise BadInput(tr("A room's class is A, B or C."), "room_class")
    return replace(draft, name=_name(draft.name), height_u=height, room_class=room_class, note=clean(draft.note))


def address(text: str) -> str:
    """Return an IP address or host name as it is kept. Raises BadInput for anything else."""
    line = clean_line(text)
    if not line:
        return ""
    bare = line.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    if _LOOKS_LIKE_IP.match(line) or not _HOST.match(line):
        raise BadInput(tr("“{text}” is no address: give an IP address or a host name.", text=line[:60]), "address")
    return line.lower()


def attributes(class_name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the class's own fields typed, empty ones left out. Raises BadInput with the attribute's name.

    Fields that the class does not have are kept as they are: another version of the program may know them.
    """
    known = {attribute.name: attribute for attribute in class_of(class_name).attributes}
    kept: dict[str, Any] = {}
    for name, value in given.items():
        kept_value = attribute_value(known[name], value) if name in known else value
        if kept_value not in (None, ""):
            kept[name] = kept_value
    return kept


def attribute_value(attribute: Attribute, value: Any) -> str | float | None:
    """Return one attribute's value as it is kept; a number may come as text, a choice by one of its labels."""
    if value is None or value == "":
        return None
    if attribute.kind is AttributeKind.NUMBER:
        return number(value, attribute.name)
    if attribute.kind is AttributeKind.DATE:
        return day(value, attribute.name).isoformat()
    text = _line(str(value), attribute.name)
    if attribute.kind is AttributeKind.CHOICE:
        return _choice(attribute, text)
    return text or None


def number(value: Any, field: str) -> float:
    """Return a finite number. Raises BadInput."""
    try:
        found = float(str(value).strip().replace(",", ""))
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or abs(found) > 1e15:
        raise BadInput(tr("“{text}” is no number.", text=clean_line(str(value), 40)), field)
    return found


def day(value: Any, field: str) -> date:
    """Return a date from a date or an ISO-like text (2026-11-23, 2026/11/23, 2026年11月23日). Raises BadInput."""
    if isinstance(value, date):
        found = date(value.year, value.month, value.day)
    else:
        parts = re.fullmatch(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(?:日|[ T].*)?", str(value).strip())
        try:
            found = date(*map(int, parts.groups())) if parts else date.min
        except ValueError:
            found = date.min
        if found == date.min:
            raise BadInput(tr("“{text}” is no date: write it as 2026-11-23.", text=clean_line(str(value), 40)), field)
    _check_year(found, field)
    return found


def _choice(attribute: Attribute, text: str) -> str | None:
    if not text:
        return None
    for choice in attribute.choices:
        if text.casefold() in (choice.name.casefold(), choice.en.casefold(), choice.zh_cn.casefold()):
            return choice.name
    offered = ", ".join(choice.label for choice in attribute.choices)
    raise BadInput(tr("“{text}” is none of: {choices}.", text=text[:40], choices=offered), attribute.name)


def _name(text: str) -> str:
    name = clean_line(text, 1_000)
    if not name:
        raise BadInput(tr("A name is needed.", context="ci"), "name")
    if len(name) > NAME_LIMIT:
        raise BadInput(tr("The name is longer than {n} characters.", n=NAME_LIMIT), "name")
    return name


def _line(text: str, field: str) -> str:
    line = clean_line(text, 10_000)
    if len(line) > LINE_LIMIT:
        raise BadInput(tr("This is longer than {n} characters.", n=LINE_LIMIT), field)
    return line


def _units(value: float | None, field: str, least: float) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value) or not least <= value <= RACK_U_LIMIT:
        raise BadInput(tr("Give U between {least} and {most}.", least=least, most=RACK_U_LIMIT), field)
    return round(value, 2)


def _check_year(value: date | None, field: str) -> None:
    if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise BadInput(
            tr("The year {year} lies outside {first} to {last}.", year=value.year, first=FIRST_YEAR, last=LAST_YEAR),
            field,
        )
