"""What people write of an incident, edited in place; a change of somebody else's is shown field by field."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.errors import Conflict, WatchroomError
from app.words import label, tr
from models.enums import Priority
from ui.banner import Banners
from ui.conflict import ask, differences
from ui.context import Context
from ui.editing import in_words
from ui.fields import Choice, Editor, Field, Kind, editor
from ui.labels import PlainLabel
from ui.subjects import incidents

if TYPE_CHECKING:
    from app.incidents import IncidentDetail


class WordsEditor(QWidget):
    """Content, description, priority, cause, solution and review with one Save; typed text outlives every update."""

    saved = Signal()
    touched = Signal()
    """What is typed or saved may have changed."""

    def __init__(self, context: Context, banners: Banners, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._banners = context, banners
        self._id = 0
        self._version = 0
        self._ci_id: int | None = None
        self._base: dict[str, Any] = {}
        self._editors: dict[str, Editor] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for field in _fields():
            made = editor(field, self)
            made.changed.connect(self._show_changed)
            self._editors[field.key] = made
            layout.addWidget(PlainLabel(field.title, "secondary", self))
            layout.addWidget(made.widget)
        buttons = QHBoxLayout()
        self.save_button = QPushButton(tr("Save"), self)
        self.save_button.setObjectName("save-words")
        self.save_button.clicked.connect(lambda _on=False: self.save())
        self.undo_button = QPushButton(tr("Discard what was typed"), self)
        self.undo_button.clicked.connect(lambda _on=False: self._put(self._base))
        buttons.addStretch(1)
        buttons.addWidget(self.undo_button)
        buttons.addWidget(self.save_button)
        layout.addLayout(buttons)
        self._show_changed()

    @property
    def changed_fields(self) -> list[str]:
        """The fields in which something is typed that is not saved."""
        return [key for key, value in self.values().items() if key in self._base and value != self._base[key]]

    def values(self) -> dict[str, Any]:
        """Return what the fields hold by name."""
        return {key: each.value() for key, each in self._editors.items()}

    def forget(self) -> None:
        """Make ready for another incident."""
        self._id, self._base = 0, {}

    def show_words(self, found: "IncidentDetail") -> None:
        """Show the saved words; fields with unsaved text keep it, and a Save over another's words is a conflict."""
        theirs = _words_of(found)
        if self._id != found.id:
            self._id, self._version, self._ci_id = found.id, found.version, found.row.ci_id
            self._put(theirs)
            return
        typed = self.changed_fields
        is_crossed = any(theirs[key] != self._base[key] for key in typed)
        for key, value in theirs.items():
            if key not in typed:
                self._base[key] = value
                self._editors[key].set_value(value)
        if not is_crossed:
            self._version, self._ci_id = found.version, found.row.ci_id
        self._show_changed()

    def save(self) -> None:
        """Save what was typed. Somebody else's words are never written over unseen."""
        if not self._base:
            return
        words = incidents.IncidentWords(**self.values(), ci_id=self._ci_id)
        self.save_button.setEnabled(False)
        self._context.work.do(
            incidents.correct,
            self._id,
            self._version,
            words,
            done=lambda _none: self._succeed(words),
            failed=self._fail,
            owner=self,
        )

    def _succeed(self, words: Any) -> None:
        self._base = {key: getattr(words, key) for key in self._base}
        self._version += 1
        self._show_changed()
        self.saved.emit()

    def _fail(self, error: WatchroomError) -> None:
        self._show_changed()
        if isinstance(error, Conflict):
            self._show_conflict(error)
        else:
            self._banners.error(error.sentence())

    def _show_conflict(self, conflict: Conflict) -> None:
        """Say who changed what, field by field, and let the person choose (UX rule 8)."""
        yours = self.values()
        theirs = {key: conflict.theirs.get(key) for key in yours}
        fields = differences(self._base, theirs, yours, lambda key: self._editors[key].field.title)

        def decide(kept: frozenset[str]) -> None:
            version = conflict.theirs.get("version")
            self._version = version if isinstance(version, int) else self._version
            ci_id = conflict.theirs.get("ci_id")
            self._ci_id = ci_id if isinstance(ci_id, int) else None
            self._put(theirs)
            for key in yours.keys() - kept:
                self._editors[key].set_value(yours[key] if key in chosen else theirs[key])
            if self.changed_fields:
                self.save()

        chosen = {field.key for field in fields}
        ask(conflict, fields, lambda key, value: in_words(self._editors[key].field, value), decide, self)

    def _put(self, values: dict[str, Any]) -> None:
        self._base = dict(values)
        for key, value in values.items():
            self._editors[key].set_value(value)
        self._show_changed()

    def _show_changed(self) -> None:
        has_changes = bool(self._base) and bool(self.changed_fields)
        self.save_button.setEnabled(has_changes)
        self.undo_button.setVisible(has_changes)
        self.touched.emit()


def _fields() -> tuple[Field, ...]:
    priorities = [Choice(each, label(each)) for each in Priority]
    return (
        Field("title", tr("Content", context="incident")),
        Field("description", tr("Description"), Kind.LINES, lines=3),
        Field("priority", tr("Priority"), Kind.CHOICE, True, choices=priorities),
        Field("cause", tr("Cause"), Kind.LINES, lines=3),
        Field("solution", tr("Solution"), Kind.LINES, lines=3),
        Field("review", tr("Review: analysis and preventive measures"), Kind.LINES, lines=3),
    )


def _words_of(found: "IncidentDetail") -> dict[str, Any]:
    return {
        "title": found.row.title,
        "description": found.description,
        "priority": found.row.priority,
        "cause": found.cause,
        "solution": found.solution,
        "review": found.review,
    }
