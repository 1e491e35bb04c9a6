"""The hand-over of a shift: drafted from the record, offered, and signed in place by the next shift (B12)."""

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.errors import Conflict, WatchroomError
from app.words import label, tr
from models.enums import HandoverState
from ui.again import say
from ui.context import Context
from ui.docks.access_columns import moment_text
from ui.labels import PlainLabel
from ui.page import Page
from ui.presence import PresenceLine
from ui.rows import Column
from ui.subjects import duty
from ui.table import Table

if TYPE_CHECKING:
    from app.duty import HandoverDraft, HandoverItem, HandoverRow

NAME = "handover"
SOURCES = ("incident", "visit", "visit_member", "backup_run", "inspection", "shift_log_entry", "roster_entry")
TARGETS = {"incidents": "incident", "visitors": "visit"}
REMARK_LINES = 4
CONFLICT = "conflict"


class HandoverPage(Page):
    """Open matters by section, remarks, then either the offer or the next shift's signature."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("shift", tr("Hand over shift"), context, parent)
        self._wanted: int | None = None
        self._draft: HandoverDraft | None = None
        self._row: HandoverRow | None = None
        self._key = uuid.uuid4()
        self._facts = PlainLabel("", "secondary", self, wraps=True)
        self.items = Table("handover-items", _item_columns(), context, key=_item_key, parent=self)
        self.remarks = QPlainTextEdit(self)
        self.shift = QComboBox(self)
        self.person = QComboBox(self)
        self.password = QLineEdit(self)
        self.offer_button = QPushButton(tr("Hand over"), self)
        self.sign_button = QPushButton(tr("Take over and sign"), self)
        self._error = PlainLabel("", "error", self, wraps=True)
        self.presence = PresenceLine(context, self)
        self._lay_out()
        self._connect()

    def show_row(self, key: object) -> None:
        """Show a hand-over by its id; without one what waits for a signature, else a new draft."""
        self._wanted = key if isinstance(key, int) else None
        self.password.clear()
        self._say_wrong("")
        self.refresh()

    def refresh(self) -> None:
        read = self.context.work.read
        read(duty.handover_draft, done=self._show_draft, failed=self.say_unread, owner=self)
        if self._wanted is not None:
            read(duty.handover, self._wanted, done=self._show_given, failed=self.say_unread, owner=self)

    def print_list(self) -> None:
        """Show the record, ready to be printed (Ctrl+P)."""
        from ui.pages.preview import open_preview

        row = self._row
        if row is not None:
            title = f"{tr('Hand-over record of the shift')} {row.number}"
            open_preview(self.context, title, lambda desk: duty.handover_pdf(desk, row.id))

    def offer(self) -> None:
        """Hand the shift over as it is shown; what was typed stays until it is in the database."""
        if self._draft is None:
            return
        self.offer_button.setEnabled(False)
        content = (self.shift.currentText().strip(), self._draft.items, self.remarks.toPlainText())
        work = self.context.work
        work.do(duty.offer, self._key, *content, done=self._offered, failed=self._not_done, owner=self)

    def sign(self) -> None:
        """Take the shift over with the chosen person's own password."""
        row = self._row
        if row is None or self.person.currentData() is None:
            self._say_wrong(tr("Who takes over? Choose the person."))
            return
        self._sign(row.id, row.version)

    def _sign(self, handover_id: int, version: int) -> None:
        self.banners.clear(CONFLICT)
        self.sign_button.setEnabled(False)
        given = (handover_id, version, self.person.currentData(), self.password.text())
        failed = partial(self._not_signed, handover_id)
        self.context.work.do(duty.sign_for, *given, done=self._signed, failed=failed, owner=self)

    def _not_signed(self, handover_id: int, error: WatchroomError) -> None:
        """Say why; what a colleague changed meanwhile is shown before it may be signed all the same."""
        if not isinstance(error, Conflict):
            self._not_done(error)
            return
        self.sign_button.setEnabled(True)
        say(self.banners, CONFLICT, error, partial(self._sign, handover_id))
        self.refresh()

    def _lay_out(self) -> None:
        self._print_button = self.bar.add_button(tr("Print the record…"), self.print_list)
        content = QVBoxLayout()
        content.setContentsMargins(12, 10, 12, 10)
        content.setSpacing(6)
        content.addWidget(self._facts)
        content.addWidget(PlainLabel(tr("Open matters, from the record"), "strong", self))
        content.addWidget(self.items, 1)
        content.addWidget(PlainLabel(tr("To be done by the next shift"), "strong", self))
        self.remarks.setTabChangesFocus(True)
        self.remarks.setObjectName("handover-remarks")
        self.remarks.setAccessibleName(tr("To be done by the next shift"))
        self.remarks.setFixedHeight(self.remarks.fontMetrics().lineSpacing() * REMARK_LINES + 16)
        content.addWidget(self.remarks)
        content.addWidget(self._error)
        content.addWidget(self._offer_bar())
        content.addWidget(self._sign_bar())
        self.body.addLayout(content)
        self.body.insertWidget(0, self.presence)
        self.items.empty.say(tr("Nothing is open: no incident, visitor, failed backup or due round."))
        self.setFocusProxy(self.remarks)
        self._error.hide()

    def _offer_bar(self) -> QWidget:
        self._offering = QWidget(self)
        row = QHBoxLayout(self._offering)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(PlainLabel(tr("Shift", context="duty"), "secondary", self._offering))
        self.shift.setEditable(True)
        self.shift.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        row.addWidget(self.shift)
        row.addStretch(1)
        self.offer_button.setProperty("main", True)
        row.addWidget(self.offer_button)
        return self._offering

    def _sign_bar(self) -> QWidget:
        self._signing = QWidget(self)
        row = QHBoxLayout(self._signing)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(PlainLabel(tr("Taken over by"), "secondary", self._signing))
        self.person.setMinimumWidth(140)
        row.addWidget(self.person)
        row.addWidget(PlainLabel(tr("own password"), "secondary", self._signing))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaximumWidth(220)
        self.password.setObjectName("handover-password")
        row.addWidget(self.password)
        row.addStretch(1)
        self.sign_button.setProperty("main", True)
        row.addWidget(self.sign_button)
        self._signing.hide()
        return self._signing

    def _connect(self) -> None:
        self.offer_button.clicked.connect(lambda _on=False: self.offer())
        self.sign_button.clicked.connect(lambda _on=False: self.sign())
        self.password.returnPressed.connect(self.sign)
        self.password.textEdited.connect(lambda _text: self._say_wrong(""))
        self.items.activated_row.connect(self._open_item)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self.refresh)

    def _follow(self, changed: Any) -> None:
        if self.isVisible() and changed.touches("handover", *SOURCES):
            self.refresh()

    def _show_draft(self, draft: "HandoverDraft") -> None:
        self._draft = draft
        _fill(self.person, [(person.name, person.id) for person in draft.people])
        _fill(self.shift, [(shift.name, shift.name) for shift in draft.shifts], draft.on_duty.shift)
        if self._wanted is None:
            self._show_row(draft.waiting)

    def _show_given(self, row: "HandoverRow | None") -> None:
        if row is None:
            self.banners.error(tr("This hand-over is not there."))
            return
        self._show_row(row)

    def _show_row(self, row: "HandoverRow | None") -> None:
        """Show a hand-over that was offered or signed, or the draft."""
        was_row, self._row = self._row, row
        if row is not None:
            self.presence.follow("handover", row.id, is_edited=row.state is HandoverState.OFFERED)
        else:
            self.presence.stop()
        is_offered = row is not None and row.state is HandoverState.OFFERED
        self._offering.setVisible(row is None)
        self._signing.setVisible(is_offered)
        self._print_button.setEnabled(row is not None)
        self.remarks.setReadOnly(row is not None)
        if row is not None:
            self.items.set_rows(row.items)
            if self.remarks.toPlainText() != row.remarks:
                self.remarks.setPlainText(row.remarks)
        elif self._draft is not None:
            self.items.set_rows(self._draft.items)
            if was_row is not None:
                self.remarks.clear()
        self._facts.setText(_facts_of(row) if row else self._draft_words())

    def _draft_words(self) -> str:
        on_duty = self._draft.on_duty if self._draft else None
        if on_duty is None or not on_duty.people:
            return tr("The roster has nobody on duty now.")
        names = tr(", ").join(turn.person for turn in on_duty.people)
        return tr("On duty: {shift}, {names}", shift=on_duty.shift, names=names)

    def _open_item(self, item: "HandoverItem") -> None:
        if item.section in TARGETS:
            self.context.nav.open(TARGETS[item.section], item.id)

    def _offered(self, handover_id: int) -> None:
        self._key = uuid.uuid4()
        self.offer_button.setEnabled(True)
        self._say_wrong("")
        self._wanted = handover_id
        self.refresh()
        self.person.setFocus(Qt.FocusReason.OtherFocusReason)

    def _signed(self, _nothing: None) -> None:
        self.sign_button.setEnabled(True)
        self.password.clear()
        self._say_wrong("")
        self._wanted = self._row.id if self._row else None
        words = tr("The shift is handed over and signed. Change the person at this seat with Ctrl+L.")
        self.banners.show_banner("signed", "info", words)
        self.refresh()

    def _not_done(self, error: WatchroomError) -> None:
        self.offer_button.setEnabled(True)
        self.sign_button.setEnabled(True)
        self._say_wrong(error.sentence())
        self.password.selectAll()

    def _say_wrong(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _fill(box: QComboBox, entries: list[tuple[str, Any]], first: str = "") -> None:
    """Put entries into a list that is still another one; what is chosen stays chosen."""
    if [box.itemData(at) for at in range(box.count())] == [value for _title, value in entries]:
        return
    chosen = box.currentData()
    box.clear()
    for title, value in entries:
        box.addItem(title, value)
    box.setCurrentIndex(box.findData(chosen) if chosen is not None else -1)
    if box.isEditable() and first:
        box.setEditText(first)


def _item_key(item: "HandoverItem") -> tuple[str, int]:
    return item.section, item.id


def _item_columns() -> tuple[Column, ...]:
    return (
        Column("section", tr("Section"), lambda item: duty.section_titles().get(item.section, item.section), 130),
        Column("text", tr("Matter"), lambda item: item.text, 400, stretch=True),
    )


def _facts_of(row: "HandoverRow") -> str:
    parts = [row.number, label(row.state), row.shift]
    if row.offered_at:
        parts.append(tr("handed over by {name} {time}", name=row.from_person, time=moment_text(row.offered_at)))
    if row.signed_at:
        parts.append(tr("taken over by {name} {time}", name=row.to_person, time=moment_text(row.signed_at)))
    return "　".join(part for part in parts if part)
