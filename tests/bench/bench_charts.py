"""P5: a chart of a million points, moved and with new data, against the lows and highs of numpy and their polyline.

The last line is a chart of ten million points against one of a million, both moved.
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from _pace import compare, timed
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QApplication

from app.charts import Chart, Measured
from app.collector.history import Curve, Level
from ui.docks.inspector_plot import Plot, polygon_of
from ui.theme import Theme

AREA = (1200, 300)
MILLION = 1_000_000
NEW = 60
START = datetime(2026, 1, 1, tzinfo=UTC)


def curve(points: int) -> Curve:
    """Return a walk of one point a second."""
    values = np.random.default_rng(1).normal(size=points).cumsum()
    return Curve(Level.RAW, START.timestamp() + np.arange(float(points)), values, values, values)


def plot(theme: Theme, points: int) -> Plot:
    """Return a shown chart of so many points that is half a screen wider than what is seen."""
    made, span = Plot(theme), timedelta(seconds=points)
    made.resize(*AREA)
    measured = Measured("Traffic", "if.in", "", "bit/s", (1,))
    made.show_chart(Chart(measured, START, START + span, (curve(points),), ()), ("accent",))
    made.show()
    return made


def moving(app: QApplication, chart: Plot, points: int) -> Callable[[], None]:
    """Return what moves the chart by a hundredth of itself and paints it."""
    turns, begin = count(1), START.timestamp()

    def move() -> None:
        shift = points * 0.01 * (next(turns) % 50)
        chart.show_span(begin + shift, begin + points / 2 + shift)
        app.processEvents()

    return move


def growing(app: QApplication, chart: Plot) -> Callable[[], None]:
    """Return what adds a minute's points at the end and paints."""
    (line,) = chart.lines
    last = count(START.timestamp() + MILLION, NEW)
    values = np.zeros(NEW)

    def grow() -> None:
        at = next(last)
        line.points.append(at + np.arange(float(NEW)), values)
        chart.show_span(at - MILLION, at)
        app.processEvents()

    return grow


def bare() -> Callable[[], None]:
    """Return the floor: lows and highs of a million points, and their polyline on a pixmap."""
    values, canvas = curve(MILLION).mean, QPixmap(*AREA)
    columns = values[: MILLION // AREA[0] * AREA[0]].reshape(AREA[0], -1)
    across = np.repeat(np.arange(float(AREA[0])), 2)

    def draw() -> None:
        low, high = columns.min(axis=1), columns.max(axis=1)
        polygon = polygon_of(across, np.stack((low, high), axis=1).ravel() / 10 + AREA[1] / 2)
        canvas.fill()
        painter = QPainter(canvas)
        painter.setPen(QPen("navy"))
        painter.drawPolyline(polygon)
        painter.end()

    return draw


def main() -> int:
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    million, ten = plot(theme, MILLION), plot(theme, 10 * MILLION)
    app.processEvents()
    move, move_ten, floor = moving(app, million, MILLION), moving(app, ten, 10 * MILLION), bare()
    held = [
        compare("P5 chart of 1,000,000 points moved", timed(move), timed(floor), 2.5),
        compare("P5 10,000,000 points against 1,000,000", timed(move_ten), timed(move), 1.3),
        compare("P5 chart of 1,000,000 points, 60 new", timed(growing(app, million)), timed(floor), 3),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
