"""A choice in a title bar: a flat button that says what is chosen, with a menu of the others."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ui.choices import Choice


class ChoiceButton(QToolButton):
    """One of several values; `chosen` says the new one, not what is set by `choose`."""

    chosen = Signal(object)

    def __init__(self, name: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("slim", True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._choices = list(choices)
        self._current = 0
        menu = QMenu(self)
        self._actions = QActionGroup(self)
        for at, choice in enumerate(self._choices):
            action = menu.addAction(choice.title)
            action.setCheckable(True)
            action.triggered.connect(lambda _on=False, at=at: self._pick(at))
            self._actions.addAction(action)
        self.setMenu(menu)
        self.choose(0)

    @property
    def value(self) -> Any:
        """What is chosen."""
        return self._choices[self._current].value

    @property
    def place(self) -> int:
        """Which of the choices it is, from 0 (what is remembered)."""
        return self._current

    def choose(self, at: int) -> None:
        """Show the choice at a place; a place that is none is the first."""
        self._current = at if 0 <= at < len(self._choices) else 0
        self._actions.actions()[self._current].setChecked(True)
        self.setText(f"{self._choices[self._current].title} ▾")

    def _pick(self, at: int) -> None:
        self.choose(at)
        self.chosen.emit(self.value)
