"""The inspector's words: the facts of each kind of thing, and the line that warns."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.ci_classes import AttributeKind, class_of
from app.times import age, clock, duration, minute, moment
from app.words import label, tr, trn
from models.enums import State
from ui.docks.inspector_parts import Fact

if TYPE_CHECKING:
    from app.access.visit_rows import VisitDetail
    from app.backups.queries import RunRow
    from app.board_row import BoardRow
    from app.cmdb.rows import CiDetail
    from app.incidents import IncidentDetail
    from app.inspector import CiSheet, Witnesses
    from app.work_orders import WorkOrderRow

BAD = (State.CRITICAL, State.WARNING, State.UNREACHABLE)


def ci_facts(detail: "CiDetail") -> list[Fact]:
    """Return what the CMDB says of a configuration item."""
    draft = detail.draft
    model = detail.device_type_name or " ".join(filter(None, (draft.maker, draft.model)))
    places = detail.place_path.split(" / ")
    place = " ".join(places[1:] if len(places) > 2 else places)
    if draft.u_bottom is not None:
        place += f" {draft.u_bottom:g}U"
    warranty = tr("until {day}", day=draft.warranty_until) if draft.warranty_until else ""
    supplier = detail.maintainer_name or draft.supplier
    facts = [
        Fact(tr("Class", context="ci"), class_of(draft.class_name).label),
        Fact(tr("Address", context="ci"), draft.address),
        Fact(tr("Model"), model),
        Fact(tr("Serial number"), draft.serial),
        Fact(tr("Version", context="ci"), draft.firmware),
        Fact(tr("Place"), place),
        Fact(tr("Person in charge"), detail.owner_name),
        Fact(tr("Warranty", context="inspector"), " · ".join(filter(None, (warranty, supplier)))),
        Fact(tr("Reached through"), detail.parent_name),
        Fact(tr("Purpose", context="ci"), draft.purpose),
    ]
    for attribute in class_of(draft.class_name).attributes:
        value = draft.attributes.get(attribute.name)
        if value not in (None, ""):
            facts.append(Fact(attribute.label, _attribute(attribute.kind, value, attribute.unit, attribute)))
    return facts


def _attribute(kind: AttributeKind, value: object, unit: str, attribute: object) -> str:
    if kind is AttributeKind.CHOICE:
        return str(attribute.choice_label(str(value)))  # type: ignore[attr-defined]  # an Attribute
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}".strip()


def warning(sheet: "CiSheet") -> str:
    """Return the line above everything else: why the device is not well, and what hangs on it."""
    watch = sheet.watch
    if sheet.detail.voided_at is not None:
        return tr("Void since {time}: {reason}", time=minute(sheet.detail.voided_at), reason=sheet.detail.void_reason)
    if watch is None:
        return ""
    if watch.affected_by:
        return tr("Affected by {name}", name=watch.affected_by)
    if watch.state not in BAD:
        return _stale(watch)
    words = watch.summary or label(watch.state)
    if watch.since:
        words = tr("{what}, since {time}", what=words, time=f"{watch.since.astimezone():%H:%M}")
    if sheet.children:
        below = trn("{n} device behind it is at risk", "{n} devices behind it are at risk", sheet.children)
        words = f"{words} · {below}"
    return words


def _stale(watch: "BoardRow") -> str:
    now = datetime.now(UTC)
    if watch.checked_at is not None and watch.is_stale(now):
        return tr("Old data: last checked {age} ago", age=age(watch.checked_at, now))
    return ""


def polled(watch: "BoardRow | None") -> str:
    """Return when the device was asked last, and how often it is."""
    if watch is None:
        return tr("Not watched")
    if watch.checked_at is None:
        return tr("Not checked yet")
    ago = age(watch.checked_at, datetime.now(UTC))
    return tr("{age} ago · every {interval} s", age=ago, interval=watch.interval_s)


def witnesses(found: "Witnesses") -> str:
    """Return who was in the room when the latest incident happened, names and all."""
    if found.at is None or not found.room:
        return ""
    if not found.people:
        return tr("Nobody was in {room} when {number} happened.", room=found.room, number=found.number)
    names = [f"{one.name}（{one.unit}）" if one.unit else one.name for one in found.people]
    escorts = sorted({one.escort for one in found.people if one.escort})
    words = tr("In {room} at that time: {names}", room=found.room, names=tr(", ", context="between names").join(names))
    if escorts:
        words += tr("; escort {names}", names=tr(", ", context="between names").join(escorts))
    return words


def incident_facts(found: "IncidentDetail") -> list[Fact]:
    """Return an incident in short."""
    row = found.row
    left = row.acknowledge_due_at - datetime.now(UTC)
    waits = clock(left) if row.is_unacknowledged else ""
    answer = f"{row.acknowledged_by}：{row.acknowledge_reason}".strip("：") if row.acknowledged_by else ""
    return [
        Fact(tr("State", context="incident"), label(row.state)),
        Fact(tr("To acknowledge"), waits),
        Fact(tr("Grade"), label(row.grade)),
        Fact(tr("Priority"), label(row.priority)),
        Fact(tr("Source"), label(row.source)),
        Fact(tr("Device"), row.ci_name or ""),
        Fact(tr("Happened"), moment(row.happened_at)),
        Fact(tr("Acknowledged by"), answer),
        Fact(tr("Assignee"), row.assignee or ""),
        Fact(tr("Caller"), " ".join(filter(None, (row.caller, found.caller_department, found.caller_telephone)))),
        Fact(tr("Description"), found.description),
        Fact(tr("Cause"), found.cause),
        Fact(tr("Solution"), found.solution),
    ]


def order_facts(row: "WorkOrderRow") -> list[Fact]:
    """Return a work order in short."""
    return [
        Fact(tr("State", context="incident"), label(row.state)),
        Fact(tr("Device"), row.ci_name or ""),
        Fact(tr("Incident"), row.incident_number or ""),
        Fact(tr("Written"), moment(row.happened_at)),
        Fact(tr("Assignee"), row.assignee or ""),
        Fact(tr("Due"), moment(row.due_at) if row.due_at else ""),
        Fact(tr("Result"), row.result),
    ]


def visit_facts(found: "VisitDetail") -> list[Fact]:
    """Return a visit in short; certificates are masked."""
    row = found.row
    people = [" ".join(filter(None, (one.name, one.telephone, one.certificate_mask))) for one in found.members]
    stay = duration((row.left_at or datetime.now(UTC)) - row.entered_at) if row.entered_at else ""
    approval = label(row.approval) if row.approval else ""
    return [
        Fact(tr("State", context="visit"), label(row.state)),
        Fact(tr("Machine room", context="visit"), row.room),
        Fact(tr("Unit", context="visit"), row.unit),
        Fact(tr("People", context="visit"), tr(", ", context="between names").join(people)),
        Fact(tr("Purpose", context="visit"), row.purpose),
        Fact(tr("Linked to"), row.linked),
        Fact(tr("Entered"), moment(row.entered_at) if row.entered_at else ""),
        Fact(tr("Left", context="visit"), moment(row.left_at) if row.left_at else ""),
        Fact(tr("Stay"), stay),
        Fact(tr("Carried items"), row.items),
        Fact(tr("Approved by"), f"{row.approver} {approval}".strip()),
        Fact(tr("Escort"), row.escort),
        Fact(tr("Remarks"), row.remarks),
        Fact(tr("Reason for voiding"), row.void_reason),
    ]


def run_facts(row: "RunRow") -> list[Fact]:
    """Return a backup run in short."""
    size = f"{row.size_bytes / 1e9:,.1f} GB" if row.size_bytes else ""
    return [
        Fact(tr("Result"), label(row.result)),
        Fact(tr("Plan", context="backup"), row.plan or tr("unplanned")),
        Fact(tr("Device"), row.ci_name),
        Fact(tr("Host"), row.host),
        Fact(tr("Format", context="backup"), label(row.format)),
        Fact(tr("Due", context="backup"), moment(row.expected_at) if row.expected_at else ""),
        Fact(tr("Started"), moment(row.started_at) if row.started_at else ""),
        Fact(tr("Took"), duration(row.duration) if row.duration else ""),
        Fact(tr("Size"), size),
        Fact(tr("Files"), f"{row.files:,}" if row.files else ""),
        Fact(tr("Message"), row.message),
    ]
