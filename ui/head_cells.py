"""The cells of the head strip: two lines of type behind a shape or a running clock, painted at exact sizes."""

from enum import Enum
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from models.enums import State
from ui.context import Context
from ui.shapes import paint_countdown, paint_square

GAP = 7
LINE_HEIGHT = 40


class Type(Enum):
    """How large a cell's type is: as everywhere, or as it is read across the room, in two sizes."""

    USUAL = 0
    WALL = 1
    SMALL_WALL = 2


ROLES = {
    Type.WALL: {"figure": "wall_figure", "text": "wall", "secondary": "wall_second", "small": "wall_second"},
    Type.SMALL_WALL: {"figure": "wall_figure", "text": "wall_second", "secondary": "title", "small": "title"},
}


class Span(NamedTuple):
    """Words in one font and colour; `role` and `token` are the theme's."""

    text: str
    role: str = "text"
    token: str = "text"
    is_bold: bool = False


class Countdown(NamedTuple):
    """A clock running out: `part` (0..1) of the ring is left."""

    part: float
    token: str


class Content(NamedTuple):
    """What a cell shows; `lead` stands before both lines, or before the upper one when it is a state's shape."""

    upper: tuple[Span, ...] = ()
    lower: tuple[Span, ...] = ()
    lead: State | Countdown | None = None
    tooltip: str = ""

    @property
    def text(self) -> str:
        """The words without their looks, for screen readers and tests."""
        lines = (" ".join(span.text for span in line) for line in (self.upper, self.lower))
        return "\n".join(line for line in lines if line)


class Cell(QAbstractButton):
    """One cell. `pad` is the room left and right, `has_line` a hairline behind it."""

    def __init__(self, name: str, context: Context, parent: QWidget, *, can_click: bool = False) -> None:
        super().__init__(parent)
        self._context = context
        self._can_click = can_click
        self._content = Content()
        self.pad, self.type, self.has_line = 18, Type.USUAL, True
        self._hint = QSize()
        self.setObjectName(f"head-{name}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if can_click else Qt.FocusPolicy.NoFocus)
        if can_click:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        context.theme.changed.connect(self.update)

    @property
    def content(self) -> Content:
        return self._content

    def show_content(self, content: Content) -> None:
        """Show `content`; the layout is asked anew only when the width changes."""
        if content == self._content:
            return
        before = self.sizeHint().width()
        self._content, self._hint = content, QSize()
        self.setAccessibleName(content.text.replace("\n", ", "))
        self.setToolTip(content.tooltip)
        if self.sizeHint().width() != before:
            self.updateGeometry()
        self.update()

    def set_manner(self, pad: int, size: Type) -> None:
        """Change padding and size of type."""
        if (pad, size) != (self.pad, self.type):
            self.pad, self.type, self._hint = pad, size, QSize()
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the room that the content takes, measured once for each content and manner."""
        if not self._hint.isValid():
            lines = max(self._width(self._content.upper) + self._shape_room(), self._width(self._content.lower))
            self._hint = QSize(2 * self.pad + self._ring_room() + lines + 1, LINE_HEIGHT)
        return self._hint

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._can_click and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        room = self.rect().adjusted(self.pad + self._ring_room(), 0, -self.pad, 0)
        self._paint_ring(painter)
        heights = [self._height(line) for line in (self._content.upper, self._content.lower) if line]
        top = (self.height() - sum(heights)) // 2
        left = room.left()
        if isinstance(self._content.lead, State):
            middle = top + heights[0] // 2 + 1 if heights else self.height() // 2
            size = self._shape()
            self._context.shapes.paint(painter, left, middle - size / 2, self._content.lead, size)
        for place, line in enumerate(each for each in (self._content.upper, self._content.lower) if each):
            x = left + (self._shape_room() if place == 0 else 0)
            self._paint_line(painter, line, QRect(x, top, room.right() - x + 2, heights[place]))
            top += heights[place]

    def _paint_frame(self, painter: QPainter) -> None:
        theme = self._context.theme
        if self._can_click and (self.underMouse() or self.hasFocus()):
            painter.fillRect(self.rect().adjusted(0, 8, -1, -8), theme.colour("hover"))
        if self.hasFocus():
            painter.setPen(theme.colour("accent"))
            painter.drawRect(self.rect().adjusted(1, 8, -2, -9))
        if self.has_line:
            half = (self.height() - LINE_HEIGHT) // 2
            paint_square(painter, QRectF(self.width() - 1, half, 1, LINE_HEIGHT), theme.colour("hair"))

    def _paint_ring(self, painter: QPainter) -> None:
        lead = self._content.lead
        if isinstance(lead, Countdown):
            side = self._ring()
            box = QRectF(self.pad, (self.height() - side) / 2, side, side)
            theme = self._context.theme
            paint_countdown(painter, box, lead.part, theme.colour(lead.token), theme.colour("raised"))

    def _paint_line(self, painter: QPainter, line: tuple[Span, ...], box: QRect) -> None:
        """Draw the spans of a line on one base line, `box` high."""
        x = box.left()
        base = box.top() + max(QFontMetrics(self._font(span)).ascent() for span in line)
        for span in line:
            painter.setFont(self._font(span))
            painter.setPen(self._context.theme.colour(span.token))
            painter.drawText(x, base, span.text)
            x += painter.fontMetrics().horizontalAdvance(span.text) + GAP

    def _width(self, line: tuple[Span, ...]) -> int:
        widths = [QFontMetrics(self._font(span)).horizontalAdvance(span.text) for span in line]
        return sum(widths) + GAP * max(0, len(widths) - 1)

    def _height(self, line: tuple[Span, ...]) -> int:
        return max(QFontMetrics(self._font(span)).ascent() + 5 for span in line)

    def _font(self, span: Span) -> QFont:
        roles = ROLES.get(self.type, {})
        return self._context.theme.font(roles.get(span.role, span.role), span.is_bold)

    def _shape(self) -> int:
        return 9 if self.type is Type.USUAL else 16

    def _shape_room(self) -> int:
        return self._shape() + GAP if isinstance(self._content.lead, State) else 0

    def _ring(self) -> int:
        return 30 if self.type is Type.USUAL else 54

    def _ring_room(self) -> int:
        return self._ring() + 10 if isinstance(self._content.lead, Countdown) else 0
