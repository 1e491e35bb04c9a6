"""What the watch says: the board's rows, the counts of the head strip, a device's own history of states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from app.board_row import BoardRow
from app.desk import ReadTx
from models.cmdb import Ci, Place, Relation
from models.enums import IncidentState, PlaceKind, RelationKind, State
from models.incidents import Incident
from models.monitoring import Check, CollectorBeat, DeviceBeat, DeviceState, StateChange

IN_CLAUSE = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """How many watched devices stand in each state."""

    by_state: dict[State, int]

    @property
    def total(self) -> int:
        return sum(self.by_state.values())


class Beat(NamedTuple):
    """A device's last check: what every check changes while the state stays."""

    ci_id: int
    checked_at: datetime | None
    value: str
    heartbeat: bytes


@dataclass(frozen=True, slots=True)
class StateRow:
    """One change of a device's state."""

    id: int
    at: datetime
    old: State | None
    new: State
    summary: str


@dataclass(frozen=True, slots=True)
class CollectorRow:
    """A collector's heartbeat; `age_s` is how long ago it beat, by the database's clock."""

    name: str
    host: str
    started_at: datetime
    beat_at: datetime
    age_s: float
    devices: int
    checks_per_minute: int
    trouble: str


def board(tx: ReadTx) -> list[BoardRow]:
    """Return every watched device, in no order (the board sorts by state)."""
    return _rows(tx, _board_query())


def board_rows(tx: ReadTx, ci_ids: Iterable[int]) -> list[BoardRow]:
    """Return the rows of some devices, for patching; a device that is no longer watched is left out."""
    ids = sorted(ci_ids)
    if len(ids) > IN_CLAUSE:
        wanted = set(ids)
        return [row for row in board(tx) if row.ci_id in wanted]
    return _rows(tx, _board_query().where(Ci.id.in_(ids)))


def beats(tx: ReadTx, since: datetime) -> list[Beat]:
    """Return the last checks that are later than `since`, in no order."""
    columns = (DeviceBeat.ci_id, DeviceBeat.checked_at, DeviceBeat.value_text, DeviceBeat.heartbeat)
    return [Beat(*row) for row in tx.session.execute(select(*columns).where(DeviceBeat.checked_at > since))]


def rows_of_incidents(tx: ReadTx, incident_ids: Iterable[int]) -> list[BoardRow]:
    """Return the devices of some incidents, whose new-mark may have changed."""
    ids = list(incident_ids)[:IN_CLAUSE]
    found = tx.session.scalars(select(Incident.ci_id).where(Incident.id.in_(ids), Incident.ci_id.is_not(None)))
    return board_rows(tx, {ci_id for ci_id in found if ci_id is not None})


def counts(tx: ReadTx) -> Counts:
    """Return the head strip's figures."""
    found = tx.session.execute(
        select(DeviceState.state, func.count())
        .select_from(Ci)
        .join(DeviceState, DeviceState.ci_id == Ci.id, isouter=True)
        .where(_is_watched())
        .group_by(DeviceState.state)
    )
    by_state = dict.fromkeys(State, 0)
    for state, n in found:
        by_state[state or State.UNKNOWN] += n
    return Counts(by_state)


def state_of(tx: ReadTx, ci_id: int) -> BoardRow | None:
    """Return one device's row, None when it is not watched."""
    rows = board_rows(tx, [ci_id])
    return rows[0] if rows else None


def history(tx: ReadTx, ci_id: int, limit: int = 100) -> list[StateRow]:
    """Return the device's changes of state, newest first."""
    query = (
        select(StateChange.id, StateChange.at, StateChange.old, StateChange.new, StateChange.summary)
        .where(StateChange.ci_id == ci_id)
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .limit(limit)
    )
    return [StateRow(*row) for row in tx.session.execute(query)]


def collectors(tx: ReadTx) -> list[CollectorRow]:
    """Return the collectors, the most recent beat first."""
    beats = tx.session.scalars(select(CollectorBeat).order_by(CollectorBeat.beat_at.desc()))
    return [
        CollectorRow(
            b.name,
            b.host,
            b.started_at,
            b.beat_at,
            (tx.now - b.beat_at).total_seconds(),
            b.devices,
            b.checks_per_minute,
            b.trouble,
        )
        for b in beats
    ]


def _is_watched() -> ColumnElement[bool]:
    return and_(Ci.voided_at.is_(None), exists().where(Check.ci_id == Ci.id, Check.is_enabled))


def _board_query() -> Select[*tuple[Any, ...]]:
    affecting = aliased(Ci)
    return (
        select(
            Ci.id, Ci.name, Ci.class_name, Ci.place_id, Ci.address, Ci.search, DeviceState.state, DeviceState.since,
            DeviceBeat.checked_at, DeviceState.interval_s, DeviceBeat.value_text, DeviceState.summary,
            DeviceBeat.heartbeat, affecting.name.label("affected_by"),
        )
        .join(DeviceState, DeviceState.ci_id == Ci.id, isouter=True)
        .join(DeviceBeat, DeviceBeat.ci_id == Ci.id, isouter=True)
        .join(affecting, affecting.id == DeviceState.affected_by, isouter=True)
        .where(_is_watched())
    )  # fmt: skip


def _rows(tx: ReadTx, query: Select[*tuple[Any, ...]]) -> list[BoardRow]:
    found = tx.session.execute(query).all()
    around = _Around(_rooms(tx), _services(tx), _with_new_incidents(tx))
    return [_board_row(row, around) for row in found]


class _Around(NamedTuple):
    """What a row shows besides the device itself: names of rooms by place, of services by device, who has news."""

    rooms: dict[int, str]
    services: dict[int, tuple[str, ...]]
    with_new_incidents: frozenset[int]


def _with_new_incidents(tx: ReadTx) -> frozenset[int]:
    """Return the devices with an incident that nobody has acknowledged: few, however long the ledger is."""
    found = select(Incident.ci_id).where(Incident.state == IncidentState.NEW)
    return frozenset(ci_id for ci_id in tx.session.scalars(found) if ci_id is not None)


def _board_row(row: Row[*tuple[Any, ...]], around: _Around) -> BoardRow:
    """Return the board's row of one answer of `_board_query`, taken apart by place: there are 10,000 at a start."""
    ci_id, name, class_name, place_id, address, search, state, since, checked_at, *rest = row
    interval_s, value, summary, heartbeat, affected_by = rest
    return BoardRow(
        ci_id,
        name,
        class_name,
        around.rooms.get(place_id, ""),
        around.services.get(ci_id, ()),
        state or State.UNKNOWN,
        since,
        summary or "",
        value or "",
        checked_at,
        interval_s or 60,
        heartbeat or b"",
        ci_id in around.with_new_incidents,
        affected_by or "",
        f"{search} {address}".lower(),
        address,
    )


def _rooms(tx: ReadTx) -> dict[int, str]:
    """Return, by place id, the name of the room (else the topmost place) that holds it."""
    places = {p.id: p for p in tx.session.execute(select(Place.id, Place.parent_id, Place.kind, Place.name))}
    return {place_id: _room_of(places, place_id) for place_id in places}


def _room_of(places: dict[int, Row[*tuple[Any, ...]]], place_id: int) -> str:
    here = places[place_id]
    seen = 0
    while here.kind not in (PlaceKind.ROOM, PlaceKind.OFFICE) and here.parent_id in places and seen < len(places):
        here, seen = places[here.parent_id], seen + 1
    return str(here.name)


def _services(tx: ReadTx) -> dict[int, tuple[str, ...]]:
    service = aliased(Ci)
    found: Sequence[Row[*tuple[Any, ...]]] = tx.session.execute(
        select(Relation.source_id, service.name)
        .join(service, service.id == Relation.target_id)
        .where(Relation.kind == RelationKind.PART_OF, Relation.ended_at.is_(None))
    ).all()
    names: dict[int, tuple[str, ...]] = {}
    for ci_id, name in found:
        names[ci_id] = (*names.get(ci_id, ()), name)
    return names
