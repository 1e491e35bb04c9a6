"""Two people edited one record: what they and you made of each field, to choose from (UX rule 8).

The one dialog for every form. What only one of both changed is chosen already, so that Enter saves both; where both
changed one field, somebody has to choose.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.errors import Conflict
from app.words import tr
from ui.labels import PlainLabel

THEIRS, YOURS = 0, 1
WIDTH = 720
LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which both hold another value: how it was when you opened the form, and in words."""

    key: str
    title: str
    was: Any
    theirs: Any
    yours: Any

    @property
    def is_theirs_changed(self) -> bool:
        return not same(self.theirs, self.was)

    @property
    def is_yours_changed(self) -> bool:
        return not same(self.yours, self.was)

    @property
    def likely(self) -> int | None:
        """The side of whoever alone changed the field; None where both did."""
        if self.is_theirs_changed and self.is_yours_changed:
            return None
        return THEIRS if self.is_theirs_changed else YOURS


def same(one: Any, other: Any) -> bool:
    """Return whether two values of a field say the same: an empty text and none are one."""
    empty = (None, "")
    return bool(one == other) or (one in empty and other in empty)


def differences(
    was: Mapping[str, Any], theirs: Mapping[str, Any], yours: Mapping[str, Any], title: Callable[[str], str]
) -> list[Difference]:
    """Return the fields in which both differ, in the order of `yours`; what theirs does not name is yours alone."""
    return [
        Difference(key, title(key), was.get(key), theirs[key], value)
        for key, value in yours.items()
        if key in theirs and not same(theirs[key], value)
    ]


def ask(
    conflict: Conflict,
    fields: Sequence[Difference],
    told: Callable[[str, Any], str],
    decide: Callable[[frozenset[str]], object],
    parent: QWidget,
) -> "ConflictDialog":
    """Open the dialog over a form; `decide` gets the keys where theirs shall stand, and saves again."""
    dialog = ConflictDialog(conflict.sentence(), conflict.who, fields, told, parent)
    dialog.decided.connect(decide)
    dialog.open()
    return dialog


class ConflictDialog(QDialog):
    """A line for each field that differs; `decided` carries the keys where theirs shall stand."""

    decided = Signal(object)

    def __init__(
        self,
        sentence: str,
        who: str,
        fields: Sequence[Difference],
        told: Callable[[str, Any], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("conflict")
        self.setWindowTitle(tr("Changed by two at once"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fields = tuple(fields)
        self._told = told
        self._groups: dict[str, QButtonGroup] = {}
        self.button = QPushButton(self)
        self._lay_out(sentence, who or tr("Somebody else"))
        self.resize(WIDTH, self.sizeHint().height())
        self._show_ready()

    def choose(self, key: str, side: int) -> None:
        """Choose THEIRS or YOURS for one field."""
        self._groups[key].button(side).setChecked(True)

    def choose_all(self, side: int) -> None:
        """Choose the same side for every field."""
        for key in self._groups:
            self.choose(key, side)
        self.button.setFocus()

    def decide(self) -> None:
        """Save with the choices, once each field has one."""
        if self.button.isEnabled():
            self.decided.emit(frozenset(key for key, each in self._groups.items() if each.checkedId() == THEIRS))
            self.accept()

    def _lay_out(self, sentence: str, who: str) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(self.windowTitle(), "title", self))
        layout.addWidget(PlainLabel(sentence, "", self, wraps=True))
        layout.addWidget(PlainLabel(self._advice(who), "secondary", self, wraps=True))
        if self.fields:
            layout.addWidget(self._sides(who), 1)
        layout.addLayout(self._buttons())

    def _advice(self, who: str) -> str:
        if not self.fields:
            return tr("None of what you entered here touches what {who} changed: it can be saved as well.", who=who)
        if any(each.likely is None for each in self.fields):
            return tr("Choose for each field what shall stand. Marked is what {who} changed.", who=who)
        return tr("You changed different fields: Enter keeps both changes. Marked is what {who} changed.", who=who)

    def _sides(self, who: str) -> QScrollArea:
        body = QWidget(self)
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 110)
        for column, head in enumerate((tr("Field"), tr("{who} saved", who=who), tr("You typed"))):
            grid.addWidget(PlainLabel(head, "secondary", body), 0, column)
            grid.setColumnStretch(column, 2 if column else 1)
        for row, field in enumerate(self.fields, 1):
            self._add(grid, row, field, body)
        grid.setRowStretch(len(self.fields) + 1, 1)
        area = SidesArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(body)
        return area

    def _add(self, grid: QGridLayout, row: int, field: Difference, body: QWidget) -> None:
        heading = QVBoxLayout()
        heading.setSpacing(0)
        heading.addWidget(PlainLabel(field.title, "strong", body, wraps=True))
        was = tr("was: {value}", value=self._words(field.key, field.was))
        heading.addWidget(PlainLabel(was, "secondary", body, wraps=True))
        heading.addStretch(1)
        grid.addLayout(heading, row, 0)
        group = QButtonGroup(self)
        sides = ((THEIRS, field.theirs, field.is_theirs_changed), (YOURS, field.yours, False))
        for side, value, is_marked in sides:
            box = Side(self._words(field.key, value), field.title, is_marked, body)
            box.button.setObjectName(f"conflict-{field.key}-{side}")
            group.addButton(box.button, side)
            box.button.setChecked(field.likely == side)
            box.button.toggled.connect(self._show_ready)
            grid.addWidget(box, row, side + 1)
        self._groups[field.key] = group

    def _words(self, key: str, value: Any) -> str:
        words = self._told(key, value)
        return (words if len(words) <= LONGEST else words[:LONGEST] + "…") or tr("(empty)")

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        back = QPushButton(tr("Back to the form"), self)
        back.clicked.connect(self.reject)
        row.addWidget(back)
        row.addStretch(1)
        if self.fields:
            for title, side in ((tr("Take all of theirs"), THEIRS), (tr("Keep all of mine"), YOURS)):
                each = QPushButton(title, self)
                each.setAutoDefault(False)
                each.clicked.connect(lambda _on=False, side=side: self.choose_all(side))
                row.addWidget(each)
        back.setAutoDefault(False)
        self.button.setProperty("main", True)
        self.button.setDefault(True)
        self.button.setObjectName("main")
        self.button.clicked.connect(lambda _on=False: self.decide())
        row.addWidget(self.button)
        return row

    def _show_ready(self) -> None:
        sides = [group.checkedId() for group in self._groups.values()]
        is_both = THEIRS in sides and YOURS in sides
        self.button.setEnabled(all(side >= 0 for side in sides))
        self.button.setText(tr("Save both changes") if is_both else tr("Save with these choices"))
        if not sides:
            self.button.setText(tr("Save mine as well"))


class Side(QFrame):
    """One side's value beside the button that chooses it; a marked one is what the colleague changed."""

    def __init__(self, words: str, title: str, is_marked: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("side", "changed" if is_marked else "plain")
        self.button = QRadioButton(self)
        self.button.setAccessibleName(f"{title}: {words}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        text = PlainLabel(f"▲ {words}" if is_marked else words, "", self, wraps=True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(text, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.button.setChecked(True)
        event.accept()


class SidesArea(QScrollArea):
    """Scrolls the fields where the screen is too low for all of them; otherwise as high as they need."""

    def sizeHint(self) -> Any:
        hint = self.widget().sizeHint()
        hint.setHeight(min(hint.height() + 4, max(160, self.screen().availableGeometry().height() - 280)))
        return hint
