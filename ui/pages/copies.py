"""The copies of the embedded database: where and when they are made, how they stand, and the way back to one."""

from datetime import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QPushButton

from app.errors import BadInput, WatchroomError
from app.times import full_moment
from app.words import tr
from models.enums import State
from ui.banner import Step
from ui.context import Context
from ui.fields import Field, Kind
from ui.forms import Form
from ui.labels import PlainLabel
from ui.page import Page
from ui.rows import Call, Column, Look, Pill
from ui.subjects import copies, drills, settings
from ui.table import Table

if TYPE_CHECKING:
    from app.copies import CopyRow
    from app.desk import Desk
    from app.drills import Drilled, DrillStanding
    from app.settings import SettingRow
    from ui.work import Job

NAME = "copies"
SETTINGS = ("copies.folder", "copies.at", "copies.keep")


class CopiesPage(Page):
    """The list of copies. `restore_asked` names the copy's file: programs and collector end, then start anew."""

    restore_asked = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__("database", tr("Copies of the database"), context)
        self._settings: dict[str, SettingRow] = {}
        self.table = Table(NAME, _columns(), context, parent=self)
        self.table.empty.say(tr("No copy has been made yet."), tr("Make one now"), self.make_now)
        self.make_button = self.bar.add_button(tr("Make one now"), self.make_now, is_main=True)
        self.bar.add_button(tr("Where and when…"), self.choose_place)
        self.drill_button = self.bar.add_button(tr("Try a restore now"), self.drill)
        self.restore_button: QPushButton = self.bar.add_button(tr("Restore…"), self.restore)
        self.file_button = self.bar.add_button(tr("Restore from a file…"), self.restore_from_file)
        self.bar.let_give_way((self.file_button, self.restore_button, self.drill_button))
        self.drill_line = PlainLabel("", "secondary", self, wraps=True)
        self.drill_line.setContentsMargins(12, 4, 12, 4)
        self.body.addWidget(self.drill_line)
        self.body.addWidget(self.table)
        self.table.current_row_changed.connect(lambda _row: self._enable())
        self._enable()

    def show_row(self, key: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        read = self.context.work.read
        read(copies.copies, done=self.table.set_rows, failed=self._fail, owner=self)
        read(settings.everything, done=self._take_settings, failed=self._fail, owner=self)
        read(drills.standing, done=self._take_drill, failed=self._fail, owner=self)

    def make_now(self) -> None:
        """Copy the database into the chosen folder; without one, choose it first."""
        folder = self._value("copies.folder")
        if not folder:
            self.choose_place()
            return
        self.make_button.setEnabled(False)
        self.banners.show_banner("making", "info", tr("The database is being copied and checked. Work goes on."))
        run = self.context.work.run
        run(_copy, folder, int(self._value("copies.keep")), done=self._made, failed=self._not_made, owner=self)

    def drill(self) -> None:
        """Restore the newest good copy into a scratch folder, look at it and throw it away."""
        self.drill_button.setEnabled(False)
        words = tr("The newest copy is being restored to try it. The database itself is not touched.")
        self.banners.show_banner("drill", "info", words)
        self.context.work.run(_drill, done=self._drilled, failed=self._not_drilled, owner=self)

    def choose_place(self) -> None:
        """Open the form of folder, hour and number of copies kept."""
        folder = Field("folder", tr("Second folder"), required=True, initial=self._value("copies.folder"))
        fields = (
            folder,
            Field("at", tr("Every night at"), required=True, initial=self._value("copies.at"), wide=False),
            Field(
                "keep", tr("Copies kept"), Kind.NUMBER, initial=self._value("copies.keep"), least=2, most=90, wide=False
            ),
        )
        note = tr("Best on another disk: a copy beside the database is lost with it.")
        form = Form(tr("Copies: where and when"), fields, self.context, self, note=note)
        browse = QPushButton(tr("Choose a folder…"), form)
        browse.clicked.connect(lambda _on=False: _browse(form))
        layout = form.layout()
        assert layout is not None
        layout.addWidget(browse)
        form.resize(form.width(), form.sizeHint().height())
        form.saved.connect(lambda _nothing: self.refresh())
        form.run(self._save)

    def restore(self) -> None:
        row: CopyRow | None = self.table.current_row
        if row is not None and row.is_good:
            self._ask_restore(row.path, full_moment(row.made_at))

    def restore_from_file(self) -> None:
        dialog = QFileDialog(self, tr("Choose a copy"), str(self._value("copies.folder") or ""))
        dialog.setNameFilters([tr("Copies (watchroom-*.db)"), tr("All files (*)")])
        dialog.fileSelected.connect(lambda path: self._ask_restore(path, Path(path).name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_restore(self, path: str, name: str) -> None:
        """Say in plain words what a restore does, before it is done."""
        words = tr(
            "Restore the copy of {name}? Everything entered since then disappears from the program. The present "
            "database is kept beside it under a name with “before”. Watching stops for about half a minute.",
            name=name,
        )
        steps = (
            Step(tr("Restore it"), partial(self._restore, path)),
            Step(tr("Leave it"), lambda: self.banners.clear("restore")),
        )
        self.banners.show_banner("restore", "warning", words, steps)

    def _restore(self, path: str) -> None:
        self.banners.clear("restore")
        self.banners.show_banner("checking", "info", tr("The copy is being checked."))
        self.context.work.run(_check, path, done=partial(self._checked, path), failed=self._fail, owner=self)

    def _checked(self, path: str, trouble: str) -> None:
        self.banners.clear("checking")
        if trouble:
            words = tr("This copy is not whole: {trouble} Nothing was changed.", trouble=trouble)
            self.banners.error(words)
        else:
            self.restore_asked.emit(path)

    def _save(self, values: dict[str, Any]) -> Call:
        try:
            at = time.fromisoformat(values["at"].replace("：", ":"))
        except ValueError:
            raise BadInput(tr("Give the hour as 02:10."), "at") from None
        wanted = {
            "copies.folder": values["folder"],
            "copies.at": f"{at:%H:%M}",
            "copies.keep": int(values["keep"]),
        }
        versions = {name: self._settings[name].version for name in SETTINGS if name in self._settings}
        return Call(settings.put_many, (wanted, versions))

    def _value(self, name: str) -> Any:
        row = self._settings.get(name)
        return row.value if row else ""

    def _take_settings(self, found: "dict[str, SettingRow]") -> None:
        self._settings = {name: found[name] for name in SETTINGS}
        folder = self._value("copies.folder")
        told = tr("{folder} · every night at {time}", folder=folder, time=self._value("copies.at"))
        self.bar.count.setText(told if folder else tr("no folder chosen"))

    def _made(self, path: str) -> None:
        self.make_button.setEnabled(True)
        self.banners.show_banner("making", "info", tr("Copied and checked: {path}", path=path))
        self.refresh()

    def _not_made(self, error: WatchroomError) -> None:
        self.make_button.setEnabled(True)
        self.banners.clear("making")
        self._fail(error)
        self.refresh()

    def _drilled(self, done: "Drilled") -> None:
        self.drill_button.setEnabled(True)
        self.banners.show_banner("drill", "info" if done.succeeded else "error", done.note)
        self.refresh()

    def _not_drilled(self, error: WatchroomError) -> None:
        self.drill_button.setEnabled(True)
        self.banners.clear("drill")
        self._fail(error)

    def _take_drill(self, standing: "DrillStanding") -> None:
        """Say how the last drill ended; red when it failed or is too old."""
        last = standing.last
        if last is None:
            words = tr("No copy has been restored to try it yet. The collector does so every week.")
        elif last.succeeded:
            words = tr("Last restore drill {time}: it worked. {note}", time=full_moment(last.at), note=last.note)
        else:
            words = tr("Last restore drill {time}: it FAILED. {note}", time=full_moment(last.at), note=last.note)
        self.drill_line.setText(words)
        self.drill_line.set_role("error" if standing.is_red else "secondary")

    def _enable(self) -> None:
        row: CopyRow | None = self.table.current_row
        is_file = row is not None and row.path.endswith(".db")  # a base backup is put back by its server
        self.restore_button.setEnabled(is_file and row is not None and row.is_good)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.clear("checking")
        self.banners.error(error.sentence())


def _copy(desk: "Desk", _job: "Job", folder: str, keep: int) -> str:
    return str(copies.copy_now(desk, folder, keep))


def _drill(desk: "Desk", _job: "Job") -> "Drilled":
    done: Drilled = drills.drill_now(desk)
    return done


def _check(_desk: "Desk", _job: "Job", path: str) -> str:
    return str(copies.check_copy(Path(path)))


def _browse(form: Form) -> None:
    dialog = QFileDialog(form, tr("Choose a folder"), str(form.field("folder").value()))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(lambda path: form.set_values({"folder": path}))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _columns() -> tuple[Column, ...]:
    return (
        Column("made", tr("Made"), lambda row: full_moment(row.made_at), 150),
        Column("good", tr("State"), lambda row: tr("whole") if row.is_good else tr("failed"), 90, look=_look),
        Column(
            "size", tr("Size"), lambda row: f"{row.size_bytes / 1e6:,.1f} MB" if row.size_bytes else "", 90, right=True
        ),
        Column("path", tr("File"), lambda row: row.path, 320, stretch=True),
        Column("detail", tr("Message"), lambda row: row.detail, 220, stretch=True),
    )


def _look(row: "CopyRow") -> Look:
    state = State.NORMAL if row.is_good else State.CRITICAL
    return Pill(tr("whole") if row.is_good else tr("failed"), state.value, state)
