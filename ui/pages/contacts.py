"""The contact directory: the escalation chain first, then superiors, vendors and property management (B6, B8)."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.errors import WatchroomError
from app.words import tr
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.filters import FilterBox
from ui.forms import Form
from ui.page import Page
from ui.rows import Call, Column, Look, Pill
from ui.subjects import contacts
from ui.table import Table

if TYPE_CHECKING:
    from app.contacts import ContactRow

NAME = "contacts"
LEVELS = range(1, 10)
FILTER_WIDTH = 220


class ContactsPage(Page):
    """Everybody who may have to be called, found by name, pinyin, unit or number."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("phone", tr("Contact directory"), context, parent)
        self._text = ""
        self.filter_box = FilterBox(tr("name, pinyin, unit or number"), self)
        self.filter_box.setMinimumWidth(FILTER_WIDTH)
        self.table = Table("contacts", _columns(), context, parent=self)
        self.bar.add(self.filter_box)
        self.bar.add_button(tr("Take out"), self.retire, needs=("contacts.retire",))
        self.bar.add_button(tr("Change…"), self.change, needs=("contacts.edit",))
        self.bar.add_button(tr("New contact…"), self.add, is_main=True, needs=("contacts.add",))
        self.body.addWidget(self.table)
        self.table.empty.say(
            tr("Nobody is in the directory. The escalation chain calls those who have a level."),
            tr("New contact…"),
            self.add,
        )
        self.setFocusProxy(self.table)
        self._connect()

    def show_row(self, key: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        self.table.fill(contacts.directory, self._text)

    def focus_filter(self) -> None:
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def add(self) -> None:
        """Open the form of a new contact."""
        key = uuid.uuid4()
        form = Form(tr("New contact"), _fields(None), self.context, self)
        form.run(lambda values: Call(contacts.add, (key, contacts.ContactDraft(**values))))

    def change(self) -> None:
        """Open the form of the current contact."""
        row = self.table.current_row
        if row is not None:
            form = Form(tr("Change the contact"), _fields(row), self.context, self)
            form.edits("contact", row.id, row.version)
            form.run(lambda values: _changed(row, form.version, values))

    def retire(self) -> None:
        """Ask, then take the current contact out of the directory and of the chain; what names it keeps it."""
        row = self.table.current_row
        if row is not None:
            title, note = tr("Take out of the directory"), f"{row.name}　{row.unit}　{row.number}"
            form = Form(title, (), self.context, self, main=tr("Take out"), note=note)
            form.edits("contact", row.id, row.version)
            form.run(lambda _values: Call(contacts.retire, (row.id, form.version)))

    def _connect(self) -> None:
        self.filter_box.typed.connect(self._filter)
        self.table.activated_row.connect(lambda _row: self.change())
        self.table.menu_asked.connect(self._show_menu)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self.refresh)

    def _filter(self, text: str) -> None:
        self._text = text
        self.refresh()

    def _follow(self, changed: Any) -> None:
        if changed.touches("contact"):
            self.refresh()

    def _show_menu(self, row: "ContactRow | None", place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.context.rights.guard(menu.addAction(tr("New contact…"), self.add), "contacts.add")
        if row is not None:
            self.context.rights.guard(menu.addAction(tr("Change…"), self.change), "contacts.edit")
            self.context.rights.guard(menu.addAction(tr("Take out"), self.retire), "contacts.retire")
            menu.addAction(tr("Copy"), self.table.copy)
        menu.popup(place)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.show_banner("step", "error", error.sentence())


def _changed(row: "ContactRow", version: int, values: dict[str, Any]) -> Call:
    draft = contacts.ContactDraft(**values, person_id=row.person_id)
    return Call(contacts.edit, (row.id, version, draft))


def _fields(row: "ContactRow | None") -> Sequence[Field]:
    levels = [Choice(level, str(level)) for level in LEVELS]
    level = row.escalation_level if row else None
    return (
        Field("name", tr("Name", context="person"), required=True, initial=row and row.name, wide=False),
        Field("unit", tr("Unit", context="person"), initial=row and row.unit, wide=False),
        Field("role", tr("Role"), initial=row and row.role, wide=False),
        Field("escalation_level", tr("Level in the escalation chain"), Kind.CHOICE, False, level, levels, wide=False),
        Field("telephone", tr("Telephone", context="person"), initial=row and row.telephone, wide=False),
        Field("mobile", tr("Mobile", context="person"), initial=row and row.mobile, wide=False),
        Field("mail", tr("E-mail", context="person"), initial=row and row.mail),
        Field("note", tr("Note"), initial=row and row.note),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column("level", tr("Escalation"), _level_text, 100, look=_level_look),
        Column("name", tr("Name", context="person"), lambda row: row.name, 170, stretch=True),
        Column("unit", tr("Unit", context="person"), lambda row: row.unit or "—", 130, stretch=True, drops=2),
        Column("role", tr("Role"), lambda row: row.role or "—", 100, drops=3),
        Column("mobile", tr("Mobile", context="person"), lambda row: row.mobile or "—", 112),
        Column("telephone", tr("Telephone", context="person"), lambda row: row.telephone or "—", 112, drops=1),
        Column("mail", tr("E-mail", context="person"), lambda row: row.mail or "—", 140, drops=4),
        Column("note", tr("Note"), lambda row: row.note, 120, stretch=True, drops=5),
    )


def _level_text(row: "ContactRow") -> str:
    return tr("level {n}", n=row.escalation_level) if row.escalation_level else ""


def _level_look(row: "ContactRow") -> Look | None:
    return Pill(_level_text(row), "warning") if row.escalation_level else None
