"""The drawn chart. Imports numpy, so this module is loaded when the first chart is wanted, never at start."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import VoidPtr

from app.collector.figures import figure
from app.collector.history.pyramid import Pyramid
from app.times import moment
from ui.theme import Theme

if TYPE_CHECKING:
    from app.charts import Chart
    from app.collector.history import Curve

AXIS_WIDTH: Final = 58
LABEL_ROOM: Final = 16
"""Pixels from one label to the next, so that those of a low chart do not touch."""
GRID_ALPHA: Final = 40
PEN_WIDTH: Final = 1
"""A wider pen costs seven to eleven times as much (DESIGN 9)."""
_MARGIN: Final = 0.06
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: what is drawn and in which pen."""

    points: Pyramid
    pen: QPen


class Plot(QWidget):
    """One chart of the curves of something measured; gaps stay gaps, unwatched time is grey.

    Painted by hand: a scene of graphics items costs thirty times what its lines do.
    """

    hovered = Signal(str)
    """Time and values under the mouse, empty when it has left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chart: Chart | None = None
        self._tokens: tuple[str, ...] = ("accent", "normal")
        self._lines: list[Line] = []
        self._since, self._until = 0.0, 1.0
        self._low, self._high = 0.0, 1.0
        self._mark: float | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self._dress)

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines)

    def show_chart(self, chart: "Chart", tokens: tuple[str, ...]) -> None:
        """Draw `chart`; its curves in the colours of `tokens`."""
        self._chart, self._tokens = chart, tokens
        low, high = value_range(chart.curves, chart.measured.unit)
        self._low, self._high = low - (high - low) * _MARGIN, high + (high - low) * _MARGIN
        self._dress()
        self.show_span(chart.since.timestamp(), chart.until.timestamp())

    def show_span(self, since: float, until: float) -> None:
        """Show what lies between two times."""
        self._since, self._until = since, max(until, since + 1e-3)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mark = None
        self.update()
        self.hovered.emit("")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        chart, area = self._chart, self._area()
        if chart is None or not area.width() or not any(len(curve) for curve in chart.curves):
            return
        self._mark = self._since + (event.position().x() - area.left()) * (self._until - self._since) / area.width()
        self._mark = min(max(self._mark, self._since), self._until)
        self.update()
        shown = [_value_at(curve, self._mark) for curve in chart.curves]
        words = " / ".join(figure(value, chart.measured.unit) for value in shown)
        self.hovered.emit(f"{moment(datetime.fromtimestamp(self._mark).astimezone())}  {words}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self._area()
        painter.fillRect(event.rect(), self._theme.colour("surface"))
        if self._chart is None or area.width() < 1 or area.height() < 1:
            return
        self._paint_labels(painter, area)
        painter.setClipRect(area)
        for start, end in self._chart.unwatched:
            left, right = self._across(area, start.timestamp()), self._across(area, end.timestamp())
            painter.fillRect(QRectF(left, area.top(), right - left, area.height()), self._theme.colour("hair"))
        for line in self._lines:
            painter.setPen(line.pen)
            for polygon in self._polygons(line.points, area):
                painter.drawPolyline(polygon)
        if self._mark is not None:
            painter.setPen(QPen(self._theme.colour("disabled"), PEN_WIDTH, Qt.PenStyle.DashLine))
            x = self._across(area, self._mark)
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))

    def _paint_labels(self, painter: QPainter, area: QRectF) -> None:
        text, grid = self._theme.colour("secondary"), QColor(self._theme.colour("secondary"))
        grid.setAlpha(GRID_ALPHA)
        painter.setFont(self._theme.font("small"))
        height = painter.fontMetrics().height()
        unit = self._chart.measured.unit if self._chart is not None else ""
        for value in ticks(self._low, self._high, int(area.height()) // LABEL_ROOM):
            y = round(area.bottom() - (value - self._low) * area.height() / (self._high - self._low))
            painter.setPen(grid)
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            painter.setPen(text)
            top = min(max(y - height / 2, 0), self.height() - height)
            room = QRectF(0, top, AXIS_WIDTH - 4, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure(value, unit))

    def _polygons(self, points: Pyramid, area: QRectF) -> Iterator[QPolygonF]:
        """Yield the line's unbroken parts in pixels."""
        at, values, joins = points.seen(self._since, self._until, max(1, int(area.width())))
        if not len(at):
            return
        x = area.left() + (at - self._since) * (area.width() / (self._until - self._since))
        y = area.bottom() - (values - self._low) * (area.height() / (self._high - self._low))
        ends = np.append(np.flatnonzero(~joins[:-1]) + 1, len(at))
        for start, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True):
            if not np.isnan(y[start]):
                yield polygon_of(x[start:end], y[start:end])

    def _area(self) -> QRectF:
        return QRectF(AXIS_WIDTH, 4, max(0, self.width() - AXIS_WIDTH), max(0, self.height() - 6))

    def _across(self, area: QRectF, at: float) -> float:
        return area.left() + (at - self._since) * area.width() / (self._until - self._since)

    def _dress(self) -> None:
        self._lines = [
            line
            for place, curve in enumerate(self._chart.curves if self._chart is not None else ())
            if len(curve)
            for line in self._lines_of(curve, self._tokens[place % len(self._tokens)])
        ]
        self.update()

    def _lines_of(self, curve: "Curve", token: str) -> Iterator[Line]:
        if curve.level != "raw":
            pale = QPen(self._theme.tokens.shade(token).lighter(140), PEN_WIDTH)
            yield Line(Pyramid(curve.at, curve.low), pale)
            yield Line(Pyramid(curve.at, curve.high), pale)
        yield Line(Pyramid(curve.at, curve.mean), QPen(self._theme.colour(token), PEN_WIDTH))


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return the round values between two, at most about `most`, at least one step apart."""
    width = (high - low) / max(1, most)
    if not math.isfinite(width) or width <= 0:
        return []
    power = 10.0 ** math.floor(math.log10(width))
    step = next((power * each for each in _STEPS if power * each >= width), power * 10)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [number * step for number in range(first, min(last, first + 100) + 1)]


def polygon_of(x: Any, y: Any) -> QPolygonF:
    """Return the points as a polygon, filled as one array: point by point it costs as much as drawing it."""
    polygon = QPolygonF()
    polygon.resize(len(x))
    memory: Any = VoidPtr(polygon.data(), 16 * len(x), True)  # type: ignore[call-arg, arg-type]  # stubs lack the size
    points = np.frombuffer(memory, np.float64).reshape(-1, 2)
    points[:, 0], points[:, 1] = x, y
    return polygon


def value_range(curves: "tuple[Curve, ...]", unit: str) -> tuple[float, float]:
    """Return from where to where the values are drawn: percent from 0 to 100 where they come near, else from 0."""
    highs = [float(np.nanmax(curve.high)) for curve in curves if len(curve) and not np.isnan(curve.high).all()]
    lows = [float(np.nanmin(curve.low)) for curve in curves if len(curve) and not np.isnan(curve.low).all()]
    if not highs:
        return 0.0, 1.0
    low, high = min(lows), max(highs)
    if unit == "%":
        return min(0.0, low), 100.0 if high > 50 else max(high, 1.0)
    return (min(0.0, low), high or 1.0) if low < high * 0.5 else (low - (high - low or 1), high + (high - low or 1))


def _value_at(curve: "Curve", x: float) -> float | None:
    """Return the value drawn at time `x`, None in a gap."""
    if not len(curve):
        return None
    place = int(np.clip(np.searchsorted(curve.at, x), 0, len(curve) - 1))
    value = float(curve.mean[place])
    return None if np.isnan(value) else value
