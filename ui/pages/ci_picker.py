"""A field that points to another record: typed in by text or pinyin, chosen from what the database offers."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from app.errors import BadInput
from app.words import tr
from ui.fields import Field, Kind, Line

Offers = Sequence[tuple[int, str, Any]]
"""Id, title and the row itself."""
Ask = Callable[[str, Callable[[Offers], None]], None]


class Picker(Line):
    """Its value is the id behind the chosen title, None for an empty line."""

    def __init__(self, key: str, title: str, ask: Ask, parent: QWidget, hint: str = "") -> None:
        super().__init__(Field(key, title, Kind.TEXT, hint=hint, suggest=self._suggest), parent)
        self._ask = ask
        self._ids: dict[str, int] = {}
        self._rows: dict[int, Any] = {}
        self.widget.setObjectName(f"field-{key}")
        self.widget.setAccessibleName(title)

    def choose(self, row_id: int | None, title: str) -> None:
        """Show a record that is known already."""
        if row_id is not None:
            self._ids[title] = row_id
        self.set_value(title if row_id is not None else "")

    def chosen(self) -> int | None:
        """Return the id of what is chosen. Raises BadInput for a text that is none of the list."""
        text = self.value()
        if not text:
            return None
        if text not in self._ids:
            raise BadInput(tr("Choose one from the list."), self.field.key)
        return self._ids[text]

    def row(self) -> Any | None:
        """Return the row that was offered for what is chosen, if it was chosen here."""
        return self._rows.get(self._ids.get(self.value(), 0))

    def _suggest(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def take(offers: Offers) -> None:
            for row_id, title, row in offers:
                self._ids[title] = row_id
                self._rows[row_id] = row
            tell([title for _, title, _ in offers])

        self._ask(text, take)
