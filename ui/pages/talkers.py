"""The busiest interfaces now: of all devices, or of the one that is selected (REQUIREMENTS A3)."""

import re
from math import isnan
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from app.collector.figures import figure
from app.words import tr
from models.enums import State
from ui import list_files
from ui.context import Context
from ui.filters import Chip, ChipBar
from ui.page import Page
from ui.rows import Column, Look, Tinted
from ui.subjects import talkers
from ui.table import Table

if TYPE_CHECKING:
    from app.talkers import TalkerRow

LOOK_MS = 3_000
_SHORT = {
    "hundredgige": "100GE",
    "fortygige": "40GE",
    "twentyfivegige": "25GE",
    "tengigabitethernet": "XGE",
    "xgigabitethernet": "XGE",
    "gigabitethernet": "GE",
    "fastethernet": "FE",
    "ethernet": "Eth",
}
_KINDS = re.compile(rf"\b({'|'.join(_SHORT)})(?=\d)", re.IGNORECASE)
BARS = "▁▂▃▄▅▆▇█"
MUCH, TOO_MUCH = 80.0, 95.0
"""Percent of an interface's speed from which it is shown as worrying."""


class TalkersPage(Page):
    """A list that is read anew every few seconds while it is seen."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Busiest interfaces"), context)
        self._ci_id: int | None = None
        self.chips = ChipBar(
            (
                Chip("traffic", tr("Traffic")),
                Chip("load", tr("Load", context="traffic")),
                Chip("packets", tr("Packets")),
                Chip("errors", tr("Errors")),
            ),
            self,
        )
        self.table = Table("talkers", _columns(), context, parent=self)
        self.table.empty.say(
            tr("No interface carries anything of this now. Traffic is known from the second SNMP poll of a device on.")
        )
        self.all_button = self.bar.add_button(tr("All devices"), self.show_all)
        self.bar.add(self.chips)
        self.body.addWidget(self.table)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.refresh)
        self.chips.chosen.connect(lambda _chip: self.refresh())
        self.table.counted.connect(self.bar.count.setText)
        self.table.current_row_changed.connect(self._select)
        self.table.activated_row.connect(lambda row: context.nav.open("ci", row.ci_id))
        context.live.reset.connect(self.refresh)

    def show_row(self, key: object) -> None:
        """Show the interfaces of the device `key` only, of all without one."""
        self._ci_id = key if isinstance(key, int) else None
        self.refresh()

    def show_all(self) -> None:
        self.show_row(None)

    def refresh(self) -> None:
        self.all_button.setEnabled(self._ci_id is not None)
        self.table.fill(talkers.talkers, self.chips.current, self._ci_id)

    def export(self) -> None:
        list_files.export_table(self, self.table)

    def print_list(self) -> None:
        list_files.print_table(self, self.table)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _select(self, row: "TalkerRow | None") -> None:
        if row is not None:
            self.context.nav.select("ci", row.ci_id)


def bars(values: tuple[float, ...]) -> str:
    """Return a course as a line of bars, the highest full; a blank where nothing was measured."""
    most = max((value for value in values if not isnan(value)), default=0.0)
    steps = (len(BARS) - 1) / most if most else 0.0
    return "".join(" " if isnan(value) else BARS[round(max(value, 0.0) * steps)] for value in values)


def _columns() -> tuple[Column, ...]:
    return (
        Column("device", tr("Device"), lambda row: row.device, 130, stretch=True),
        Column("interface", tr("Interface"), lambda row: row.label, 150, look=_interface_look, stretch=True),
        Column("in", tr("In", context="traffic"), lambda row: figure(row.in_bps, "bps"), 84, right=True),
        Column("out", tr("Out", context="traffic"), lambda row: figure(row.out_bps, "bps"), 84, right=True),
        Column("load", tr("Load", context="traffic"), _load, 74, look=_load_look),
        Column("trend", tr("Last hour"), lambda row: bars(row.trend), 122, look=_trend_look, drops=1),
        Column("in-packets", tr("Packets in"), lambda row: figure(row.in_packets, "/s"), 92, right=True, drops=3),
        Column("out-packets", tr("Packets out"), lambda row: figure(row.out_packets, "/s"), 92, right=True, drops=4),
        Column("errors", tr("Errors"), lambda row: figure(row.errors, "/s"), 76, right=True, drops=2),
    )


def shortened(name: str) -> str:
    """Return an interface's name with its kind abbreviated, as network people write it: GE1/0/48."""
    return _KINDS.sub(lambda found: _SHORT[found.group().casefold()], name)


def _interface_look(row: "TalkerRow") -> Look:
    return Tinted(shortened(row.label), "text")


def _load(row: "TalkerRow") -> str:
    return figure(row.load, "%")


def _load_look(row: "TalkerRow") -> Look | None:
    if row.load is None or row.load < MUCH:
        return None
    state = State.CRITICAL if row.load >= TOO_MUCH else State.WARNING
    return Tinted(_load(row), state.value, state)


def _trend_look(row: "TalkerRow") -> Look:
    return Tinted(bars(row.trend), "accent")
