"""The lists inside the door's form: people and carried items, a line each; Tab at a line's end adds one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QSpinBox, QToolButton, QVBoxLayout, QWidget

from app.words import label, tr
from models.enums import CertificateType, Direction
from ui.context import Context
from ui.docks.access_columns import moment_text
from ui.fields import Editor, Field, complete
from ui.labels import PlainLabel
from ui.subjects import access, incidents

if TYPE_CHECKING:
    from app.access import ReturningVisitor
    from app.incidents import CiChoice


@dataclass(frozen=True, slots=True)
class PersonTyped:
    """A person as the form has it; `known` is the earlier visit that filled the line in."""

    name: str
    unit: str
    telephone: str
    certificate: CertificateType | None
    number: str = field(repr=False)
    known: "ReturningVisitor | None" = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ItemTyped:
    direction: Direction
    name: str
    quantity: int
    ci: str
    ci_id: int | None


class Cell(QLineEdit):
    """A line that says when Tab leaves it, before it does."""

    def __init__(self, parent: QWidget, leave: Callable[[bool], bool], *, hint: str = "", limit: int = 120) -> None:
        super().__init__(parent)
        self._leave = leave
        self.setPlaceholderText(hint)
        self.setMaxLength(limit)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        return self._leave(is_next) or super().focusNextPrevChild(is_next)

    def go_on(self) -> bool:
        """Let Tab leave without asking."""
        return super().focusNextPrevChild(True)


class Entry(QObject):
    """One line of a list: its widgets from left to right, the first its name, the last the one Tab ends in."""

    changed = Signal()
    removed = Signal()

    def __init__(self, owner: "ListEditor") -> None:
        super().__init__(owner)
        self.name = Cell(owner.widget, lambda is_next: is_next and owner.leave_name(self))
        self.remove_button = QToolButton(owner.widget)
        self.remove_button.setText("✕")
        self.remove_button.setProperty("slim", True)
        self.remove_button.setAccessibleName(tr("Take this line out"))
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.remove_button.clicked.connect(self.removed)
        self.name.textChanged.connect(lambda _text: self.changed.emit())

    @property
    def cells(self) -> tuple[QWidget, ...]:
        raise NotImplementedError

    @property
    def last(self) -> Cell:
        raise NotImplementedError

    @property
    def is_blank(self) -> bool:
        return not self.name.text().strip()


class ListEditor(Editor):
    """Lines under headings. `value` gives those that have a name."""

    headings: tuple[str, ...] = ()
    stretches: tuple[int, ...] = ()

    def __init__(self, context: Context, form_field: Field, parent: QWidget) -> None:
        box = QWidget(parent)
        super().__init__(box, form_field)
        self.context = context
        self.entries: list[Entry] = []
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(4)
        layout.addLayout(self._grid)
        for at, heading in enumerate(self.headings):
            self._grid.addWidget(PlainLabel(heading, "secondary", box), 0, at)
            self._grid.setColumnStretch(at, self.stretches[at])
        self.add_entry()
        box.setFocusProxy(self.entries[0].name)

    def make_entry(self) -> Entry:
        raise NotImplementedError

    def add_entry(self) -> Entry:
        """Add a line below; Tab goes through it after the lines above."""
        entry = self.make_entry()
        row = self._grid.rowCount()
        for at, cell in enumerate((*entry.cells, entry.remove_button)):
            self._grid.addWidget(cell, row, at)
        chain: list[QWidget] = [self.entries[-1].last] if self.entries else []
        chain += [cell for cell in entry.cells if cell.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)
        entry.changed.connect(self.changed)
        entry.removed.connect(lambda: self.drop_entry(entry))
        self.entries.append(entry)
        self._show_buttons()
        return entry

    def drop_entry(self, entry: Entry) -> None:
        """Take a line out; the last one that is left is only emptied."""
        if len(self.entries) == 1:
            self.clear_entry(entry)
            return
        self.entries.remove(entry)
        self.widget.setFocusProxy(self.entries[0].name)
        for cell in (*entry.cells, entry.remove_button):
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._show_buttons()
        self.changed.emit()

    def clear_entry(self, entry: Entry) -> None:
        entry.name.clear()

    def leave_name(self, entry: Entry) -> bool:
        """Tab in the empty name of a further line: the line goes, the keyboard goes on after the list."""
        if not entry.is_blank or entry is self.entries[0]:
            return False
        before = self.entries[self.entries.index(entry) - 1].last
        before.setFocus(Qt.FocusReason.TabFocusReason)
        self.drop_entry(entry)
        return before.go_on()

    def leave_last(self, entry: Entry) -> bool:
        """Tab at the end of the last line: another line."""
        if entry.is_blank or entry is not self.entries[-1]:
            return False
        self.add_entry().name.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def is_empty(self) -> bool:
        return all(entry.is_blank for entry in self.entries)

    def mark(self, is_wrong: bool) -> None:
        for cell in self.entries[0].cells[:1]:
            cell.setProperty("wrong", is_wrong)
            cell.style().unpolish(cell)
            cell.style().polish(cell)

    def _show_buttons(self) -> None:
        for entry in self.entries:
            entry.remove_button.setVisible(len(self.entries) > 1)


class PersonEntry(Entry):
    """Name, unit, telephone, paper shown and its number; a returning visitor fills the line in."""

    recognized = Signal(object)

    def __init__(self, owner: "PeopleEditor") -> None:
        super().__init__(owner)
        box = owner.widget
        self._context = owner.context
        self._offered: dict[str, ReturningVisitor] = {}
        self.known: ReturningVisitor | None = None
        self.name.setObjectName("person-name")
        self.name.setPlaceholderText(tr("name or pinyin"))
        self.unit = Cell(box, lambda _next: False)
        self.telephone = Cell(box, lambda _next: False, limit=40)
        self.certificate = QComboBox(box)
        self.certificate.addItem("—", None)
        for kind in CertificateType:
            self.certificate.addItem(label(kind), kind)
        self.number = Cell(box, lambda is_next: is_next and owner.leave_last(self), limit=40)
        for cell, name in zip(self.cells, PeopleEditor.titles(), strict=True):
            cell.setAccessibleName(name)
        complete(self.name, self._suggest)
        self.name.completer().activated.connect(lambda text: QTimer.singleShot(0, self, lambda: self._take(str(text))))
        self.name.textEdited.connect(lambda _text: self._forget())

    @property
    def cells(self) -> tuple[QWidget, ...]:
        return (self.name, self.unit, self.telephone, self.certificate, self.number)

    @property
    def last(self) -> Cell:
        return self.number

    def typed(self) -> PersonTyped:
        return PersonTyped(
            self.name.text().strip(),
            self.unit.text().strip(),
            self.telephone.text().strip(),
            self.certificate.currentData(),
            self.number.text().strip(),
            self.known,
        )

    def fill(self, visitor: "ReturningVisitor") -> None:
        """Write what an earlier visit knows; the certificate's number stays masked."""
        self.name.setText(visitor.name)
        self.unit.setText(visitor.unit)
        self.telephone.setText(visitor.telephone)
        self.certificate.setCurrentIndex(self.certificate.findData(visitor.certificate))
        self.number.clear()
        self.number.setPlaceholderText(visitor.certificate_mask)
        self.known = visitor
        self.recognized.emit(visitor)

    def _suggest(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def show(found: "Sequence[ReturningVisitor]") -> None:
            self._offered = {_words_of(each): each for each in found}
            tell(list(self._offered))

        self._context.work.read(access.returning, text, done=show, owner=self)

    def _take(self, text: str) -> None:
        if text in self._offered:
            self.fill(self._offered[text])

    def _forget(self) -> None:
        self.known = None
        self.number.setPlaceholderText("")


class PeopleEditor(ListEditor):
    """Who enters; `recognized` carries the earlier visit of a returning visitor."""

    recognized = Signal(object)
    stretches = (3, 4, 3, 2, 4, 0)

    def __init__(self, context: Context, form_field: Field, parent: QWidget) -> None:
        self.headings = self.titles()
        super().__init__(context, form_field, parent)

    @staticmethod
    def titles() -> tuple[str, ...]:
        return (
            tr("Name", context="person"),
            tr("Unit", context="person"),
            tr("Telephone", context="person"),
            tr("Paper shown"),
            tr("Its number"),
        )

    def make_entry(self) -> PersonEntry:
        entry = PersonEntry(self)
        if self.entries:
            first = self.entries[0]
            assert isinstance(first, PersonEntry)
            entry.unit.setText(first.unit.text())
        entry.recognized.connect(self.recognized.emit)
        return entry

    def value(self) -> tuple[PersonTyped, ...]:
        people = [entry.typed() for entry in self.entries if isinstance(entry, PersonEntry)]
        return tuple(person for person in people if person.name)

    def set_value(self, value: Any) -> None:
        """Fill the first line with a returning visitor."""
        first = self.entries[0]
        if isinstance(first, PersonEntry) and value is not None:
            first.fill(value)


class ItemEntry(Entry):
    """What is carried, in which direction, how many; equipment names its device."""

    def __init__(self, owner: "ItemsEditor") -> None:
        super().__init__(owner)
        box = owner.widget
        self._context = owner.context
        self._cis: dict[str, CiChoice] = {}
        self.name.setObjectName("item-name")
        self.direction = QComboBox(box)
        for direction in Direction:
            self.direction.addItem(label(direction), direction)
        self.quantity = QSpinBox(box)
        self.quantity.setRange(1, 9_999)
        self.ci = Cell(
            box, lambda is_next: is_next and owner.leave_last(self), hint=tr("name, address, pinyin or initials")
        )
        for cell, name in zip(self.cells, ItemsEditor.titles(), strict=True):
            cell.setAccessibleName(name)
        complete(self.ci, self._suggest)

    @property
    def cells(self) -> tuple[QWidget, ...]:
        return (self.name, self.direction, self.quantity, self.ci)

    @property
    def last(self) -> Cell:
        return self.ci

    def typed(self) -> ItemTyped:
        text = self.ci.text().strip()
        known = self._cis.get(text)
        return ItemTyped(
            self.direction.currentData(),
            self.name.text().strip(),
            self.quantity.value(),
            text,
            known.id if known else None,
        )

    def _suggest(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def show(found: "Sequence[CiChoice]") -> None:
            self._cis |= {each.words: each for each in found}
            tell([each.words for each in found])

        self._context.work.read(incidents.cis, text, done=show, owner=self)


class ItemsEditor(ListEditor):
    """What is carried in and out (REQUIREMENTS E3)."""

    stretches = (4, 2, 1, 5, 0)

    def __init__(self, context: Context, form_field: Field, parent: QWidget) -> None:
        self.headings = self.titles()
        super().__init__(context, form_field, parent)

    @staticmethod
    def titles() -> tuple[str, ...]:
        return (tr("Item"), tr("Direction"), tr("Quantity"), tr("Device (for equipment)"))

    def make_entry(self) -> ItemEntry:
        return ItemEntry(self)

    def value(self) -> tuple[ItemTyped, ...]:
        items = [entry.typed() for entry in self.entries if isinstance(entry, ItemEntry)]
        return tuple(item for item in items if item.name)

    def set_value(self, value: Any) -> None:
        """Items are typed, never given."""


def _words_of(visitor: "ReturningVisitor") -> str:
    when = moment_text(visitor.last_visit_at)
    return " · ".join(part for part in (visitor.name, visitor.unit, visitor.telephone, when) if part)
