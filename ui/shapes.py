"""The shapes that go with the states, pills and rings: painted, at any size, kept as pixmaps per scale."""

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QIcon, QPainter, QPen, QPixmap, QPolygonF

from models.enums import State
from ui.theme import Theme

SHAPE = 9
PILL_HEIGHT = 20
PILL_PAD = 8
PILL_GAP = 6
RING = 18


def paint_circle(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(box)


def paint_triangle(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    top = QPointF(box.center().x(), box.top())
    painter.drawPolygon(QPolygonF([top, box.bottomRight(), box.bottomLeft()]))


def paint_square(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Fill `box`. For `fillRect` with a colour PySide6 would make all of QGradient, which nothing here needs."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRect(box)


def paint_crossed_square(painter: QPainter, box: QRectF, colour: QColor) -> None:
    width = max(1.5, box.width() / 6)
    inner = box.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.setPen(QPen(colour, width, j=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(inner)
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())


def paint_ring(painter: QPainter, box: QRectF, colour: QColor) -> None:
    width = max(1.5, box.width() / 5)
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box.adjusted(width / 2, width / 2, -width / 2, -width / 2))


def paint_wrench(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """A spanner lying from the lower left to the open jaw at the upper right."""
    side = box.width()
    painter.setPen(QPen(colour, side * 0.26, c=Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    low = box.bottomLeft() + QPointF(side * 0.14, -side * 0.14)
    neck = box.topLeft() + QPointF(side * 0.55, side * 0.45)
    painter.drawLine(low, neck)
    jaw = QRectF(box.left() + side * 0.42, box.top() + side * 0.04, side * 0.54, side * 0.54)
    painter.setPen(QPen(colour, side * 0.22, c=Qt.PenCapStyle.FlatCap))
    inset = side * 0.11
    painter.drawArc(jaw.adjusted(inset, inset, -inset, -inset), 80 * 16, 290 * 16)


PAINTERS: dict[State, Callable[[QPainter, QRectF, QColor], None]] = {
    State.NORMAL: paint_circle,
    State.WARNING: paint_triangle,
    State.CRITICAL: paint_square,
    State.UNREACHABLE: paint_crossed_square,
    State.UNKNOWN: paint_ring,
    State.MAINTENANCE: paint_wrench,
}


def paint_hatching(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Lay the hatching of stale data over `box`: lines of 2 px every 7 px, rising to the right."""
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(colour, 1.6))
    step, height = 8.0, box.height()
    feet = (box.left() + count * step for count in range(ceil((box.width() + height) / step) + 1))
    painter.drawLines([QLineF(x, box.top(), x - height, box.bottom()) for x in feet])
    painter.restore()


def paint_countdown(painter: QPainter, box: QRectF, part: float, colour: QColor, rest: QColor) -> None:
    """Draw the ring of a clock running out: `part` (0..1) of it in `colour` from the top clockwise, then
    `rest`.
    """
    width = box.width() * 0.2
    inner = box.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(rest, width, c=Qt.PenCapStyle.FlatCap))
    painter.drawEllipse(inner)
    painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.FlatCap))
    painter.drawArc(inner, 90 * 16, -round(360 * 16 * min(1.0, max(0.0, part))))


class Shapes:
    """Pixmaps of shapes and icons of states in the theme's colours, made once per state, size and scale."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._pixmaps: dict[tuple[str, State, int, float], QPixmap] = {}

    def pixmap(self, state: State, size: int = SHAPE, scale: float = 1.0) -> QPixmap:
        """Return the state's shape, `size` logical pixels wide, sharp at the device's `scale`."""
        key = (self._theme.tokens.name, state, size, scale)
        made = self._pixmaps.get(key)
        if made is None:
            made = self._pixmaps[key] = self._draw(state, size, scale)
        return made

    def icon(self, state: State, size: int = 12) -> QIcon:
        return QIcon(self.pixmap(state, size, 2.0))

    def paint(self, painter: QPainter, x: float, y: float, state: State, size: int = SHAPE) -> None:
        """Draw the state's shape with its top left corner at (x, y)."""
        painter.drawPixmap(QPointF(x, y), self.pixmap(state, size, painter.device().devicePixelRatioF()))

    def _draw(self, state: State, size: int, scale: float) -> QPixmap:
        pixmap = QPixmap(ceil(size * scale), ceil(size * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        PAINTERS[state](painter, QRectF(0, 0, size, size), self._theme.state_colour(state))
        painter.end()
        return pixmap


def pill_width(text: str, font: QFont, has_shape: bool) -> int:
    """Return how wide a pill of `text` is painted."""
    shape = SHAPE + PILL_GAP if has_shape else 0
    return QFontMetrics(font).horizontalAdvance(text) + shape + 2 * PILL_PAD


def paint_pill(
    painter: QPainter, box: QRect, text: str, colour: QColor, back: QColor, shape: QPixmap | None = None
) -> None:
    """Draw a pill at the left of `box`, in the middle of its height, in the painter's font; cut by the
    box's width.
    """
    metrics = painter.fontMetrics()
    height = max(PILL_HEIGHT, metrics.height() + 2)
    lead = SHAPE + PILL_GAP if shape else 0
    room = box.width() - lead - 2 * PILL_PAD
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room))
    width = metrics.horizontalAdvance(shown) + lead + 2 * PILL_PAD
    top = box.top() + (box.height() - height) / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(back))
    painter.drawRoundedRect(QRectF(box.left(), top, width, height), height / 2, height / 2)
    if shape:
        painter.drawPixmap(QPointF(box.left() + PILL_PAD - 1, top + (height - SHAPE) / 2), shape)
    painter.setPen(colour)
    place = QRectF(box.left() + PILL_PAD + lead, top, width, height)
    painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
