"""What an entry of the outbox says, in words: its kind, its content, and its fields beside the record's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.outbox.entry import Entry
from app.words import tr

UNSAID = frozenset({"key", "version", "id"})


@dataclass(frozen=True, slots=True)
class Side:
    """One field: as it was entered, and as the record has it now (empty where the record has no such field)."""

    field: str
    entered: str
    present: str

    @property
    def id(self) -> str:
        return self.field


def title(entry: Entry) -> str:
    """Return what kind of entry it is."""
    titles = {
        "access.commands.enter": tr("Visitor in"),
        "access.commands.let_in": tr("Announced visitor in"),
        "access.commands.leave": tr("Visitor out"),
        "incidents.handling.acknowledge": tr("Acknowledgement"),
        "incidents.handling.acknowledge_many": tr("Acknowledgement"),
        "incidents.handling.add_note": tr("Note on an incident"),
        "duty.shift_log.write": tr("Line of the shift log", context="kept"),
        "inspections.filling.set_value": tr("Inspection result"),
    }
    return titles.get(entry.command, entry.command)


def content(entry: Entry) -> str:
    """Return the entry's texts in one line."""
    return " · ".join(text for name, text in _flat(entry.arguments) if text and name not in UNSAID)


def sides(entry: Entry) -> list[Side]:
    """Return the entry's fields beside those of the record as it was when the entry met it."""
    entered = {name: text for name, text in _flat(entry.arguments) if name not in UNSAID}
    present = {name: _text(value) for name, value in entry.theirs.items() if name not in UNSAID}
    return [Side(name, entered.get(name, ""), present.get(name, "")) for name in {**entered, **present}]


def _flat(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of the arguments by name; those of a form's record stand beside the others."""
    found: list[tuple[str, str]] = []
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            found += _flat(value)
        elif isinstance(value, list):
            texts = (_flat(each) if isinstance(each, Mapping) else [("", _text(each))] for each in value)
            found.append((name, "、".join(" ".join(t for n, t in each if t and n not in _PAPERS) for each in texts)))
        elif name not in _PAPERS:
            found.append((name, _text(value)))
    return found


_PAPERS = frozenset({"certificate_number", "sealed_certificate", "certificate_mask"})
"""Visitors' papers are never shown."""


def _text(value: Any) -> str:
    return "" if value is None else str(value)
