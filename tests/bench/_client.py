"""The client of `bench_client`: 20 charts beside board and queue, every second all of them anew."""

import os
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
import psutil
from bench_board import changed, device
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGridLayout, QWidget

from app.charts import Chart, Measured
from app.collector.history import Curve, Level
from ui.docks.inspector_plot import Plot, polygon_of

CHARTS, POINTS = 20, 600
LOADS_WITHIN_S = 60.0
MEASURED = Measured("Traffic", "if.in", "", "bit/s", (1,))


class Client:
    """`run` prints the resident bytes, the CPU seconds of a second, and the floor's; then the process ends."""

    def __init__(self, app: Any, desktop: Any, devices: int, seconds: int) -> None:
        self._app, self._seconds = app, seconds
        docks = desktop.window.docks
        self._board, self._queue = docks["board"].surface, docks["queue"].table
        self._wait(lambda: len(self._board.board.cells) == devices and self._queue.rows.rows)
        self._devices = [device(number, datetime.now(UTC)) for number in range(1, devices + 1)]
        self._wall, self._plots = QWidget(), list[Plot]()
        grid = QGridLayout(self._wall)
        for place in range(CHARTS):
            plot = Plot(desktop.context.theme, self._wall)
            grid.addWidget(plot, place // 5, place % 5)
            self._plots.append(plot)
        self._wall.resize(1600, 500)
        self._wall.show()
        self._turn = 0

    def run(self) -> None:
        self._tick()
        self._spin(2)
        timer = QTimer()
        timer.timeout.connect(self._tick)
        timer.start(1000)
        started = time.process_time()
        self._spin(self._seconds)
        spent = (time.process_time() - started) / self._seconds
        timer.stop()
        print(psutil.Process().memory_info().rss, spent, self._floor(), flush=True)
        os._exit(0)

    def _tick(self) -> None:
        self._turn += 1
        until = datetime.now(UTC)
        since = until - timedelta(hours=1)
        at = np.linspace(since.timestamp(), until.timestamp(), POINTS)
        for place, plot in enumerate(self._plots):
            values = 50 + 40 * np.sin((at + place * 100) / 300)
            plot.show_chart(
                Chart(MEASURED, since, until, (Curve(Level.RAW, at, values, values, values),), ()), ("accent",)
            )
        self._board.patch(changed(self._devices, self._turn, 100))
        self._queue.viewport().update()

    def _floor(self) -> float:
        """Return the CPU seconds of painting all of it once."""
        canvas, points = QPixmap(1600, 900), np.arange(float(POINTS))

        def draw() -> None:
            painter = QPainter(canvas)
            painter.fillRect(canvas.rect(), "navy")
            painter.setPen(QPen("white"))
            for _ in range(CHARTS):
                painter.drawPolyline(polygon_of(points / 2, 60 + 40 * np.sin(points / 50)))
            painter.end()
            self._queue.viewport().repaint()

        spent = []
        for _ in range(15):
            started = time.process_time()
            draw()
            spent.append(time.process_time() - started)
        return median(spent)

    def _spin(self, seconds: float) -> None:
        QTimer.singleShot(int(seconds * 1000), self._app.quit)
        self._app.exec()

    def _wait(self, holds: Any) -> None:
        end = time.monotonic() + LOADS_WITHIN_S
        while not holds():
            if time.monotonic() > end:
                os._exit(1)
            self._app.processEvents()
            time.sleep(0.01)
