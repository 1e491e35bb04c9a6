"""One round: filled in on screen, kept after every field, signed, corrected, printed (REQUIREMENTS G1)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QPushButton, QWidget

from app.errors import NotAllowed, WatchroomError
from app.filenames import safe_name
from app.times import minute, moment, to_local, today
from app.words import label, tr, trn
from models.enums import InspectionState
from ui.again import say
from ui.context import Context
from ui.forms import Form
from ui.labels import ElidedLabel, PlainLabel
from ui.page import Page
from ui.pages.inspection_findings import Findings
from ui.pages.inspection_form import RoundForm
from ui.pages.inspection_forms import ask_correction, ask_void, ask_witness
from ui.pages.inspection_keeping import Keeping
from ui.pages.inspection_row import ItemRow
from ui.pages.preview import open_preview
from ui.presence import PresenceLine
from ui.subjects import inspections

if TYPE_CHECKING:
    from app.desk import Desk
    from app.inspections.plans import FormChoices
    from app.inspections.rows import KnownFigure, Round
    from ui.live import Changed
    from ui.work import Job

NAME = "inspection-round"
GATHER_MS = 60
TABLES = ("inspection", "inspection_value", "attachment", "work_order")
_DELETE_ON_CLOSE = Qt.WidgetAttribute.WA_DeleteOnClose


class RoundPage(Page):
    """Opened with a round's id. A round that is due begins at once; a draft goes on at its first empty field."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("inspections", tr("Inspection"), context, parent)
        self._id: int | None = None
        self._found: Round | None = None
        self._choices: FormChoices | None = None
        self._goes_on = self._signs = False
        self.facts = ElidedLabel("", "secondary", self)
        self.facts.setContentsMargins(12, 4, 12, 4)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(90, 6)
        self.done = PlainLabel("", "strong", self)
        self.kept = PlainLabel("", "secondary", self)
        self._add_buttons()
        self.form = RoundForm(context, self)
        self.findings = Findings(context, self)
        self.keeping = Keeping(context, self.form, self)
        self.form.line_made.connect(self.findings.take_line)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(self.facts, 1)
        for widget in (self.kept, self.progress, self.done):
            head.addWidget(widget)
        self.presence = PresenceLine(context, self)
        self.body.addWidget(self.presence)
        self.body.addLayout(head)
        self.body.addWidget(self.form, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(GATHER_MS)
        self._soon.timeout.connect(self.refresh)
        self.keeping.began.connect(lambda: self.kept.setText(tr("Saving…")))
        self.keeping.kept.connect(self._say_kept)
        self.keeping.refused.connect(self._say_refused)
        self.keeping.failed.connect(self._fail)
        self.findings.done.connect(self.refresh)
        self.findings.failed.connect(self._fail)
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self._soon.start)

    def show_row(self, key: object) -> None:
        """Show the round with this id; opened again without one, the page stays as it was left."""
        if isinstance(key, int):
            if key != self._id:
                self._found = None
            self._id, self._goes_on = key, True
            self.banners.clear("error")
            self.kept.setText("")
            self.context.work.read(inspections.choices, done=self._take_choices, owner=self)
        self.refresh()

    def refresh(self) -> None:
        """Read the round anew and patch it in place; what is being typed stays."""
        if self._id is not None:
            self.context.work.read(inspections.round_of, self._id, done=self._show, failed=self.say_unread, owner=self)

    def print_list(self) -> None:
        """Preview the record (Ctrl+P)."""
        if self._found:
            row, number = self._found.row, self._found.id
            self.form.settle()
            open_preview(self.context, f"{row.title} {row.number}", partial(_record, [number]))

    def export(self) -> None:
        """Save the record as an Excel sheet (Ctrl+E)."""
        if self._found:
            row = self._found.row
            ask_workbook(self, self.context, [row.id], f"{row.title} {row.number}")

    def hideEvent(self, event: Any) -> None:
        self.form.settle()
        super().hideEvent(event)

    def _add_buttons(self) -> None:
        self._begin = self.bar.add_button(tr("Begin"), self._start, is_main=True, needs=("inspections.start",))
        self._figures = self.bar.add_button(
            tr("Take known figures"), self._ask_figures, needs=("inspections.take_figures",)
        )
        self._correct = self.bar.add_button(tr("Correct…"), self._ask_correction, needs=("inspections.correct",))
        self._take_back = self.bar.add_button(tr("Fill in again"), self._do_take_back, needs=("inspections.take_back",))
        self._void = self.bar.add_button(tr("Void…"), self._ask_void, needs=("inspections.void",))
        self.bar.add_button(tr("Print…"), self.print_list)
        self._sign = self.bar.add_button(tr("Sign"), self._do_sign, is_main=True, needs=("inspections.sign",))
        self._witness = self.bar.add_button(
            tr("Second signature…"), self._ask_witness, is_main=True, needs=("inspections.witness",)
        )
        every = self.bar.add_button(tr("All inspections"), lambda: self.context.nav.open("inspections"))
        self.bar.let_give_way((every,))
        self._hide_buttons()

    def _hide_buttons(self) -> None:
        for button in (
            self._begin,
            self._figures,
            self._correct,
            self._take_back,
            self._void,
            self._sign,
            self._witness,
        ):
            button.hide()

    def _take_choices(self, choices: "FormChoices") -> None:
        self._choices = self.findings.choices = choices

    def _show(self, found: "Round") -> None:
        if found.id != self._id:
            return
        self._found = self.keeping.found = self.findings.found = found
        if found.row.state is InspectionState.DUE and self._goes_on and not found.row.is_ahead(today()):
            self._start()
            return
        self.presence.follow("inspection", found.id, is_edited=found.is_fillable)
        self.form.show_round(found)
        self._show_head(found)
        self._show_buttons(found)
        if self._goes_on and found.is_fillable:
            self._goes_on = False
            QTimer.singleShot(0, self.form, self.form.go_to_first_empty)
        if self._signs and not self.form.is_busy:
            self._sign_now(found)

    def _show_head(self, found: "Round") -> None:
        row = found.row
        self.bar.title.setText(row.title)
        self.bar.count.setText(f"{row.number}  {label(row.state)}")
        self.progress.setRange(0, max(1, row.items))
        self.progress.setValue(row.filled)
        self.done.setText(f"{row.filled}/{row.items}")
        for each in (self.progress, self.done):
            each.setVisible(row.items > 0)  # a round that nobody has begun has none yet
        self.facts.setText("    ".join(part for part in _facts(found) if part))

    def _show_buttons(self, found: "Round") -> None:
        state = found.row.state
        shown: dict[QPushButton, bool] = {
            self._begin: state is InspectionState.DUE,
            self._figures: state is InspectionState.DRAFT,
            self._sign: state is InspectionState.DRAFT,
            self._take_back: state is InspectionState.SIGNED_ONCE,
            self._witness: state is InspectionState.SIGNED_ONCE,
            self._correct: state is InspectionState.SIGNED,
            self._void: state not in (InspectionState.VOID, InspectionState.CORRECTED),
        }
        for button, is_shown in shown.items():
            button.setVisible(is_shown)
        if state is not InspectionState.DRAFT:
            self.kept.setText("")
            self.banners.clear("figures")
        if state is not InspectionState.SIGNED_ONCE:
            self.banners.clear("signed")

    def _start(self) -> None:
        self._goes_on = False
        if self._found:
            self.context.work.do(
                inspections.start,
                self._found.id,
                self._found.row.version,
                done=lambda _none: self._begun(),
                failed=self._not_begun,
                owner=self,
            )

    def _not_begun(self, error: WatchroomError) -> None:
        """Show the form all the same, to be read; who may not fill it in sees so by the grey button."""
        if not isinstance(error, NotAllowed):
            self._fail(error)
        self.refresh()
        self.refresh()

    def _begun(self) -> None:
        self._goes_on = True
        self._ask_figures()

    def _ask_figures(self) -> None:
        self.context.work.read(
            inspections.known_figures, self._id, done=self._take_figures, failed=self._fail, owner=self
        )

    def _take_figures(self, figures: "list[KnownFigure]") -> None:
        self.context.work.do(
            inspections.take_figures, self._id, figures, done=self._figures_taken, failed=self._fail, owner=self
        )

    def _figures_taken(self, n: int) -> None:
        self.refresh()
        words = trn("{n} known figure was filled in.", "{n} known figures were filled in.", n)
        self.banners.show_banner("figures", "info", words if n else tr("No further figure is known."))

    def _say_kept(self, at: datetime) -> None:
        self.kept.set_role("secondary")
        self.kept.setText(tr("saved {at}", at=f"{to_local(at):%H:%M:%S}"))
        self.banners.clear("figures")
        self._soon.start()

    def _say_refused(self, line: ItemRow, words: str) -> None:
        self.kept.set_role("error")
        self.kept.setText(tr("NOT saved"))
        if self._signs:
            self._signs = False
            self.form.go_to(line.item.code)
            words = words or tr("“{item}” is not saved yet: mend it, then sign.", item=line.item.title)
        if words:
            self.banners.error(words)
        self._soon.start()

    def _do_sign(self) -> None:
        """Keep what is still being typed, then sign."""
        self._signs = True
        self.form.settle()
        if self._found and not self.form.is_busy:
            self._sign_now(self._found)

    def _sign_now(self, found: "Round") -> None:
        self._signs = False
        unready = found.open_items or [item for item in found.items if item.is_unexplained]
        if unready:
            self.form.go_to(unready[0].code)
        self._step(inspections.sign, found.row.version, self._signed)

    def _signed(self) -> None:
        self.refresh()
        self.banners.clear("error")
        self.banners.show_banner("signed", "info", tr("Signed. The second person signs with the own password."))

    def _do_take_back(self) -> None:
        if self._found:
            self._step(inspections.take_back, self._found.row.version, self.refresh)

    def _step(self, command: Callable[..., Any], version: int, done: Callable[[], None]) -> None:
        """Run `command(round, version)`; over somebody else's change only once the person says so."""

        def failed(error: WatchroomError) -> None:
            say(self.banners, "error", error, lambda present: self._step(command, present, done))
            self._soon.start()

        self.context.work.do(command, self._id, version, done=lambda _none: done(), failed=failed, owner=self)

    def _ask_witness(self) -> None:
        if self._found and self._choices:
            self._reload_after(ask_witness(self.context, self, self._found, self._choices))

    def _ask_void(self) -> None:
        if self._found:
            self._reload_after(ask_void(self.context, self, self._found.row))

    def _ask_correction(self) -> None:
        if self._found:
            form = ask_correction(self.context, self, self._found.row)
            form.saved.connect(lambda new: self.context.nav.open(NAME, new))

    def _reload_after(self, form: Form) -> None:
        form.saved.connect(lambda _result: self.refresh())

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())

    def _follow(self, changed: "Changed") -> None:
        if self.isVisible() and changed.touches(*TABLES):
            self._soon.start()


def ask_workbook(page: Page, context: Context, ids: list[int], title: str) -> None:
    """Ask where rounds are to be saved as an Excel sheet, and save them there."""
    dialog = QFileDialog(page, tr("Save as Excel"), safe_name(title, ".xlsx"), "Excel (*.xlsx)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("xlsx")
    dialog.setAttribute(_DELETE_ON_CLOSE)

    def save(name: str) -> None:
        context.work.run(
            _workbook,
            ids,
            Path(name),
            done=lambda _rows: page.banners.show_banner("saved", "info", tr("Saved: {path}", path=name)),
            failed=lambda error: page.banners.error(error.sentence()),
            owner=page,
        )

    dialog.fileSelected.connect(save)
    dialog.open()


def _facts(found: "Round") -> list[str]:
    row = found.row
    facts = [
        row.room or tr("Whole site"),
        tr("due {day}", day=row.due_on.isoformat()) if row.due_on else "",
        tr("begun {at}", at=minute(row.started_at)) if row.started_at else "",
        tr("Inspector {name}", name=row.inspector) if row.inspector else "",
        tr("signed {at}", at=moment(found.inspector_signed_at)) if found.inspector_signed_at else "",
        tr("Witness {name}", name=row.witness) if row.witness else "",
        tr("signed {at}", at=moment(found.witness_signed_at)) if found.witness_signed_at else "",
        tr("last time {number}", number=found.last_number) if found.last_number else tr("no round before"),
        tr("corrects {number}: {reason}", number=row.corrects, reason=row.reason) if row.corrects else "",
        tr("replaced by {number}", number=found.corrected_by) if found.corrected_by else "",
    ]
    if row.state is InspectionState.VOID:
        facts.append(tr("void: {reason}", reason=row.reason))
    return facts


def _record(ids: list[int], desk: "Desk") -> bytes:
    from app.inspections.paper import record_pdf

    return record_pdf(desk, ids)


def _workbook(desk: "Desk", _job: "Job", ids: list[int], path: Path) -> int:
    from app.inspections.paper import workbook

    return workbook(desk, ids, path)
