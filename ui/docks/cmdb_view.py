"""The look of the CMDB tree: state shape, name, and on the right the count or the U."""

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QToolTip,
    QTreeView,
    QWidget,
)

from ui.context import Context
from ui.docks.cmdb_model import NODE, AnyIndex, TreeModel, said
from ui.empty import Empty
from ui.labels import plain_tooltip
from ui.shapes import SHAPE, paint_hatching
from ui.viewports import own_viewport

ROW = 26
INDENT = 16
PAD = 10
GAP = 7
MARK = 2
ARROW = 4.0


class TreeView(QTreeView):
    """A tree without lines; the whole row is selected, and arrows are drawn in the theme's colours."""

    def __init__(self, model: TreeModel, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._hovered = QModelIndex()
        self.setObjectName("cmdb-tree")
        self.setModel(model)
        self.setItemDelegate(TreeCells(context, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(INDENT)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty = Empty(own_viewport(self), waits=True)
        context.theme.changed.connect(self.viewport().update)
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            signal.connect(self.show_empty)

    def show_empty(self) -> None:
        """Show the empty list's words while there is nothing else to see."""
        self.empty.show_over(self.model().rowCount() == 0)
        self.empty.place()

    def drawRow(self, painter: QPainter, option: Any, index: AnyIndex) -> None:
        row = QRect(0, option.rect.top(), self.viewport().width(), option.rect.height())
        theme = self._context.theme
        if self.selectionModel().isSelected(index):
            painter.fillRect(row, theme.colour("selection"))
            painter.fillRect(QRect(row.topLeft(), QSize(MARK, row.height())), theme.colour("accent"))
        elif index == self._hovered:
            painter.fillRect(row, theme.colour("raised"))
        super().drawRow(painter, option, index)

    def drawBranches(self, painter: QPainter, rect: QRect, index: AnyIndex) -> None:
        if not self.model().hasChildren(index):
            return
        middle = QPointF(rect.right() - INDENT / 2 + 1, rect.center().y() + 0.5)
        if self.isExpanded(index):
            points = [(-ARROW, -ARROW / 2), (ARROW, -ARROW / 2), (0.0, ARROW / 2 + 0.5)]
        else:
            points = [(-ARROW / 2, -ARROW), (ARROW / 2 + 0.5, 0.0), (-ARROW / 2, ARROW)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._context.theme.colour("secondary"))
        painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in points]))
        painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(QModelIndex())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt's own event
        self.empty.place()

    def _hover(self, index: QModelIndex) -> None:
        if index != self._hovered:
            self._hovered = index
            self.viewport().update()


class TreeCells(QStyledItemDelegate):
    """Paints one node: shape (a dash where nothing watches), name, count or U."""

    def __init__(self, context: Context, view: TreeView) -> None:
        super().__init__(view)
        self._context = context

    def sizeHint(self, option: Any, index: AnyIndex) -> QSize:
        return QSize(80, ROW)

    def paint(self, painter: QPainter, option: Any, index: AnyIndex) -> None:
        node = index.data(NODE)
        if node is None:
            return
        theme, box = self._context.theme, option.rect.adjusted(2, 0, -PAD, 0)
        shape = QRectF(box.left(), box.center().y() - SHAPE / 2 + 0.5, SHAPE, SHAPE)
        if node.is_stale:
            hatched = shape.adjusted(-3, -4, 3, 4)
            paint_hatching(painter, hatched if node.count else QRectF(box), _faint(theme.colour("unknown")))
        if node.state is None:
            painter.fillRect(shape.adjusted(1, SHAPE / 2 - 0.5, -1, -SHAPE / 2 + 0.5), theme.colour("disabled"))
        else:
            self._context.shapes.paint(painter, shape.left(), shape.top(), node.state)
        right = f"{node.count:,}" if node.count else "" if node.u_bottom is None else f"{node.u_bottom:g}U"
        painter.setFont(theme.font("secondary"))
        width = painter.fontMetrics().horizontalAdvance(right)
        painter.setPen(theme.colour("secondary"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), right)
        name = box.adjusted(SHAPE + GAP, 0, -width - (GAP if right else 0), 0)
        painter.setFont(theme.font())
        painter.setPen(theme.colour("text"))
        shown = painter.fontMetrics().elidedText(node.title, Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: Any, index: AnyIndex) -> bool:
        node = index.data(NODE) if index.isValid() else None
        if event.type() is not QEvent.Type.ToolTip or node is None:
            return False
        QToolTip.showText(event.globalPos(), plain_tooltip(said(node)), view)
        return True


def _faint(colour: QColor) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(0.18)
    return faint
