"""The fields of a configuration item: those of every class, then its class's own, label above and error under each."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.ci_classes import AttributeKind, catalogue, class_of
from app.ci_words import field_label
from app.errors import BadInput
from app.words import label, tr
from models.enums import CiState
from ui.context import Context
from ui.docks.cmdb_forms import units
from ui.fields import Choice, Editor, Field, Kind, editor
from ui.labels import PlainLabel
from ui.pages.ci_picker import Offers, Picker
from ui.subjects import cmdb

if TYPE_CHECKING:
    from app.cmdb.rows import CiDetail, CiDraft, DeviceTypeRow

COLUMNS = 3
LINES = ("name", "code", "address", "maker", "model", "serial", "firmware", "supplier", "purpose", "persons_allowed")
UNITS = ("u_bottom", "u_height")
DATES = ("bought_on", "warranty_until")
SECTIONS: tuple[tuple[str, ...], ...] = (
    ("class_name", "name", "code", "state", "address", "parent_id"),
    ("device_type_id", "maker", "model", "serial", "firmware", "purpose"),
    ("place_id", "u_bottom", "u_height"),
    ("owner_id", "maintainer_id", "persons_allowed", "supplier", "bought_on", "warranty_until"),
)


def section_titles() -> tuple[str, ...]:
    """Return the sections' titles in their order; the class's own fields and the note follow."""
    return (tr("Identity"), tr("Make and version"), tr("Where it stands"), tr("Care"))


class CiFields(QScrollArea):
    """Reads and writes a `CiDraft`. `changed` with every key; the class's own fields follow the class."""

    changed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._editors: dict[str, Editor] = {}
        self._errors: dict[str, PlainLabel] = {}
        self._own: dict[str, Editor] = {}
        self._kept: dict[str, Any] = {}
        self._body = QWidget(self)
        self._layout = QVBoxLayout(self._body)
        self._layout.setContentsMargins(16, 8, 16, 16)
        self._layout.setSpacing(4)
        for title, names in zip(section_titles(), SECTIONS, strict=True):
            self._add_section(title, [self._common(name) for name in names])
        self._own_title = PlainLabel("", "strong", self._body)
        self._layout.addWidget(self._own_title)
        self._own_place: QWidget | None = None
        note = Field("note", field_label("note"), Kind.LINES, lines=3)
        self._note_at = self._layout.count()
        self._add_section(field_label("note"), [editor(note, self._body)], has_labels=False)
        self._layout.addStretch(1)
        self.setWidget(self._body)
        self._body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._editors["class_name"].changed.connect(self._follow_class)

    def show_detail(self, detail: "CiDetail") -> None:
        """Show a configuration item as it is kept."""
        self.show_draft(detail.draft)
        titles = {
            "place_id": detail.place_path,
            "parent_id": detail.parent_name,
            "owner_id": detail.owner_name,
            "maintainer_id": detail.maintainer_name,
            "device_type_id": detail.device_type_name,
        }
        for name, title in titles.items():
            self._picker(name).choose(getattr(detail.draft, name), title)

    def show_draft(self, draft: "CiDraft") -> None:
        """Show a draft; records that it points to are left to `choose`."""
        self._forget_own()  # another record's values, or older ones of this one, must not be saved with it
        self._kept = dict(draft.attributes)
        self._editors["class_name"].set_value(draft.class_name or None)
        self._follow_class()
        self._editors["state"].set_value(draft.state)
        for name in (*LINES, "note"):
            self._editors[name].set_value(getattr(draft, name))
        for name in UNITS:
            value = getattr(draft, name)
            self._editors[name].set_value("" if value is None else f"{value:g}")
        for name in DATES:
            value = getattr(draft, name)
            self._editors[name].set_value("" if value is None else value.isoformat())
        for name in ("place_id", "parent_id", "owner_id", "maintainer_id", "device_type_id"):
            self._picker(name).choose(None, "")
        self.clear_errors()

    def choose(self, name: str, row_id: int, title: str) -> None:
        """Show a record that a field points to."""
        self._picker(name).choose(row_id, title)

    def draft(self) -> "CiDraft":
        """Return what the fields say. Raises BadInput with the field that can't be read."""
        values: dict[str, Any] = {name: self._editors[name].value() for name in (*LINES, "note")}
        values |= {name: units(self._editors[name].value(), name) for name in UNITS}
        values |= {name: _day(self._editors[name].value(), name) for name in DATES}
        pointers = ("place_id", "parent_id", "owner_id", "maintainer_id", "device_type_id")
        values |= {name: self._picker(name).chosen() for name in pointers}
        values["class_name"] = self._editors["class_name"].value() or ""
        values["state"] = self._editors["state"].value() or CiState.IN_USE
        own = {name: each.value() for name, each in self._own.items()}
        strangers = {name: value for name, value in self._kept.items() if name not in own}
        values["attributes"] = {**strangers, **{name: value for name, value in own.items() if value not in (None, "")}}
        return cmdb.CiDraft(**values)  # type: ignore[no-any-return]  # the subject is loaded lazily

    def typed(self) -> tuple[tuple[str, Any], ...]:
        """Return what stands in the fields, so that a change of it is seen."""
        return tuple((name, each.value()) for name, each in {**self._editors, **self._own}.items())

    def say_wrong(self, name: str, sentence: str) -> bool:
        """Show an error under its field and go there; False when there is no such field."""
        if name not in self._errors:
            return False
        self._errors[name].setText(sentence)
        self._errors[name].show()
        found = self._own.get(name) or self._editors[name]
        found.mark(True)
        found.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(found.widget, 0, 80)
        return True

    def clear_errors(self) -> None:
        for name in self._errors:
            self._forgive(name)

    def _forgive(self, name: str) -> None:
        error = self._errors.get(name)
        if error is not None and error.text():
            error.setText("")
            error.hide()
            (self._own.get(name) or self._editors[name]).mark(False)

    def _picker(self, name: str) -> Picker:
        found = self._editors[name]
        assert isinstance(found, Picker)
        return found

    def _common(self, name: str) -> Editor:
        title = field_label(name)
        if name == "class_name":
            kinds = [Choice(each.name, each.label) for each in catalogue().classes.values()]
            return editor(Field(name, title, Kind.CHOICE, required=True, choices=kinds), self._body)
        if name == "state":
            states = [Choice(each, label(each)) for each in CiState]
            return editor(Field(name, title, Kind.CHOICE, required=True, choices=states), self._body)
        if name in self._asks():
            hint = tr("text or pinyin")
            made = Picker(name, title, self._asks()[name], self._body, hint)
            if name == "device_type_id":
                made.widget.editingFinished.connect(self._take_type)  # type: ignore[attr-defined]  # a QLineEdit
            return made
        hints = {"address": tr("IP address or host name"), "u_bottom": "10.5", "u_height": "1"}
        hint = hints.get(name, tr("year-month-day") if name in DATES else "")
        return editor(Field(name, title, required=name == "name", hint=hint), self._body)

    def _asks(self) -> dict[str, Callable[[str, Callable[[Offers], None]], None]]:
        return {
            "place_id": partial(self._ask_list, cmdb.place_choices),
            "owner_id": partial(self._ask_list, cmdb.person_choices),
            "maintainer_id": partial(self._ask_list, cmdb.maintainer_choices),
            "parent_id": self._ask_items,
            "device_type_id": self._ask_types,
        }

    def _ask_list(self, query: Callable[..., Any], text: str, tell: Callable[[Offers], None]) -> None:
        def show(choices: Sequence[Any]) -> None:
            words = text.casefold().split()
            found = [c for c in choices if all(w in f"{c.title} {c.search}".casefold() for w in words)]
            tell([(each.id, each.title, each) for each in found[:50]])

        self._context.work.read(query, done=show, owner=self)

    def _ask_items(self, text: str, tell: Callable[[Offers], None]) -> None:
        def show(choices: Sequence[Any]) -> None:
            tell([(each.id, each.title, each) for each in choices])

        self._context.work.read(cmdb.search, text, done=show, owner=self)

    def _ask_types(self, text: str, tell: Callable[[Offers], None]) -> None:
        def show(rows: Sequence["DeviceTypeRow"]) -> None:
            tell([(row.id, f"{row.maker} {row.model}", row) for row in rows])

        self._context.work.read(cmdb.device_types, text, done=show, owner=self)

    def _take_type(self) -> None:
        """Let a device type that was chosen here fill in maker, model and height."""
        row = self._picker("device_type_id").row()
        if row is not None:
            for name, value in (("maker", row.maker), ("model", row.model), ("u_height", f"{row.u_height:g}")):
                self._editors[name].set_value(value)

    def _follow_class(self) -> None:
        """Show the class's own fields; what was typed into those of the class before is kept in mind."""
        self._kept |= {name: each.value() for name, each in self._own.items() if each.value() not in (None, "")}
        self._forget_own()
        if self._own_place is not None:
            self._layout.removeWidget(self._own_place)
            self._own_place.setParent(None)
            self._own_place.deleteLater()
        kind = class_of(self._editors["class_name"].value() or "")
        self._own_title.setText(kind.label)
        self._own_place = QWidget(self._body)
        grid = _grid(self._own_place)
        for place, attribute in enumerate(kind.attributes):
            title = f"{attribute.label} ({attribute.unit})" if attribute.unit else attribute.label
            choices = [Choice(each.name, each.label) for each in attribute.choices]
            hint = tr("year-month-day") if attribute.kind is AttributeKind.DATE else ""
            sort = Kind.CHOICE if choices else Kind.TEXT
            made = editor(Field(attribute.name, title, sort, choices=choices, hint=hint), self._own_place)
            value = self._kept.get(attribute.name)
            if value not in (None, ""):
                made.set_value(f"{value:g}" if isinstance(value, float) else value)
            self._own[attribute.name] = made
            self._put(grid, place, made, self._own_place, True)
        self._layout.insertWidget(self._layout.indexOf(self._own_title) + 1, self._own_place)
        self.changed.emit()

    def _forget_own(self) -> None:
        for name in self._own:
            del self._errors[name]
        self._own = {}

    def _add_section(self, title: str, editors: Sequence[Editor], *, has_labels: bool = True) -> None:
        self._layout.addWidget(PlainLabel(title, "strong", self._body))
        place = QWidget(self._body)
        grid = _grid(place)
        for at, each in enumerate(editors):
            self._editors[each.field.key] = each
            self._put(grid, at, each, place, has_labels)
        self._layout.addWidget(place)

    def _put(self, grid: QGridLayout, at: int, made: Editor, parent: QWidget, has_label: bool) -> None:
        field = made.field
        row, column = at // COLUMNS * 3, at % COLUMNS
        span = 1 if field.kind is not Kind.LINES else COLUMNS
        if has_label:
            title = PlainLabel(field.title + (" *" if field.required else ""), "secondary", parent)
            title.setBuddy(made.widget)
            grid.addWidget(title, row, column, 1, span)
        error = PlainLabel("", "error", parent, wraps=True)
        error.setObjectName(f"error-{field.key}")
        error.hide()
        grid.addWidget(made.widget, row + 1, column, 1, span)
        grid.addWidget(error, row + 2, column, 1, span)
        self._errors[field.key] = error
        made.changed.connect(partial(self._forgive, field.key))
        made.changed.connect(self.changed)


def _grid(parent: QWidget) -> QGridLayout:
    grid = QGridLayout(parent)
    grid.setContentsMargins(0, 0, 0, 10)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(2)
    for column in range(COLUMNS):
        grid.setColumnStretch(column, 1)
    return grid


def _day(text: str, field: str) -> date | None:
    """Return a date as it was typed, None for nothing. Raises BadInput."""
    if not text:
        return None
    try:
        year, month, day = text.replace("/", "-").replace(".", "-").split("-")
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise BadInput(tr("“{text}” is no date: write it as 2026-11-23.", text=text[:40]), field) from error
