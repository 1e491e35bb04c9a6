"""What an entry of the outbox says, in words: its kind, its content, and its fields beside the record's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.outbox.entry import Entry
from app.times import full_moment
from app.words import label, tr
from models.enums import Word

UNSAID = frozenset({"key", "version", "id", "search", "registered_by", "person_id"})
"""What only the program needs."""


@dataclass(frozen=True, slots=True)
class Side:
    """One field: as it was entered, and as the record has it now (empty where the record has no such field)."""

    field: str
    entered: str
    present: str

    @property
    def id(self) -> str:
        return self.field

    @property
    def title(self) -> str:
        """What the field is called on the screen."""
        return field_titles().get(self.field, self.field)


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


def field_titles() -> dict[str, str]:
    """Return what the fields of kept entries and of their records are called."""
    return {
        "visit_id": tr("Visit", context="kept"),
        "room_id": tr("Machine room", context="kept"),
        "purpose": tr("Purpose", context="kept"),
        "members": tr("People", context="kept"),
        "member_ids": tr("Who leaves", context="kept"),
        "unit": tr("Unit", context="kept"),
        "headcount": tr("Headcount", context="kept"),
        "is_own_staff": tr("The room's own staff", context="kept"),
        "approver": tr("Approved by", context="kept"),
        "approval": tr("Approval", context="kept"),
        "escort": tr("Escort", context="kept"),
        "escort_id": tr("Escort, by number", context="kept"),
        "linked": tr("Incident or work order", context="kept"),
        "items": tr("Carried items", context="kept"),
        "remarks": tr("Remarks", context="kept"),
        "planned_until": tr("Planned until", context="kept"),
        "entered_at": tr("Entered", context="kept"),
        "left_at": tr("Left", context="kept"),
        "happened_at": tr("Happened", context="kept"),
        "incident_id": tr("Incident", context="kept"),
        "incident_ids": tr("Incidents", context="kept"),
        "work_order_id": tr("Work order", context="kept"),
        "reason": tr("Reason", context="kept"),
        "expires_at": tr("Holds until", context="kept"),
        "text": tr("Text", context="kept"),
        "kind": tr("Kind", context="kept"),
        "inspection_id": tr("Inspection", context="kept"),
        "item_code": tr("Item", context="kept"),
        "item": tr("Item", context="kept"),
        "value": tr("Value", context="kept"),
        "note": tr("Note", context="kept"),
        "measured_at": tr("Measured", context="kept"),
        "is_abnormal": tr("Judged abnormal", context="kept"),
        "result": tr("Result", context="kept"),
        "state": tr("State", context="kept"),
        "number": tr("Number", context="kept"),
        "title": tr("Title", context="kept"),
        "grade": tr("Grade", context="kept"),
        "severity": tr("Severity", context="kept"),
        "priority": tr("Priority", context="kept"),
        "source": tr("Source", context="kept"),
        "ci_id": tr("Device", context="kept"),
        "description": tr("Description", context="kept"),
        "acknowledged_at": tr("Acknowledged", context="kept"),
        "acknowledged_by": tr("Acknowledged by", context="kept"),
        "acknowledge_reason": tr("Reason of the acknowledgement", context="kept"),
        "assignee_id": tr("Assigned to", context="kept"),
        "escalation_level": tr("Escalation", context="kept"),
        "announced_for": tr("Announced for", context="kept"),
    }


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


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(\+\d\d:\d\d|Z)$")
"""A time as `app.outbox.codec` writes it."""
_PAPERS = frozenset({"certificate_number", "sealed_certificate", "certificate_mask"})
"""Visitors' papers are never shown."""


def _text(value: Any) -> str:
    """Return a value as people read it."""
    match value:
        case None:
            return ""
        case bool():
            return tr("yes") if value else tr("no")
        case datetime():
            return full_moment(value)
        case Word():
            return label(value)
        case str() if _MOMENT.match(value):
            return full_moment(datetime.fromisoformat(value))
    return str(value)
