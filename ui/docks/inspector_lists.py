"""The columns of the inspector's lists."""

from typing import TYPE_CHECKING

from app.collector.figures import figure
from app.times import duration, moment
from app.words import label, tr
from models.enums import BackupResult, State
from ui.docks.incident_columns import state_look, state_text
from ui.rows import Column, Look, Pill, Tinted

if TYPE_CHECKING:
    from app.backups.queries import RunRow
    from app.charts import InterfaceRow
    from app.cmdb.rows import HistoryRow
    from app.devices import StateRow

_RESULTS = {
    BackupResult.OK: State.NORMAL,
    BackupResult.WARNING: State.WARNING,
    BackupResult.LATE: State.WARNING,
    BackupResult.FAILED: State.CRITICAL,
    BackupResult.MISSING: State.CRITICAL,
}


def incident_columns() -> tuple[Column, ...]:
    return (
        Column("at", tr("Happened"), lambda row: moment(row.happened_at)[:11], 86),
        Column("state", tr("State", context="incident"), state_text, 88, look=state_look),
        Column("title", tr("Content", context="incident"), lambda row: row.title, 110, stretch=True),
    )


def interface_columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("Interface"), _interface_name, 84, look=_interface_look, stretch=True),
        Column("in", tr("In", context="traffic"), lambda row: figure(row.in_bps, "bps"), 68, right=True),
        Column("out", tr("Out", context="traffic"), lambda row: figure(row.out_bps, "bps"), 68, right=True),
        Column("load", tr("Load", context="traffic"), lambda row: figure(row.utilisation, "%"), 52, right=True),
        Column("errors", tr("Errors"), lambda row: figure(row.errors_ps, "/s"), 50, right=True),
    )


def state_columns() -> tuple[Column, ...]:
    return (
        Column("at", tr("Time"), lambda row: moment(row.at), 112),
        Column("new", tr("State"), lambda row: label(row.new), 88, look=_state_look),
        Column("summary", tr("What was seen"), lambda row: row.summary, 90, stretch=True),
    )


def change_columns() -> tuple[Column, ...]:
    return (
        Column("at", tr("Time"), lambda row: moment(row.at)[:11], 86),
        Column("who", tr("Who"), lambda row: row.who, 78),
        Column("what", tr("Change"), _change_text, 120, stretch=True),
    )


def backup_columns() -> tuple[Column, ...]:
    return (
        Column("at", tr("Time"), lambda row: moment(row.started_at or row.expected_at or row.happened_at)[:11], 86),
        Column("result", tr("Result"), lambda row: label(row.result), 84, look=_result_look),
        Column("job", tr("Job"), lambda row: row.plan or row.job, 70, stretch=True),
        Column("took", tr("Took"), lambda row: duration(row.duration) if row.duration else "", 60, right=True),
    )


def _interface_name(row: "InterfaceRow") -> str:
    return f"{row.name} {row.label}".strip()


def _interface_look(row: "InterfaceRow") -> Look | None:
    if row.is_up is None:
        return None
    state = State.NORMAL if row.is_up else State.CRITICAL
    return Tinted(_interface_name(row), "text" if row.is_up else "critical", state)


def _state_look(row: "StateRow") -> Look:
    return Pill(label(row.new), row.new.value, row.new)


def _change_text(row: "HistoryRow") -> str:
    words = f"{row.field}：{row.old or '—'} → {row.new or '—'}"
    return f"{words}（{row.reason}）" if row.reason else words


def _result_look(row: "RunRow") -> Look:
    state = _RESULTS.get(row.result)
    return Pill(label(row.result), state.value if state else "secondary", state)
