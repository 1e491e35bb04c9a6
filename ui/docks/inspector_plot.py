"""The drawn chart. Imports pyqtgraph, so this module is loaded when the first chart is wanted, never at start."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.collector.figures import figure
from app.collector.history.pyramid import Pyramid
from app.times import moment
from ui.theme import Theme

if TYPE_CHECKING:
    from app.charts import Chart
    from app.collector.history import Curve

AXIS_WIDTH = 58
LABEL_ROOM = 13
"""Pixels from one label to the next, so that those of a low chart do not touch."""
PEN_WIDTH = 1
"""A wider pen costs seven to eleven times as much (DESIGN 9)."""


class Line(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """A curve's line: however many points there are, two for each column of pixels are drawn."""

    def __init__(self, at: Any, values: Any, pen: Any) -> None:
        super().__init__()
        self._pyramid = Pyramid(at, values)
        self._pen = pen
        self._bounds = QRectF()
        self._reach(at, values)

    def append(self, at: Any, values: Any) -> None:
        """Add points after the others."""
        self._pyramid.append(at, values)
        self._reach(at, values)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def viewRangeChanged(self) -> None:
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        seen = self.viewRect()
        columns = max(1, round(seen.width() / (self.pixelVectors()[0].x() or seen.width())))
        at, values, joins = self._pyramid.seen(seen.left(), seen.right(), columns)
        painter.setPen(self._pen)
        ends = np.append(np.flatnonzero(~joins[:-1]) + 1, len(at))
        for start, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True):
            if not np.isnan(values[start]):
                painter.drawPolyline(_polygon(at[start:end], values[start:end]))

    def _reach(self, at: Any, values: Any) -> None:
        """Widen the bounds to these points."""
        is_there = ~np.isnan(values)
        if not is_there.any():
            return
        low, high = float(np.min(values[is_there])), float(np.max(values[is_there]))
        self.prepareGeometryChange()
        self._bounds = self._bounds.united(QRectF(at[0], low, max(at[-1] - at[0], 1e-9), max(high - low, 1e-9)))


class ValueAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Labels values with their unit."""

    unit = ""

    def tickValues(self, least: float, most: float, size: float) -> Any:
        levels = super().tickValues(least, most, size)
        spacing, values = levels[0]
        every = -(-len(values) * LABEL_ROOM // max(1, int(size)))
        return [(spacing * every, values[:: max(1, every)])]

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        return [figure(value * scale, self.unit) for value in values]


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """One chart of the curves of something measured; gaps stay gaps, unwatched time is grey."""

    hovered = Signal(str)
    """Time and values under the mouse, empty when it has left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._values = ValueAxis("left")
        super().__init__(parent, axisItems={"left": self._values})
        self._theme = theme
        self._chart: Chart | None = None
        self._tokens: tuple[str, ...] = ("accent", "normal")
        self._items: list[Any] = []
        self.setMouseEnabled(False, False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("bottom")
        self._values.setWidth(AXIS_WIDTH)
        self._values.setStyle(tickLength=0, maxTickLevel=0)
        self._mark = pg.InfiniteLine(angle=90)
        self._mark.hide()
        self.getPlotItem().setContentsMargins(0, 4, 0, 2)
        self.scene().sigMouseMoved.connect(self._tell_values)
        theme.changed.connect(self._dress)
        self._dress()

    def show_chart(self, chart: "Chart", tokens: tuple[str, ...]) -> None:
        """Draw `chart`; its curves in the colours of `tokens`."""
        self._chart, self._tokens = chart, tokens
        self._draw()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self._mark.hide()
        self.hovered.emit("")

    def _dress(self) -> None:
        self.setBackground(self._theme.colour("surface"))
        self._values.setTickFont(self._theme.font("small"))
        self._values.setTextPen(self._theme.colour("secondary"))
        self._values.setPen(self._theme.colour("surface"))
        self._values.setGrid(40)
        self._mark.setPen(pg.mkPen(self._theme.colour("disabled"), width=PEN_WIDTH, style=Qt.PenStyle.DashLine))
        self._draw()

    def _draw(self) -> None:
        chart = self._chart
        if chart is None:
            return
        item = self.getPlotItem()
        item.clear()
        self._values.unit = chart.measured.unit
        self._shade_unwatched(chart)
        for place, curve in enumerate(chart.curves):
            self._draw_curve(curve, self._tokens[place % len(self._tokens)])
        item.addItem(self._mark, ignoreBounds=True)
        item.setXRange(chart.since.timestamp(), chart.until.timestamp(), padding=0)
        low, high = value_range(chart.curves, chart.measured.unit)
        item.setYRange(low, high, padding=0.06)

    def _draw_curve(self, curve: "Curve", token: str) -> None:
        colour = self._theme.colour(token)
        if curve.level != "raw":
            pale = pg.mkPen(self._theme.tokens.shade(token).lighter(140), width=PEN_WIDTH)
            for edge in (curve.low, curve.high):
                self._add(curve.at, edge, pale)
        self._add(curve.at, curve.mean, pg.mkPen(colour, width=PEN_WIDTH))

    def _add(self, at: Any, values: Any, pen: Any) -> None:
        if len(at):
            self.getPlotItem().addItem(Line(at, values, pen), ignoreBounds=True)

    def _shade_unwatched(self, chart: "Chart") -> None:
        for start, end in chart.unwatched:
            region = pg.LinearRegionItem(
                (start.timestamp(), end.timestamp()),
                movable=False,
                brush=self._theme.colour("hair"),
                pen=pg.mkPen(None),
            )
            self.getPlotItem().addItem(region, ignoreBounds=True)

    def _tell_values(self, place: QPointF) -> None:
        chart = self._chart
        if chart is None or not any(len(curve) for curve in chart.curves):
            return
        x = self.getPlotItem().vb.mapSceneToView(place).x()
        shown = [_value_at(curve, x) for curve in chart.curves]
        self._mark.setPos(x)
        self._mark.show()
        words = " / ".join(figure(value, chart.measured.unit) for value in shown)
        self.hovered.emit(f"{moment(datetime.fromtimestamp(x).astimezone())}  {words}")


def _polygon(at: Any, values: Any) -> QPolygonF:
    polygon: QPolygonF = pg.functions.create_qpolygonf(len(at))
    points = pg.functions.ndarray_from_qpolygonf(polygon)
    points[:, 0], points[:, 1] = at, values
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
