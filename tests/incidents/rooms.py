"""What the tests of incidents start from."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import contacts, incidents
from app.contacts import ContactDraft
from app.database import Database, collector_identity
from app.desk import Desk, ReadTx, Tx, command
from app.incidents import IncidentDetail, IncidentDraft, IncidentRow
from app.permissions import Permission
from app.pinyin import search_text
from models.cmdb import Ci
from models.enums import Severity, Source
from models.people import Person

TEMPERATURE = "ci:1:temperature.celsius"


@command(Permission.CMDB_EDIT)
def enter_ci(tx: Tx, name: str, address: str) -> int:
    return tx.add(Ci(class_name="switch", name=name, address=address, search=search_text(name, address))).id


def ci(desk: Desk, name: str = "核心交换机-1", address: str = "127.0.1.10") -> int:
    """Enter a device and return its id."""
    return desk.do(enter_ci, name, address)


def collector(database: Database, later: timedelta = timedelta(0)) -> Desk:
    """The desk of the collector, whose clock is `later` than the database's."""
    return database.desk(collector_identity(), "collector", clock_ahead=later)


def later(database: Database, desk: Desk, by: timedelta) -> Desk:
    """The same desk when `by` has passed."""
    return database.desk(desk.identity, desk.seat, clock_ahead=by)


def alarm(
    database: Database,
    title: str = "温度 29.6 °C，上限 28 °C",
    severity: Severity = Severity.CRITICAL,
    cause: str = TEMPERATURE,
    ci_id: int | None = None,
) -> int:
    return collector(database).do(incidents.open_alarm, cause, ci_id, severity, title)


def call(desk: Desk, title: str = "审批页面打开慢", **details: Any) -> int:
    draft = IncidentDraft(title, Source.TELEPHONE, caller="王五", **details)
    return desk.do(incidents.register_call, uuid.uuid4(), draft)


def chain_of_two(desk: Desk) -> None:
    desk.do(contacts.add, uuid.uuid4(), ContactDraft("机房主管丙", mobile="6001", escalation_level=1))
    desk.do(contacts.add, uuid.uuid4(), ContactDraft("信息中心主任丁", telephone="6002", escalation_level=2))


def one(desk: Desk, incident_id: int) -> IncidentDetail:
    return desk.read(incidents.detail, incident_id)


def row(desk: Desk, incident_id: int) -> IncidentRow:
    return one(desk, incident_id).row


def person_id(desk: Desk, name: str) -> int:
    def find(tx: ReadTx) -> int:
        return tx.session.execute(select(Person.id).where(Person.name == name)).scalar_one()

    return desk.read(find)


def all_ids(desk: Desk, query: Callable[..., list[IncidentRow]], *args: Any, **values: Any) -> list[int]:
    return [each.id for each in desk.read(query, *args, **values)]
