"""The collector's look at the database's rules: a difference opens an incident, its end clears it."""

from sqlalchemy.exc import ProgrammingError

from app.audit_checks import Finding, unreadable
from app.desk import Tx, command
from app.incidents.alarms import clear_alarm, raise_alarm
from app.permissions import Permission
from app.shared import fingerprints
from app.words import tr, trn
from models.enums import Severity

CAUSE = "database rules"


@command(Permission.ALARM)
def compare(tx: Tx) -> int:
    """Open, update or clear the incident about rules and logins that were changed past the program; return how many."""
    found = _findings(tx)
    if not found:
        clear_alarm(tx, CAUSE, tr("the rules are again those that were made"))
        return 0
    more = trn(", and {n} more", ", and {n} more", len(found) - 1) if len(found) > 1 else ""
    raise_alarm(tx, CAUSE, None, Severity.CRITICAL, found[0].what + more)
    return len(found)


def _findings(tx: Tx) -> list[Finding]:
    """Return what differs; that the comparison itself can't be run any more is such a difference."""
    try:
        with tx.session.begin_nested():
            return list(fingerprints.findings(tx))
    except ProgrammingError as error:
        return [unreadable(error)]
