"""Two people edited one record: what they and you made of each field, to choose from (UX rule 8)."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QRadioButton, QVBoxLayout, QWidget

from app.words import tr
from ui.labels import ElidedLabel, PlainLabel

THEIRS, YOURS = 0, 1


class ConflictBox(QWidget):
    """A line for each field that differs; `decided` carries the names of the fields where theirs shall stand."""

    decided = Signal(object)

    def __init__(
        self,
        who: str,
        theirs: Mapping[str, Any],
        yours: Mapping[str, Any],
        base: Mapping[str, Any],
        titled: Callable[[str], str],
        told: Callable[[str, Any], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("conflict")
        self._groups: dict[str, QButtonGroup] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self.button = QPushButton(tr("Save with these choices"), self)
        self.button.setProperty("main", True)
        self.button.clicked.connect(self._decide)
        heads = ("", tr("{who} saved", who=who), tr("You typed"))
        for column, head in enumerate(heads):
            self._grid.addWidget(PlainLabel(head, "secondary", self), 0, column)
            self._grid.setColumnStretch(column, 1 if column else 0)
        for row, name in enumerate(theirs, 1):
            chosen = self._likely(theirs[name], yours[name], base.get(name))
            self._add(row, name, titled(name), told(name, theirs[name]), told(name, yours[name]), chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.addWidget(PlainLabel(tr("Choose for each field what shall stand."), "strong", self))
        layout.addLayout(self._grid)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._show_ready()

    def choose(self, name: str, side: int) -> None:
        """Choose THEIRS or YOURS for one field."""
        self._groups[name].button(side).setChecked(True)
        self._show_ready()

    @staticmethod
    def _likely(theirs: Any, yours: Any, base: Any) -> int | None:
        """Return the side of whoever alone changed the field; None where both did."""
        if (yours or None) == (base or None):
            return THEIRS
        return YOURS if (theirs or None) == (base or None) else None

    def _add(self, row: int, name: str, title: str, theirs: str, yours: str, chosen: int | None) -> None:
        group = QButtonGroup(self)
        self._grid.addWidget(ElidedLabel(title, "strong", self), row, 0)
        self._grid.setColumnMinimumWidth(0, 120)
        for column, text in ((THEIRS, theirs), (YOURS, yours)):
            button = QRadioButton((text or tr("(empty)")).replace("&", "&&"), self)
            button.setObjectName(f"conflict-{name}-{column}")
            group.addButton(button, column)
            button.setChecked(chosen == column)
            button.toggled.connect(self._show_ready)
            self._grid.addWidget(button, row, column + 1)
        self._groups[name] = group

    def _show_ready(self) -> None:
        self.button.setEnabled(all(group.checkedId() >= 0 for group in self._groups.values()))

    def _decide(self) -> None:
        self.decided.emit(frozenset(name for name, group in self._groups.items() if group.checkedId() == THEIRS))
