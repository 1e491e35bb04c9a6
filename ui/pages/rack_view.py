"""A rack's front, painted: units with their states where they hang, moved by mouse or keyboard."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from app.ci_classes import class_of
from app.words import label, tr
from ui.context import Context
from ui.labels import plain_tooltip
from ui.shapes import SHAPE, paint_hatching

if TYPE_CHECKING:
    from app.cmdb.rows import RackRow, RackUnit

U_HEIGHT = 20
RULER = 34
EDGE = 8
MARGIN = 12
STEP = 0.5
WIDTH = 420
LEAST_HEIGHT = 0.5
STATE_EDGE = 3


class RackView(QWidget):
    """`chosen` when another unit is current, `opened` by Enter or a double click, `dropped` when one was moved.

    Ctrl+Up and Ctrl+Down lift the current unit and move it by half a U, Enter puts it there, Esc puts it back.
    """

    chosen = Signal(object)
    opened = Signal(int)
    dropped = Signal(object, float)
    menu_asked = Signal(object, QPoint)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rack: RackRow | None = None
        self._current = 0
        self._lifted: float | None = None
        self._grip = 0.0
        self._pressed: QPointF | None = None
        self.setObjectName("rack-view")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_asked.emit(self.unit_at(QPointF(at)), at))
        context.theme.changed.connect(self.update)

    @property
    def current(self) -> "RackUnit | None":
        units = self._rack.units if self._rack else ()
        return next((unit for unit in units if unit.ci_id == self._current), None)

    @property
    def lifted(self) -> float | None:
        """Where the unit that is being moved would hang, None while none is."""
        return self._lifted

    def show_rack(self, rack: "RackRow") -> None:
        """Show a rack; the current unit stays current, and one that is being moved stays lifted."""
        self._rack = rack
        if self.current is None:
            self._lifted = None
        self.setFixedHeight(round(rack.height_u * U_HEIGHT) + 2 * MARGIN)
        self.setAccessibleName(tr("Rack {name}", name=rack.name))
        self.update()

    def make_current(self, ci_id: int) -> None:
        """Make a unit the current one, without telling."""
        if ci_id != self._current:
            self._current, self._lifted = ci_id, None
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 42 * U_HEIGHT + 2 * MARGIN)

    def unit_at(self, place: QPointF) -> "RackUnit | None":
        units = self._rack.units if self._rack else ()
        return next((unit for unit in units if self._box(unit).contains(place)), None)

    def is_free(self, unit: "RackUnit", u_bottom: float) -> bool:
        """Whether a unit could hang there; the database says the last word."""
        if self._rack is None or u_bottom < 1 or u_bottom + unit.u_height > self._rack.height_u + 1:
            return False
        return not any(
            other.ci_id != unit.ci_id
            and (other.u_bottom or 0) < u_bottom + unit.u_height
            and u_bottom < (other.u_bottom or 0) + other.u_height
            for other in self._rack.units
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._rack is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter, self._rack.height_u)
        for unit in self._rack.units:
            self._paint_unit(painter, unit, self._box(unit), unit.ci_id == self._current)
        current = self.current
        if current is not None and self._lifted is not None:
            self._paint_ghost(painter, current, self._lifted)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        self._choose(unit)
        if unit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self._grip = self._u_at(event.position()) - (unit.u_bottom or 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        unit = self.current
        if self._pressed is None or unit is None:
            return
        if (event.position() - self._pressed).manhattanLength() > U_HEIGHT / 4:
            self._lift(unit, self._u_at(event.position()) - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            self._pressed = None
            self._drop()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if unit is not None:
            self.opened.emit(unit.ci_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, unit = event.key(), self.current
        is_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            up = key == Qt.Key.Key_Up
            if is_control and unit is not None:
                here = self._lifted if self._lifted is not None else unit.u_bottom or 1.0
                self._lift(unit, here + (STEP if up else -STEP))
            else:
                self._step(-1 if up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and unit is not None:
            if self._lifted is not None:
                self._drop()
            else:
                self.opened.emit(unit.ci_id)
        elif key == Qt.Key.Key_Escape and self._lifted is not None:
            self._lifted = None
            self.update()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        is_override = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_override and event.key() == Qt.Key.Key_Escape and self._lifted is not None:  # type: ignore[attr-defined]  # a QKeyEvent
            event.accept()
            return True
        if isinstance(event, QHelpEvent):
            unit = self.unit_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tooltip(said(unit)) if unit else "", self)
            return True
        return super().event(event)

    def _choose(self, unit: "RackUnit | None") -> None:
        self._lifted = None
        self._current = unit.ci_id if unit else 0
        self.chosen.emit(unit)
        self.update()

    def _step(self, by: int) -> None:
        """Make the next unit below (1) or above (-1) the current one."""
        units = self._rack.units if self._rack else ()
        if units:
            places = [unit.ci_id for unit in units]
            at = places.index(self._current) + by if self._current in places else 0
            self._choose(units[min(max(at, 0), len(units) - 1)])

    def _lift(self, unit: "RackUnit", u_bottom: float) -> None:
        assert self._rack is not None
        highest = self._rack.height_u + 1 - unit.u_height
        self._lifted = min(max(1.0, round(u_bottom / STEP) * STEP), highest)
        self.update()

    def _drop(self) -> None:
        unit, place = self.current, self._lifted
        self._lifted = None
        self.update()
        if unit is not None and place is not None and place != unit.u_bottom:
            self.dropped.emit(unit, place)

    def _u_at(self, place: QPointF) -> float:
        height = self._rack.height_u if self._rack else 0
        return height + 1 - (place.y() - MARGIN) / U_HEIGHT

    def _top(self, u: float) -> float:
        """Return where the upper edge of what ends at `u` (exclusive) lies."""
        height = self._rack.height_u if self._rack else 0
        return MARGIN + (height + 1 - u) * U_HEIGHT

    def _inside(self) -> QRectF:
        return QRectF(RULER + EDGE, MARGIN, self.width() - 2 * (RULER + EDGE), self.height() - 2 * MARGIN)

    def _box(self, unit: "RackUnit", u_bottom: float | None = None) -> QRectF:
        bottom = u_bottom if u_bottom is not None else unit.u_bottom or 1.0
        height = max(unit.u_height, LEAST_HEIGHT)
        inside = self._inside()
        return QRectF(inside.left(), self._top(bottom + height), inside.width(), height * U_HEIGHT).adjusted(
            0, 1, 0, -1
        )

    def _paint_frame(self, painter: QPainter, height: float) -> None:
        theme, inside = self._context.theme, self._inside()
        painter.setPen(QPen(theme.colour("hair"), 2))
        painter.setBrush(theme.colour("window"))
        painter.drawRoundedRect(inside.adjusted(-EDGE, -4, EDGE, 4), 4, 4)
        painter.setFont(theme.font("small"))
        for u in range(1, int(height) + 1):
            row = QRectF(0, self._top(u + 1), self.width(), U_HEIGHT)
            painter.setPen(QPen(theme.colour("hair"), 1))
            painter.drawLine(QPointF(inside.left(), row.bottom()), QPointF(inside.right(), row.bottom()))
            painter.setPen(theme.colour("secondary"))
            for side in (
                QRectF(0, row.top(), RULER - 8, U_HEIGHT),
                QRectF(self.width() - RULER + 8, row.top(), RULER - 8, U_HEIGHT),
            ):
                where = Qt.AlignmentFlag.AlignRight if side.left() == 0 else Qt.AlignmentFlag.AlignLeft
                painter.drawText(side, int(where | Qt.AlignmentFlag.AlignVCenter), str(u))

    def _paint_unit(self, painter: QPainter, unit: "RackUnit", box: QRectF, is_current: bool) -> None:
        theme = self._context.theme
        token = unit.state.value if unit.state else "disabled"
        painter.setPen(QPen(theme.colour("accent" if is_current else "hair"), 2 if is_current else 1))
        painter.setBrush(theme.colour("selection" if is_current else "raised"))
        painter.drawRoundedRect(box, 3, 3)
        painter.fillRect(QRectF(box.left() + 1, box.top() + 2, STATE_EDGE, box.height() - 4), theme.colour(token))
        if unit.is_stale:
            paint_hatching(painter, box.adjusted(4, 2, -2, -2), theme.colour("hover"))
        inner = box.adjusted(STATE_EDGE + 8, 0, -8, 0)
        if unit.state is not None:
            self._context.shapes.paint(painter, inner.left(), inner.center().y() - SHAPE / 2, unit.state)
        self._paint_words(painter, unit, inner.adjusted(SHAPE + 8, 0, 0, 0).toRect())

    def _paint_words(self, painter: QPainter, unit: "RackUnit", box: QRect) -> None:
        theme = self._context.theme
        right = f"U{unit.u_bottom:g} · {unit.u_height:g}U"
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("secondary"))
        width = painter.fontMetrics().horizontalAdvance(right)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), right)
        is_low = unit.u_height < 1
        painter.setFont(theme.font("small" if is_low else "secondary"))
        painter.setPen(theme.colour("text"))
        name = box.adjusted(0, 0, -width - 8, 0)
        shown = painter.fontMetrics().elidedText(unit.name, Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)

    def _paint_ghost(self, painter: QPainter, unit: "RackUnit", u_bottom: float) -> None:
        theme, box = self._context.theme, self._box(unit, u_bottom)
        token = "accent" if self.is_free(unit, u_bottom) else "critical"
        painter.setPen(QPen(theme.colour(token), 2, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme.colour(token))
        painter.setFont(theme.font("secondary", bold=True))
        words = f"U{u_bottom:g}" if token == "accent" else tr("U{u}: taken", u=f"{u_bottom:g}")
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)


def said(unit: "RackUnit") -> str:
    """Return a unit in words, as it is read aloud and shown in its tooltip."""
    state = label(unit.state) if unit.state else tr("not watched")
    place = f"U{unit.u_bottom:g}" if unit.u_bottom is not None else ""
    parts = (unit.name, class_of(unit.class_name).label, place, f"{unit.u_height:g}U", state)
    return " · ".join(filter(None, (*parts, tr("data is old") if unit.is_stale else "")))
