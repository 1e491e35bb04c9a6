"""Painting of the board's tiles: backgrounds, shapes and heartbeats are kept as pixmaps, texts laid out once."""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QStaticText

from app.board_row import BoardRow
from models.enums import State
from ui.board_model import NO_CHECK, Box, compressed
from ui.shapes import PAINTERS, paint_hatching
from ui.theme import Theme

TICKS = 12
TICK_PITCH = 3
QUIET = (State.NORMAL, State.UNKNOWN, State.MAINTENANCE)
KEPT = 4096


class Look(NamedTuple):
    """What a tile's background shows, apart from its texts."""

    state: State
    is_stale: bool = False
    is_new: bool = False
    is_selected: bool = False
    is_hovered: bool = False


class Tile(NamedTuple):
    """One tile to paint: where, of which device, on which background."""

    box: Box
    row: BoardRow
    look: Look


class Tiles:
    """Paints tiles of one size in one theme; another size, theme or scale takes another one."""

    def __init__(self, theme: Theme, width: int, height: int, scale: float, *, is_wall: bool) -> None:
        self._theme, self._width, self._height, self._scale = theme, width, height, scale
        self._name_font = theme.font("wall_second" if is_wall else "secondary", bold=is_wall)
        self._value_font = theme.font("wall_second" if is_wall else "small")
        self._shape = 18 if is_wall else 9
        self._text_x = 11 + self._shape + 6
        self._name_y = round(height * 0.11)
        self._value_y = round(height * 0.54)
        self._bar_width = TICKS * TICK_PITCH
        self._bar_height = 18 if is_wall else 8
        self._backs: dict[Look, QPixmap] = {}
        self._bar = lru_cache(KEPT)(self._draw_bar)
        self._text = lru_cache(KEPT)(self._laid_out)
        self._secondary = theme.colour("secondary")
        self._primary = theme.colour("text")

    def paint(self, painter: QPainter, tiles: Sequence[Tile]) -> None:
        """Draw tiles, each at its box's top left corner; kind by kind, as changing fonts costs more than drawing."""
        for (x, y, *_), _row, look in tiles:
            painter.drawPixmap(x, y, self._back(look))
        bar_x = self._width - self._bar_width - 6
        bar_y = self._value_y + (self._height - self._value_y - self._bar_height) // 2
        for (x, y, *_), row, _look in tiles:
            if row.heartbeat:
                painter.drawPixmap(x + bar_x, y + bar_y, self._bar(row.heartbeat))
        self._paint_names(painter, tiles)
        self._paint_values(painter, tiles)

    def _paint_names(self, painter: QPainter, tiles: Sequence[Tile]) -> None:
        painter.setFont(self._name_font)
        painter.setPen(self._primary)
        room = self._width - self._text_x - 6
        for (x, y, *_), row, _look in tiles:
            painter.drawStaticText(x + self._text_x, y + self._name_y, self._text(row.name, room, True))

    def _paint_values(self, painter: QPainter, tiles: Sequence[Tile]) -> None:
        painter.setFont(self._value_font)
        room = self._width - 11 - self._bar_width - 12
        inked: State | None = None
        for (x, y, *_), row, look in tiles:
            if look.state is not inked:
                inked = look.state
                is_calm = inked in (State.NORMAL, State.UNKNOWN)
                painter.setPen(self._secondary if is_calm else self._state_colour(inked))
            painter.drawStaticText(x + 11, y + self._value_y, self._text(row.value, room, False))

    def _state_colour(self, state: State) -> QColor:
        return self._theme.state_colour(state)

    def _laid_out(self, text: str, room: int, is_name: bool) -> QStaticText:
        font: QFont = self._name_font if is_name else self._value_font
        line = text.replace("\n", " ")[:200]
        shown = QFontMetricsF(font).elidedText(line, Qt.TextElideMode.ElideRight, room)
        made = QStaticText(shown)
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        made.prepare(font=font)
        return made

    def _pixmap(self, width: int, height: int) -> QPixmap:
        made = QPixmap(ceil(width * self._scale), ceil(height * self._scale))
        made.setDevicePixelRatio(self._scale)
        made.fill(Qt.GlobalColor.transparent)
        return made

    def _back(self, look: Look) -> QPixmap:
        made = self._backs.get(look)
        if made is None:
            made = self._backs[look] = self._draw_back(look)
        return made

    def _draw_back(self, look: Look) -> QPixmap:
        made = self._pixmap(self._width, self._height)
        made.fill(self._theme.colour("surface"))
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self._theme.size("radius")
        whole = QRectF(0, 0, self._width, self._height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("hover" if look.is_hovered else "raised"))
        painter.drawRoundedRect(whole, radius, radius)
        if look.is_stale:
            paint_hatching(painter, whole.adjusted(1, 1, -1, -1), self._theme.colour("hair"))
        colour = self._state_colour(look.state)
        if look.state not in QUIET:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.setClipRect(QRectF(0, 0, 3, self._height))
            painter.drawRoundedRect(whole, radius, radius)
            painter.setClipping(False)
        shape_y = self._name_y + (QFontMetricsF(self._name_font).height() - self._shape) / 2
        PAINTERS[look.state](painter, QRectF(11, round(shape_y), self._shape, self._shape), colour)
        self._draw_outline(painter, look, whole, radius)
        painter.end()
        return made

    def _draw_outline(self, painter: QPainter, look: Look, whole: QRectF, radius: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if look.is_new:
            painter.setPen(QPen(self._state_colour(look.state), 1.5))
            painter.drawRoundedRect(whole.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
        if look.is_selected:
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(whole.adjusted(1, 1, -1, -1), radius, radius)

    def _draw_bar(self, heartbeat: bytes) -> QPixmap:
        ticks = compressed(heartbeat, TICKS)
        made = self._pixmap(self._bar_width, self._bar_height)
        painter = QPainter(made)
        states = tuple(State)
        lead = (TICKS - len(ticks)) * TICK_PITCH
        for number, rank in enumerate(ticks):
            state = states[rank] if rank < len(states) else State.UNKNOWN
            is_quiet = rank == NO_CHECK or state in QUIET
            height = self._bar_height * (3 / 4 if is_quiet else 1)
            painter.setOpacity(0.3 if rank == NO_CHECK else 0.7 if is_quiet else 1.0)
            top_left = QPointF(lead + number * TICK_PITCH, self._bar_height - height)
            painter.fillRect(QRectF(top_left.x(), top_left.y(), TICK_PITCH - 1, height), self._state_colour(state))
        painter.end()
        return made
