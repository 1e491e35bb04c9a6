"""Registering a call (F9), by keyboard alone: the caller completed, like incidents of the past beside it."""

import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.errors import BadInput
from app.words import label, tr
from models.enums import Priority, Source
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.labels import PlainLabel
from ui.rows import Call, Column
from ui.subjects import contacts, incidents
from ui.table import Table

if TYPE_CHECKING:
    from app.contacts import Caller
    from app.incidents import CiChoice

CALLS = (Source.TELEPHONE, Source.HOTLINE, Source.DEPARTMENT)
WIDTH, SIMILAR_WIDTH = 920, 400
ASK_AFTER_MS = 250


class CallForm(Form):
    """Caller, department, telephone, device, symptom, priority. Who registers it has thereby acknowledged it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        self._callers: dict[str, Caller] = {}
        self._cis: dict[str, CiChoice] = {}
        self._key = uuid.uuid4()
        self._asked: tuple[str, int | None] = ("", None)
        super().__init__(
            tr("Register a call"), self._call_fields(), context, parent, main=tr("Register", context="call")
        )
        self.setObjectName("call-form")
        self.resize(WIDTH, self.sizeHint().height())
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(ASK_AFTER_MS)
        self._asking.timeout.connect(self._ask_similar)
        for key in ("title", "ci"):
            self.field(key).changed.connect(self._asking.start)
        self._when_chosen("caller", self._take_caller)
        self._when_chosen("ci", lambda _text: self._go_to("title"))

    def open_empty(self) -> "CallForm":
        """Open the form with the keyboard on the caller."""
        self.run(self._save_call)
        self._go_to("caller")
        return self

    def _call_fields(self) -> Sequence[Field]:
        sources = [Choice(each, label(each)) for each in CALLS]
        priorities = [Choice(each, label(each)) for each in Priority]
        return (
            Field("caller", tr("Caller"), required=True, suggest=self._suggest_callers, hint=tr("name or pinyin")),
            Field("caller_department", tr("Department"), wide=False),
            Field("caller_telephone", tr("Telephone"), wide=False),
            Field("ci", tr("Device"), suggest=self._suggest_cis, hint=tr("name, address, pinyin or initials")),
            Field("title", tr("Symptom"), required=True),
            Field("description", tr("Description"), Kind.LINES, lines=2),
            Field("priority", tr("Priority"), Kind.CHOICE, True, Priority.NORMAL, priorities, wide=False),
            Field("source", tr("Source"), Kind.CHOICE, True, Source.TELEPHONE, sources, wide=False),
        )

    def _scrolled_fields(self, fields: Sequence[Field]) -> QWidget:
        """Return the fields with the like incidents of the past beside them."""
        both = QWidget(self)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(super()._scrolled_fields(fields), 1)
        side = QVBoxLayout()
        side.addWidget(PlainLabel(tr("Similar incidents of the past"), "secondary", both))
        self.similar = Table("similar", _similar_columns(), self._context, parent=both)
        self.similar.setFixedWidth(SIMILAR_WIDTH)
        self.similar.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.similar.empty.say(tr("What reads alike appears here while you type, with its solution."))
        self.similar.rows.reset(())
        self.similar.activated_row.connect(lambda past: self._context.nav.open("incident", past.id))
        self.similar.current_row_changed.connect(self._show_solution)
        self._solution = PlainLabel("", "secondary", both, wraps=True)
        side.addWidget(self.similar, 1)
        side.addWidget(self._solution)
        row.addLayout(side)
        return both

    def _suggest_callers(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def show(found: "Sequence[Caller]") -> None:
            self._callers = {_caller_words(each): each for each in found}
            tell(list(self._callers))

        self._context.work.read(contacts.callers, text, done=show, owner=self)

    def _suggest_cis(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def show(found: "Sequence[CiChoice]") -> None:
            self._cis |= {each.words: each for each in found}
            tell([each.words for each in found])

        self._context.work.read(incidents.cis, text, done=show, owner=self)

    def _when_chosen(self, key: str, call: Callable[[str], None]) -> None:
        """Call `call` with the text chosen from the list under a field, after Qt has put it into the line."""
        line = self.field(key).widget
        if isinstance(line, QLineEdit) and line.completer() is not None:
            line.completer().activated.connect(lambda text: QTimer.singleShot(0, self, lambda: call(str(text))))

    def _take_caller(self, text: str) -> None:
        known = self._callers.get(text)
        if known is None:
            return
        self.set_values(
            {
                "caller": known.name,
                "caller_department": known.department,
                "caller_telephone": known.telephone,
            }
        )
        self._go_to("ci")

    def _go_to(self, key: str) -> None:
        self.field(key).widget.setFocus(Qt.FocusReason.TabFocusReason)

    def _ci_id(self, text: str) -> int | None:
        """Return the chosen device. Raises BadInput for a text that is none of the list."""
        if not text:
            return None
        if text not in self._cis:
            raise BadInput(tr("Choose the device from the list, or leave the field empty."), "ci")
        return self._cis[text].id

    def _save_call(self, values: dict[str, Any]) -> Call:
        ci_id = self._ci_id(values.pop("ci"))
        draft = incidents.IncidentDraft(**values, ci_id=ci_id)
        return Call(incidents.register_call, (self._key, draft))

    def _ask_similar(self) -> None:
        known = self._cis.get(self.field("ci").value())
        asked = (self.field("title").value(), known.id if known else None)
        if asked == self._asked or (len(asked[0]) < 2 and asked[1] is None):
            return
        self._asked = asked
        self._context.work.read(incidents.similar, *asked, done=self._show_similar, owner=self)

    def _show_similar(self, found: Sequence[Any]) -> None:
        self.similar.set_rows(found)
        self._show_solution(found[0] if found else None)

    def _show_solution(self, past: Any) -> None:
        self._solution.setText(tr("Solution: {text}", text=past.solution) if past and past.solution else "")

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(WIDTH, 0))


def _caller_words(caller: "Caller") -> str:
    return " · ".join(part for part in (caller.name, caller.department, caller.telephone) if part)


def _similar_columns() -> tuple[Column, ...]:
    return (
        Column("number", tr("Number"), lambda past: past.number, 142),
        Column("title", tr("Content", context="incident"), lambda past: past.title, 150, stretch=True),
        Column("ci", tr("Device"), lambda past: past.ci_name or "—", 90),
    )
