"""A ping that runs until it is stopped, as a chart of its round trips and losses over its lines."""

from collections import deque
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.words import tr
from ui.context import Context
from ui.labels import PlainLabel
from ui.subjects import devices
from ui.tool_dialog import ToolDialog

if TYPE_CHECKING:
    from app.devices.tools import Echo

SHOWN = 120
"""Echoes that the chart shows: two minutes."""
HEIGHT, LEFT, PAD = 130, 64, 8
LEAST_MS = 1.0
EVERY_MS = 1_000
MOST = 600
"""A ping that nobody stops ends by itself."""
SIZE = (620, 440)


class PingChart(QWidget):
    """The round trips of the last echoes as a line, each lost one as a red bar over the whole height."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = context.theme
        self.echoes: deque[Echo] = deque(maxlen=SHOWN)
        self.setAccessibleName(tr("Round trips"))
        self.setFixedHeight(HEIGHT)

    def add(self, echo: "Echo") -> None:
        self.echoes.append(echo)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(SIZE[0], HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = QRectF(self.rect()).adjusted(LEFT, PAD, -PAD, -PAD)
        most = max([LEAST_MS, *(echo.rtt_ms for echo in self.echoes if echo.rtt_ms is not None)])
        self._paint_scale(painter, inner, most)
        step = inner.width() / (SHOWN - 1)
        line: list[QPointF] = []
        for place, echo in enumerate(self.echoes):
            x = inner.left() + place * step
            if echo.rtt_ms is None:
                self._paint_line(painter, line)
                line = []
                painter.fillRect(
                    QRectF(x - step / 2, inner.top(), step, inner.height()), self._theme.colour("critical")
                )
            else:
                line.append(QPointF(x, inner.bottom() - inner.height() * echo.rtt_ms / most))
        self._paint_line(painter, line)
        painter.end()

    def _paint_scale(self, painter: QPainter, inner: QRectF, most: float) -> None:
        painter.setFont(self._theme.font("small"))
        for part in (0.0, 0.5, 1.0):
            y = inner.bottom() - inner.height() * part
            painter.setPen(QPen(self._theme.colour("hair"), 1))
            painter.drawLine(QPointF(inner.left(), y), QPointF(inner.right(), y))
            painter.setPen(self._theme.colour("secondary"))
            box = QRectF(0, y - 8, LEFT - 6, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{most * part:.3g} ms")

    def _paint_line(self, painter: QPainter, line: list[QPointF]) -> None:
        painter.setPen(QPen(self._theme.colour("accent"), 1.5))
        if len(line) > 1:
            painter.drawPolyline(QPolygonF(line))
        elif line:
            painter.drawEllipse(line[0], 1.5, 1.5)


class PingDialog(ToolDialog):
    """The chart, the figures of the whole run, and the lines.

    Each ping is asked for alone, so that no worker is held between two of them.
    """

    def __init__(self, title: str, address: str, context: Context, parent: QWidget) -> None:
        super().__init__(title, devices.ping, (address,), context, parent)
        self._trips: list[float] = []
        self._sent = 0
        self.chart = PingChart(context, self)
        self.figures = PlainLabel("", "strong", self, wraps=True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(EVERY_MS)
        self._pause.timeout.connect(self.start)
        self.column.insertWidget(0, self.chart)
        self.column.insertWidget(1, self.figures)
        self.resize(*SIZE)

    @property
    def is_running(self) -> bool:
        return super().is_running or self._pause.isActive()

    def stop(self) -> None:
        self._pause.stop()
        super().stop()

    def _end(self, answer: object) -> None:
        if answer is not None:
            self._take(cast("Echo", answer))
            if self._sent % MOST:
                self._pause.start()
        super()._end(answer)

    def _take(self, echo: "Echo") -> None:
        self._sent += 1
        if echo.rtt_ms is None:
            line = tr("{n}: {trouble}", n=self._sent, trouble=echo.trouble)
        else:
            self._trips.append(echo.rtt_ms)
            line = tr("{n}: answer after {ms} ms", n=self._sent, ms=f"{echo.rtt_ms:.2f}")
        self.lines.appendPlainText(line)
        self.chart.add(echo)
        self.figures.setText(_figures(self._sent, self._trips))


def _figures(sent: int, trips: list[float]) -> str:
    lost = round(100 * (sent - len(trips)) / sent)
    counted = tr("{sent} sent, {answered} answered, {lost} % lost", sent=sent, answered=len(trips), lost=lost)
    if not trips:
        return counted
    mean = sum(trips) / len(trips)
    least, usual, most = (f"{value:.2f}" for value in (min(trips), mean, max(trips)))
    return f"{counted}  ·  " + tr("least {least}, mean {mean}, most {most} ms", least=least, mean=usual, most=most)
