"""The status board as one painted surface: a pixmap of what is in view, of which only changed tiles are repainted."""

from collections.abc import Container, Iterable
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.board_row import BoardRow
from app.times import age
from app.words import label, tr
from models.enums import State
from ui.board_model import HEADER, PAD, Board, Box, Filter, Grouping
from ui.board_tiles import Look, Tile, Tiles
from ui.empty import Empty
from ui.fades import MOST, Fades
from ui.labels import plain_tooltip
from ui.shapes import paint_square
from ui.theme import Theme
from ui.viewports import own_viewport

STALE_CHECK_MS = 2_000
WALL_TILE = (216, 78)


class BoardSurface(QAbstractScrollArea):
    """Tiles of devices. Rows come in by `set_rows` and `patch`; what a person does goes out by signals, with CI ids."""

    selected = Signal(int)
    activated = Signal(int)
    """Enter or a double click."""
    preview_asked = Signal(int)
    menu_asked = Signal(int, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board")
        self.board = Board()
        self.empty = Empty(own_viewport(self), waits=True)
        self.current: int | None = None
        self._theme = theme
        self._is_wall = False
        self._hovered: int | None = None
        self._is_unsettled = False
        self._stale: frozenset[int] = frozenset()
        self._backing = QPixmap()
        self._dirty: set[int] = set()
        self._is_all_dirty = True
        self._tiles: Tiles | None = None
        self.fades = Fades(self, lambda: theme.is_still)
        self.fades.moved.connect(self._repaint_fading)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Status board"))
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.check_stale)
        self._clock.start(STALE_CHECK_MS)
        theme.changed.connect(self._forget_tiles)

    def set_rows(self, rows: Iterable[BoardRow]) -> None:
        """Show these devices and no others; the selection stays with its device."""
        self.board.set_rows(rows)
        self._relaid()

    def patch(self, rows: Iterable[BoardRow]) -> None:
        """Put newer rows in place; the order follows when nobody is at the board."""
        changes = self.board.patch(rows)
        self._is_unsettled |= changes.is_unsettled
        if self._is_unsettled and not self._is_attended():
            self.settle()
        elif not self._is_all_dirty:
            self._touch(self._cells_in_view(changes.fresh))
        if len(changes.turned) <= MOST:
            self.fades.begin(self.board.cells[cell] for cell in self._cells_in_view(set(changes.turned)))

    def remove(self, ids: Iterable[int]) -> None:
        self.board.remove(ids)
        self._relaid()

    def set_filter(self, wanted: Filter) -> None:
        self.board.set_filter(wanted)
        self._relaid()

    def set_grouping(self, grouping: Grouping) -> None:
        self.board.set_grouping(grouping)
        self._relaid()

    def set_wall(self, is_wall: bool) -> None:
        """Show large tiles that can be read at five metres, or the usual ones."""
        self._is_wall = is_wall
        self._forget_tiles()
        self._lay_out()

    def go_to_top(self) -> None:
        """Show the worst, and nothing as selected: nobody works at the wall."""
        self.current = None
        self.verticalScrollBar().setValue(0)
        self._paint_all_later()

    def settle(self) -> None:
        """Bring the devices into order, worst first."""
        self._is_unsettled = False
        self.board.settle()
        self._relaid()

    def select(self, ci_id: int, *, tell: bool = True) -> None:
        """Select a device and bring it into view."""
        cells = self.board.cells_of(ci_id)
        before, self.current = self.current, ci_id
        self._touch([*self.board.cells_of(before), *cells] if before is not None else cells)
        if cells:
            self._bring_into_view(self.board.cell_box(cells[0]))
        if tell:
            self.selected.emit(ci_id)

    def check_stale(self, now: datetime | None = None) -> None:
        """Hatch the devices whose data has grown old since the last look, and free those that are fresh again."""
        at = now or datetime.now(UTC)
        stale = frozenset(row.ci_id for row in self.board.rows.values() if row.is_stale(at))
        changed = stale ^ self._stale
        self._stale = stale
        self._touch(cell for ci_id in changed for cell in self.board.cells_of(ci_id))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._refresh_backing()
        painter = QPainter(self.viewport())
        scale = self._backing.devicePixelRatio()
        box = event.rect()
        source = QRect(*(round(part * scale) for part in (box.x(), box.y(), box.width(), box.height())))
        painter.drawPixmap(box, self._backing, source)
        if self.fades.is_running:
            self._paint_fading(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._backing = QPixmap()
        self._lay_out()
        self.empty.place()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted along and paint only the strip that came into view."""
        scale = self._backing.devicePixelRatio()
        shift = dy * scale
        is_behind = self._is_all_dirty or bool(self._dirty) or self._backing.isNull()
        if is_behind or shift != int(shift) or abs(dy) >= self.viewport().height():
            self._paint_all_later()
            return
        self._backing.scroll(0, int(shift), self._backing.rect())
        height = self.viewport().height()
        strip = (0, dy) if dy > 0 else (height + dy, height)
        self._paint_strip(*strip)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        ci_id = self._device_at(event.position().toPoint())
        if ci_id is not None:
            self.select(ci_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        ci_id = self._device_at(event.position().toPoint())
        if ci_id is not None:
            self.activated.emit(ci_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)
        self._settle_if_alone()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._settle_if_alone()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        ci_id = self.current if is_key else self._device_at(event.pos())
        if ci_id is None:
            return
        if ci_id != self.current:
            self.select(ci_id)
        cells = self.board.cells_of(ci_id)
        place = self._shown(self.board.cell_box(cells[0])).center() if is_key and cells else event.pos()
        self.menu_asked.emit(ci_id, self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        arrow = _arrow(key)
        if arrow:
            self._step(*arrow)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.activated.emit(self.current)
        elif key == Qt.Key.Key_Space and self.current is not None:
            self.preview_asked.emit(self.current)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.board.cells:
            self.select(self.board.cells[0 if key == Qt.Key.Key_Home else -1])
        else:
            super().keyPressEvent(event)

    def _words(self, ci_id: int) -> str:
        """Return what a device's tooltip says: name, state as a word, value, cause, place, age."""
        row, now = self.board.rows[ci_id], datetime.now(UTC)
        lines = [row.name, f"{label(row.state)}  {row.value}".strip(), row.summary, row.place]
        if row.affected_by:
            lines.append(tr("Affected by {name}", name=row.affected_by))
        if row.checked_at is None:
            lines.append(tr("Not checked yet"))
        elif row.is_stale(now):
            lines.append(tr("Old data: last checked {age} ago", age=age(row.checked_at, now)))
        else:
            lines.append(tr("Checked {age} ago", age=age(row.checked_at, now)))
        return "\n".join(line for line in lines if line)

    def _is_attended(self) -> bool:
        return self.underMouse() or self.hasFocus()

    def _settle_if_alone(self) -> None:
        if self._is_unsettled and not self._is_attended():
            self.settle()

    def _step(self, across: int, down: int) -> None:
        if not self.board.cells:
            return
        cells = self.board.cells_of(self.current) if self.current is not None else ()
        cell = self.board.step(cells[0], across, down) if cells else 0
        self.select(self.board.cells[cell])

    def _cell_at(self, place: QPoint) -> int | None:
        return self.board.cell_at(place.x(), place.y() + self.verticalScrollBar().value())

    def _device_at(self, place: QPoint) -> int | None:
        cell = self._cell_at(place)
        return None if cell is None else self.board.cells[cell]

    def _hover(self, cell: int | None) -> None:
        if cell != self._hovered:
            before, self._hovered = self._hovered, cell
            self._touch(each for each in (before, cell) if each is not None)
            words = "" if cell is None else self._words(self.board.cells[cell])
            self.viewport().setToolTip(plain_tooltip(words))

    def _bring_into_view(self, box: Box) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if box.y - HEADER < bar.value():
            bar.setValue(box.y - HEADER)
        elif box.y + box.height > bar.value() + height:
            bar.setValue(box.y + box.height - height + PAD)

    def _lay_out(self) -> None:
        size = WALL_TILE if self._is_wall else (self._theme.size("tile_width"), self._theme.size("tile_height"))
        self.board.lay_out(self.viewport().width(), *size)
        self._forget_tiles()
        self._relaid()

    def _relaid(self) -> None:
        self._hovered = None
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self.board.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(self.board.tile.height + 4)
        self.empty.show_over(not self.board.cells)
        self._paint_all_later()

    def _forget_tiles(self) -> None:
        self._tiles = None
        self._paint_all_later()

    def _paint_all_later(self) -> None:
        self._is_all_dirty = True
        self.viewport().update()

    def _touch(self, cells: Iterable[int]) -> None:
        """Have these cells painted anew, as far as they are in view."""
        if self._is_all_dirty:
            return
        seen = self._seen()
        fresh = {cell for cell in cells if cell in seen}
        self._dirty |= fresh
        if len(fresh) * 4 > len(seen):
            self.viewport().update()
            return
        region = QRegion()
        for cell in fresh:
            region += self._shown(self.board.cell_box(cell))
        self.viewport().update(region)

    def _seen(self) -> range:
        top = self.verticalScrollBar().value()
        return self.board.cells_between(top, top + self.viewport().height())

    def _cells_in_view(self, ci_ids: Container[int]) -> list[int]:
        """Return the cells in view that show one of these devices: what lies out of view costs nothing."""
        order = self.board.cells
        return [cell for cell in self._seen() if order[cell] in ci_ids]

    def _paint_fading(self, painter: QPainter) -> None:
        """Tint the tiles whose state has just changed, the weaker the longer ago."""
        for cell in self._seen():
            ci_id = self.board.cells[cell]
            strength = self.fades.strength(ci_id)
            if strength:
                tint = QColor(self._theme.state_colour(self.board.rows[ci_id].state))
                tint.setAlphaF(strength)
                painter.fillRect(self._shown(self.board.cell_box(cell)), tint)

    def _repaint_fading(self, ci_ids: Iterable[int]) -> None:
        for cell in self._cells_in_view(set(ci_ids)):
            self.viewport().update(self._shown(self.board.cell_box(cell)))

    def _shown(self, box: Box) -> QRect:
        return QRect(box.x, box.y - self.verticalScrollBar().value(), box.width, box.height)

    def _refresh_backing(self) -> None:
        """Bring the pixmap up to date: everything, or only the tiles that changed."""
        size, scale = self.viewport().size(), self.devicePixelRatioF()
        if self._backing.isNull() or self._backing.deviceIndependentSize().toSize() != size:
            self._backing = QPixmap(QSize(round(size.width() * scale), round(size.height() * scale)))
            self._backing.setDevicePixelRatio(scale)
            self._is_all_dirty = True
        if self._is_all_dirty:
            self._is_all_dirty = False
            self._dirty.clear()
            self._paint_strip(0, size.height())
        elif self._dirty:
            cells, self._dirty = self._dirty, set()
            painter = QPainter(self._backing)
            painter.translate(0, -self.verticalScrollBar().value())
            self._paint_cells(painter, cells)
            painter.end()

    def _paint_strip(self, top: int, bottom: int) -> None:
        """Paint everything between two heights of the viewport."""
        shift = self.verticalScrollBar().value()
        painter = QPainter(self._backing)
        painter.setClipRect(0, top, self.viewport().width(), bottom - top)
        paint_square(painter, QRectF(0, top, self.viewport().width(), bottom - top), self._theme.colour("surface"))
        painter.translate(0, -shift)
        for group in self.board.groups_between(top + shift, bottom + shift):
            self._paint_heading(painter, group.title, group.count, group.top)
        self._paint_cells(painter, self.board.cells_between(top + shift, bottom + shift))
        painter.end()

    def _paint_heading(self, painter: QPainter, title: str, count: int, top: int) -> None:
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        words, role = title or tr("Without a group"), "title" if self._is_wall else "secondary"
        painter.setFont(self._theme.font(role, bold=True))
        painter.setPen(self._theme.colour("text"))
        box = QRect(PAD, top + 4, self.viewport().width() - 2 * PAD, HEADER - 6)
        used = painter.boundingRect(box, flags, words).width()
        painter.drawText(box, flags, words)
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour("secondary"))
        painter.drawText(box.adjusted(used + 8, 0, 0, 0), flags, f"{count:,}")

    def _paint_cells(self, painter: QPainter, cells: Iterable[int]) -> None:
        tiles = self._tiles
        if tiles is None:
            _x, _y, width, height = self.board.tile
            tiles = Tiles(self._theme, width, height, self.devicePixelRatioF(), is_wall=self._is_wall)
            self._tiles = tiles
        rows, order, found = self.board.rows, self.board.cells, list[Tile]()
        for cell in cells:
            row = rows[order[cell]]
            is_current, is_hovered = row.ci_id == self.current, cell == self._hovered
            look = Look(row.state, row.ci_id in self._stale, row.is_new, is_current, is_hovered)
            found.append(Tile(self.board.cell_box(cell), row, look))
        tiles.paint(painter, found)


def _arrow(key: Qt.Key) -> tuple[int, int] | None:
    """Return the step (across, down) of an arrow key."""
    steps = {
        Qt.Key.Key_Left: (-1, 0),
        Qt.Key.Key_Right: (1, 0),
        Qt.Key.Key_Up: (0, -1),
        Qt.Key.Key_Down: (0, 1),
    }
    return steps.get(key)


def abnormal() -> frozenset[State]:
    """Return the states that the "abnormal" filter shows."""
    return frozenset((State.CRITICAL, State.UNREACHABLE, State.WARNING, State.UNKNOWN))
