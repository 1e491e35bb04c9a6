"""What the demo watches, and the board as it stands: states, heartbeats, figures, maintenance, past changes."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.collector.memory import HEARTBEAT
from app.demo.people import People
from app.demo.scene import Row, Scene, words
from app.demo.site import Device, Site
from app.version import VERSION
from models.enums import CheckKind, State
from models.monitoring import Check, CollectorBeat, DeviceBeat, DeviceState, Maintenance, StateChange, Threshold

INTERVAL_S = 60
CLOSED_PORT = 9
"""The discard service, which nobody offers any more: a check of it finds what does not answer."""

_CHANGES = 400
_LIMITS = (
    ("", "ping.rtt_ms", 200.0, 1000.0),
    ("", "ping.loss_percent", 5.0, 50.0),
    ("server", "disk.percent", 85.0, 95.0),
    ("server", "memory.percent", 90.0, 97.0),
    ("switch", "cpu.percent", 80.0, 95.0),
    ("sensor", "temperature.celsius", 27.0, 28.0),
    ("ups", "ups.load_percent", 70.0, 85.0),
)


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm of the board that is open as an incident: `cause` is how the collector finds it again."""

    ci_id: int
    cause: str
    severity: str


def watch(scene: Scene, site: Site, people: People) -> dict[int, int]:
    """Write checks, limits and maintenance; return the ping check of each device.

    Pings stay on loopback. What is critical has a second check, of a port where nothing answers, so that a collector
    that is started over the demo keeps finding something.
    """
    devices = list(site.devices.values())
    pings = scene.add_keyed(Check, [_check(scene, one, CheckKind.ICMP, None) for one in devices])
    bad = [site.devices[told["name"]] for told in words("states")["bad"] if told["state"] == State.CRITICAL]
    scene.add(Check, [_check(scene, one, CheckKind.TCP, CLOSED_PORT) for one in bad])
    scene.add(Threshold, [_threshold(scene, *limit) for limit in _LIMITS])
    scene.add(Maintenance, [_window(scene, site, people, told) for told in words("states")["maintenance"]])
    return {device.ci_id: check_id for device, check_id in zip(devices, pings, strict=True)}


def show(scene: Scene, site: Site, pings: dict[int, int], raised: list[Raised]) -> None:
    """Write the board's rows, the history of changes and a collector's last beat."""
    draw = scene.draw("board")
    bad = {told["name"]: told for told in words("states")["bad"]}
    resting = {told["name"]: told for told in words("states")["maintenance"]}
    alarms: dict[int, list[Raised]] = defaultdict(list)
    for alarm in raised:
        alarms[alarm.ci_id].append(alarm)
    states, beats, changes = [], [], _past_changes(scene, site, draw)
    for device in site.devices.values():
        told = bad.get(device.name) or resting.get(device.name)
        row = _state_row(scene, draw, device, told, alarms[device.ci_id])
        row["judge"]["checks"] = {str(pings[device.ci_id]): _memory(row, scene.moment)}
        states.append(row)
        beats.append(_last_check(scene, draw, device, told, row))
        if told:
            changes.append(_change(device.ci_id, row["since"], State.NORMAL, row["state"], row["summary"]))
    scene.add(DeviceState, states)
    scene.add(DeviceBeat, beats)
    scene.add(StateChange, sorted(changes, key=lambda change: (change["at"], change["ci_id"])))
    scene.add(CollectorBeat, [_beat(scene, len(states))])


def _check(scene: Scene, device: Device, kind: CheckKind, port: int | None) -> Row:
    return {
        "key": scene.key("check", device.name, kind),
        "ci_id": device.ci_id,
        "kind": kind,
        "address": device.address,
        "port": port,
        "params": {},
        "interval_s": INTERVAL_S,
        "retries": 2,
    }


def _threshold(scene: Scene, class_name: str, metric: str, warning: float, critical: float) -> Row:
    return {
        "key": scene.key("threshold", class_name, metric),
        "class_name": class_name,
        "metric": metric,
        "instance": "",
        "warning_high": warning,
        "critical_high": critical,
    }


def _window(scene: Scene, site: Site, people: People, told: Row) -> Row:
    return {
        "key": scene.key("maintenance", told["name"]),
        "ci_id": site.devices[told["name"]].ci_id,
        "starts_at": scene.moment - timedelta(minutes=told["began"]),
        "ends_at": scene.moment + timedelta(minutes=told["left"]),
        "reason": told["reason"],
        "person_id": people.ids["demo-net"],
    }


def _state_row(scene: Scene, draw: random.Random, device: Device, told: Row | None, alarms: list[Raised]) -> Row:
    state = State(told.get("state", State.MAINTENANCE)) if told else State.NORMAL
    minutes = float(told.get("minutes") or told["began"]) if told else draw.uniform(600, 90_000)
    judge: Row = {"raised": {alarm.cause: [alarm.severity, ""] for alarm in alarms}}
    if state is State.UNREACHABLE:
        judge["down"] = True
    return {
        "ci_id": device.ci_id,
        "state": state,
        "since": scene.moment - timedelta(minutes=minutes),
        "interval_s": INTERVAL_S,
        "summary": (told or {}).get("summary", (told or {}).get("reason", "")),
        "affected_by": None,
        "judge": judge,
        "facts": {"vendor": device.spec.get("maker", ""), "model": device.spec.get("model", "")},
    }


def _last_check(scene: Scene, draw: random.Random, device: Device, told: Row | None, state_row: Row) -> Row:
    value = (told or {}).get("value") or device.spec["value"].format(
        p=draw.randint(device.spec["low"], device.spec["high"])
    )
    minutes = (scene.moment - state_row["since"]) / timedelta(minutes=1)
    return {
        "ci_id": device.ci_id,
        "checked_at": scene.moment - timedelta(seconds=draw.randint(1, 40)),
        "value_text": value,
        "heartbeat": _heartbeat(draw, state_row["state"], minutes),
    }


def _heartbeat(draw: random.Random, state: State, minutes: float) -> bytes:
    """Return the last checks: the present state as long as it holds, good before but for a stray miss."""
    recent = HEARTBEAT if state is State.NORMAL else min(HEARTBEAT, max(1, round(minutes * 60 / INTERVAL_S)))
    before = bytearray([State.NORMAL.rank] * HEARTBEAT)
    if draw.random() < 0.15:
        before[draw.randrange(HEARTBEAT)] = State.WARNING.rank
    if state is State.NORMAL:
        return bytes(before)
    return bytes(before[recent:]) + bytes([state.rank] * recent)


def _memory(row: Row, moment: datetime) -> Row:
    memory: Row = {"kind": CheckKind.ICMP.value, "settled": True}
    if row["state"] is State.UNREACHABLE:
        silent = row["since"].isoformat()
        memory |= {"answer": [3, 0], "silent": silent, "trouble": row["summary"], "raw": State.UNREACHABLE.rank}
    return memory


def _past_changes(scene: Scene, site: Site, draw: random.Random) -> list[Row]:
    """Return the ups and downs of the last month, each gone again after a while."""
    devices = list(site.devices.values())
    changes = []
    for _ in range(round(_CHANGES * min(1.0, scale_of_month(scene)))):
        device = draw.choice(devices)
        began = scene.moment - timedelta(minutes=draw.uniform(1500, 43_000))
        state = draw.choice((State.WARNING, State.WARNING, State.CRITICAL, State.UNREACHABLE))
        gone = began + timedelta(minutes=draw.uniform(2, 90))
        changes.append(_change(device.ci_id, began, State.NORMAL, state, device.spec["value"].format(p=99)))
        changes.append(_change(device.ci_id, gone, state, State.NORMAL, ""))
    return changes


def scale_of_month(scene: Scene) -> float:
    """Return how much of a month the demo has."""
    return len(scene.days) / 30


def _change(ci_id: int, when: datetime, old: State, new: State, summary: str) -> Row:
    return {"ci_id": ci_id, "at": when, "old": old, "new": new, "summary": summary, "affected_by": None}


def _beat(scene: Scene, devices: int) -> Row:
    return {
        "name": "demo",
        "started_at": scene.moment - timedelta(days=9),
        "beat_at": scene.moment,
        "host": "demo",
        "process_id": 0,
        "program_version": VERSION,
        "devices": devices,
        "checks_per_minute": devices,
        "trouble": "",
    }
