"""Devices on the board: their states, checks, limits and maintenance windows (REQUIREMENTS A)."""

from typing import TYPE_CHECKING

from app.board_row import BoardRow
from app.devices.checks import CheckRow, add_check, checks_of, edit_check, request_check
from app.devices.limits import Limits, ThresholdRow, add_threshold, edit_threshold, thresholds_of
from app.devices.maintenance import MaintenanceRow, begin_maintenance, end_maintenance, maintenances
from app.devices.states import (
    Beat,
    CollectorRow,
    Counts,
    StateRow,
    beats,
    board,
    board_rows,
    collectors,
    counts,
    history,
    rows_of_incidents,
    state_of,
)
from app.late import late

if TYPE_CHECKING:
    from app.devices.onboarding import Neighbourhood, add_device, look_around, watch_this_machine
    from app.devices.tools import ping, trace, try_port
else:
    __getattr__ = late(
        "app.devices",
        onboarding=("Neighbourhood", "add_device", "look_around", "watch_this_machine"),
        tools=("ping", "trace", "try_port"),
    )

__all__ = [
    "Beat",
    "BoardRow",
    "CheckRow",
    "CollectorRow",
    "Counts",
    "Limits",
    "MaintenanceRow",
    "Neighbourhood",
    "StateRow",
    "ThresholdRow",
    "add_check",
    "add_device",
    "add_threshold",
    "beats",
    "begin_maintenance",
    "board",
    "board_rows",
    "checks_of",
    "collectors",
    "counts",
    "edit_check",
    "edit_threshold",
    "end_maintenance",
    "history",
    "look_around",
    "maintenances",
    "ping",
    "request_check",
    "rows_of_incidents",
    "state_of",
    "thresholds_of",
    "trace",
    "try_port",
    "watch_this_machine",
]
