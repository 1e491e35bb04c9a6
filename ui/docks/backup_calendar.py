"""The calendar of jobs: a line a job, a cell a day, each result with its shape; the arrows walk, Enter opens."""

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from app.words import label, tr
from models.enums import BackupResult
from ui.context import Context
from ui.docks.access_columns import moment_text
from ui.docks.backup_columns import SHAPES, size_text, took_text
from ui.labels import plain_tooltip
from ui.shapes import paint_crossed_square

if TYPE_CHECKING:
    from app.backups import Month, MonthJob, RunRow

NAME_WIDTH = 190
NARROWEST_NAME = 110
HEAD = 26
CELL_AT_LEAST, CELL_AT_MOST = 18, 40
MARK = 11
PAD = 8
SATURDAY = 5


class BackupCalendar(QAbstractScrollArea):
    """A month painted on one surface; `chosen` carries the runs of the cell that was opened."""

    chosen = Signal(object)
    month_asked = Signal(int)
    """-1: the month before, 1: the month after."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("backup-calendar")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Calendar of backups"))
        self._theme, self._shapes = context.theme, context.shapes
        self._month: Month | None = None
        self._at = (0, 1)
        context.theme.changed.connect(self.viewport().update)

    def show_month(self, month: "Month") -> None:
        """Paint a month; the cell that the keyboard is on stays where it can."""
        is_other = self._month is None or self._month.first != month.first
        self._month = month
        job, day = self._at
        self._at = (min(job, max(0, len(month.jobs) - 1)), (month.today or 1) if is_other else min(day, month.days))
        self._update_bars()
        self.viewport().update()

    @property
    def current(self) -> "tuple[RunRow, ...]":
        """The runs of the cell that the keyboard is on."""
        job = self._job(self._at[0])
        return job.days.get(self._at[1], ()) if job else ()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._move(*steps[key])
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.month_asked.emit(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position().toPoint())
        if cell is not None:
            self._at = cell
            self._say_current()
            self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._cell_at(event.position().toPoint()) is not None:
            self.chosen.emit(self.current)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos())
            QToolTip.showText(event.globalPos(), plain_tooltip(self.words_of(*cell)) if cell else "", self)
            return True
        return super().viewportEvent(event)

    def words_of(self, row: int, day: int) -> str:
        """Return what a cell says: job, day, and each run with its result."""
        job, month = self._job(row), self._month
        if job is None or month is None:
            return ""
        date = month.first + timedelta(days=day - 1)
        lines = [_run_words(run) for run in job.days.get(day, ())] or [tr("nothing planned")]
        return "\n".join((f"{job.name}　{date:%Y-%m-%d}", *lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_bars()

    def paintEvent(self, event: QPaintEvent) -> None:
        month = self._month
        if month is None:
            return
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.colour("surface"))
        shift = self.verticalScrollBar().value()
        painter.save()
        painter.setClipRect(QRect(0, HEAD, self.viewport().width(), self.viewport().height() - HEAD))
        for row, job in enumerate(month.jobs):
            top = HEAD + row * self._row_height() - shift
            if -self._row_height() < top < self.viewport().height():
                self._paint_job(painter, row, job, top)
        self._paint_signed(painter, month, HEAD + len(month.jobs) * self._row_height() - shift)
        painter.restore()
        self._paint_days(painter, month)
        painter.end()

    def _paint_days(self, painter: QPainter, month: "Month") -> None:
        painter.setFont(self._theme.font("secondary"))
        for day in range(1, month.days + 1):
            is_weekend = (month.first + timedelta(days=day - 1)).weekday() >= SATURDAY
            token = "accent" if day == month.today else "disabled" if is_weekend else "secondary"
            painter.setPen(self._theme.colour(token))
            painter.drawText(self._box(day, 0, HEAD), int(Qt.AlignmentFlag.AlignCenter), str(day))
        painter.setPen(self._theme.colour("hair"))
        painter.drawLine(0, HEAD - 1, self.viewport().width(), HEAD - 1)

    def _paint_job(self, painter: QPainter, row: int, job: "MonthJob", top: int) -> None:
        height = self._row_height()
        is_current = row == self._at[0]
        if is_current:
            painter.fillRect(QRect(0, top, self.viewport().width(), height), self._theme.colour("raised"))
        self._paint_name(painter, job.name, top, "text" if job.plan_id is not None else "secondary")
        for day in range(1, self._month.days + 1 if self._month else 1):
            box = self._box(day, top, height)
            if is_current and day == self._at[1]:
                self._paint_frame(painter, box)
            worst = job.worst(day)
            if worst is not None:
                self._paint_result(painter, QRectF(box.center(), QSizeF(MARK, MARK)), worst)

    def _paint_result(self, painter: QPainter, place: QRectF, result: BackupResult) -> None:
        """Paint a result's shape; a run that is missing is crossed out, so that it differs from a failed one."""
        place.translate(-MARK / 2, -MARK / 2)
        if result is BackupResult.MISSING:
            paint_crossed_square(painter, place, self._theme.colour("critical"))
        else:
            self._shapes.paint(painter, place.left(), place.top(), SHAPES[result], MARK)

    def _paint_signed(self, painter: QPainter, month: "Month", top: int) -> None:
        """Paint the line of the daily checks: a tick on the days that were signed."""
        painter.setPen(self._theme.colour("hair"))
        painter.drawLine(0, top, self.viewport().width(), top)
        self._paint_name(painter, tr("Signed daily check"), top, "secondary")
        painter.setPen(self._theme.colour("normal"))
        painter.setFont(self._theme.font("text", bold=True))
        for day in month.signed:
            painter.drawText(self._box(day, top, self._row_height()), int(Qt.AlignmentFlag.AlignCenter), "✓")

    def _paint_name(self, painter: QPainter, name: str, top: int, token: str) -> None:
        painter.setFont(self._theme.font())
        painter.setPen(self._theme.colour(token))
        width = self._name_width() - 2 * PAD
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
        box = QRect(PAD, top, width, self._row_height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)

    def _paint_frame(self, painter: QPainter, box: QRect) -> None:
        token = "accent" if self.hasFocus() else "secondary"
        painter.setPen(QPen(self._theme.colour(token), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(2, 3, -2, -3), 3, 3)

    def _move(self, rows: int, days: int) -> None:
        if self._month is None or not self._month.jobs:
            return
        row, day = self._at[0] + rows, self._at[1] + days
        if not 1 <= day <= self._month.days:
            self.month_asked.emit(days)
            return
        self._at = (max(0, min(row, len(self._month.jobs) - 1)), day)
        self._scroll_to_current()
        self._say_current()
        self.viewport().update()

    def _say_current(self) -> None:
        self.setAccessibleDescription(self.words_of(*self._at))

    def _scroll_to_current(self) -> None:
        bar, height = self.verticalScrollBar(), self._row_height()
        top = self._at[0] * height
        room = self.viewport().height() - HEAD
        if top < bar.value():
            bar.setValue(top)
        elif top + height > bar.value() + room:
            bar.setValue(top + height - room)

    def _update_bars(self) -> None:
        lines = (len(self._month.jobs) if self._month else 0) + 1
        room = self.viewport().height() - HEAD
        self.verticalScrollBar().setRange(0, max(0, lines * self._row_height() - room))
        self.verticalScrollBar().setPageStep(max(1, room))
        self.verticalScrollBar().setSingleStep(self._row_height())

    def _job(self, row: int) -> "MonthJob | None":
        jobs = self._month.jobs if self._month else ()
        return jobs[row] if 0 <= row < len(jobs) else None

    def _row_height(self) -> int:
        return self._theme.size("row")

    def _name_width(self) -> int:
        days = self._month.days if self._month else 31
        rest = self.viewport().width() - days * CELL_AT_LEAST
        return max(NARROWEST_NAME, min(NAME_WIDTH, rest))

    def _cell_width(self) -> int:
        days = self._month.days if self._month else 31
        room = (self.viewport().width() - self._name_width() - PAD) // days
        return max(CELL_AT_LEAST, min(CELL_AT_MOST, room))

    def _box(self, day: int, top: int, height: int) -> QRect:
        width = self._cell_width()
        return QRect(self._name_width() + (day - 1) * width, top, width, height)

    def _cell_at(self, place: QPoint) -> tuple[int, int] | None:
        if self._month is None or place.y() < HEAD or place.x() < self._name_width():
            return None
        row = (place.y() - HEAD + self.verticalScrollBar().value()) // self._row_height()
        day = (place.x() - self._name_width()) // self._cell_width() + 1
        return (row, day) if row < len(self._month.jobs) and day <= self._month.days else None


def _run_words(run: "RunRow") -> str:
    moment = moment_text(run.started_at or run.expected_at)
    return "　".join(part for part in (moment, label(run.result), took_text(run), size_text(run), run.message) if part)
