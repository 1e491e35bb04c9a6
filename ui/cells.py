"""Painting of table cells: text elided, pills, rings, dim and struck-through rows."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QToolTip

from ui.fades import Fades
from ui.labels import plain_tooltip
from ui.rows import AnyIndex, Column, Look, Pill, Ring, Rows, Tinted
from ui.shapes import PILL_GAP, RING, SHAPE, Shapes, paint_countdown, paint_pill, pill_width
from ui.theme import Theme

MEASURED = 500
"""Characters of a cell that are painted or measured at most."""
PAD = 8
ROW_MARK = 2


class Cells(QStyledItemDelegate):
    """Paints every cell of the one table itself; `is_dim` and `is_void` judge rows."""

    def __init__(
        self,
        theme: Theme,
        rows: Rows,
        fades: Fades,
        is_dim: Callable[[Any], bool] | None,
        is_void: Callable[[Any], bool] | None,
        view: QAbstractItemView,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._theme, self._rows, self._fades = theme, rows, fades
        self._is_dim, self._is_void = is_dim, is_void
        self._shapes = Shapes(theme)
        self.hovered = -1
        self.role, self.pill_role = "text", "secondary"
        self.dropped: Sequence[Column] = ()
        """The columns that the view has no room for: a tooltip tells them with the rest."""

    def sizeHint(self, option: Any, index: AnyIndex) -> QSize:
        return QSize(80, self._theme.size("row"))

    def paint(self, painter: QPainter, option: Any, index: AnyIndex) -> None:
        number = index.row()
        row = self._rows.rows[number]
        column = self._rows.columns[index.column()]
        box: QRect = option.rect
        self._paint_back(painter, index, box)
        inner = box.adjusted(PAD, 0, -PAD, 0)
        look = column.look(row) if column.look else None
        if look is None:
            self._paint_text(painter, inner, column, row)
        else:
            self._paint_look(painter, inner, look)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: Any, index: AnyIndex) -> bool:
        if event.type() is not QEvent.Type.ToolTip or not index.isValid():
            return False
        column, row = self._rows.columns[index.column()], self._rows.rows[index.row()]
        text = column.text(row)
        fits = "\n" not in text and self._needed_width(column, row, text) <= option.rect.width() - 2 * PAD
        lines = [] if fits and not column.stretch else [text]
        if lines:
            lines += [f"{each.title}: {told}" for each in self.dropped if (told := each.text(row))]
        words = "\n".join(lines) if not fits or len(lines) > 1 else ""
        QToolTip.showText(event.globalPos(), plain_tooltip(words), view)
        return True

    def wanted_width(self, column: Column, rows: list[Any]) -> int:
        """Return the width that shows these rows' cells whole."""
        needed = (self._needed_width(column, row, column.text(row)) for row in rows)
        return max(needed, default=0) + 2 * PAD + 1

    def _needed_width(self, column: Column, row: Any, text: str) -> int:
        look = column.look(row) if column.look else None
        if isinstance(look, Pill):
            return pill_width(look.text, self._theme.font(self.pill_role), look.state is not None)
        if isinstance(look, Ring):
            return RING + PILL_GAP + QFontMetrics(self._theme.font(self.role)).horizontalAdvance(look.text)
        lead = SHAPE + PILL_GAP if isinstance(look, Tinted) and look.state else 0
        return lead + QFontMetrics(self._theme.font(self.role)).horizontalAdvance(
            (look.text if look else text)[:MEASURED]
        )

    def _paint_back(self, painter: QPainter, index: AnyIndex, box: QRect) -> None:
        row = index.row()
        if self._view.selectionModel().isSelected(index):
            painter.fillRect(box, self._theme.colour("selection"))
            if box.left() <= 0 and self._view.isActiveWindow():
                painter.fillRect(QRect(box.topLeft(), QSize(ROW_MARK, box.height())), self._theme.colour("accent"))
        elif row == self.hovered:
            painter.fillRect(box, self._theme.colour("raised"))
        if self._fades.is_running:
            tint = QColor(self._theme.colour("accent"))
            tint.setAlphaF(self._fades.strength(self._rows.key_of(self._rows.rows[row])))
            painter.fillRect(box, tint)

    def _paint_text(self, painter: QPainter, box: QRect, column: Column, row: Any) -> None:
        text = column.text(row)
        if not text:
            return
        is_void = self._is_void is not None and self._is_void(row)
        is_dim = is_void or (self._is_dim is not None and self._is_dim(row))
        font = self._theme.font(self.role)
        if is_void:
            font = QFont(font)
            font.setStrikeOut(True)
        self._draw(painter, box, text, font, "secondary" if is_dim else "text", column.right)

    def _draw(self, painter: QPainter, box: QRect, text: str, font: QFont, token: str, right: bool) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.colour(token))
        line = text.replace("\n", " ") if "\n" in text else text
        shown = painter.fontMetrics().elidedText(line[:MEASURED], Qt.TextElideMode.ElideRight, box.width())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)

    def _paint_look(self, painter: QPainter, box: QRect, look: Look) -> None:
        painter.save()
        scale = painter.device().devicePixelRatioF()
        if isinstance(look, Pill):
            painter.setFont(self._theme.font(self.pill_role))
            shape = self._shapes.pixmap(look.state, SHAPE, scale) if look.state else None
            paint_pill(painter, box, look.text, self._theme.colour(look.token), self._theme.colour("raised"), shape)
        elif isinstance(look, Ring):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ring = QRectF(box.left(), box.center().y() - RING / 2 + 1, RING, RING)
            paint_countdown(painter, ring, look.part, self._theme.colour(look.token), self._theme.colour("hair"))
            rest = box.adjusted(RING + PILL_GAP, 0, 0, 0)
            self._draw(painter, rest, look.text, self._theme.font(self.role), look.token, False)
        else:
            if look.state:
                self._shapes.paint(painter, box.left(), box.center().y() - SHAPE // 2, look.state)
                box = box.adjusted(SHAPE + PILL_GAP, 0, 0, 0)
            self._draw(painter, box, look.text, self._theme.font(self.role), look.token, False)
        painter.restore()


def row_under(view: QAbstractItemView, position: QPoint) -> int:
    """Return the row number under a viewport position, or -1."""
    index = view.indexAt(position)
    return index.row() if index.isValid() else -1


def repaint_row(view: QAbstractItemView, model: QAbstractItemModel, row: int) -> None:
    """Repaint one row across the view's whole width."""
    if 0 <= row < model.rowCount():
        box = view.visualRect(model.index(row, 0))
        view.viewport().update(0, box.top(), view.viewport().width(), box.height())
