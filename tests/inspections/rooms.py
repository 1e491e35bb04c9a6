"""A site with one machine room, people with passwords, and rounds in every state."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from app import inspections, people
from app.collector.history import fresh
from app.database import Database, cli_identity
from app.desk import Desk, Tx, command
from app.inspections.rows import Round, RoundItem
from app.permissions import Permission
from app.template_items import Kind
from models.cmdb import Ci, Place
from models.enums import PlaceKind, Post
from models.history import series

PASSWORD = "Kaifeng2026x"


@dataclass(frozen=True, slots=True)
class Site:
    desk: Desk
    room: int
    ups: int
    witness: int


def site(database: Database, desk: Desk) -> Site:
    """Return a room with a UPS, and a witness who has a password."""
    owner = database.desk(cli_identity(), "A1")
    witness = owner.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", frozenset({Post.ENGINEER}))
    owner.do(people.give_password, witness, PASSWORD)
    room, ups = desk.do(_build)
    return Site(desk, room, ups, witness)


@command(Permission.CMDB_EDIT)
def _build(tx: Tx) -> tuple[int, int]:
    room = tx.add(Place(kind=PlaceKind.ROOM, name="一号机房"))
    rack = tx.add(Place(kind=PlaceKind.RACK, name="A01", parent_id=room.id))
    ups = tx.add(Ci(class_name="ups", name="UPS-1", place_id=rack.id))
    return room.id, ups.id


@command(Permission.CMDB_EDIT)
def measured(tx: Tx, ci_id: int, metric: str, value: float, at: datetime, instance: str = "") -> None:
    """Keep one sample as the collector would."""
    row = {"ci_id": ci_id, "metric": metric, "instance": instance, "unit": "", "label": instance}
    made = tx.session.execute(series.insert().values(row).returning(series.c.id)).scalar_one()
    fresh.write(tx.connection, np.array([made]), np.array([int(at.timestamp())]), np.array([value]))


def begun(site: Site, template: str = "daily-room", happened_at: datetime | None = None) -> int:
    return site.desk.do(inspections.begin, uuid.uuid4(), template, site.room, happened_at)


def seen(site: Site, inspection_id: int) -> Round:
    return site.desk.read(inspections.round_of, inspection_id)


def item(site: Site, inspection_id: int, code: str) -> RoundItem:
    return next(one for one in seen(site, inspection_id).items if one.code == code)


def put(
    site: Site, inspection_id: int, code: str, value: str, note: str = "", *, is_abnormal: bool = False
) -> inspections.Saved:
    version = item(site, inspection_id, code).version
    return site.desk.do(inspections.set_value, inspection_id, code, value, note, version, is_abnormal=is_abnormal)


def fill(site: Site, inspection_id: int) -> None:
    """Enter something normal at every item."""
    for one in seen(site, inspection_id).items:
        if not one.is_filled and one.is_mandatory:
            put(site, inspection_id, one.code, _normal(one))


def _normal(one: RoundItem) -> str:
    if one.kind is Kind.CHOICE:
        return one.options[0].code
    usual = {"power.mains_voltage": "226 / 226 / 228", "power.ups_battery": "100 / 37", "cooling.supply": "17",
             "power.mains_frequency": "50", "room.temperature": "23.1", "room.humidity": "48", "power.ups_load": "40",
             "cooling.running": "2 / 2", "backup.last_night": "17 / 18"}  # fmt: skip
    return usual.get(one.code, "0")


def signed_once(site: Site) -> int:
    number = begun(site)
    fill(site, number)
    put(site, number, "backup.last_night", "18 / 18")
    site.desk.do(inspections.sign, number, seen(site, number).row.version)
    return number


def signed(site: Site) -> int:
    number = signed_once(site)
    site.desk.do(inspections.witness, number, seen(site, number).row.version, site.witness, PASSWORD)
    return number


def now() -> datetime:
    return datetime.now(UTC)
