"""What other monitors post: Alertmanager, Prometheus, Zabbix, Icinga 2, each as alerts with one cause of its own."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from app.collector.intake.message import HOST, TAG, TEXT, Alert, Message
from app.text import clean, clean_line
from app.words import tr
from models.enums import MessageKind, Severity

MOST_ALERTS = 500
_FAR = "9999"
_CRITICAL, _WARNING = 2, 4
_RESOLVED_LEVEL = 5
_UNSAID = re.compile(r"\{[A-Z.]+\}|\*UNKNOWN\*")
"""What Zabbix leaves of a macro that it can't fill in."""


class BadPayload(ValueError):
    """This body is none of the system's; the sender is told 400."""


def parse(system: str, body: bytes) -> list[Message]:
    """Return what a system's body says, an alert a message. Raises BadPayload, and nothing else, for another body."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPayload("no JSON") from error
    try:
        return list(SYSTEMS[system](found))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadPayload(f"not what {system} sends: {error!r}"[:200]) from error


def _alertmanager(body: Any) -> Iterator[Message]:
    """Yield the alerts of Alertmanager's webhook (version 4)."""
    for each in _some(body["alerts"]):
        yield _prometheus_alert(each, each["status"] == "resolved")


def _prometheus(body: Any) -> Iterator[Message]:
    """Yield the alerts that Prometheus posts to /api/v2/alerts; one whose end lies behind is resolved."""
    now = datetime.now(UTC)
    for each in _some(body):
        ends = _moment(each.get("endsAt"))
        yield _prometheus_alert(each, ends is not None and ends <= now)


def _prometheus_alert(each: Mapping[str, Any], is_resolved: bool) -> Message:
    labels = {str(name): str(value) for name, value in each["labels"].items()}
    notes = {str(name): str(value) for name, value in each.get("annotations", {}).items()}
    name, instance = labels["alertname"], labels.get("instance", "")
    fingerprint = _digest(*(f"{key}={labels[key]}" for key in sorted(labels)))
    says = notes.get("summary") or notes.get("description") or name
    severity = Severity.CRITICAL if labels.get("severity", "") in ("critical", "page", "fatal") else Severity.WARNING
    title = f"{name}: {says}" if says != name else name
    alert = Alert(
        f"prometheus:{fingerprint}", _episode(each.get("startsAt")), is_resolved, severity, _title(title, instance)
    )
    return _message(
        alert, name, json.dumps({**labels, **notes}, ensure_ascii=False), (labels.get("host", ""), instance)
    )


def _zabbix(body: Any) -> Iterator[Message]:
    """Yield what the media type of the manual posts: one event of a trigger."""
    said = {str(name): _said(value) for name, value in body.items()}
    event, host = said["event_id"], said.get("host", "")
    if not event.isdecimal() or said.get("event_value") not in ("0", "1"):
        raise BadPayload("no event of a problem")
    severity = Severity.CRITICAL if said.get("event_nseverity", "") in ("4", "5") else Severity.WARNING
    cause = f"zabbix:{_digest(host, said.get('trigger_id') or event)}"
    is_resolved = said["event_value"] == "0"
    alert = Alert(cause, event.zfill(20)[-40:], is_resolved, severity, _title(said.get("event_name", ""), host))
    text = said.get("message") or said.get("subject", "")
    yield _message(alert, said.get("trigger_id", ""), text, (said.get("host_ip", ""), host))


def _icinga(body: Any) -> Iterator[Message]:
    """Yield what the notification script of the manual posts: one notification of a host or a service."""
    said = {str(name): str(value) for name, value in body.items()}
    kind, host, service = said["type"].upper(), said["host"], said.get("service", "")
    if kind not in ("PROBLEM", "RECOVERY"):
        return
    severity = Severity.CRITICAL if said.get("state", "").upper() in ("CRITICAL", "DOWN") else Severity.WARNING
    output = said.get("output", "")
    title = _title(f"{service}: {output}" if service else output, host)
    alert = Alert(f"icinga2:{_digest(host, service)}", _episode(said.get("date")), kind == "RECOVERY", severity, title)
    yield _message(alert, service or host, output, (said.get("address", ""), host))


SYSTEMS: Mapping[str, Callable[[Any], Iterator[Message]]] = {
    "alertmanager": _alertmanager,
    "prometheus": _prometheus,
    "zabbix": _zabbix,
    "icinga2": _icinga,
}


def _message(alert: Alert, tag: str, text: str, places: tuple[str, ...]) -> Message:
    level = _CRITICAL if alert.severity is Severity.CRITICAL else _WARNING
    named = [clean_line(place, HOST) for place in places if place]
    said = clean(f"{alert.title}\n{text}", TEXT)
    return Message(
        MessageKind.WEBHOOK,
        _RESOLVED_LEVEL if alert.is_resolved else level,
        clean_line(tag, TAG),
        said,
        named[-1] if named else "",
        tuple(dict.fromkeys((*named, *(_without_port(place) for place in named)))),
        alert=alert,
    )


def _title(text: str, host: str) -> str:
    """Return an incident's title, which names the host that sends it."""
    line = clean_line(text, 200) or tr("An alert without a name")
    return clean_line(line if not host or host in line else f"{line} ({host})", 240)


def _episode(text: object) -> str:
    """Return a moment as text that sorts by time. Raises ValueError for none."""
    moment = _moment(text)
    if moment is None:
        raise ValueError("no time")
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"


def _moment(text: object) -> datetime | None:
    """Return the UTC of a sender's time, of Go (nanoseconds) or of Icinga ("2026-11-23 16:44:30 +0000")."""
    if not isinstance(text, str) or not text or text.startswith("0001-"):
        return None
    words = re.sub(r"(\.\d{6})\d+", r"\1", text.strip().replace(" +", "+").replace(" -", "-"))
    moment = datetime.fromisoformat(words)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _some(found: Any) -> list[Any]:
    if not isinstance(found, list) or len(found) > MOST_ALERTS:
        raise BadPayload("no list of alerts")
    return found


def _said(value: object) -> str:
    text = str(value)
    return "" if _UNSAID.fullmatch(text) else text


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _without_port(place: str) -> str:
    head, colon, port = place.rpartition(":")
    return head.strip("[]") if colon and port.isdigit() and head.count(":") != 1 else place
