"""The form of one configuration item: its facts by class, relations, history (REQUIREMENTS D1)."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabWidget, QWidget

from app.ci_classes import class_of
from app.ci_words import field_label
from app.errors import BadInput, Conflict, WatchroomError
from app.words import label, tr
from models.enums import Word
from ui.conflict import ConflictDialog, ask, differences
from ui.context import Context
from ui.docks import cmdb_forms as forms
from ui.live import Changed
from ui.page import Page
from ui.pages.ci_fields import CiFields
from ui.pages.ci_new import NewCi
from ui.pages.ci_tabs import History, Relations
from ui.presence import PresenceLine
from ui.subjects import cmdb

if TYPE_CHECKING:
    from app.cmdb.rows import CiDetail, CiDraft


class CiPage(Page):
    """`show_row` takes an id, or a `NewCi` for an empty form. What was typed outlives every failure."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("ci", tr("Configuration item"), context, parent)
        self._detail: CiDetail | None = None
        self._key: UUID = uuid4()
        self._shown: tuple[tuple[str, Any], ...] = ()
        self._conflict: ConflictDialog | None = None
        self.fields = CiFields(context, self)
        self.relations = Relations(context, self)
        self.history = History(context, self)
        self.tabs = QTabWidget(self)
        self.tabs.addTab(self.fields, tr("Facts"))
        self.tabs.addTab(self.relations, tr("Relations"))
        self.tabs.addTab(self.history, tr("History", context="ci"))
        self.presence = PresenceLine(context, self)
        self.body.addWidget(self.presence)
        self.body.addWidget(self.tabs, 1)
        self.save_button = self.bar.add_button(tr("Save"), self.submit, is_main=True, needs=("cmdb.edit",))
        self.move_button = self.bar.add_button(tr("Move…"), self._move, needs=("cmdb.move",))
        self.rack_button = self.bar.add_button(tr("Rack view"), self._show_rack)
        self.void_button = self.bar.add_button(tr("Void…"), self._void, needs=("cmdb.void",))
        for keys in (QKeySequence.StandardKey.Save, QKeySequence("Ctrl+Return")):
            QShortcut(QKeySequence(keys), self, self.submit, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)

    @property
    def is_edited(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.save_button.isEnabled() and self.fields.typed() != self._shown

    def show_row(self, key: object) -> None:
        if isinstance(key, NewCi):
            self._show_new(key)
        elif isinstance(key, int) and not (self._detail and self._detail.id == key and self.is_edited):
            self._read(key)

    def refresh(self) -> None:
        if self._detail is not None and not self.is_edited:
            self._read(self._detail.id)

    def submit(self) -> None:
        """Save what the fields say; errors stand under their fields, a conflict is shown field by field."""
        self.fields.clear_errors()
        self.banners.clear("error")
        try:
            draft = self.fields.draft()
        except BadInput as error:
            self._fail(error)
            return
        self.save_button.setEnabled(False)
        work = self.context.work
        if self._detail is None:
            work.do(cmdb.create, self._key, draft, done=self._created, failed=self._fail, owner=self)
        else:
            seen = self._detail

            def fail(error: WatchroomError) -> None:
                self._fail(error, draft)

            work.do(cmdb.edit, seen.id, seen.version, draft, done=self._saved, failed=fail, owner=self)

    def _show_new(self, start: NewCi) -> None:
        self._detail, self._key = None, uuid4()
        self.presence.stop()
        self.bar.title.setText(tr("New configuration item"))
        self.bar.count.setText("")
        self.banners.clear("void")
        self.fields.show_draft(cmdb.CiDraft(start.class_name, ""))
        if start.place_id is not None:
            place_id = start.place_id
            self.context.work.read(cmdb.place, place_id, done=self._choose_place, owner=self)
        self._show_steps()
        self.tabs.setCurrentIndex(0)

    def _choose_place(self, place: Any) -> None:
        if self._detail is None:
            self.fields.choose("place_id", place.id, place.path)
            self._shown = self.fields.typed()

    def _read(self, ci_id: int) -> None:
        again = partial(self._read, ci_id)
        failed = partial(self.say_unread, again=again)
        self.context.work.read(cmdb.detail, ci_id, done=self._show, failed=failed, owner=self)

    def _show(self, detail: "CiDetail") -> None:
        self._detail = detail
        self.presence.follow("ci", detail.id, is_edited=True)
        self.bar.title.setText(detail.draft.name)
        self.bar.count.setText(" · ".join(filter(None, (class_of(detail.draft.class_name).label, detail.place_path))))
        self.fields.show_detail(detail)
        self.banners.clear("changed")
        if detail.voided_at is not None:
            self.banners.show_banner(
                "void", "warning", tr("Void: {reason}", reason=detail.void_reason), can_close=False
            )
        else:
            self.banners.clear("void")
        self._show_steps()
        self._read_tabs()

    def _read_tabs(self) -> None:
        if self._detail is not None:
            self.relations.load(self._detail.id)
            self.history.load(self._detail.id)

    def _show_steps(self) -> None:
        is_kept = self._detail is not None
        is_void = self._detail is not None and self._detail.voided_at is not None
        for button in (self.move_button, self.rack_button, self.void_button):
            button.setVisible(is_kept and not is_void)
        self.save_button.setEnabled(not is_void)
        for tab in (1, 2):
            self.tabs.setTabEnabled(tab, is_kept)
        self._shown = self.fields.typed()

    def _created(self, ci_id: int) -> None:
        self.context.nav.select("ci", ci_id)
        self.context.nav.open("ci", ci_id)
        self.show_row(ci_id)

    def _saved(self, _nothing: object) -> None:
        self.banners.show_banner("saved", "info", tr("Saved."))
        if self._detail is not None:
            self._read(self._detail.id)

    def _fail(self, error: WatchroomError, draft: "CiDraft | None" = None) -> None:
        self.save_button.setEnabled(True)
        if isinstance(error, Conflict) and draft is not None:
            self._show_conflict(error, draft)
        elif not (isinstance(error, BadInput) and self.fields.say_wrong(error.field, error.sentence())):
            self.banners.error(error.sentence())
        else:
            self.tabs.setCurrentIndex(0)

    def _show_conflict(self, conflict: Conflict, mine: "CiDraft") -> None:
        """Read the record as it is now and let the person choose field by field."""

        def show(theirs: "CiDetail") -> None:
            base = self._detail
            before = {**_fields(base.draft), **base.draft.attributes} if base else {}
            titled = partial(field_label, class_name=mine.class_name)
            fields = differences(before, conflict.theirs, conflict.yours, titled)
            told = partial(self._told, theirs=theirs)
            self._conflict = ask(conflict, fields, told, lambda names: self._resolve(names, mine, theirs), self)

        assert self._detail is not None
        self.context.work.read(cmdb.detail, self._detail.id, done=show, owner=self)

    def _resolve(self, theirs: frozenset[str], mine: "CiDraft", kept: "CiDetail") -> None:
        """Save again over the version that is kept now, with their values where theirs was chosen."""
        fields = _fields(kept.draft)
        values = {name: fields[name] for name in theirs if name in fields}
        own = dict(mine.attributes)
        for name in theirs - fields.keys():
            own.pop(name, None)
            if name in kept.draft.attributes:
                own[name] = kept.draft.attributes[name]
        draft = replace(mine, **values, attributes=own)

        def fail(error: WatchroomError) -> None:
            self._fail(error, draft)

        self.context.work.do(cmdb.edit, kept.id, kept.version, draft, done=self._saved, failed=fail, owner=self)

    def _told(self, name: str, value: Any, theirs: "CiDetail") -> str:
        """Return a value in words; a record that is pointed to by the name known here or there."""
        names = {
            "place_id": "place_path",
            "parent_id": "parent_name",
            "owner_id": "owner_name",
            "maintainer_id": "maintainer_name",
            "device_type_id": "device_type_name",
        }
        if name in names and value is not None:
            if getattr(theirs.draft, name) == value:
                return str(getattr(theirs, names[name]))
            return dict(self.fields.typed()).get(name) or f"#{value}"
        if isinstance(value, Word):
            return label(value)
        return class_of(value).label if name == "class_name" else "" if value is None else str(value)

    def _follow(self, changed: Changed) -> None:
        if self._detail is None:
            return
        if self._detail.id in changed.of("ci"):
            if self.is_edited:
                text = tr("Somebody changed this record. What you typed is kept; saving shows both.")
                self.banners.show_banner("changed", "warning", text)
            else:
                self._read(self._detail.id)
        elif changed.touches("relation"):
            self._read_tabs()

    def _move(self) -> None:
        if self._detail is not None:
            forms.move(self.context, self, self._detail.id)

    def _void(self) -> None:
        if self._detail is not None:
            forms.void_ci(self.context, self, self._detail.id)

    def _show_rack(self) -> None:
        if self._detail is not None and self._detail.draft.place_id is not None:
            self.context.nav.open("rack", self._detail.draft.place_id)


def _fields(draft: "CiDraft") -> dict[str, Any]:
    names = [name for name in draft.__dataclass_fields__ if name != "attributes"]
    return {name: getattr(draft, name) for name in names}
