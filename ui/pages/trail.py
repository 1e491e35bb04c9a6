"""The audit trail: its entries by page, a check of the whole, and the auditor's monthly review (REQUIREMENTS H4)."""

import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from app.errors import WatchroomError
from app.table_words import table_titles
from app.times import minute, to_local, today
from app.words import tr, trn
from ui import list_files
from ui.choice_button import ChoiceButton
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.filters import FilterBox
from ui.forms import Form
from ui.labels import PlainLabel
from ui.live import Changed
from ui.on_demand import on_demand
from ui.page import Page
from ui.rows import Ask, Call, Column, Look, Tinted
from ui.subjects import audit, trail
from ui.table import Table

if TYPE_CHECKING:
    from app.audit import Verdict
    from app.desk import Desk
    from app.trail import NoteRow, ReviewStanding, TrailRow
    from ui.pages import preview
    from ui.work import Job
else:
    preview = on_demand("ui.pages.preview")

MONTHS_OFFERED = 12
LONGEST = 800
"""Characters of what an entry changed that are shown."""


class Entries:
    """Pages of the trail."""

    def page(self, ask: Ask) -> Call:
        values = {"after": ask.after, "backwards": ask.backwards, "limit": ask.limit}
        return Call(trail.page, (ask.text, ask.chip), values)

    def count(self, ask: Ask) -> Call:
        return Call(trail.count, (ask.text, ask.chip))


class TrailPage(Page):
    """Entries, newest first, what the chosen one changed, and below them the notes of the reviews."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Audit trail"), context)
        self._verdict = ""
        self._standing: ReviewStanding | None = None
        self.kinds = ChoiceButton(tr("Which entries"), _kinds(), self)
        self.box = FilterBox(tr("Search entries"), self)
        self.table = Table("trail", _columns(), context, source=Entries(), parent=self)
        self.notes = Table("trail-notes", _note_columns(), context, parent=self)
        self.whole = PlainLabel("", "text", self, wraps=True)
        self._lay_out()
        self.kinds.chosen.connect(self.table.set_chip)
        self.box.typed.connect(self.table.set_filter)
        self.table.counted.connect(self.bar.count.setText)
        self.table.failed.connect(self._fail)
        self.table.current_row_changed.connect(self._show_changes)
        self.notes.current_row_changed.connect(lambda _row: self._enable())
        self.notes.activated_row.connect(lambda _row: self.print_note())
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)
        self._enable()

    def show_row(self, key: object) -> None:
        self.table.load()
        self._read_notes()

    def refresh(self) -> None:
        self.table.refresh()
        self._read_notes()

    def focus_filter(self) -> None:
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def export(self) -> None:
        list_files.export_table(self, self.table)

    def print_list(self) -> None:
        list_files.print_table(self, self.table)

    def check(self) -> None:
        """Check the whole trail on a worker; work goes on."""
        self.check_button.setEnabled(False)
        self.banners.show_banner("check", "info", tr("The trail is being checked. Work goes on."))
        self.context.work.run(_verify, done=self._checked, failed=self._not_checked, owner=self)

    def write_note(self) -> None:
        """Open the form of a month's review, begun with the month that is due."""
        due = self._standing.due if self._standing else None
        months = Field("month", tr("Month"), Kind.CHOICE, True, due or today().replace(day=1), _months(), wide=False)
        fields = (
            months,
            Field(
                "findings", tr("Findings"), Kind.LINES, hint=tr("what stood out, and who was asked about it"), lines=4
            ),
            Field("opinion", tr("Opinion"), Kind.LINES, required=True, lines=4),
        )
        checked = self._verdict or tr("The trail was not checked before: do that first, the note says how it stood.")
        note = tr("A note never changes once it is written.") + "\n" + checked
        form = Form(tr("Review of the audit trail"), fields, self.context, self, note=note)
        key = uuid.uuid4()
        form.run(partial(_write, key, self._verdict))

    def print_note(self) -> None:
        row: NoteRow | None = self.notes.current_row
        if row is not None:
            note_id = row.id
            preview.open_preview(
                self.context, tr("Review of the audit trail"), lambda desk: trail.note_pdf(desk, note_id)
            )

    def _lay_out(self) -> None:
        self.bar.add(self.kinds)
        self.bar.add(self.box)
        self.check_button = self.bar.add_button(tr("Check the trail"), self.check)
        self.note_button = self.bar.add_button(
            tr("Write a review…"), self.write_note, is_main=True, needs=("trail.write_note",)
        )
        self.print_button = self.bar.add_button(tr("Review as PDF…"), self.print_note)
        self.bar.let_give_way((self.print_button, self.check_button, self.box))
        self.table.empty.say(tr("No entry is like this."))
        self.notes.empty.say(tr("No review has been written yet."))
        self.whole.setContentsMargins(12, 4, 12, 4)
        self.whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.table, 4)
        self.body.addWidget(self.whole)
        reviews = PlainLabel(tr("Reviews"), "strong", self)
        reviews.setContentsMargins(12, 4, 12, 0)
        self.body.addWidget(reviews)
        self.body.addWidget(self.notes, 1)
        self.whole.hide()

    def _read_notes(self) -> None:
        self.notes.fill(trail.notes)
        self.context.work.read(trail.standing, done=self._show_standing, failed=self._fail, owner=self)

    def _show_standing(self, found: "ReviewStanding") -> None:
        self._standing = found
        if found.due is None:
            self.banners.clear("due")
            return
        words = tr("The trail of {month} has not been reviewed yet.", month=f"{found.due:%Y-%m}")
        self.banners.show_banner("due", "warning", words)

    def _show_changes(self, row: "TrailRow | None") -> None:
        self.whole.setText("")
        self.whole.setVisible(row is not None)
        if row is not None:
            shown = partial(self._tell_changes, row.id)
            self.context.work.read(trail.changes, row.id, done=shown, failed=self._fail, owner=self)

    def _tell_changes(self, entry_id: int, found: tuple[tuple[str, Any, Any], ...]) -> None:
        row: TrailRow | None = self.table.current_row
        if row is not None and row.id == entry_id:
            lines = (tr("{name}: {old} → {new}", name=name, old=_said(old), new=_said(new)) for name, old, new in found)
            words = "　".join(lines)
            self.whole.setText(words if len(words) <= LONGEST else words[:LONGEST] + "…")

    def _checked(self, found: "Verdict") -> None:
        self.check_button.setEnabled(True)
        if found.is_whole:
            self._verdict = tr("whole: {entries} entries, {seals} seals", entries=found.entries, seals=found.seals)
            self.banners.show_banner("check", "info", tr("The trail is {verdict}.", verdict=self._verdict))
            return
        first = found.findings[0].what
        count = trn("{n} finding", "{n} findings", len(found.findings))
        self._verdict = tr("NOT whole, {count}: {first}", count=count, first=first)
        self.banners.show_banner("check", "error", tr("The trail is {verdict}.", verdict=self._verdict))

    def _not_checked(self, error: WatchroomError) -> None:
        self.check_button.setEnabled(True)
        self.banners.clear("check")
        self._fail(error)

    def _enable(self) -> None:
        self.print_button.setEnabled(self.notes.current_row is not None)

    def _follow(self, changed: Changed) -> None:
        if changed.touches("trail_review"):
            self._read_notes()

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _verify(desk: "Desk", _job: "Job") -> "Verdict":
    found: Verdict = desk.read(audit.verify)
    return found


def _write(key: uuid.UUID, verdict: str, values: dict[str, Any]) -> Call:
    words = (values["month"], values["findings"], values["opinion"])
    return Call(trail.write_note, (key, *words), {"verdict": verdict})


def _months() -> list[Choice]:
    """Return this month and those before it, newest first."""
    month, found = today().replace(day=1), []
    for _ in range(MONTHS_OFFERED):
        found.append(Choice(month, f"{month:%Y-%m}"))
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def _said(value: Any) -> str:
    return tr("(empty)") if value in (None, "") else str(value)


def _kinds() -> tuple[Choice, ...]:
    return (
        Choice("", tr("All entries")),
        Choice("sign-ins", tr("Sign-ins")),
        Choice("acts", tr("Refusals and prints")),
        Choice("accounts", tr("Accounts and rights")),
        Choice("past", tr("Past the program")),
    )


def _columns() -> tuple[Column, ...]:
    titles = table_titles()
    return (
        Column("at", tr("Time"), lambda row: f"{to_local(row.at):%Y-%m-%d %H:%M:%S}", 150),
        Column("person", tr("Person"), lambda row: row.person, 120),
        Column("seat", tr("Seat"), lambda row: row.seat, 80, drops=3),
        Column("command", tr("Action"), lambda row: row.command, 200, stretch=True, look=_look),
        Column("table", tr("What", context="trail"), lambda row: titles.get(row.table, row.table), 140, drops=1),
        Column("key", tr("Record"), lambda row: row.key, 80, drops=2),
        Column("reason", tr("Reason"), lambda row: row.reason, 200, stretch=True, drops=4),
    )


def _look(row: "TrailRow") -> Look | None:
    return Tinted(row.command, "warning") if row.is_past_the_program else None


def _note_columns() -> tuple[Column, ...]:
    return (
        Column("period", tr("Period"), lambda row: f"{minute(row.from_at)} – {minute(row.to_at)}", 240),
        Column("by", tr("Reviewed by"), lambda row: row.person or "—", 110),
        Column("entries", tr("Entries"), lambda row: str(row.entries), 80, right=True, drops=2),
        Column("verdict", tr("The trail"), lambda row: row.verdict or tr("not checked"), 170, drops=1),
        Column("findings", tr("Findings"), lambda row: _line(row.findings), 200, stretch=True),
        Column("opinion", tr("Opinion"), lambda row: _line(row.opinion), 200, stretch=True),
    )


def _line(text: str) -> str:
    return text.replace("\n", "　")
