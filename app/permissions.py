"""The role matrix: which post may do what (SECURITY 1). Everything else that grants rights is generated from it."""

from collections.abc import Iterable

from models.enums import Post, Word


class Permission(Word):
    INCIDENT_HANDLE = "incident_handle", "handle incidents"
    INCIDENT_REGISTER = "incident_register", "register calls and incidents"
    INCIDENT_CLOSE = "incident_close", "close and review incidents"
    ALARM = "alarm", "open incidents from alarms"
    WATCH = "watch", "write what the collector sees"
    DEVICE_OPERATE = "device_operate", "check devices and set maintenance"
    DEVICE_CONFIGURE = "device_configure", "set up checks and limits"
    CMDB_EDIT = "cmdb_edit", "edit configuration items"
    VISIT_REGISTER = "visit_register", "register visitors"
    VISIT_VOID = "visit_void", "void ledger rows of the machine room"
    BACKUP_PLAN = "backup_plan", "plan backups"
    BACKUP_RECORD = "backup_record", "record backup runs and checks"
    INSPECTION_FILL = "inspection_fill", "fill in inspections"
    INSPECTION_SIGN = "inspection_sign", "sign inspections"
    INSPECTION_PLAN = "inspection_plan", "plan inspections"
    DUTY_LOG = "duty_log", "write the shift log and hand over"
    DUTY_PLAN = "duty_plan", "plan the roster and the contact directory"
    EXPORT = "export", "export and print"
    PEOPLE = "people", "manage people and posts"
    RIGHTS = "rights", "set who sees which systems"
    REVIEW = "review", "review the audit trail"
    SETTINGS = "settings", "change settings"
    SIGN_IN = "sign_in", "sign in"
    OWN_ACCOUNT = "own_account", "change one's own password and choices"
    SEAL = "seal", "seal the audit trail"
    VERIFY = "verify", "verify the audit trail"
    COPY = "copy", "copy and restore the database"
    DEMO = "demo", "load the demo site"


_P = Permission
_EVERYBODY = {_P.SIGN_IN, _P.OWN_ACCOUNT, _P.VERIFY}
_DESK_WORK = {
    _P.INCIDENT_HANDLE,
    _P.INCIDENT_REGISTER,
    _P.DEVICE_OPERATE,
    _P.VISIT_REGISTER,
    _P.BACKUP_RECORD,
    _P.INSPECTION_FILL,
    _P.DUTY_LOG,
    _P.EXPORT,
}

MATRIX: dict[Post, frozenset[Permission]] = {
    Post.OPERATOR: frozenset(_EVERYBODY | _DESK_WORK | {_P.INCIDENT_CLOSE, _P.INSPECTION_SIGN}),
    Post.ENGINEER: frozenset(
        _EVERYBODY | _DESK_WORK | {_P.DEVICE_CONFIGURE, _P.CMDB_EDIT, _P.BACKUP_PLAN, _P.INSPECTION_SIGN}
    ),
    Post.DESK: frozenset(
        _EVERYBODY | {_P.INCIDENT_HANDLE, _P.INCIDENT_REGISTER, _P.INCIDENT_CLOSE, _P.DUTY_LOG, _P.EXPORT}
    ),
    Post.ROOM_MANAGER: frozenset(
        _EVERYBODY
        | {
            _P.INCIDENT_REGISTER,
            _P.VISIT_REGISTER,
            _P.VISIT_VOID,
            _P.CMDB_EDIT,
            _P.INSPECTION_FILL,
            _P.INSPECTION_SIGN,
            _P.INSPECTION_PLAN,
            _P.DUTY_LOG,
            _P.EXPORT,
        }
    ),
    Post.CLERK: frozenset(_EVERYBODY | {_P.INSPECTION_FILL, _P.EXPORT}),
    Post.MANAGER: frozenset(
        _EVERYBODY
        | _DESK_WORK
        | {
            _P.INCIDENT_CLOSE,
            _P.CMDB_EDIT,
            _P.DEVICE_CONFIGURE,
            _P.VISIT_VOID,
            _P.BACKUP_PLAN,
            _P.INSPECTION_SIGN,
            _P.INSPECTION_PLAN,
            _P.DUTY_PLAN,
            _P.RIGHTS,
            _P.SETTINGS,
        }
    ),
    Post.AUDITOR: frozenset(_EVERYBODY | {_P.EXPORT, _P.REVIEW}),
    Post.ADMINISTRATOR: frozenset(_EVERYBODY | {_P.PEOPLE, _P.SETTINGS, _P.COPY, _P.SEAL, _P.DEMO}),
    Post.COLLECTOR: frozenset({_P.ALARM, _P.WATCH, _P.SEAL, _P.COPY, _P.VERIFY, _P.BACKUP_RECORD, _P.DUTY_LOG}),
    Post.DISPLAY: frozenset({_P.SIGN_IN}),
}

LONELY = (Post.ADMINISTRATOR, Post.AUDITOR)
"""Posts that go with no other one on a shared database."""
PEOPLES_POSTS = tuple(post for post in Post if post not in (Post.COLLECTOR, Post.DISPLAY))


def granted(posts: Iterable[Post]) -> frozenset[Permission]:
    """Return what somebody who holds these posts may do."""
    return frozenset().union(*(MATRIX[post] for post in posts))
