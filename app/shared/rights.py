"""What each permission of the role matrix writes, and who reads what: the one source of GRANTs and policies.

A command that writes a column which its permission does not name here fails on PostgreSQL, in the tests of its subject.
"""

from dataclasses import dataclass

from app.permissions import MATRIX, Permission
from models.enums import Post
from models.schema import metadata


@dataclass(frozen=True, slots=True)
class Write:
    """What may be written in one table: new rows, and these columns of present ones. Nothing is ever deleted."""

    table: str
    adds: bool = True
    changes: tuple[str, ...] = ()


def _adds(*tables: str) -> tuple[Write, ...]:
    return tuple(Write(table) for table in tables)


def _changes(table: str, columns: str, *, adds: bool = False) -> Write:
    return Write(table, adds, tuple(columns.split()))


_HISTORY = tuple(name for name in metadata.tables if name.startswith("history_"))


def _figures() -> tuple[Write, ...]:
    """Return the writing of measured figures, which are packed and rolled up in place."""
    tables = (metadata.tables[name] for name in _HISTORY)
    return tuple(Write(t.name, changes=tuple(c.name for c in t.columns if not c.primary_key)) for t in tables)


_P = Permission
_DECIDED = _changes("difference", "version state decided_at decided_by reason work_order_id")
_NUMBERED = _changes("counter", "last", adds=True)
_CLOCK = "version state acknowledged_at acknowledged_by acknowledge_reason acknowledge_expires_at answered_at"
_ESCALATION = "acknowledge_due_at escalates_at escalation_level"
_ENDING = "resolved_at resolved_by closed_at"
_WORDS = "title description ci_id priority grade cause solution review search is_first_line assignee_id"
_OPENS_INCIDENTS = (*_adds("incident", "incident_event"), _NUMBERED)
_PLACED = "parent_id kind name height_u room_class search note version voided_at void_reason"
_CI = (
    "class_name name code state maker model device_type_id serial firmware address place_id u_bottom u_height parent_id"
    " owner_id maintainer_id supplier bought_on warranty_until purpose persons_allowed note attributes search version"
    " voided_at void_reason"
)
_ROUND = "state version template_version started_at ended_at happened_at inspector_id opinion"
_RUN = (
    "version plan_id job host format external_id expected_at started_at ended_at happened_at result size_bytes files"
    " message"
)

EVERYBODY = (
    *_adds("act", "receipt"),
    _changes("seat", "name person_id address program_version since seen_at has_left shown shows instance", adds=True),
)
"""What every identity writes: that it was refused or printed something, where it sits, and what was replayed."""

WRITES: dict[Permission, tuple[Write, ...]] = {
    _P.INCIDENT_HANDLE: (
        *_adds("incident_event", "notification"),
        _changes("incident", f"{_CLOCK} {_ESCALATION} {_ENDING} {_WORDS}"),
        _changes("work_order", "version state result assignee_id due_at", adds=True),
        _DECIDED,
        _NUMBERED,
    ),
    _P.INCIDENT_REGISTER: (
        *_OPENS_INCIDENTS,
        _changes("incident", f"{_CLOCK} {_ESCALATION} search"),
        _changes("inspection_value", "version incident_id"),
    ),
    _P.INCIDENT_CLOSE: (
        *_OPENS_INCIDENTS,
        _changes("incident", f"{_CLOCK} {_ESCALATION} {_ENDING} review satisfaction ci_id search cause solution"),
    ),
    _P.ALARM: (
        *_OPENS_INCIDENTS,
        _changes("incident", f"{_CLOCK} {_ESCALATION} {_ENDING} severity title cleared_at search"),
    ),
    _P.WATCH: (
        _changes("device_state", "state since interval_s summary affected_by judge facts", adds=True),
        _changes("device_beat", "checked_at value_text heartbeat", adds=True),
        _changes(
            "collector_beat",
            "started_at beat_at host process_id program_version devices checks_per_minute trouble",
            adds=True,
        ),
        _changes("check_request", "taken_at", adds=True),
        *_figures(),
        _changes("collector_roster", "generation", adds=True),
        _changes("collector_lease", "holder joined_at renewed_at lease_s is_held", adds=True),
        *_adds("state_change", "backup_plan", "sign_in"),
        _changes("neighbours", "links read_at", adds=True),
        _changes("difference", "version state recorded polled", adds=True),
        *_adds("device_log"),
        _changes("intake_mark", "file place", adds=True),
        _changes("intake_source", "received dropped last_at dropped_at", adds=True),
        _changes("intake_alert", "episode is_resolved at", adds=True),
    ),
    _P.DEVICE_OPERATE: (*_adds("check_request"), _changes("maintenance", "version ended_at", adds=True)),
    _P.DEVICE_CONFIGURE: (
        _changes(
            "intake_rule",
            "version name tag text clear_tag clear_text fingerprint severity title is_enabled voided_at",
            adds=True,
        ),
        _changes("intake_token", "version voided_at", adds=True),
        _changes("intake_user", "version auth priv secret voided_at", adds=True),
        _changes("check_item", "version kind address port params secret interval_s retries is_enabled", adds=True),
        _changes(
            "threshold",
            "version metric instance warning_low warning_high critical_low critical_high hysteresis is_enabled",
            adds=True,
        ),
        *_adds("ci"),
    ),
    _P.CMDB_EDIT: (
        _changes("ci", _CI, adds=True),
        _changes("place", _PLACED, adds=True),
        _changes("relation", "ended_at", adds=True),
        _changes("device_type", "maker model part_number u_height is_full_depth details content_hash", adds=True),
        _changes("check_item", "is_enabled version", adds=True),
        _DECIDED,
    ),
    _P.VISIT_REGISTER: (
        _changes(
            "visit",
            "version state entered_at happened_at left_at purpose remarks planned_until approver",
            adds=True,
        ),
        _changes("visit_member", "entered_at left_at", adds=True),
        *_adds("visit_item", "operation"),
        _NUMBERED,
    ),
    _P.VISIT_VOID: (_changes("visit", "version state voided_at void_reason"),),
    _P.BACKUP_PLAN: (
        _changes(
            "backup_plan",
            "version name ci_id content format job host rule starts_at grace_minutes medium retention_days importance"
            " approved_by restore_test_days is_enabled voided_at void_reason",
            adds=True,
        ),
    ),
    _P.BACKUP_RECORD: (
        _changes("backup_run", _RUN, adds=True),
        *_adds("restore_test", "backup_check", "signature"),
        *_OPENS_INCIDENTS,
        _changes("incident", f"{_CLOCK} {_ESCALATION} {_ENDING} severity title cleared_at search"),
    ),
    _P.INSPECTION_FILL: (
        _changes("inspection", _ROUND, adds=True),
        _changes("inspection_value", "version value result note measured_at work_order_id", adds=True),
        *_adds("attachment", "work_order"),
        _NUMBERED,
    ),
    _P.INSPECTION_SIGN: (
        _changes("inspection", "state version ended_at inspector_id witness_id", adds=True),
        *_adds("signature", "inspection_value"),
        _NUMBERED,
    ),
    _P.INSPECTION_PLAN: (
        _changes(
            "inspection_plan",
            "version template room_id rule starts_on grace_days assignee_id is_enabled voided_at void_reason",
            adds=True,
        ),
        _changes("template_change", "version limits", adds=True),
        _changes("inspection", "state version voided_at void_reason"),
    ),
    _P.DUTY_LOG: (
        _changes("shift_log_entry", "version text voided_at void_reason", adds=True),
        _changes("handover", "version state to_person_id signed_at", adds=True),
        *_adds("signature", "inspection"),
        _NUMBERED,
    ),
    _P.DUTY_PLAN: (
        _changes(
            "roster_entry", "version shift person_id starts_at ends_at telephone voided_at void_reason", adds=True
        ),
        _changes(
            "contact",
            "version name unit role telephone mobile mail note search escalation_level person_id is_active",
            adds=True,
        ),
    ),
    _P.EXPORT: (),
    _P.PEOPLE: (_changes("person", "version name department telephone mobile search is_active", adds=True),),
    _P.RIGHTS: (_changes("system_right", "ended_at end_reason", adds=True),),
    _P.REVIEW: (*_adds("trail_review"),),
    _P.SETTINGS: (_changes("setting", "version value", adds=True),),
    _P.SIGN_IN: (),
    _P.OWN_ACCOUNT: (_changes("preference", "value", adds=True),),
    _P.SEAL: (*_adds("audit_seal"),),
    _P.VERIFY: (),
    _P.COPY: (*_adds("database_copy"),),
    _P.DEMO: (),
}

DROPPED_BY_THE_COLLECTOR = (*(name for name in _HISTORY if name != "history_series"), "device_log")
"""The one exception to "nothing is deleted": measured figures and devices' messages past their retention."""

READ_BY_ALL = (
    *("person", "person_post", "setting", "counter", "meta", "alembic_version", "act", "audit_entry", "audit_seal"),
    *("sign_in", "seat", "receipt", "database_copy", "password", "login_lock", "preference"),
    *("moved_trail", "moved_seal", "moved_table"),
)
"""What administrators read too: accounts, seats and the trail, but no business data."""

READ_ON_THE_WALL = (
    *(
        "ci",
        "place",
        "device_type",
        "relation",
        "check_item",
        "threshold",
        "maintenance",
        "device_state",
        "device_beat",
    ),
    *("state_change", "collector_beat", "check_request", "incident", "incident_event", "work_order", "inspection"),
    *("inspection_plan", "backup_plan", "backup_run", "backup_check", "roster_entry", "handover"),
    *_HISTORY,
)
"""What the display of a seat where nobody is signed in reads: nothing about visitors, callers' notes or papers."""

UNREADABLE_COLUMNS = {"password": frozenset({"hash"})}
"""Columns that nobody reads, the administrator least of all."""
HIDDEN_FROM_ADMINISTRATORS = {"audit_entry": frozenset({"old", "new", "reason"})}


def writes_of(post: Post) -> dict[str, Write]:
    """Return what a post writes, by table: the sum of its permissions."""
    found: dict[str, Write] = {}
    for write in (*EVERYBODY, *(each for permission in MATRIX[post] for each in WRITES[permission])):
        known = found.get(write.table, Write(write.table, adds=False))
        columns = tuple(sorted({*known.changes, *write.changes}))
        found[write.table] = Write(write.table, known.adds or write.adds, columns)
    return dict(sorted(found.items()))


def reads(post: Post, table: str) -> bool:
    """Tell whether whoever holds `post` sees any row of `table`."""
    if table in READ_BY_ALL:
        return True
    if post is Post.ADMINISTRATOR:
        return False
    return post is not Post.DISPLAY or table in READ_ON_THE_WALL
