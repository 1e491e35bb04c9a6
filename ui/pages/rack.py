"""The page of one rack: its front with U positions, and the list of what is in it (REQUIREMENTS D2)."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QWidget

from app.ci_classes import class_of
from app.errors import WatchroomError
from app.words import label, tr, trn
from ui.again import say
from ui.context import Context
from ui.docks import cmdb_forms as forms
from ui.live import Changed
from ui.page import Page
from ui.pages.ci_new import NewCi
from ui.pages.rack_view import RackView
from ui.rows import Pill
from ui.subjects import cmdb
from ui.table import Column, Table

if TYPE_CHECKING:
    from app.cmdb.rows import RackRow, RackUnit

GATHER_MS = 250
FRONT_WIDTH = 460


class RackPage(Page):
    """`show_row` takes a rack's place id. Units are dragged, moved by Ctrl+Up/Down, or sent to a U by form."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("rack", tr("Rack view"), context, parent)
        self._place_id = 0
        self._rack: RackRow | None = None
        self.front = RackView(context, self)
        self.table = Table("rack-units", _columns(), context, key=lambda unit: unit.ci_id, parent=self)
        self.table.empty.say(tr("This rack is empty."), tr("New configuration item here…"), self._add)
        self._lay_out()
        self.bar.add_button(tr("New configuration item here…"), self._add, needs=("cmdb.create",))
        self.move_button = self.bar.add_button(tr("Move to U…"), self._move, needs=("cmdb.move",))
        self.move_button.setEnabled(False)
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(GATHER_MS)
        self._connect()

    def _lay_out(self) -> None:
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget(area)
        inner = QHBoxLayout(holder)
        inner.setContentsMargins(8, 0, 8, 0)
        inner.addWidget(self.front, 1, Qt.AlignmentFlag.AlignTop)
        area.setWidget(holder)
        holder.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        area.setMinimumWidth(FRONT_WIDTH)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(area, 3)
        row.addWidget(self.table, 4)
        self.body.addLayout(row, 1)

    def _connect(self) -> None:
        self.front.chosen.connect(self._choose)
        self.front.opened.connect(lambda ci_id: self.context.nav.open("ci", ci_id))
        self.front.dropped.connect(self._drop)
        self.front.menu_asked.connect(self._show_menu)
        self.table.current_row_changed.connect(self._follow_table)
        self.table.activated_row.connect(lambda unit: self.context.nav.open("ci", unit.ci_id))
        self._gathering.timeout.connect(self.refresh)
        self.context.live.changed.connect(self._follow)
        self.context.live.states_changed.connect(self._follow_states)
        self.context.live.reset.connect(self.refresh)

    def show_row(self, key: object) -> None:
        if isinstance(key, int):
            self._place_id = key
            self.banners.clear("error")
            self.refresh()
            self.front.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        if self._place_id:
            self.table.fill(cmdb.rack, self._place_id, show=self._show)

    def _show(self, rack: "RackRow") -> None:
        self._rack = rack
        taken = sum(unit.u_height for unit in rack.units)
        self.bar.title.setText(rack.name)
        free = tr("{free} of {height} U free", free=f"{rack.height_u - taken:g}", height=f"{rack.height_u:g}")
        devices = trn("{n} device", "{n} devices", len(rack.units) + len(rack.loose))
        self.bar.count.setText(f"{rack.path} · {devices} · {free}")
        self.front.show_rack(rack)
        self.table.set_rows((*rack.units, *rack.loose))

    def _choose(self, unit: "RackUnit | None") -> None:
        self.move_button.setEnabled(unit is not None)
        if unit is not None:
            self.context.nav.select("ci", unit.ci_id)
            self.table.select_key(unit.ci_id)

    def _follow_table(self, unit: "RackUnit | None") -> None:
        if unit is not None:
            self.move_button.setEnabled(True)
            self.front.make_current(unit.ci_id)

    def _drop(self, unit: "RackUnit", u_bottom: float) -> None:
        self.banners.clear("error")
        self.context.work.do(
            cmdb.move,
            unit.ci_id,
            unit.version,
            self._place_id,
            u_bottom,
            done=lambda _nothing: self.refresh(),
            failed=partial(self._not_dropped, unit, u_bottom),
            owner=self,
        )

    def _not_dropped(self, unit: "RackUnit", u_bottom: float, error: WatchroomError) -> None:
        """Show the rack as it is; after a conflict the device is moved all the same if the person says so."""
        say(self.banners, "error", error, lambda version: self._drop(replace(unit, version=version), u_bottom))
        self.refresh()

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())
        self.front.update()

    def _add(self) -> None:
        self.context.nav.open("ci", NewCi(place_id=self._place_id))

    def _move(self) -> None:
        unit = self.table.current_row
        if unit is not None:
            forms.move(self.context, self, unit.ci_id)

    def _show_menu(self, unit: "RackUnit | None", at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if unit is not None:
            menu.addAction(tr("Open…"), lambda: self.context.nav.open("ci", unit.ci_id))
            self.context.rights.guard(
                menu.addAction(tr("Move to U…"), lambda: forms.move(self.context, self, unit.ci_id)), "cmdb.move"
            )
        self.context.rights.guard(menu.addAction(tr("New configuration item here…"), self._add), "cmdb.create")
        menu.popup(self.front.mapToGlobal(at))

    def _follow(self, changed: Changed) -> None:
        if self.isVisible() and changed.touches("ci", "place"):
            self._gathering.start()

    def _follow_states(self, ids: frozenset[int]) -> None:
        units = (*self._rack.units, *self._rack.loose) if self._rack else ()
        if self.isVisible() and any(unit.ci_id in ids for unit in units):
            self._gathering.start()


def _columns() -> list[Column]:
    return [
        Column("u", "U", _unit, 64, right=True, value=lambda unit: unit.u_bottom or 0.0),
        Column("name", tr("Name", context="ci"), lambda unit: unit.name, 180, stretch=True),
        Column("class", tr("Class", context="ci"), lambda unit: class_of(unit.class_name).label, 100, drops=1),
        Column("height", tr("Height in U"), lambda unit: f"{unit.u_height:g}", 72, right=True, drops=2),
        Column("state", tr("State", context="watch"), lambda unit: _state(unit).text, 96, look=_state),
    ]


def _unit(unit: "RackUnit") -> str:
    return "" if unit.u_bottom is None else f"{unit.u_bottom:g}"


def _state(unit: "RackUnit") -> Pill:
    if unit.state is None:
        return Pill(tr("not watched"))
    return Pill(label(unit.state), unit.state.value, unit.state)
