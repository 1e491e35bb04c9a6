"""Small parts of the inspector: the state's pill with its duration, and facts in two columns."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.times import duration
from app.words import label
from models.enums import State
from ui.context import Context
from ui.labels import ElidedLabel, PlainLabel
from ui.shapes import PILL_HEIGHT, SHAPE, paint_pill, pill_width

KEY_WIDTH = 84


class Fact(NamedTuple):
    """A line of facts; an empty value is not shown."""

    name: str
    value: str


class StatePill(QWidget):
    """A device's state with the time since it came."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._state, self._since = State.UNKNOWN, None
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        context.theme.changed.connect(self.update)

    def show_state(self, state: State, since: datetime | None) -> None:
        self._state = state
        span = duration(datetime.now(UTC) - since) if since else ""
        self._text = f"{label(state)} {span}".strip()
        self.setAccessibleName(self._text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(pill_width(self._text, self._context.theme.font(), True), PILL_HEIGHT + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._context.theme
        painter.setFont(theme.font())
        shape = self._context.shapes.pixmap(self._state, SHAPE, self.devicePixelRatioF())
        box = QRect(0, 0, self.width() + 1, self.height())
        paint_pill(painter, box, self._text, theme.state_colour(self._state), theme.colour("raised"), shape)


class Facts(QWidget):
    """Names on the left, values on the right; what does not fit is in the tooltip, and can be copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 6, 12, 6)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnMinimumWidth(0, KEY_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[PlainLabel, ElidedLabel]] = []

    def set_low(self, is_low: bool) -> None:
        """Take less room in a low panel."""
        self._grid.setVerticalSpacing(1 if is_low else 5)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts, reusing the labels that are there."""
        shown = [fact for fact in facts if fact.value]
        while len(self._lines) < len(shown):
            self._add_line()
        for place, (name, value) in enumerate(self._lines):
            is_used = place < len(shown)
            name.setVisible(is_used)
            value.setVisible(is_used)
            if is_used:
                name.setText(shown[place].name)
                value.setText(shown[place].value)

    @property
    def text(self) -> str:
        """The facts as lines, for copies and tests."""
        return "\n".join(f"{name.text()}\t{value.text()}" for name, value in self._lines if not name.isHidden())

    def _add_line(self) -> None:
        name, value = PlainLabel("", "secondary", self), ElidedLabel("", "fact", self)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = len(self._lines)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1)
        self._lines.append((name, value))
