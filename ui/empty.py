"""What an empty list says: why it is empty and the next step, that it is still being read, or that reading failed."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.words import tr
from ui.labels import PlainLabel

QUIET_MS = 300
"""An answer that comes sooner is not announced: nothing flashes."""


class Empty(QWidget):
    """Lies over a list's viewport while the list shows nothing; silent until it has something to say.

    With `waits` the list is not known to be empty before its first answer, so that it is never taken for empty.
    """

    def __init__(self, parent: QWidget, *, waits: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("empty")
        self._label = PlainLabel("", parent=self, wraps=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton(self)
        self._why, self._next_step = "", ""
        self._step: Callable[[], object] | None = None
        self._failure = ""
        self._again: Callable[[], object] | None = None
        self._is_known, self._is_slow, self._is_over = not waits, False, False
        self._was_answered = False
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self._be_slow)
        self._button.clicked.connect(self._take_step)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(self._label)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.hide()

    @property
    def words(self) -> str:
        """What is said now, empty while nothing is."""
        return "" if self.isHidden() else self._label.text()

    def say(self, why: str, next_step: str = "", step: Callable[[], object] | None = None) -> None:
        """Say why the list is empty once it is known to be; `next_step` is the button that calls `step`."""
        self._why, self._next_step, self._step = why, next_step, step
        self._show()

    def begin(self) -> None:
        """The rows are being asked for: what is shown stays, and a slow answer is announced quietly."""
        self._is_known = self._was_answered
        self._quiet.start()
        self._show()

    def end(self) -> None:
        """The answer came."""
        self._quiet.stop()
        self._is_known, self._was_answered, self._is_slow, self._failure = True, True, False, ""
        self._show()

    def fail(self, error: WatchroomError, again: Callable[[], object]) -> None:
        """Say that the rows could not be read, never that there are none; the button calls `again`."""
        self._quiet.stop()
        self._is_slow, self._failure, self._again = False, error.sentence(), again
        self._show()

    def show_over(self, is_empty: bool) -> None:
        """Say what there is to say while the list shows nothing."""
        self._is_over = is_empty
        self._show()

    def place(self) -> None:
        """Fill the viewport."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def _show(self) -> None:
        text, button = self._content()
        self._label.setText(text)
        self._label.set_role("error" if self._failure else "secondary" if self._is_slow else "")
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setVisible(self._is_over and bool(text))

    def _content(self) -> tuple[str, str]:
        """Return the text and the button's words."""
        if self._failure:
            return self._failure, tr("Try again")
        if self._is_slow:
            return tr("Loading…"), ""
        return (self._why, self._next_step) if self._is_known else ("", "")

    def _be_slow(self) -> None:
        self._is_slow, self._failure = True, ""
        self._show()

    def _take_step(self) -> None:
        step = self._again if self._failure else self._step
        if step:
            step()
