"""Dialogs by the house rules: label above field, errors under it, Enter saves, typed text outlives every
failure.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.errors import BadInput, Conflict, WatchroomError
from app.words import tr
from ui.banner import Banners
from ui.context import Context
from ui.editing import Again, Editing
from ui.fields import Choice, Editor, Field, Kind, editor
from ui.labels import PlainLabel
from ui.rows import Call

__all__ = ["Choice", "Field", "Form", "Kind"]

WIDTH = 480


class Form(QDialog):
    """A dialog of fields. `run(save)` opens it and returns at once; `save(values)` gives the command to
    `work.do`.

    A BadInput with a field is shown under that field, any other error in a banner; the form stays open
    with all
    that was typed. `saved` carries the command's result, after which the form is closed and deleted.
    """

    saved = Signal(object)

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        context: Context,
        parent: QWidget | None = None,
        *,
        main: str = "",
        note: str = "",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName("form")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._save: Callable[[dict[str, Any]], Call] | None = None
        self._take: Callable[[dict[str, Any]], object] | None = None
        self._editors: dict[str, Editor] = {}
        self._errors: dict[str, PlainLabel] = {}
        self._editing: Editing | None = None
        self.banners = Banners(self)
        self.main_button = QPushButton(main or tr("Save"), self)
        self._lay_out(title, note, fields)
        self.resize(WIDTH, self.sizeHint().height())

    def run(self, save: Callable[[dict[str, Any]], Call]) -> "Form":
        """Open the form over its parent without blocking; return it, for `saved` to be connected."""
        self._save = save
        return self._begin()

    def ask(self, take: Callable[[dict[str, Any]], object]) -> "Form":
        """Open the form for something that saves nothing: `take` gets the values when they are complete."""
        self._take = take
        return self._begin()

    def _begin(self) -> "Form":
        if self._editing is not None:
            self._editing.remember()
        self.open()
        first = next((each for each in self._editors.values() if each.is_empty()), None)
        (first.widget if first else self.main_button).setFocus(Qt.FocusReason.TabFocusReason)
        return self

    def edits(self, table: str, key: int, version: int, again: Again | None = None) -> "Form":
        """Name the row that is edited: others see it, and a save that meets another's is settled field by field.

        `save` then takes the version from `version`. With `again` the row's fields are read anew for that; without,
        those of the fields that are named like the row's columns are held against them.
        """
        self._editing = Editing(self, self._context, table, key, version, again)
        self._column.insertWidget(1, self._editing.line)
        self.resize(self.width(), self.sizeHint().height())
        return self

    @property
    def version(self) -> int:
        """The version of the row that the next save names."""
        assert self._editing is not None, "the form edits no row"
        return self._editing.version

    def values(self) -> dict[str, Any]:
        """Return what the fields hold by key."""
        return {key: each.value() for key, each in self._editors.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Fill fields in (a returning visitor, a caller that is known)."""
        for key, value in values.items():
            self._editors[key].set_value(value)

    def field(self, key: str) -> Editor:
        return self._editors[key]

    def submit(self) -> None:
        """Check the required fields, then save on a worker; the form is grey meanwhile."""
        missing = [key for key, each in self._editors.items() if each.field.required and each.is_empty()]
        for key in self._errors:
            self._say_wrong(key, tr("Please fill this in.") if key in missing else "")
        if missing:
            self._editors[missing[0]].widget.setFocus()
            return
        try:
            call = self._wanted_call()
        except WatchroomError as error:
            self._fail(error)
            return
        if call is None:
            self.accept()
            return
        self._set_saving(True)
        do = partial(self._context.work.do, done=self._succeed, failed=self._fail, kept=self._close_kept, owner=self)
        do(call.query, *call.args, **call.values)

    def _wanted_call(self) -> Call | None:
        """Return the command to run; None where the values were taken without one. Raises what is wrong with them."""
        values = self.values()
        if self._save is not None:
            return self._save(values)
        if self._take is not None:
            self._take(values)
        return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.main_button.isEnabled():
                self.submit()
            return
        super().keyPressEvent(event)

    def _lay_out(self, title: str, note: str, fields: Sequence[Field]) -> None:
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(title, "title", self))
        if note:
            layout.addWidget(PlainLabel(note, "secondary", self, wraps=True))
        layout.addWidget(self.banners)
        layout.addWidget(self._scrolled_fields(fields), 1)
        if any(field.required for field in fields):
            layout.addWidget(PlainLabel(tr("* must be filled in"), "secondary", self))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        cancel = QPushButton(tr("Cancel"), self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.main_button.setProperty("main", True)
        self.main_button.setDefault(True)
        self.main_button.setObjectName("main")
        self.main_button.clicked.connect(self.submit)
        buttons.addWidget(cancel)
        buttons.addWidget(self.main_button)
        layout.addLayout(buttons)

    def _scrolled_fields(self, fields: Sequence[Field]) -> QWidget:
        body = QWidget(self)
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        row, column = 0, 0
        for field in fields:
            if field.wide and column:
                row, column = row + 3, 0
            self._add(grid, row, column, 2 if field.wide else 1, field, body)
            row, column = (row + 3, 0) if field.wide or column else (row, 1)
        grid.setRowStretch(row + 3, 1)
        area = FieldsArea(self)
        area.setWidgetResizable(True)
        area.setWidget(body)
        return area

    def _add(self, grid: QGridLayout, row: int, column: int, span: int, field: Field, body: QWidget) -> None:
        made = editor(field, body)
        mark = " *" if field.required else ""
        label = PlainLabel("" if field.kind is Kind.FLAG else field.title + mark, "secondary", body)
        label.setBuddy(made.widget)
        error = PlainLabel("", "error", body, wraps=True)
        error.setObjectName(f"error-{field.key}")
        error.hide()
        grid.addWidget(label, row, column, 1, span)
        grid.addWidget(made.widget, row + 1, column, 1, span)
        grid.addWidget(error, row + 2, column, 1, span)
        made.changed.connect(partial(self._say_wrong, field.key, ""))
        self._editors[field.key] = made
        self._errors[field.key] = error

    def _say_wrong(self, key: str, text: str) -> None:
        error = self._errors[key]
        if error.text() != text:
            error.setText(text)
            error.setVisible(bool(text))
            self._editors[key].mark(bool(text))

    def _set_saving(self, is_saving: bool) -> None:
        self.main_button.setEnabled(not is_saving)
        for each in self._editors.values():
            each.widget.setEnabled(not is_saving)

    def _succeed(self, result: object) -> None:
        self.saved.emit(result)
        self.accept()

    def _close_kept(self, _kept: object) -> None:
        """Close the form: what was typed lies on this machine, and the window says so."""
        self.accept()

    def _fail(self, error: WatchroomError) -> None:
        self._set_saving(False)
        if isinstance(error, Conflict) and self._editing is not None:
            self._editing.settle(error)
        elif isinstance(error, BadInput) and error.field in self._editors:
            self._say_wrong(error.field, error.sentence())
            self._editors[error.field].widget.setFocus()
        else:
            self.banners.error(error.sentence())


class FieldsArea(QScrollArea):
    """Scrolls the fields where the screen is too low for all of them; otherwise as high as they need."""

    def sizeHint(self) -> Any:
        body = self.widget()
        hint = body.sizeHint()
        screen = self.screen().availableGeometry().height()
        hint.setHeight(min(hint.height() + 4, max(200, screen - 240)))
        return hint
