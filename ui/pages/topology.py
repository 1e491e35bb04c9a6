"""How the devices hang together, as they tell it by LLDP and CDP and as the record says (REQUIREMENTS A3)."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.errors import WatchroomError
from app.words import tr, trn
from ui.context import Context
from ui.labels import PlainLabel
from ui.page import Page
from ui.pages.topology_view import STEP, TopologyView
from ui.subjects import topology

if TYPE_CHECKING:
    from app.topology import Topology

TABLES = ("ci", "relation")
LOOK_MS = 2_000


class TopologyPage(Page):
    """The graph with its legend; a click or Enter shows the device in the inspector."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Topology"), context)
        self.view = TopologyView(context, self)
        self.line = PlainLabel("", "secondary", self, wraps=True)
        self.line.setContentsMargins(12, 4, 12, 4)
        self.bar.add_button(tr("Zoom in"), lambda: self.view.zoom_by(STEP))
        self.bar.add_button(tr("Zoom out"), lambda: self.view.zoom_by(1 / STEP))
        self.bar.add_button(tr("Show all"), self.view.show_all)
        self.body.addWidget(self.line)
        self.body.addWidget(self.view, 1)
        self.view.selected.connect(self._select)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(LOOK_MS)
        self._pause.timeout.connect(self._look)
        context.live.changed.connect(lambda changed: self._note() if changed.touches(*TABLES) else None)
        context.live.states_changed.connect(lambda _states: self._note())
        context.live.reset.connect(self.refresh)

    def show_row(self, key: object) -> None:
        self.refresh()
        self.view.setFocus()

    def refresh(self) -> None:
        self.context.work.read(topology.topology, done=self._take, failed=self._fail, owner=self)

    def _note(self) -> None:
        """Look again soon; with a thousand devices some state changes every second."""
        if not self._pause.isActive():
            self._pause.start()

    def _look(self) -> None:
        if self.isVisible():
            self.refresh()

    def _select(self, ci_id: int | None) -> None:
        if ci_id is not None:
            self.context.nav.select("ci", ci_id)

    def _take(self, graph: "Topology") -> None:
        self.view.show_graph(graph)
        self.bar.count.setText(trn("{n} device", "{n} devices", len(graph.nodes)))
        if graph.nodes:
            self.line.setText(tr("Whole line: up. Broken line with a cross: down. Dotted: nobody knows its state."))
        else:
            self.line.setText(tr("No device tells of neighbours yet (LLDP, CDP), and no connection is recorded."))

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())
