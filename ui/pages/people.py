"""The people of the desk: their posts, their names to sign in with, their passwords (REQUIREMENTS H1, H2)."""

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.errors import WatchroomError
from app.permissions import PEOPLES_POSTS
from app.words import label, tr
from models.enums import Post
from ui import list_files
from ui.context import Context
from ui.editing import Again
from ui.fields import Field, Kind
from ui.filters import FilterBox
from ui.forms import Form
from ui.live import Changed
from ui.page import Page
from ui.pages.system_rights import PERSON
from ui.rows import Call, Column
from ui.signin import change_own_password
from ui.subjects import people
from ui.table import Table

if TYPE_CHECKING:
    from app.people import PersonRow

NAME = "people"
TABLES = ("person", "person_post", "password")


class PeoplePage(Page):
    """Everybody by name; those who are gone stay, dimmed. Nobody is ever deleted."""

    def __init__(self, context: Context) -> None:
        super().__init__("shift", tr("People and posts"), context)
        self._wanted: object = None
        self.box = FilterBox(parent=self)
        self.table = Table(NAME, _columns(), context, is_dim=_is_gone, parent=self)
        self.table.empty.say(tr("Nobody is entered yet."), tr("Add a person…"), self.add)
        self.bar.add(self.box)
        self.bar.add_button(tr("Add a person…"), self.add, is_main=True, needs=("people.add_with_password",))
        self.edit_button = self.bar.add_button(tr("Edit…"), self.edit, needs=("people.edit_person",))
        self.password_button = self.bar.add_button(
            tr("Temporary password…"), self.give_password, needs=("people.give_password",)
        )
        self.systems_button = self.bar.add_button(tr("Systems…"), self.show_systems)
        self.own_button = self.bar.add_button(tr("Change my password…"), self.change_own)
        self.bar.let_give_way((self.own_button, self.systems_button, self.password_button, self.edit_button, self.box))
        self.body.addWidget(self.table)
        self.box.typed.connect(self.table.set_filter)
        self.table.activated_row.connect(lambda _row: self.edit())
        self.table.current_row_changed.connect(lambda _row: self._enable())
        self.table.counted.connect(self.bar.count.setText)
        self.table.menu_asked.connect(self._show_menu)
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)
        self._enable()

    def show_row(self, key: object) -> None:
        """Show everybody, one person selected."""
        self._wanted = key
        self.refresh()

    def refresh(self) -> None:
        self.table.fill(people.everyone, show=self._show, only_active=False)

    def focus_filter(self) -> None:
        self.box.setFocus()
        self.box.selectAll()

    def export(self) -> None:
        list_files.export(self.context, self, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def print_list(self) -> None:
        list_files.print_list(self.context, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def add(self) -> None:
        """Open the form of another person; with a temporary password the person can sign in today."""
        secret = Field(
            "password", tr("Temporary password"), hint=tr("8 or more with a digit and a letter; holds one day")
        )
        fields = (*_fields(None), secret)
        form = Form(tr("Add a person"), fields, self.context, self, main=tr("Add", context="verb"), note=_note())
        key = uuid.uuid4()
        form.run(partial(_add, key))

    def edit(self) -> None:
        row: PersonRow | None = self.table.current_row
        if row is not None:
            form = Form(tr("Edit {name}", name=row.name), _fields(row), self.context, self)
            again = Again.among(Call(people.everyone, values={"only_active": False}), row.id, _fields)
            form.edits("person", row.id, row.version, again)
            form.run(lambda values: _edit(row, form.version, values))

    def give_password(self) -> None:
        """Open the form of a temporary password, which must be changed at the first sign-in."""
        row: PersonRow | None = self.table.current_row
        if row is None:
            return
        field = Field("password", tr("Temporary password"), required=True)
        note = tr("Tell {name} in person. It holds one day and must be changed at the first sign-in.", name=row.name)
        form = Form(tr("Temporary password for {name}", name=row.name), (field,), self.context, self, note=note)
        form.run(lambda values: Call(people.give_password, (row.id, values["password"])))

    def show_systems(self) -> None:
        """Open the page of the systems that this person sees."""
        row: PersonRow | None = self.table.current_row
        if row is not None:
            self.context.nav.open("system-rights", (PERSON, row.id))

    def change_own(self) -> None:
        change_own_password(self.context, self, self._say_changed)

    def _show(self, rows: "list[PersonRow]") -> None:
        self.table.set_rows(rows)
        if isinstance(self._wanted, int):
            self.table.select_key(self._wanted)
            self._wanted = None
        if not any(row.has_password for row in rows):
            words = tr("Nobody has a password yet: whoever opens the program works without signing in.")
            self.banners.show_banner("open", "warning", words)
        else:
            self.banners.clear("open")
        self._enable()

    def _enable(self) -> None:
        row: PersonRow | None = self.table.current_row
        self.edit_button.setEnabled(row is not None)
        self.systems_button.setEnabled(row is not None and bool(row.posts))
        self.password_button.setEnabled(row is not None and bool(row.login))

    def _show_menu(self, row: "PersonRow | None", place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if row is not None:
            self.context.rights.guard(menu.addAction(tr("Edit…"), self.edit), "people.edit_person")
            temporary = menu.addAction(tr("Temporary password…"), self.give_password)
            temporary.setEnabled(bool(row.login))
            self.context.rights.guard(temporary, "people.give_password")
            menu.addAction(tr("Systems…"), self.show_systems).setEnabled(bool(row.posts))
            menu.addSeparator()
        menu.addAction(tr("Change my password…"), self.change_own)
        menu.popup(place)

    def _follow(self, changed: Changed) -> None:
        if changed.touches(*TABLES):
            self.refresh()

    def _say_changed(self) -> None:
        self.banners.show_banner("password", "info", tr("Your password has been changed."))

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _fields(row: "PersonRow | None") -> tuple[Field, ...]:
    """Return a person's fields, a tick for each post."""
    held = row.posts if row else frozenset()
    login = Field("login", tr("Name to sign in with"), hint=tr("letters and digits"), wide=False)
    facts = (
        Field("name", tr("Name", context="person"), required=True, initial=row.name if row else "", wide=False),
        *(() if row else (login,)),
        Field("department", tr("Department"), initial=row.department if row else "", wide=False),
        Field("telephone", tr("Telephone"), initial=row.telephone if row else "", wide=False),
        Field("mobile", tr("Mobile"), initial=row.mobile if row else "", wide=row is None),
    )
    posts = tuple(
        Field(f"post-{post}", label(post), Kind.FLAG, initial=post in held, wide=False) for post in PEOPLES_POSTS
    )
    active = Field(
        "is_active",
        tr("Works here (untick for somebody who has left)"),
        Kind.FLAG,
        initial=row is None or row.is_active,
    )
    return (*facts, *posts, *((active,) if row else ()))


def _posts(values: dict[str, Any]) -> frozenset[Post]:
    return frozenset(post for post in PEOPLES_POSTS if values.get(f"post-{post}"))


def _add(key: uuid.UUID, values: dict[str, Any]) -> Call:
    contact = {name: values[name] for name in ("department", "telephone", "mobile")}
    more = contact | {"password": values["password"]}
    return Call(people.add_with_password, (key, values["name"], values["login"], _posts(values)), more)


def _edit(row: "PersonRow", version: int, values: dict[str, Any]) -> Call:
    more = {name: values[name] for name in ("department", "telephone", "mobile", "is_active")}
    return Call(people.edit_person, (row.id, version, values["name"], _posts(values)), more)


def _note() -> str:
    return tr("Posts decide what somebody may do. Without a name to sign in with the person only appears in lists.")


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("Name", context="person"), lambda row: row.name, 130),
        Column("login", tr("Signs in as"), lambda row: row.login, 120, drops=2),
        Column("posts", tr("Posts"), _posts_text, 300, stretch=True),
        Column("department", tr("Department"), lambda row: row.department, 150, drops=4),
        Column("telephone", tr("Telephone"), lambda row: row.telephone, 110, drops=1),
        Column("mobile", tr("Mobile"), lambda row: row.mobile, 120, drops=3),
        Column("password", tr("Password"), lambda row: "****" if row.has_password else tr("none"), 80, drops=6),
        Column("active", tr("State"), lambda row: tr("active") if row.is_active else tr("has left"), 80, drops=5),
    )


def _posts_text(row: "PersonRow") -> str:
    return tr(", ", context="between names").join(label(post) for post in PEOPLES_POSTS if post in row.posts)


def _is_gone(row: "PersonRow") -> bool:
    return not row.is_active
