"""The 10-minute clock: escalation along the contact chain, and acknowledgements that expire (REQUIREMENTS B4)."""

from sqlalchemy import select

from app.contacts import ChainStep, chain
from app.desk import Tx, command
from app.errors import Refused
from app.incidents.changing import acknowledge_within, locked, log, required, start_clock
from app.permissions import Permission
from app.words import tr
from models.enums import EventKind, IncidentState
from models.incidents import Incident

AT_ONCE = 200


@command(Permission.ALARM)
def escalate_due(tx: Tx) -> tuple[int, ...]:
    """Take each incident whose time has run out one step up the chain, and return their ids, the oldest first.

    The step after it is due as long again; the last one stays on the screen. Run every few seconds by the collector.
    """
    due = tx.session.scalars(
        select(Incident)
        .where(Incident.escalates_at.is_not(None), Incident.escalates_at <= tx.now)
        .order_by(Incident.escalates_at, Incident.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    steps = chain(tx) if due else []
    for incident in due:
        if incident.state is IncidentState.NEW:
            _escalate(tx, incident, steps)
        else:
            incident.escalates_at = None
    return tuple(incident.id for incident in due)


@command(Permission.ALARM)
def expire_acknowledgements(tx: Tx) -> tuple[int, ...]:
    """Start the clock anew of incidents whose acknowledgement was given up to now, and return their ids."""
    expired = tx.session.scalars(
        select(Incident)
        .where(Incident.acknowledge_expires_at.is_not(None), Incident.acknowledge_expires_at <= tx.now)
        .order_by(Incident.acknowledge_expires_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for incident in expired:
        if incident.state is IncidentState.ACKNOWLEDGED:
            start_clock(tx, incident)
            log(tx, incident, EventKind.UPDATED, tr("The acknowledgement has expired."))
        else:
            incident.acknowledge_expires_at = None
    return tuple(incident.id for incident in expired)


@command(Permission.INCIDENT_HANDLE)
def escalate(tx: Tx, incident_id: int, version: int, reason: str) -> int:
    """Take an open incident one step up the chain by hand and return the level reached.

    Raises BadInput without a reason, Refused at the chain's end or for an ended incident, or Conflict.
    """
    why = required(reason, "reason", tr("Say why it is escalated."))
    incident = locked(tx, incident_id, version)
    if not incident.is_open:
        raise Refused(tr("{number} has ended; nothing was escalated.", number=incident.number))
    following = _next_step(chain(tx), incident.escalation_level)
    if following is None:
        raise Refused(tr("Nobody stands above in the escalation chain. Enter people in the contact directory."))
    incident.escalation_level = following.level
    log(tx, incident, EventKind.ESCALATED, f"{_words(following)}：{why}")
    return following.level


def _escalate(tx: Tx, incident: Incident, steps: list[ChainStep]) -> None:
    following = _next_step(steps, incident.escalation_level)
    if following is None:
        incident.escalation_level = max(1, incident.escalation_level)
        incident.escalates_at = None
        log(tx, incident, EventKind.ESCALATED, _end_of_chain(steps))
        return
    incident.escalation_level = following.level
    has_more = _next_step(steps, following.level) is not None
    incident.escalates_at = tx.now + acknowledge_within(tx) if has_more else None
    log(tx, incident, EventKind.ESCALATED, tr("Not acknowledged in time: {who}", who=_words(following)))


def _next_step(steps: list[ChainStep], level: int) -> ChainStep | None:
    return next((step for step in steps if step.level > level), None)


def _end_of_chain(steps: list[ChainStep]) -> str:
    if steps:
        return tr("Not acknowledged in time; the whole escalation chain was called before.")
    return tr("Not acknowledged in time; nobody stands in the escalation chain.")


def _words(step: ChainStep) -> str:
    return "、".join(f"{contact.name} {contact.number}".strip() for contact in step.contacts)
