"""A desk over a real embedded database, for windows whose queries matter."""

import uuid
from pathlib import Path

from app import cmdb, devices, people
from app.database import EVERY_POST, cli_identity, open_database
from app.desk import Desk, Identity
from models.enums import CheckKind, PlaceKind

PASSWORD = "Sommer-2026"


def real_desk(home: Path, template: bytes) -> Desk:
    """Return the desk of 演示员甲, who holds all posts and has no password, over an empty database."""
    path = home / "window.db"
    path.write_bytes(template)
    database = open_database(f"sqlite:///{path}")
    owner = database.desk(cli_identity(), "A1")
    person_id = owner.do(people.add_person, uuid.uuid4(), "演示员甲", "jia", EVERY_POST)
    return database.desk(Identity(person_id, "演示员甲", "jia", EVERY_POST), "A1")


def add_switch(desk: Desk, name: str = "核心交换机-1") -> int:
    """Enter a watched switch in a machine room and return its id."""
    room = desk.do(cmdb.create_place, uuid.uuid4(), cmdb.PlaceDraft(PlaceKind.ROOM, f"机房 {name}"))
    draft = cmdb.CiDraft("switch", name, address="127.0.1.10", serial="SN-1", place_id=room)
    ci_id: int = desk.do(cmdb.create, uuid.uuid4(), draft)
    desk.do(devices.add_check, uuid.uuid4(), ci_id, CheckKind.ICMP, "127.0.1.10")
    return ci_id
