"""The unit's settings, and those of this seat: theme, language, sounds."""

from datetime import time
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.errors import BadInput, Conflict, WatchroomError
from app.words import LANGUAGES, label, tr
from models.enums import Severity
from ui.conflict import ask, differences
from ui.context import Context
from ui.editing import in_words
from ui.fields import Choice, Editor, Field, Kind, editor
from ui.labels import PlainLabel
from ui.live import Changed
from ui.page import Page
from ui.signin import change_own_password
from ui.sounds import Sounds
from ui.subjects import settings
from ui.theme import CHOICES

if TYPE_CHECKING:
    from app.settings import SettingRow

NAME = "settings"
WIDTH = 560
SHIFTS = "duty.shifts"
TONES = (Severity.WARNING.value, Severity.CRITICAL.value, "pressing", "urgent", "call")


class SettingsPage(Page):
    """Settings under their headings; what was changed is saved together, what others change appears at once."""

    def __init__(self, context: Context) -> None:
        super().__init__("cog", tr("Settings"), context)
        self._rows: dict[str, SettingRow] = {}
        self._editors: dict[str, Editor] = {}
        self._errors: dict[str, PlainLabel] = {}
        self._shown: dict[str, Any] = {}
        self.sounds = Sounds(parent=self)
        self.sounds.cannot_sound.connect(self._say_mute)
        self.save_button = self.bar.add_button(tr("Save"), self.save, is_main=True, needs=("settings.put_many",))
        self.bar.add_button(tr("People…"), lambda: context.nav.open("people"))
        self.bar.add_button(tr("Copies of the database…"), lambda: context.nav.open("copies"))
        self.bar.add_button(tr("Change my password…"), lambda: change_own_password(context, self))
        self._lay_out()
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)
        self._enable()

    def show_row(self, key: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        self.context.work.read(settings.everything, done=self._show, failed=self.say_unread, owner=self)

    @property
    def changed(self) -> dict[str, Any]:
        """What was changed and is not saved yet, by setting; raises BadInput for shifts that can't be read."""
        values = {name: each.value() for name, each in self._editors.items() if name in self._rows}
        different = {name: value for name, value in values.items() if value != self._shown.get(name)}
        return {name: _stored(name, value) for name, value in different.items()}

    def save(self) -> None:
        """Save what was changed, all or nothing."""
        for error in self._errors.values():
            error.hide()
        try:
            wanted = self.changed
        except BadInput as wrong:
            self._mark(wrong)
            return
        versions = {name: self._rows[name].version for name in wanted}
        if wanted:
            self.context.work.do(settings.put_many, wanted, versions, done=self._saved, failed=self._fail, owner=self)

    def _lay_out(self) -> None:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(20, 14, 20, 20)
        column.setSpacing(4)
        for title, fields in _sections():
            column.addWidget(self._heading(title, body))
            for field in fields:
                self._add(field, body, column)
        column.addWidget(self._heading(tr("This seat"), body))
        self._add_seat(body, column)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(body)
        for each in (area.viewport(), body):
            each.setAutoFillBackground(False)
        self.body.addWidget(area)

    def _heading(self, title: str, body: QWidget) -> PlainLabel:
        heading = PlainLabel(title, "title", body)
        heading.setContentsMargins(0, 12, 0, 2)
        return heading

    def _add(self, field: Field, body: QWidget, column: QVBoxLayout) -> Editor:
        made = editor(field, body)
        made.widget.setMaximumWidth(WIDTH)
        name = PlainLabel(field.title, "secondary", body)
        name.setBuddy(made.widget)
        error = PlainLabel("", "error", body, wraps=True)
        error.hide()
        for part in (name, made.widget, error):
            column.addWidget(part)
        self._editors[field.key], self._errors[field.key] = made, error
        made.changed.connect(self._enable)
        return made

    def _add_seat(self, body: QWidget, column: QVBoxLayout) -> None:
        theme = Field("theme", tr("Theme"), Kind.CHOICE, True, self.context.theme.choice, _themes())
        chosen = self._add(theme, body, column)
        chosen.changed.connect(lambda: self._choose_theme(str(chosen.value())))
        column.addWidget(PlainLabel(tr("Try the sounds"), "secondary", body))
        row = QHBoxLayout()
        for tone, title in zip(TONES, _tone_titles(), strict=True):
            button = QPushButton(title, body)
            button.setObjectName(f"try-{tone}")
            button.clicked.connect(lambda _on=False, tone=tone: self.try_out(tone))
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    def try_out(self, tone: str) -> None:
        """Play one of the sounds once, as loud as the volume field says."""
        self.sounds.set_volume(float(self._editors["sound.volume"].value()) / 100)
        self.sounds.try_out(tone)

    def _choose_theme(self, choice: str) -> None:
        self.context.theme.choose(choice)
        self.context.memory.put("theme", choice)

    def _show(self, found: "dict[str, SettingRow]") -> None:
        """Show what is stored; what somebody is typing here stays."""
        for name, made in self._editors.items():
            if name not in found:
                continue
            before, value = self._shown.get(name), _told(name, found[name].value)
            is_being_typed = name in self._rows and made.value() != before
            if not is_being_typed:
                made.set_value(value)
                self._shown[name] = made.value()
                self._rows[name] = found[name]
        self._enable()

    def _saved(self, _nothing: object) -> None:
        for name, made in self._editors.items():
            self._shown[name] = made.value()
        self.banners.show_banner("saved", "info", tr("Saved. The language holds from the next start."))
        self.refresh()

    def _enable(self) -> None:
        typed = {name: each.value() for name, each in self._editors.items() if name in self._rows}
        self.save_button.setEnabled(any(value != self._shown.get(name) for name, value in typed.items()))

    def _mark(self, wrong: BadInput) -> None:
        error = self._errors[wrong.field]
        error.setText(wrong.sentence())
        error.show()
        self._editors[wrong.field].widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self, changed: Changed) -> None:
        if changed.touches("setting"):
            self.refresh()

    def _say_mute(self) -> None:
        words = tr("This seat cannot sound. Watch the clocks, or install a player (alsa-utils).")
        self.banners.show_banner("mute", "warning", words)

    def _fail(self, error: WatchroomError) -> None:
        if isinstance(error, Conflict):
            show = partial(self._show_conflict, error)
            self.context.work.read(settings.everything, done=show, failed=self._fail, owner=self)
        else:
            self.banners.error(error.sentence())

    def _show_conflict(self, conflict: Conflict, found: "dict[str, SettingRow]") -> None:
        """Show what both made of the settings, and save again as the person decides."""
        names = [name for name in self._editors if name in found]
        yours = {name: self._editors[name].value() for name in names}
        theirs = {name: _told(name, found[name].value) for name in names}
        fields = differences(self._shown, theirs, yours, lambda name: self._editors[name].field.title)

        def decide(kept: frozenset[str]) -> None:
            for name in names:
                self._rows[name], self._shown[name] = found[name], theirs[name]
                if name in kept:
                    self._editors[name].set_value(theirs[name])
            self.save()
            self._enable()

        ask(conflict, fields, lambda name, value: in_words(self._editors[name].field, value), decide, self)


def _sections() -> tuple[tuple[str, tuple[Field, ...]], ...]:
    languages = [Choice("", tr("As the system")), *(Choice(each, _language_name(each)) for each in LANGUAGES)]
    return (
        (
            tr("Unit", context="settings"),
            (
                Field("unit.name", tr("Unit's name"), hint=tr("stands at the head of every printed record")),
                Field("unit.department", tr("Department")),
                Field("language", tr("Language"), Kind.CHOICE, True, choices=languages),
            ),
        ),
        (
            tr("Duty", context="settings"),
            (
                Field(SHIFTS, tr("Shifts: one a line, name, begin, hours"), Kind.LINES, hint="早班 08:00 12", lines=3),
                _minutes("escalation.minutes", tr("An incident escalates after"), 1, 120),
                _minutes("visits.overdue_minutes", tr("A visit is overdue after its planned exit by"), 0, 600),
            ),
        ),
        (tr("History elsewhere", context="settings"), _history()),
        (
            tr("Sounds"),
            (Field("sound.volume", tr("Volume"), Kind.NUMBER, least=0, most=100, unit="%"),),
        ),
    )


def _history() -> tuple[Field, ...]:
    write, read = "http://127.0.0.1:9090/api/v1/write", "http://127.0.0.1:9090"
    return (
        Field(
            "history.write_url", tr("Figures are written to (Prometheus remote write; empty: kept here)"), hint=write
        ),
        Field("history.read_url", tr("and read from (query API; empty: beside it)"), hint=read),
        Field("history.job", tr("Under the job"), hint="watchroom"),
        Field("history.token_file", tr("File with the access token, on each machine that reads or writes")),
        Field(
            "history.spool_hours",
            tr("While the store is away, figures wait for it"),
            Kind.NUMBER,
            least=2,
            most=72,
            unit=tr("hours", context="unit"),
        ),
    )


def _language_name(language: str) -> str:
    return {"zh_CN": "中文（简体）", "en": "English"}[language]


def _minutes(key: str, title: str, least: int, most: int) -> Field:
    return Field(key, title, Kind.NUMBER, least=least, most=most, unit=tr("minutes", context="unit"))


def _themes() -> list[Choice]:
    titles = (tr("As the system"), tr("Dark"), tr("Light"))
    return [Choice(choice, title) for choice, title in zip(CHOICES, titles, strict=True)]


def _tone_titles() -> tuple[str, ...]:
    return (
        label(Severity.WARNING),
        label(Severity.CRITICAL),
        tr("After 5 minutes"),
        tr("After 8 minutes"),
        tr("Notice", context="sound"),
    )


def _told(name: str, value: Any) -> Any:
    """Return a setting as its editor shows it: shifts as lines."""
    if name != SHIFTS:
        return value
    return "\n".join(f"{shift['name']} {shift['starts']} {shift['hours']:g}" for shift in value)


def _stored(name: str, value: Any) -> Any:
    """Return a setting as it is stored. Raises BadInput for shifts that can't be read."""
    if name != SHIFTS:
        return int(value) if isinstance(value, float) else value
    return [_shift(line) for line in str(value).splitlines() if line.strip()]


def _shift(line: str) -> dict[str, Any]:
    parts = line.replace("：", ":").rsplit(maxsplit=2)
    try:
        name, starts, hours = parts[0], time.fromisoformat(parts[1]), float(parts[2])
    except (ValueError, IndexError):
        raise BadInput(tr("“{line}” is no shift. Write for example: 早班 08:00 12", line=line), SHIFTS) from None
    if not 0 < hours <= 24:
        raise BadInput(tr("A shift lasts up to 24 hours."), SHIFTS)
    return {"name": name, "starts": f"{starts:%H:%M}", "hours": int(hours) if hours == int(hours) else hours}
