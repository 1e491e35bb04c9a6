"""What devices keep in logs of their own, entered into the device log (REQUIREMENTS A2)."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from app.collector.intake import moving
from app.collector.intake.message import Message
from app.collector.intake.rules import in_force
from app.collector.intake.set_up import own_rules
from app.collector.samples import LogEntry, Outcome
from app.desk import Tx
from models.enums import MessageKind
from models.intake import DeviceLog

COMPARED = 500
"""The newest entries of a device among which one is looked for before it is entered: a collector may have restarted."""
NEWS = timedelta(days=1)
"""How old an entry may be to open an incident."""
OLDEST = timedelta(days=30)
"""How old an entry may be to be entered at all: older ones would be dropped again soon."""


def keep_entries(tx: Tx, outcomes: Iterable[Outcome]) -> None:
    """Enter what devices told of their own logs, each entry once; rules make incidents of the recent ones."""
    told = [outcome for outcome in outcomes if outcome.log]
    if not told:
        return
    rules = in_force(own_rules(tx))
    for outcome in told:
        known = _known(tx, outcome.ci_id)
        for entry in outcome.log:
            age = tx.now - (entry.at or tx.now)
            if (entry.tag, entry.text) in known or age > OLDEST:
                continue
            held = rules if age <= NEWS else ()
            moving.enter(tx, _message(entry), outcome.ci_id, outcome.address, entry.at or tx.now, held)


def _known(tx: Tx, ci_id: int) -> set[tuple[str, str]]:
    query = select(DeviceLog.tag, DeviceLog.text).where(DeviceLog.ci_id == ci_id, DeviceLog.kind == MessageKind.REDFISH)
    return {(tag, text) for tag, text in tx.session.execute(query.order_by(DeviceLog.id.desc()).limit(COMPARED))}


def _message(entry: LogEntry) -> Message:
    return Message(MessageKind.REDFISH, entry.level, entry.tag, entry.text)
