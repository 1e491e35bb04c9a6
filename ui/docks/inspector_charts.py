"""The inspector's live charts: two things measured over an hour, a day, a month or a year."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.collector.figures import figure
from app.times import to_local
from app.words import tr
from models.enums import State
from ui.context import Context
from ui.filters import Chip, ChipBar
from ui.labels import ElidedLabel, PlainLabel
from ui.subjects import charts
from ui.work import Job

if TYPE_CHECKING:
    from app.charts import Chart, Measured
    from app.desk import Desk
    from ui.docks.inspector_plot import Plot

POINTS = 600
HEIGHTS, LOW_HEIGHTS = (92, 70), (62, 48)


@dataclass(frozen=True, slots=True)
class Span:
    """How far a chart looks back, and how often it is drawn anew."""

    back: timedelta
    every_s: int
    form: str


SPANS = {
    "hour": Span(timedelta(hours=1), 3, "%H:%M"),
    "day": Span(timedelta(hours=24), 60, "%H:%M"),
    "month": Span(timedelta(days=30), 300, "%m-%d"),
    "year": Span(timedelta(days=365), 900, "%Y-%m"),
}


class ChartBox(QWidget):
    """One chart under its chooser; `wanted` when somebody chose something else."""

    wanted = Signal()

    def __init__(self, context: Context, height: int, parent: QWidget, *, has_marks: bool) -> None:
        super().__init__(parent)
        self._context = context
        self._measured: tuple[Measured, ...] = ()
        self._plot: Plot | None = None
        self._now = ""
        self.chooser = Chooser(self)
        self.value = ElidedLabel("", "secondary", self)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._room = QVBoxLayout()
        self._waiting = PlainLabel("", "secondary", self)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setFixedHeight(height)
        self._room.addWidget(self._waiting)
        self._height = height
        self._trouble = PlainLabel("", "secondary", self, wraps=True)
        self._trouble.hide()
        self._marks = [PlainLabel("", "secondary", self) for _ in range(3 if has_marks else 0)]
        self._lay_out()
        self.chooser.activated.connect(lambda _at: self.wanted.emit())

    @property
    def chosen(self) -> "Measured | None":
        at = self.chooser.currentIndex()
        return self._measured[at] if 0 <= at < len(self._measured) else None

    def offer(self, measured: "Sequence[Measured]", chosen: "Measured | None") -> None:
        """Offer these things; keep what was chosen where it is still offered."""
        kept = self.chosen
        self._measured = tuple(measured)
        wanted = kept.key if kept and chosen is None else chosen.key if chosen else ""
        self.chooser.clear()
        for one in measured:
            self.chooser.addItem(f"{one.instance} {one.name}".strip())
        keys = [one.key for one in measured]
        self.chooser.setCurrentIndex(keys.index(wanted) if wanted in keys else -1)

    def show_chart(self, chart: "Chart", span: Span, token: str) -> None:
        """Draw the chart; the newest value stands beside the chooser."""
        if self._plot is None:
            plots = importlib.import_module("ui.docks.inspector_plot")
            self._plot = plots.Plot(self._context.theme, self)
            self._plot.setFixedHeight(self._height)
            self._plot.hovered.connect(lambda text: self.value.setText(text or self._now))
            self._room.addWidget(self._plot)
        is_empty = not any(len(curve) for curve in chart.curves)
        self._plot.setVisible(not is_empty)
        self._waiting.setVisible(is_empty)
        self._waiting.setText(tr("Nothing was measured in this time."))
        self._plot.show_chart(chart, (token, "normal"))
        self._now = _newest(chart)
        self.value.setText(self._now)
        self._trouble.setText(chart.trouble)
        self._trouble.setVisible(bool(chart.trouble))
        middle = chart.since + (chart.until - chart.since) / 2
        for mark, at in zip(self._marks, (chart.since, middle, chart.until), strict=False):
            mark.setText("" if is_empty else f"{to_local(at):{span.form}}")

    def set_height(self, height: int) -> None:
        """Make the chart as high as that."""
        self._height = height
        self._waiting.setFixedHeight(height)
        if self._plot is not None:
            self._plot.setFixedHeight(height)

    def say_loading(self) -> None:
        if self._plot is None or self._plot.isHidden():
            self._waiting.setText("…")

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setContentsMargins(0, 0, 0, 0)
        title.addWidget(self.chooser, 1)
        title.addWidget(self.value, 1)
        marks = QHBoxLayout()
        marks.setContentsMargins(60, 0, 0, 0)
        for place, mark in enumerate(self._marks):
            if place:
                marks.addStretch(1)
            marks.addWidget(mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 2, 12, 2)
        layout.setSpacing(1)
        layout.addLayout(title)
        layout.addLayout(self._room)
        layout.addLayout(marks)
        layout.addWidget(self._trouble)


class Chooser(QComboBox):
    """A chooser that takes no more room than there is and leaves the wheel to the panel."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("flat", True)
        self.setAccessibleName(tr("What the chart shows"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def wheelEvent(self, event: Any) -> None:
        event.ignore()


class ChartPanel(QWidget):
    """Both charts with the chips of their time; draws only while it is seen, at most every few seconds."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._token = "accent"
        self._jobs: list[Job] = []
        self._is_loaded = self._is_stale = False
        self.chips = ChipBar(_chips(), self)
        self.boxes = [ChartBox(context, height, self, has_marks=not place) for place, height in enumerate(HEIGHTS)]
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._lay_out()
        self.chips.chosen.connect(lambda _key: self._begin())
        for box in self.boxes:
            box.wanted.connect(self._begin)

    @property
    def span(self) -> Span:
        return SPANS[self.chips.current or "hour"]

    def show_measured(self, measured: "Sequence[Measured]", main: "Sequence[Measured]", *, is_other: bool) -> None:
        """Offer what is measured; for another device begin with its `main` things."""
        for place, box in enumerate(self.boxes):
            first = main[place] if is_other and place < len(main) else None
            box.offer(measured, first)
            box.setVisible(box.chosen is not None)
        self.setVisible(bool(measured))
        if is_other:
            self._begin()

    def set_state(self, state: State | None) -> None:
        """Draw the first chart in the colour of a device that is not well."""
        is_bad = state in (State.CRITICAL, State.WARNING)
        self._token = state.value if state and is_bad else "accent"

    def set_low(self, is_low: bool) -> None:
        """Take less room in a low panel."""
        for box, height in zip(self.boxes, LOW_HEIGHTS if is_low else HEIGHTS, strict=True):
            box.set_height(height)

    def refresh(self) -> None:
        """Ask for the curves again, if anybody can see them."""
        if not self.isVisible() or self.window().isMinimized():
            self._is_stale = True
            return
        self._is_stale = False
        if not self._is_loaded:
            self._load()
            return
        for job in self._jobs:
            job.cancel()
        tokens = (self._token, "accent")
        self._jobs = [self._ask(box, token) for box, token in zip(self.boxes, tokens, strict=True) if box.chosen]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start(self.span.every_s * 1000)
        if self._is_stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._is_stale = True

    def _begin(self) -> None:
        for box in self.boxes:
            box.say_loading()
        if self.isVisible():
            self._timer.start(self.span.every_s * 1000)
        self.refresh()

    def _ask(self, box: ChartBox, token: str) -> Job:
        span = self.span
        read = self._context.work.read
        return read(
            charts.chart,
            box.chosen,
            span.back,
            POINTS,
            done=lambda chart: box.show_chart(chart, span, token),
            owner=box,
        )

    def _load(self) -> None:
        """Have the drawing library imported on a worker, once."""

        def go_on(_nothing: object) -> None:
            self._is_loaded = True
            self.refresh()

        self._context.work.run(_import_plots, done=go_on, owner=self)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 2)
        row.addWidget(self.chips)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        for box in self.boxes:
            layout.addWidget(box)


def _import_plots(_desk: "Desk", _job: Job) -> None:
    importlib.import_module("ui.docks.inspector_plot")


def _chips() -> tuple[Chip, ...]:
    return (
        Chip("hour", tr("1 h", context="chart")),
        Chip("day", tr("24 h", context="chart")),
        Chip("month", tr("30 d", context="chart")),
        Chip("year", tr("1 y", context="chart")),
    )


def _newest(chart: "Chart") -> str:
    """Return the newest value of each curve."""
    values = [float(curve.mean[-1]) if len(curve) else None for curve in chart.curves]
    known = [None if value is None or value != value else value for value in values]
    return " / ".join(figure(value, chart.measured.unit) for value in known)
