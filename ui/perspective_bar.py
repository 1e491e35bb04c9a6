"""The posts' perspectives beside the head strip, as one row of buttons."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from ui.layouts import NARROW, perspective_titles


class PerspectiveBar(QWidget):
    """One button for each perspective; `chosen` carries its name."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("perspectives")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        for name, title in perspective_titles().items():
            button = QPushButton(title, self)
            button.setCheckable(True)
            button.setObjectName(f"perspective-{name}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _on=False, name=name: self.chosen.emit(name))
            self._group.addButton(button)
            row.addWidget(button)

    def fit(self, width: int, *, is_wall: bool) -> None:
        """Leave the room to the head strip in a narrow window, where the View menu has the perspectives too."""
        self.setVisible(width >= NARROW and not is_wall)

    def show_chosen(self, name: str) -> None:
        """Mark the button of the perspective that is open; the wall has none."""
        for button in self._group.buttons():
            button.setChecked(button.objectName() == f"perspective-{name}")
