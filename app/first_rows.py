"""The first rows of the window, read with nothing but sqlite3: the database layer takes half a second to be loaded.

They stand in for what the docks read through the desk as soon as it is open, and are replaced by it then
(docs/decisions/023-first-rows.md). A test holds each of them against the desk's own answer. `now` is this machine's
clock, which is the database's.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from app.board_row import STALE_AFTER_INTERVALS, BoardRow
from app.incident_row import IncidentRow
from app.tree_node import NOWHERE, PLACE_ICONS, TOP, NodeKind, TreeNode
from app.words import tr
from models.enums import Grade, IncidentState, PlaceKind, Priority, Severity, Source, State
from models.revision import HEAD

SCHEME = "sqlite:///"
WAIT_S = 0.2
PAGE = 200

_BOARD = """
SELECT ci.id, ci.name, ci.class_name, ci.place_id, ci.address, ci.search, s.state, s.since, b.checked_at, s.interval_s,
  b.value_text, s.summary, b.heartbeat, above.name
FROM ci
LEFT JOIN device_state s ON s.ci_id = ci.id
LEFT JOIN device_beat b ON b.ci_id = ci.id
LEFT JOIN ci above ON above.id = s.affected_by
WHERE ci.voided_at IS NULL AND ci.id IN (SELECT c.ci_id FROM check_item c WHERE c.is_enabled)
"""
_SERVICES = """
SELECT r.source_id, service.name FROM relation r JOIN ci service ON service.id = r.target_id
WHERE r.kind = 'part_of' AND r.ended_at IS NULL
"""
_NEW = "SELECT ci_id FROM incident WHERE state = 'new'"
_PLACES = "SELECT id, parent_id, kind, name FROM place WHERE voided_at IS NULL ORDER BY name, id"
_ALL_PLACES = "SELECT id, parent_id, kind, name FROM place"
_INCIDENTS = f"""
SELECT i.id, i.version, i.number, i.state, i.grade, i.severity, i.priority, i.source, i.ci_id, ci.name, i.title,
  i.happened_at, i.recorded_at, i.acknowledge_due_at, i.answered_at, i.acknowledged_at, answerer.name,
  i.acknowledge_reason, i.acknowledge_expires_at, i.assignee_id, assignee.name, i.escalation_level, i.cleared_at,
  i.caller, i.cause_key
FROM incident i
LEFT JOIN ci ON ci.id = i.ci_id
LEFT JOIN person answerer ON answerer.id = i.acknowledged_by
LEFT JOIN person assignee ON assignee.id = i.assignee_id
WHERE i.state NOT IN ('closed', 'noise')
ORDER BY i.happened_at DESC, i.id DESC LIMIT {PAGE}
"""
_TALLIES = """
SELECT ci.place_id, s.state, s.interval_s, count(*), min(b.checked_at)
FROM ci
LEFT JOIN device_state s ON s.ci_id = ci.id
LEFT JOIN device_beat b ON b.ci_id = ci.id
WHERE ci.voided_at IS NULL
GROUP BY ci.place_id, s.state, s.interval_s
"""
_STATES = {state.value: state for state in State}


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The board in no order, the first page of the open incidents, the top of the tree by place."""

    board: tuple[BoardRow, ...]
    incidents: tuple[IncidentRow, ...]
    tree: Mapping[str, tuple[TreeNode, ...]]


@dataclass(slots=True)
class _Tally:
    count: int = 0
    state: State | None = None
    is_stale: bool = False

    def add(self, other: "_Tally") -> None:
        self.count += other.count
        self.is_stale = self.is_stale or other.is_stale
        if self.state is None or (other.state is not None and other.state.rank < self.state.rank):
            self.state = other.state or self.state


@dataclass(frozen=True, slots=True)
class _Place:
    id: int
    parent_id: int | None
    kind: PlaceKind
    name: str
    inside: list["_Place"] = field(default_factory=list)


def first_rows(url: str) -> FirstRows | None:
    """Return the rows of an embedded database with this program's tables; None for any other, and while it is busy."""
    if not url.startswith(SCHEME):
        return None
    path = Path(url.removeprefix(SCHEME)).absolute()
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=WAIT_S)) as raw:
            raw.execute("BEGIN")
            if raw.execute("SELECT version_num FROM alembic_version").fetchone() != (HEAD,):
                return None
            if raw.execute("SELECT 1 FROM meta WHERE name = 'moved_to'").fetchone() is not None:
                return None
            return FirstRows(tuple(_board(raw)), tuple(_incidents(raw)), _tree(raw, datetime.now(UTC)))
    except (sqlite3.Error, ValueError):
        return None  # the desk says what is wrong, in words


def _board(raw: sqlite3.Connection) -> Iterator[BoardRow]:
    rooms, services, news = _rooms(raw), _services(raw), {ci_id for (ci_id,) in raw.execute(_NEW)}
    moment = lru_cache(maxsize=None)(_moment)
    for row in raw.execute(_BOARD):
        ci_id, name, class_name, place_id, address, search, state, since, checked_at, *rest = row
        interval_s, value, summary, heartbeat, affected_by = rest
        yield BoardRow(
            ci_id,
            name,
            class_name,
            rooms.get(place_id, ""),
            services.get(ci_id, ()),
            _STATES[state] if state else State.UNKNOWN,
            moment(since),
            summary or "",
            value or "",
            moment(checked_at),
            interval_s or 60,
            heartbeat or b"",
            ci_id in news,
            affected_by or "",
            f"{search} {address}".lower(),
            address,
        )


def _rooms(raw: sqlite3.Connection) -> dict[int, str]:
    """Return, by place id, the name of the room (else the topmost place) that holds it."""
    places = {row[0]: _Place(row[0], row[1], PlaceKind(row[2]), row[3]) for row in raw.execute(_ALL_PLACES)}
    found = {}
    for place_id, here in places.items():
        steps = 0
        while here.kind not in (PlaceKind.ROOM, PlaceKind.OFFICE) and here.parent_id in places and steps < len(places):
            here, steps = places[here.parent_id], steps + 1
        found[place_id] = here.name
    return found


def _services(raw: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    names: dict[int, tuple[str, ...]] = {}
    for ci_id, name in raw.execute(_SERVICES):
        names[ci_id] = (*names.get(ci_id, ()), name)
    return names


def _incidents(raw: sqlite3.Connection) -> Iterator[IncidentRow]:
    for row in raw.execute(_INCIDENTS):
        row_id, version, number, state, grade, severity, priority, source, ci_id, ci_name, title, *rest = row
        happened, recorded, due, answered, acknowledged, answerer, reason, expires, *rest = rest
        assignee_id, assignee, level, cleared, caller, cause = rest
        yield IncidentRow(
            row_id, version, number, IncidentState(state), Grade(grade), Severity(severity) if severity else None,
            Priority(priority), Source(source), ci_id, ci_name, title, _known(happened), _known(recorded), _known(due),
            _moment(answered), _moment(acknowledged), answerer, reason, _moment(expires), assignee_id, assignee, level,
            _moment(cleared), caller, cause,
        )  # fmt: skip


def _tree(raw: sqlite3.Connection, now: datetime) -> dict[str, tuple[TreeNode, ...]]:
    """Return the top level of the tree by place, each place with all that is in it."""
    places = {row[0]: _Place(row[0], row[1], PlaceKind(row[2]), row[3]) for row in raw.execute(_PLACES)}
    for place in places.values():
        if place.parent_id in places:
            places[place.parent_id].inside.append(place)
    own: dict[int | None, _Tally] = {}
    for place_id, state, interval_s, count, oldest in raw.execute(_TALLIES):
        is_old = bool(state and oldest) and now - _known(oldest) > timedelta(seconds=STALE_AFTER_INTERVALS * interval_s)
        own.setdefault(place_id, _Tally()).add(_Tally(count, _STATES.get(state), is_old))
    top = [_node(place, own) for place in places.values() if place.parent_id is None]
    homeless = own.get(None)
    if homeless is not None:
        words = tr("Without a place")
        state, is_stale = homeless.state, homeless.is_stale
        top.append(TreeNode(NOWHERE, NodeKind.NOWHERE, words, 0, "help-circle", homeless.count, state, is_stale, True))
    return {TOP: tuple(top)}


def _node(place: _Place, own: Mapping[int | None, _Tally]) -> TreeNode:
    tally, waiting = _Tally(), [place]
    while waiting:
        here = waiting.pop()
        tally.add(own.get(here.id, _Tally()))
        waiting += here.inside
    return TreeNode(
        key=f"{NodeKind.PLACE.value}:{place.id}",
        kind=NodeKind.PLACE,
        title=place.name,
        id=place.id,
        icon=PLACE_ICONS[place.kind],
        count=tally.count,
        state=tally.state,
        is_stale=tally.is_stale,
        has_children=bool(tally.count or place.inside),
        place_kind=place.kind,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else _known(text)


def _known(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")
