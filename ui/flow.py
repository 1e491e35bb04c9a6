"""Rows of buttons and tabs that go on in the next line where the panel is too narrow."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLayout, QLayoutItem, QPushButton, QSizePolicy, QWidget, QWidgetItem


class Flow(QLayout):
    """Lays widgets from left to right, line by line; hidden ones take no room."""

    def __init__(self, widgets: Sequence[QWidget], *, gap: int = 6, margin: int = 12) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(margin, 6, margin, 10)
        for widget in widgets:
            self.addItem(QWidgetItem(widget))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # None past the end, as Qt wants
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), is_only_asked=True)

    def setGeometry(self, box: QRect) -> None:
        super().setGeometry(box)
        self._place(box, is_only_asked=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        margins = self.contentsMargins()
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _place(self, box: QRect, *, is_only_asked: bool) -> int:
        """Return the height that `box`'s width needs, the items put in their places unless it is only asked."""
        margins = self.contentsMargins()
        inner = box.marginsRemoved(margins)
        x, y, height = inner.x(), inner.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            hint = item.sizeHint()
            if x > inner.x() and x + hint.width() > inner.right() + 1:
                x, y, height = inner.x(), y + height + self._gap, 0
            if not is_only_asked:
                item.setGeometry(QRect(QPoint(x, y), hint))
            x += hint.width() + self._gap
            height = max(height, hint.height())
        return y + height - box.y() + margins.bottom()


class FlowTabs(QWidget):
    """Tabs of a narrow panel: one of several is on, none is ever cut off or scrolled away."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._flow = Flow((), gap=4)
        self.setLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def current(self) -> str:
        return next(name for name, button in self._buttons.items() if button.isChecked())

    def add(self, name: str) -> None:
        """Add a tab; the first one is on."""
        button = QPushButton(self)
        button.setCheckable(True)
        button.setChecked(not self._buttons)
        button.setProperty("chip", True)
        button.setObjectName(f"tab-{name}")
        button.clicked.connect(lambda _on=False: self.chosen.emit(name))
        self._group.addButton(button)
        self._buttons[name] = button
        self._flow.addWidget(button)

    def set_title(self, name: str, title: str) -> None:
        self._buttons[name].setText(title)

    def show_tab(self, name: str, is_shown: bool) -> None:
        """Show a tab or hide it; the first one takes over from one that goes."""
        button = self._buttons[name]
        if button.isChecked() and not is_shown:
            self.choose(next(iter(self._buttons)))
        button.setVisible(is_shown)

    def choose(self, name: str) -> None:
        """Turn a tab on as if it had been clicked."""
        self._buttons[name].setChecked(True)
        self.chosen.emit(name)
