"""Fields for times: typed freely, read when the form is saved, so that nothing typed is lost or silently changed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QMenu, QToolButton, QWidget, QWidgetAction

from app.errors import BadInput
from app.times import parse_moment, parse_time, to_local
from app.words import tr
from ui.editors import Editor, Field

SHOWN = "%Y-%m-%d %H:%M"
LONGEST = 60
BUTTON = 22
_PARTS = ((4, 365), (7, 30), (10, 1))
"""Up to which character the arrow keys move a time by how many days; behind them they move hours and minutes."""


class MomentLine(QLineEdit):
    """A line for a time: Up and Down move the part under the cursor, the button offers a calendar."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMaxLength(LONGEST)
        self.setTextMargins(0, 0, BUTTON, 0)
        self._button = QToolButton(self)
        self._button.setProperty("slim", True)
        self._button.setArrowType(Qt.ArrowType.DownArrow)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._button.setCursor(Qt.CursorShape.ArrowCursor)
        self._button.setAccessibleName(tr("Calendar"))
        self._button.setToolTip(tr("Calendar"))
        self._button.clicked.connect(lambda _on=False: self._offer_days())

    def moment(self) -> datetime | None:
        """Return the time that is typed, None while it is none."""
        try:
            return parse_moment(self.text())
        except BadInput:
            return None

    def show_moment(self, when: datetime) -> None:
        self.setText(f"{to_local(when):{SHOWN}}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._step(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._button.setGeometry(self.width() - BUTTON - 1, 1, BUTTON, self.height() - 2)

    def _step(self, step: int) -> None:
        before, at = self.moment(), self.cursorPosition()
        if before is None:
            return
        days = next((days for last, days in _PARTS if at <= last), 0)
        change = timedelta(days=days) if days else timedelta(hours=1) if at <= 13 else timedelta(minutes=1)
        self.show_moment(before + change * step)
        self.setCursorPosition(at)

    def _offer_days(self) -> None:
        menu = QMenu(self)
        days = QCalendarWidget(menu)
        known = to_local(self.moment() or datetime.now(UTC))
        days.setSelectedDate(QDate(known.year, known.month, known.day))
        action = QWidgetAction(menu)
        action.setDefaultWidget(days)
        menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        days.clicked.connect(lambda day: self._take_day(day.toPython(), menu))
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def _take_day(self, day: date, menu: QMenu) -> None:
        known = to_local(self.moment() or datetime.now(UTC))
        self.show_moment(known.replace(year=day.year, month=day.month, day=day.day))
        menu.close()


class Moment(Editor):
    """A time to the minute: shown local, given back as aware UTC; what was set and not touched comes back as it was."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        self._line = MomentLine(parent)
        super().__init__(self._line, field)
        self._set: tuple[str, datetime] | None = None
        self.set_value(datetime.now(UTC))
        self._line.textChanged.connect(lambda _text: self.changed.emit())

    def value(self) -> datetime:
        """Return the time. Raises BadInput for what is none, or not between 2000 and 2100."""
        text = self._line.text()
        if self._set is not None and text == self._set[0]:
            return self._set[1]
        return parse_moment(text, self.field.key)

    def set_value(self, value: Any) -> None:
        if isinstance(value, datetime):
            self._line.show_moment(value)
            self._set = self._line.text(), value.astimezone(UTC)

    def is_empty(self) -> bool:
        return not self._line.text().strip()


class TimeOfDay(Editor):
    """A time of the day, "02:30"."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        self._line = QLineEdit(parent)
        super().__init__(self._line, field)
        self._line.setMaxLength(LONGEST)
        self._line.textChanged.connect(lambda _text: self.changed.emit())

    def value(self) -> time:
        """Return the time. Raises BadInput for what is none."""
        return parse_time(self._line.text(), self.field.key)

    def set_value(self, value: Any) -> None:
        self._line.setText(f"{value:%H:%M}")

    def is_empty(self) -> bool:
        return not self._line.text().strip()
