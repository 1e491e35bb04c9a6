"""A form over a versioned row: who else has it open, and what becomes of it when two save (UX rule 8)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.errors import Conflict
from app.times import to_local
from app.words import label, tr
from models.enums import Word
from ui.conflict import ask, differences, same
from ui.context import Context
from ui.fields import Field, Kind
from ui.presence import PresenceLine
from ui.rows import Call

if TYPE_CHECKING:
    from ui.forms import Form


@dataclass(frozen=True, slots=True)
class Again:
    """How a form's record is read anew: a query, and the fields that its answer makes, as when the form was opened."""

    call: Call
    fields: Callable[[Any], Sequence[Field]]

    @classmethod
    def among(cls, call: Call, key: int, fields: Callable[[Any], Sequence[Field]]) -> "Again":
        """Return how a record is read anew by a query that lists all of its kind."""

        def of_one(rows: Iterable[Any]) -> Sequence[Field]:
            return next((fields(row) for row in rows if row.id == key), ())

        return cls(call, of_one)


class Editing(QObject):
    """Keeps what the form's fields held when it opened, and the version that its next save names."""

    def __init__(
        self, form: "Form", context: Context, table: str, key: int, version: int, again: Again | None = None
    ) -> None:
        super().__init__(form)
        self._form, self._context, self._again = form, context, again
        self.version = version
        self._was: dict[str, Any] = {}
        self.line = PresenceLine(context, form)
        self.line.follow(table, key, is_edited=True)

    def remember(self) -> None:
        """Take what the fields hold now as what was there before anything was typed."""
        self._was = self._form.values()

    def settle(self, conflict: Conflict) -> None:
        """Show what both made of the record, and save again as the person decides."""
        if self._again is None:
            self._ask(conflict, conflict.theirs)
            return
        fields, call = self._again.fields, self._again.call

        def show(answer: Any) -> None:
            self._ask(conflict, {field.key: field.initial for field in fields(answer)})

        self._context.work.read(call.query, *call.args, done=show, owner=self, **call.values)

    def _ask(self, conflict: Conflict, columns: Mapping[str, Any]) -> None:
        yours = self._form.values()
        theirs = {key: self._as_shown(key, columns[key]) for key in yours if key in columns}
        fields = differences(self._was, theirs, yours, self._title)

        def decide(kept: frozenset[str]) -> None:
            version = conflict.theirs.get("version")
            self.version = version if isinstance(version, int) else self.version
            self._save(theirs, {**yours, **{key: theirs[key] for key in kept}})

        ask(conflict, fields, self._told, decide, self._form)

    def _save(self, theirs: dict[str, Any], merged: dict[str, Any]) -> None:
        self._form.set_values(merged)
        self._was = self._was | theirs
        if theirs.keys() == merged.keys() and all(same(merged[key], theirs[key]) for key in merged):
            self._form.reject()
        else:
            self._form.submit()

    def _as_shown(self, key: str, value: Any) -> Any:
        """Return a stored value as the field would give it back (a time to the minute, a number as typed)."""
        editor = self._form.field(key)
        typed = editor.value()
        if value is None and editor.field.make is not None:
            return typed
        editor.set_value(value)
        shown = editor.value()
        editor.set_value(typed)
        return shown

    def _title(self, key: str) -> str:
        field = self._form.field(key).field
        return field.title or field.hint

    def _told(self, key: str, value: Any) -> str:
        return in_words(self._form.field(key).field, value)


def in_words(field: Field, value: Any) -> str:
    """Return a field's value as people read it."""
    chosen = next((choice.title for choice in field.choices if choice.value == value), None)
    if chosen is not None:
        return chosen
    match value:
        case None | "":
            return ""
        case _ if field.kind is Kind.SECRET:
            return "****"
        case bool():
            return tr("yes") if value else tr("no")
        case datetime():
            return f"{to_local(value):%Y-%m-%d %H:%M}"
        case time():
            return f"{value:%H:%M}"
        case Word():
            return label(value)
        case int() | float():
            return f"{value:g} {field.unit}".strip()
        case tuple() | list() | set() | frozenset():
            return ", ".join(str(each) for each in value)
    return str(value)
