"""What an empty list says: why it is empty, and the next step as a button."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.labels import PlainLabel


class Empty(QWidget):
    """Lies over a list's viewport while the list is empty; silent until `say` has given it words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("empty")
        self._label = PlainLabel("", parent=self, wraps=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton(self)
        self._button.hide()
        self._step: Callable[[], None] | None = None
        self._button.clicked.connect(self._take_step)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(self._label)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.hide()

    @property
    def has_words(self) -> bool:
        return bool(self._label.text())

    def say(self, why: str, next_step: str = "", step: Callable[[], None] | None = None) -> None:
        """Say why the list is empty; `next_step` is the button that calls `step`."""
        self._label.setText(why)
        self._button.setText(next_step)
        self._button.setVisible(bool(next_step))
        self._step = step

    def place(self) -> None:
        """Fill the viewport."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def _take_step(self) -> None:
        if self._step:
            self._step()
