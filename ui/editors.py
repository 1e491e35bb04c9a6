"""What a form's field is, and the one way to read, write and listen to its widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.choices import Choice


class Kind(Enum):
    TEXT = "text"
    SECRET = "secret"
    LINES = "lines"
    CHOICE = "choice"
    COMBO = "combo"
    MOMENT = "moment"
    NUMBER = "number"
    DECIMAL = "decimal"
    FLAG = "flag"


Suggest = Callable[[str, Callable[[Sequence[str]], None]], None]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. `suggest(text, tell)` completes what is typed: it calls `tell` with texts, now or
    later.

    MOMENT takes and gives aware UTC datetimes and shows local time; CHOICE gives a choice's value, COMBO a
    text. `make`, where given, builds the editor in place of the kind's own.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    required: bool = False
    initial: Any = None
    choices: Sequence[Choice] = ()
    hint: str = ""
    suggest: Suggest | None = None
    least: float = 0
    most: float = 1_000_000
    unit: str = ""
    lines: int = 3
    wide: bool = True
    make: "Callable[[Field, QWidget], Editor] | None" = None


class Editor(QObject):
    """The widget of a field with one way to read, write and listen to it."""

    changed = Signal()

    def __init__(self, widget: QWidget, field: Field) -> None:
        super().__init__(widget)
        self.widget, self.field = widget, field

    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError

    def is_empty(self) -> bool:
        return self.value() in (None, "")

    def mark(self, is_wrong: bool) -> None:
        """Show or take away the mark of a field that has an error."""
        self.widget.setProperty("wrong", is_wrong)
        self.widget.style().unpolish(self.widget)
        self.widget.style().polish(self.widget)
