"""From the spool into the database: the device log, and one incident per cause (REQUIREMENTS B3)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from app import incidents
from app.collector.intake import syslog, traps, webhooks
from app.collector.intake.ber import BadBer, Reader
from app.collector.intake.limits import Count
from app.collector.intake.message import Alert, Message
from app.collector.intake.rules import Rule, first_match
from app.collector.intake.spool import SYSLOG, TRAP, Mark, Record
from app.desk import ReadTx, Tx, command
from app.errors import Refused
from app.permissions import Permission
from app.words import tr
from models.base import FIRST_MOMENT
from models.cmdb import Ci
from models.enums import MessageKind, Severity
from models.intake import DeviceLog, IntakeAlert, IntakeMark, IntakeSource
from models.monitoring import Check

DROPPED_AT_ONCE = 5_000
MOST_STEPS = 4
"""Turns of one cause that are written from one batch: a port that flaps a hundred times a second stays one story."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What is needed to judge messages: the rules in force, and the devices by address and by name."""

    rules: Sequence[Rule] = ()
    devices: Mapping[str, int] = field(default_factory=dict)

    def ci_of(self, message: Message, source: str) -> int | None:
        for place in (*message.places, source):
            found = self.devices.get(place.casefold())
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of a cause: it opened, said something new, or cleared."""

    cause: str
    ci_id: int | None
    is_clear: bool
    severity: Severity
    title: str
    at: datetime
    alert: Alert | None = None


def messages(record: Record) -> list[Message]:
    """Return what a record says, whatever its bytes: what can't be read is said in a message of its own."""
    try:
        if record.kind == SYSLOG:
            return [syslog.parse(record.body)]
        if record.kind == TRAP:
            return [traps.message(traps.read_pdu(Reader.of(record.body)))]
        system, _, body = record.body.partition(b"\n")
        return webhooks.parse(system.decode("ascii", "replace"), body)
    except (BadBer, webhooks.BadPayload, KeyError) as error:
        return [Message(MessageKind.WEBHOOK, text=tr("This message can't be read: {reason}", reason=str(error)[:200]))]


@command(Permission.WATCH)
def take_in(
    tx: Tx, name: str, records: Sequence[Record], mark: Mark, counts: Mapping[str, Count], known: Known
) -> None:
    """Write what the spool of collector `name` holds up to `mark`, all or nothing, and what its senders brought."""
    rows: list[dict[str, Any]] = []
    steps: dict[str, list[Step]] = {}
    for record in records:
        at = min(max(datetime.fromtimestamp(record.at, UTC), FIRST_MOMENT), tx.now)
        for message in messages(record):
            ci_id = known.ci_of(message, record.source)
            rows.append(_logged(message, ci_id, record.source, at))
            _add(steps, _step(message, ci_id, record.source, at, known.rules))
    if rows:
        tx.connection.execute(insert(DeviceLog), rows)
    for each in steps.values():
        for step in each:
            _tell(tx, step)
    _count(tx, counts)
    _move(tx, name, mark)


def enter(tx: Tx, message: Message, ci_id: int, source: str, at: datetime, rules: Sequence[Rule]) -> None:
    """Log a message that a collector fetched itself, and do what the `rules` make of it."""
    at = min(max(at, FIRST_MOMENT), tx.now)
    tx.connection.execute(insert(DeviceLog), [_logged(message, ci_id, source, at)])
    step = _step(message, ci_id, source, at, rules)
    if step is not None:
        _tell(tx, step)


@command(Permission.WATCH)
def drop_old(tx: Tx, kept: timedelta) -> None:
    """Drop messages past their retention, some at a time; debug and information lines stay a third as long."""
    for level, limit in ((0, kept), (6, kept / 3)):
        old = select(DeviceLog.id).where(DeviceLog.received_at < tx.now - limit, DeviceLog.level >= level)
        tx.connection.execute(delete(DeviceLog).where(DeviceLog.id.in_(old.limit(DROPPED_AT_ONCE))))


def known_devices(tx: ReadTx) -> dict[str, int]:
    """Return the devices by address and by name, in lower case; what two share names neither's messages wrongly."""
    found: dict[str, int] = {}
    named = select(Ci.id, Ci.name, Ci.address).where(Ci.voided_at.is_(None)).order_by(Ci.id.desc())
    for ci_id, name, address in tx.session.execute(named):
        found.update({each.casefold(): ci_id for each in (name, address) if each})
    checked = select(Check.ci_id, Check.address).join(Ci, Ci.id == Check.ci_id).where(Ci.voided_at.is_(None))
    for ci_id, address in tx.session.execute(checked.order_by(Check.id.desc())):
        if address:
            found.setdefault(address.casefold(), ci_id)
    return found


def mark_of(tx: ReadTx, name: str) -> Mark:
    """Return how far a collector's spool is in the database."""
    row = tx.session.execute(select(IntakeMark.file, IntakeMark.place).where(IntakeMark.name == name)).first()
    return Mark(*row) if row else Mark()


def _logged(message: Message, ci_id: int | None, source: str, at: datetime) -> dict[str, Any]:
    return {
        "received_at": at,
        "kind": message.kind,
        "source": source,
        "ci_id": ci_id,
        "level": message.level,
        "host": message.host,
        "tag": message.tag,
        "text": message.text,
    }


def _step(message: Message, ci_id: int | None, source: str, at: datetime, rules: Sequence[Rule]) -> Step | None:
    alert = message.alert
    if alert is not None:
        return Step(alert.cause, ci_id, alert.is_resolved, alert.severity, alert.title, at, alert)
    found = first_match(rules, message)
    if found is None:
        return None
    cause = found.cause_of(str(ci_id) if ci_id is not None else source)
    return Step(cause, ci_id, found.is_clear, found.rule.severity, found.title, at)


def _add(steps: dict[str, list[Step]], step: Step | None) -> None:
    """Put a turn behind those of its cause; of too many the last but one goes, so that first and last stay."""
    if step is None:
        return
    turns = steps.setdefault(step.cause, [])
    if turns and turns[-1].is_clear == step.is_clear and turns[-1].title == step.title and step.alert is None:
        return
    if len(turns) >= MOST_STEPS and step.alert is None:
        del turns[-2:]
    turns.append(step)


def _tell(tx: Tx, step: Step) -> None:
    """Open, update or clear the incident of one turn; one that is refused must not hold up the others."""
    try:
        with tx.session.begin_nested():
            if step.alert is not None and not _is_news(tx, step.alert, step.at):
                return
            if step.is_clear:
                incidents.clear_alarm(tx, step.cause, step.title, step.at)
            else:
                incidents.update_alarm(tx, step.cause, step.ci_id, step.severity, step.title, step.at)
    except Refused:
        _log.exception("the message's cause %s was refused", step.cause)


def _is_news(tx: Tx, alert: Alert, at: datetime) -> bool:
    """Remember the episode of an alert; False for a replay of one that is over or older than the known one."""
    known = tx.session.get(IntakeAlert, alert.cause, with_for_update=True)
    if known is None:
        tx.add(IntakeAlert(cause_key=alert.cause, episode=alert.episode, is_resolved=alert.is_resolved, at=at))
        return True
    if alert.episode < known.episode or (alert.episode == known.episode and known.is_resolved):
        return False
    known.episode, known.is_resolved, known.at = alert.episode, alert.is_resolved, at
    return True


def _count(tx: Tx, counts: Mapping[str, Count]) -> None:
    for address, count in sorted(counts.items()):
        row = tx.session.get(IntakeSource, address[:60])
        dropped_at = tx.now if count.dropped else None
        if row is None:
            values = {"received": count.received, "dropped": count.dropped, "dropped_at": dropped_at}
            tx.add(IntakeSource(address=address[:60], last_at=tx.now, **values))
            continue
        row.received += count.received
        row.dropped += count.dropped
        row.last_at = tx.now
        row.dropped_at = dropped_at or row.dropped_at


def _move(tx: Tx, name: str, mark: Mark) -> None:
    values = {"file": mark.file, "place": mark.place}
    if not tx.connection.execute(update(IntakeMark).where(IntakeMark.name == name).values(values)).rowcount:
        tx.connection.execute(insert(IntakeMark).values(name=name, **values))
