"""The painted graph of devices: a cable's state by colour and by stroke, zoom, pan and keys."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.words import label, tr
from ui.context import Context
from ui.labels import plain_tooltip
from ui.shapes import SHAPE

if TYPE_CHECKING:
    from app.topology import Edge, Node, Topology

MARGIN, DOT, CROSS = 70, 7, 5
NEAR = 14
NAMED_AT_MOST = 600
CELL = 8
LANE = 5
"""Pixels between two cables of the same two devices."""
LEAST_ZOOM, MOST_ZOOM, STEP = 0.5, 20.0, 1.25
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class TopologyView(QWidget):
    """Arrows go from device to device, Enter opens, + and - zoom, 0 shows all; wheel and drag do the same."""

    selected = Signal(object)
    """The CI of the device that is chosen, None for a neighbour without a record."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._shapes = context.theme, context.shapes
        self.nodes: tuple[Node, ...] = ()
        self.edges: tuple[Edge, ...] = ()
        self._places: dict[str, int] = {}
        self._aside: list[int] = []
        self._first_named: list[int] = []
        self.current: str = ""
        self.zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self._grabbed: QPointF | None = None
        self._was_dragged = False
        self.setObjectName("topology-view")
        self.setAccessibleName(tr("Topology"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        context.theme.changed.connect(self.update)

    def show_graph(self, graph: "Topology") -> None:
        """Show a graph; zoom, place and choice stay."""
        self.nodes, self.edges = graph.nodes, graph.edges
        self._places = {node.key: place for place, node in enumerate(self.nodes)}
        self._aside = _lanes(self.edges)
        cables = Counter(key for edge in self.edges for key in (edge.a, edge.b))
        self._first_named = sorted(range(len(self.nodes)), key=lambda place: -cables[self.nodes[place].key])
        if self.current not in self._places:
            self.current = ""
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(800, 500)

    def spot(self, node: "Node") -> QPointF:
        """Return where a node is painted."""
        wide, high = self.width() - 2 * MARGIN, self.height() - 2 * MARGIN
        x = self.width() / 2 + (node.x - self._centre.x()) * wide * self.zoom
        return QPointF(x, self.height() / 2 + (node.y - self._centre.y()) * high * self.zoom)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom, keeping what is at `at` (the middle) where it is."""
        fixed = at or QPointF(self.width() / 2, self.height() / 2)
        before = self._graph_place(fixed)
        self.zoom = min(max(self.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
        self._centre += before - self._graph_place(fixed)
        self.update()

    def show_all(self) -> None:
        self.zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self.update()

    def choose(self, key: str) -> None:
        """Choose a node and say which CI it is."""
        self.current = key
        self.selected.emit(self.nodes[self._places[key]].ci_id)
        self.update()

    def node_at(self, at: QPointF) -> "Node | None":
        """Return the node nearest to a point of the screen, within reach of it."""
        near = [(_apart(self.spot(node), at), place) for place, node in enumerate(self.nodes)]
        apart, place = min(near, default=(NEAR + 1.0, 0))
        return self.nodes[place] if apart <= NEAR else None

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        spots = [self.spot(node) for node in self.nodes]
        for edge, aside in zip(self.edges, self._aside, strict=True):
            self._paint_edge(painter, edge, *_beside(spots[self._places[edge.a]], spots[self._places[edge.b]], aside))
        seen = QRectF(self.rect()).adjusted(-MARGIN, -DOT, MARGIN, DOT)
        shown = [place for place, spot in enumerate(spots) if seen.contains(spot)]
        for place in shown:
            self._paint_node(painter, self.nodes[place], spots[place])
        self._paint_names(painter, shown, spots)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(STEP if event.angleDelta().y() > 0 else 1 / STEP, event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grabbed, self._was_dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is None:
            return
        if not self._was_dragged and _apart(self._grabbed, event.position()) < NEAR / 2:
            return
        self._centre += self._graph_place(self._grabbed) - self._graph_place(event.position())
        self._grabbed, self._was_dragged = event.position(), True
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        node = None if self._was_dragged else self.node_at(event.position())
        if node is not None:
            self.choose(node.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ARROWS and self.nodes:
            self._go(*ARROWS[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / STEP)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.choose(self.current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            node = self.node_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tooltip(self.told(node)) if node else "", self)
            return True
        return super().event(event)

    def told(self, node: "Node") -> str:
        """Return what is said of a node: its name, its state, and each of its cables with how it stands."""
        lines = [f"{node.name}: {label(node.state)}" if node.ci_id else tr("{name}: no record", name=node.name)]
        for edge in self.edges:
            if node.key in (edge.a, edge.b):
                far = self.nodes[self._places[edge.b if edge.a == node.key else edge.a]]
                port = edge.a_port if edge.a == node.key else edge.b_port
                lines.append(f"{port or '—'} → {far.name}: {_standing(edge)}")
        return "\n".join(lines)

    def _go(self, right: int, down: int) -> None:
        """Choose the nearest node in a direction; the first one when none was chosen."""
        if not self.current:
            self.choose(self.nodes[0].key)
            return
        here = self.spot(self.nodes[self._places[self.current]])
        ahead = []
        for node in self.nodes:
            way = self.spot(node) - here
            along, aside = way.x() * right + way.y() * down, abs(way.x() * down) + abs(way.y() * right)
            if along > 1:
                ahead.append((along + 2 * aside, node.key))
        if ahead:
            self.choose(min(ahead)[1])

    def _graph_place(self, at: QPointF) -> QPointF:
        wide, high = (max(1, size - 2 * MARGIN) * self.zoom for size in (self.width(), self.height()))
        x, y = (at.x() - self.width() / 2) / wide, (at.y() - self.height() / 2) / high
        return QPointF(self._centre.x() + x, self._centre.y() + y)

    def _paint_edge(self, painter: QPainter, edge: "Edge", a: QPointF, b: QPointF) -> None:
        """Up is a whole line, down a broken one with a cross, unknown a dotted one."""
        token = {True: "normal", False: "critical", None: "secondary"}[edge.is_up]
        style = {True: Qt.PenStyle.SolidLine, False: Qt.PenStyle.DashLine, None: Qt.PenStyle.DotLine}[edge.is_up]
        is_near = self.current in (edge.a, edge.b)
        painter.setPen(QPen(self._theme.colour(token), 2.5 if is_near or edge.is_up is False else 1.2, style))
        painter.drawLine(a, b)
        if edge.is_up is False:
            middle = QPointF((a.x() + b.x()) / 2, (a.y() + b.y()) / 2)
            painter.setPen(QPen(self._theme.colour(token), 2))
            for slope in (1, -1):
                arm = QPointF(CROSS, CROSS * slope)
                painter.drawLine(middle - arm, middle + arm)

    def _paint_node(self, painter: QPainter, node: "Node", spot: QPointF) -> None:
        painter.setPen(QPen(self._theme.colour("accent" if node.key == self.current else "hair"), 2))
        painter.setBrush(self._theme.colour("raised" if node.ci_id else "window"))
        painter.drawEllipse(spot, DOT + 3, DOT + 3)
        self._shapes.paint(painter, spot.x() - SHAPE / 2, spot.y() - SHAPE / 2, node.state)

    def _paint_names(self, painter: QPainter, shown: Sequence[int], spots: Sequence[QPointF]) -> None:
        """Write the names that have room: the chosen one's first, then those of most cables."""
        painter.setFont(self._theme.font("small"))
        metrics = painter.fontMetrics()
        here = self._places.get(self.current)
        there = set(shown)
        ordered = [place for place in self._first_named if place in there and place != here]
        whole = QRectF(self.rect())
        taken = {cell for place in shown for cell in _cells(_box(spots[place], 2 * (DOT + 2), 2 * (DOT + 2)))}
        for place in ordered[:NAMED_AT_MOST] if here is None or here not in there else (here, *ordered[:NAMED_AT_MOST]):
            node, spot = self.nodes[place], spots[place]
            name = metrics.elidedText(node.name, Qt.TextElideMode.ElideMiddle, 2 * MARGIN)
            wide, high = metrics.horizontalAdvance(name) + 6, metrics.height()
            aside = DOT + 6 + wide / 2
            around = (QPointF(0, DOT + 12), QPointF(0, -DOT - 12), QPointF(aside, 0), QPointF(-aside, 0))
            boxes = [_box(spot + way, wide, high) for way in around]
            free = (box for box in boxes if whole.contains(box) and taken.isdisjoint(_cells(box)))
            box = next(free, boxes[0] if place == here else None)
            if box is None:
                continue
            taken.update(_cells(box))
            painter.fillRect(box, self._theme.colour("surface"))
            painter.setPen(self._theme.colour("text" if node.ci_id else "secondary"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def _box(middle: QPointF, width: float, height: float) -> QRectF:
    return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)


def _cells(box: QRectF) -> list[tuple[int, int]]:
    """Return the squares of the screen that a box touches."""
    across = range(int(box.left()) // CELL, int(box.right()) // CELL + 1)
    down = range(int(box.top()) // CELL, int(box.bottom()) // CELL + 1)
    return [(x, y) for x in across for y in down]


def _lanes(edges: Sequence["Edge"]) -> list[int]:
    """Return how far aside each cable is painted: several between the same two devices lie beside each other."""
    pairs = [(min(edge.a, edge.b), max(edge.a, edge.b)) for edge in edges]
    count, seen, lanes = Counter(pairs), Counter[tuple[str, str]](), []
    for pair in pairs:
        lanes.append(LANE * (2 * seen[pair] - count[pair] + 1) // 2)
        seen[pair] += 1
    return lanes


def _beside(a: QPointF, b: QPointF, aside: int) -> tuple[QPointF, QPointF]:
    """Return the line from `a` to `b` moved aside, to the same side whichever way it goes."""
    line = QLineF(a, b) if (a.x(), a.y()) <= (b.x(), b.y()) else QLineF(b, a)
    if not aside or not line.length():
        return a, b
    normal = line.normalVector().unitVector()
    move = QPointF(normal.dx() * aside, normal.dy() * aside)
    return a + move, b + move


def _apart(a: QPointF, b: QPointF) -> float:
    return max(abs(a.x() - b.x()), abs(a.y() - b.y()))


def _standing(edge: "Edge") -> str:
    state = tr("Up", context="link") if edge.is_up else tr("Down", context="link")
    if edge.is_up is None:
        state = tr("State unknown", context="link")
    if not edge.is_recorded:
        return tr("{state}, not in the record", state=state)
    return state if edge.is_seen else tr("{state}, in the record only", state=state)
