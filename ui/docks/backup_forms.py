"""The forms of the backup log: a run by hand, a plan in plain choices, a restore test, the daily check."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.times import today
from app.words import label, tr
from models.enums import BackupContent, BackupFormat, BackupResult, Frequency
from ui.context import Context
from ui.docks.access_steps import CiChooser
from ui.editing import Again
from ui.fields import Choice, Editor, Field, Kind
from ui.forms import Form
from ui.moments import TimeOfDay
from ui.rows import Call
from ui.subjects import backups

if TYPE_CHECKING:
    from app.backups import PlanEntry, PlanRow, Schedule

GIB = 1024**3
REPORTED = (BackupResult.OK, BackupResult.WARNING, BackupResult.FAILED, BackupResult.RUNNING)
FREQUENCIES = (Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY)
LAST_DAY = -1
PLAN_WIDTH = 640


def open_run(context: Context, parent: QWidget, plan_id: int | None = None) -> None:
    """Ask for the plans, then open the form of a run that a person saw."""
    context.work.read(backups.plans, done=partial(_open_run, context, parent, plan_id), owner=parent)


def _open_run(context: Context, parent: QWidget, plan_id: int | None, plans: "Sequence[PlanRow]") -> None:
    key = uuid.uuid4()
    results = [Choice(each, label(each)) for each in REPORTED]
    begun = datetime.now(UTC) - timedelta(hours=1)
    form = Form(
        tr("Record a run"),
        (
            Field("plan_id", tr("Backup", context="job"), Kind.CHOICE, True, plan_id, _named(plans)),
            Field("started_at", tr("Began"), Kind.MOMENT, True, begun, wide=False),
            Field("minutes", tr("Took"), Kind.NUMBER, False, 30, most=10_000, unit=tr("min"), wide=False),
            Field("result", tr("Result"), Kind.CHOICE, True, BackupResult.OK, results, wide=False),
            Field("gib", tr("Size"), Kind.DECIMAL, False, 0, most=1_000_000, unit="GiB", wide=False),
            Field("message", tr("Message"), Kind.LINES),
        ),
        context,
        parent,
    )

    def save(values: dict[str, Any]) -> Call:
        minutes, gib = values.pop("minutes"), values.pop("gib")
        is_running = values["result"] is BackupResult.RUNNING
        ended = None if is_running else values["started_at"] + timedelta(minutes=minutes)
        size_bytes = round(gib * GIB) if gib else None
        return Call(backups.record_run, (backups.RunEntry(key=key, ended_at=ended, size_bytes=size_bytes, **values),))

    form.run(save)


def open_restore_test(context: Context, parent: QWidget, plan_id: int | None = None) -> None:
    """Ask for the plans, then open the form of a restore that was tried (REQUIREMENTS F4)."""
    context.work.read(backups.plans, done=partial(_open_test, context, parent, plan_id), owner=parent)


def _open_test(context: Context, parent: QWidget, plan_id: int | None, plans: "Sequence[PlanRow]") -> None:
    key = uuid.uuid4()
    outcomes = [Choice(True, tr("Restored")), Choice(False, tr("Not restored"))]
    form = Form(
        tr("Restore test"),
        (
            Field("plan_id", tr("Backup", context="job"), Kind.CHOICE, True, plan_id, _named(plans)),
            Field("succeeded", tr("Result"), Kind.CHOICE, True, True, outcomes, wide=False),
            Field("minutes", tr("Took"), Kind.NUMBER, False, 0, most=10_000, unit=tr("min"), wide=False),
            Field("happened_at", tr("Time"), Kind.MOMENT),
            Field("note", tr("What was restored and compared"), Kind.LINES, required=True),
        ),
        context,
        parent,
    )

    def save(values: dict[str, Any]) -> Call:
        words = {"duration_minutes": values["minutes"] or None, "note": values["note"]}
        return Call(
            backups.test_restore,
            (key, values["plan_id"], values["succeeded"]),
            {**words, "happened_at": values["happened_at"]},
        )

    form.run(save)


def open_check(context: Context, parent: QWidget, days: Sequence[date]) -> Form:
    """Open the form that signs a day's check; `days` are those that nobody signed yet, the newest first."""
    key = uuid.uuid4()
    form = Form(
        tr("Sign the daily check"),
        (
            Field("day", tr("Day"), Kind.CHOICE, True, days[0], [Choice(day, _day_words(day)) for day in days]),
            Field("note", tr("What was checked and mended"), Kind.LINES),
        ),
        context,
        parent,
        main=tr("Sign"),
        note=tr("You sign that the backups of the day were looked at. The figures are taken from the log."),
    )
    return form.run(lambda values: Call(backups.sign_day, (key, values["day"], values["note"])))


def open_plan(context: Context, parent: QWidget, plan: "PlanRow | None" = None) -> Form:
    """Open the form of a new plan, or of `plan` to be changed."""
    return PlanForm(context, parent, plan).open_filled()


def end_plan(context: Context, parent: QWidget, plan: "PlanRow") -> Form:
    """Open the form that ends a plan, with its reason."""
    field = Field("reason", tr("Reason"), Kind.LINES, required=True)
    form = Form(tr("End the plan"), (field,), context, parent, main=tr("End the plan"), note=plan.entry.name)
    form.edits("backup_plan", plan.id, plan.version)
    return form.run(lambda values: Call(backups.void_plan, (plan.id, form.version, values["reason"])))


class PlanForm(Form):
    """What is backed up, when, onto what and for how long, approved by whom (REQUIREMENTS F1)."""

    def __init__(self, context: Context, parent: QWidget, plan: "PlanRow | None") -> None:
        self._key, self._plan = uuid.uuid4(), plan
        self._cis = CiChooser(context, parent)
        self._schedule = self._schedule_of(plan)
        title = tr("Change the plan") if plan else tr("New backup plan")
        super().__init__(title, self._plan_fields(plan.entry if plan else None), context, parent)
        self.setObjectName("plan-form")
        self.resize(PLAN_WIDTH, self.sizeHint().height())
        self.field("frequency").changed.connect(self._show_days)
        self._show_days()
        if plan is not None and self._schedule is None:
            words = tr("The rule {rule} is none of the plain choices; saving replaces it.", rule=plan.entry.rule)
            self.banners.show_banner("rule", "warning", words)

    def open_filled(self) -> Form:
        if self._plan is not None:
            again = Again(Call(backups.plan, (self._plan.id,)), self._read_again)
            self.edits("backup_plan", self._plan.id, self._plan.version, again)
        return self.run(self._save_plan)

    def _read_again(self, plan: "PlanRow | None") -> Sequence[Field]:
        """Go on from the plan as it is now; a device that nobody chose here stays theirs."""
        if plan is None:
            return ()
        self._plan, self._schedule = plan, self._schedule_of(plan)
        return [field for field in self._plan_fields(plan.entry) if field.key != "ci"]

    def _schedule_of(self, plan: "PlanRow | None") -> "Schedule | None":
        found: Schedule | None = backups.schedule_of(plan.entry.rule, plan.entry.starts_at) if plan else None
        return found

    def _plan_fields(self, entry: "PlanEntry | None") -> Sequence[Field]:
        ci_hint = (self._plan.ci_name if self._plan else "") or tr("name, address, pinyin or initials")
        return (
            Field("name", tr("Name", context="backup"), required=True, initial=entry and entry.name),
            Field("ci", tr("Device"), suggest=self._cis.suggest, hint=ci_hint),
            *self._when_fields(),
            *_choice_fields(entry),
            Field("job", tr("Job, as the tool names it"), initial=entry and entry.job, wide=False),
            Field("host", tr("Host, as the tool names it"), initial=entry and entry.host, wide=False),
            Field("medium", tr("Medium"), initial=entry and entry.medium, wide=False),
            Field("importance", tr("Importance"), initial=entry and entry.importance, wide=False),
            *_figure_fields(entry),
            Field("approved_by", tr("Approved by"), initial=entry and entry.approved_by, wide=False),
        )

    def _when_fields(self) -> Sequence[Field]:
        found = self._schedule
        often = [Choice(each, label(each)) for each in FREQUENCIES]
        month_days = [Choice(day, str(day)) for day in range(1, 29)] + [Choice(LAST_DAY, tr("last day"))]
        frequency = found.frequency if found else Frequency.DAILY
        at = found.at if found else time(2, 0)
        return (
            Field("frequency", tr("How often"), Kind.CHOICE, True, frequency, often, wide=False),
            Field("at", tr("At"), initial=at, make=TimeOfDay, wide=False),
            Field("weekdays", tr("Days of the week"), initial=found.weekdays if found else (), make=WeekdaysEditor),
            Field(
                "month_day",
                tr("Day of the month"),
                Kind.CHOICE,
                True,
                found.month_day if found else 1,
                month_days,
                wide=False,
            ),
        )

    def _show_days(self) -> None:
        frequency = self.field("frequency").value()
        self.field("weekdays").widget.setEnabled(frequency is Frequency.WEEKLY)
        self.field("month_day").widget.setEnabled(frequency is Frequency.MONTHLY)

    def _set_saving(self, is_saving: bool) -> None:
        super()._set_saving(is_saving)
        if not is_saving:
            self._show_days()

    def _save_plan(self, values: dict[str, Any]) -> Call:
        text = values.pop("ci")
        kept = self._plan.entry.ci_id if self._plan else None
        ci_id = self._cis.id_of(text) if text else kept
        parts = (values.pop("frequency"), values.pop("at"), values.pop("weekdays"), values.pop("month_day"))
        rule = backups.rule_of(backups.Schedule(*parts))
        starts_at = self._plan.entry.starts_at if self._plan else datetime.now(UTC)
        entry = backups.PlanEntry(rule=rule, starts_at=starts_at, ci_id=ci_id, **values)
        if self._plan is None:
            return Call(backups.add_plan, (self._key, entry))
        return Call(backups.edit_plan, (self._plan.id, self.version, entry))


class WeekdaysEditor(Editor):
    """Some days of the week, Monday first."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        box = QWidget(parent)
        super().__init__(box, field)
        layout = QHBoxLayout(box)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(6)
        self._boxes = [QPushButton(name, box) for name in backups.weekday_names()]
        for each in self._boxes:
            each.setProperty("chip", True)
            each.setCheckable(True)
            each.setAutoDefault(False)
            each.toggled.connect(lambda _on: self.changed.emit())
            layout.addWidget(each)
        layout.addStretch(1)
        box.setFocusProxy(self._boxes[0])

    def value(self) -> tuple[int, ...]:
        return tuple(day for day, box in enumerate(self._boxes) if box.isChecked())

    def set_value(self, value: Any) -> None:
        for day, box in enumerate(self._boxes):
            box.setChecked(day in value)


def _choice_fields(entry: "PlanEntry | None") -> Sequence[Field]:
    content = entry.content if entry else BackupContent.BUSINESS
    tool = entry.format if entry else BackupFormat.MANUAL
    contents = [Choice(each, label(each)) for each in BackupContent]
    tools = [Choice(each, label(each)) for each in BackupFormat]
    return (
        Field("content", tr("Content", context="backup"), Kind.CHOICE, True, content, contents, wide=False),
        Field("format", tr("Tool", context="backup"), Kind.CHOICE, True, tool, tools, wide=False),
    )


def _figure_fields(entry: "PlanEntry | None") -> Sequence[Field]:
    number: Callable[..., Field] = partial(Field, kind=Kind.NUMBER, least=1, most=36_500, wide=False)
    return (
        number("grace_minutes", tr("Late after"), initial=entry.grace_minutes if entry else 120, unit=tr("min")),
        number("retention_days", tr("Kept for"), initial=entry.retention_days if entry else 30, unit=tr("days")),
        number(
            "restore_test_days",
            tr("Restore test every"),
            initial=entry.restore_test_days if entry else 365,
            unit=tr("days"),
        ),
    )


def _named(plans: "Sequence[PlanRow]") -> list[Choice]:
    return [Choice(plan.id, plan.entry.name) for plan in plans]


def _day_words(day: date) -> str:
    return tr("{day} (today)", day=f"{day:%Y-%m-%d}") if day == today() else f"{day:%Y-%m-%d}"
