"""Incidents: requests and alarms from the call to the review (REQUIREMENTS B1-B8)."""

from app.incident_row import IncidentRow
from app.incidents.alarms import clear_alarm, open_alarm, raise_alarm, update_alarm
from app.incidents.choices import CiChoice, PersonChoice, cis, people
from app.incidents.ending import close, mark_as_noise, reopen, resolve
from app.incidents.escalation import escalate, escalate_due, expire_acknowledgements
from app.incidents.handling import (
    Acknowledged,
    IncidentWords,
    acknowledge,
    acknowledge_many,
    add_note,
    assign,
    correct,
    record_notification,
    set_grade,
)
from app.incidents.opening import IncidentDraft, create, open_incident, register_call
from app.incidents.queue import (
    Ringing,
    Sort,
    Summary,
    Tab,
    count,
    counts,
    next_unacknowledged,
    page,
    rows,
    summary,
)
from app.incidents.records import detail, ledger, notifications, of_ci, similar, timeline
from app.incidents.rows import EventRow, IncidentDetail, LedgerRow, NotificationRow, Similar
from app.incidents.statistics import IncidentFigures, figures

__all__ = [
    "Acknowledged",
    "CiChoice",
    "EventRow",
    "IncidentDetail",
    "IncidentDraft",
    "IncidentFigures",
    "IncidentRow",
    "IncidentWords",
    "LedgerRow",
    "NotificationRow",
    "PersonChoice",
    "Ringing",
    "Similar",
    "Sort",
    "Summary",
    "Tab",
    "acknowledge",
    "acknowledge_many",
    "add_note",
    "assign",
    "cis",
    "clear_alarm",
    "close",
    "correct",
    "count",
    "counts",
    "create",
    "detail",
    "escalate",
    "escalate_due",
    "expire_acknowledgements",
    "figures",
    "ledger",
    "mark_as_noise",
    "next_unacknowledged",
    "notifications",
    "of_ci",
    "open_alarm",
    "open_incident",
    "page",
    "people",
    "raise_alarm",
    "record_notification",
    "register_call",
    "reopen",
    "resolve",
    "rows",
    "set_grade",
    "similar",
    "summary",
    "timeline",
    "update_alarm",
]
