"""The unit's settings: a closed list of names with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.words import tr
from models.people import Setting

DEFAULTS: dict[str, Any] = {
    "unit.name": "",
    "unit.department": "",
    "language": "",
    "duty.shifts": [
        {"name": "早班", "starts": "08:00", "hours": 12},
        {"name": "晚班", "starts": "20:00", "hours": 12},
    ],
    "escalation.minutes": 10,
    "visits.overdue_minutes": 0,
    "copies.folder": "",
    "copies.keep": 14,
    "copies.at": "02:10",
    "sound.volume": 70,
    "history.write_url": "",
    "history.read_url": "",
    "history.job": "watchroom",
    "history.token_file": "",
    "history.spool_hours": 6,
    "intake.on": False,
    "intake.address": "0.0.0.0",
    "intake.trap_port": 162,
    "intake.syslog_port": 514,
    "intake.webhook_port": 8162,
    "intake.per_second": 1000,
    "intake.keep_days": 90,
    "intake.certificate": "",
    "intake.key": "",
}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting; `version` is 0 while the default holds."""

    name: str
    value: Any
    version: int


def get(tx: ReadTx, name: str) -> Any:
    """Return a setting's value, or its default. Raises KeyError for a name that is none."""
    return row(tx, name).value


def row(tx: ReadTx, name: str) -> SettingRow:
    default = DEFAULTS[name]
    found = tx.session.execute(select(Setting.value, Setting.version).where(Setting.name == name)).first()
    return SettingRow(name, found.value["value"], found.version) if found else SettingRow(name, default, 0)


def everything(tx: ReadTx) -> dict[str, SettingRow]:
    """Return all settings by name."""
    rows = {name: SettingRow(name, value, 0) for name, value in DEFAULTS.items()}
    for name, value, version in tx.session.execute(select(Setting.name, Setting.value, Setting.version)):
        if name in rows:
            rows[name] = SettingRow(name, value["value"], version)
    return rows


@command(Permission.SETTINGS)
def put(tx: Tx, name: str, value: Any, version: int) -> None:
    """Change one setting; `version` is the one that was seen (0 for a default). Raises BadInput or Conflict."""
    if name not in DEFAULTS or not isinstance(value, type(DEFAULTS[name])):
        raise BadInput(tr("There is no such setting, or the value does not fit it: {name}", name=name))
    found = tx.session.scalars(select(Setting).where(Setting.name == name)).first()
    if found is None:
        tx.add(Setting(name=name, value={"value": value}))
        return
    tx.get(Setting, found.id, version).value = {"value": value}


@command(Permission.SETTINGS)
def put_many(tx: Tx, values: Mapping[str, Any], versions: Mapping[str, int]) -> None:
    """Change those of the settings that differ, all or none; `versions` are the ones that were seen."""
    for name, value in values.items():
        if get(tx, name) != value:
            put(tx, name, value, versions.get(name, 0))
