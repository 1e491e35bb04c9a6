"""Sharing with other seats: the server is asked once, then the database is set up and moved, and files are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QScrollArea, QWidget

from app.errors import BadInput, DatabaseAway, Refused, WatchroomError
from app.words import tr
from ui.context import Context
from ui.fields import Choice, Editor, Field, Kind, editor
from ui.labels import PlainLabel
from ui.page import Page
from ui.subjects import moving

if TYPE_CHECKING:
    from app.desk import Desk
    from app.moving import Look, Server, Shared
    from ui.work import Job

NAME = "share"
WIDTH, STEP_HEIGHT = 760, 36


class SharedSetupPage(Page):
    """Three steps on one page: the server, the seats, the move.

    `pause_asked` is emitted with True when the collector must let go of the database, with False when it may watch
    again; `restart_asked` when the program is to begin anew on the shared database.
    """

    pause_asked = Signal(bool)
    restart_asked = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__("database", tr("Share with other seats"), context)
        self._editors: dict[str, Editor] = {}
        self._errors: dict[str, PlainLabel] = {}
        self.answer = PlainLabel("", "secondary", self, wraps=True)
        self.answer.setObjectName("answer")
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 1000)
        self.progress.hide()
        self.check_button = _button(tr("Check the server"), self.check, self)
        self.move_button = _button(tr("Set up and move"), self.move_all, self)
        self.move_button.setProperty("main", True)
        self.restart_button = _button(tr("Begin on the shared database"), self.restart_asked.emit, self)
        self.restart_button.hide()
        self.body.addWidget(self._scrolled())

    def refresh(self) -> None:
        """Nothing here is the database's."""

    def check(self) -> None:
        """Ask the server what it is and whether it is fit for these seats."""
        values = self._complete()
        if values is not None:
            self._set_busy(True)
            self.context.work.run(_look, values, done=self._looked, failed=self._fail, owner=self)

    def move_all(self) -> None:
        """Set up, move and write the files; the collector lets go of the database meanwhile."""
        values = self._complete()
        if values is None:
            return
        self._set_busy(True)
        self.progress.setValue(0)
        self.progress.show()
        self.answer.set_role("secondary")
        self.answer.setText(tr("The server is being set up …"))
        self.banners.show_banner("moving", "info", tr("The database is being moved. Nothing is watched meanwhile."))
        self.pause_asked.emit(True)
        work = self.context.work
        work.run(_share, values, done=self._moved, failed=self._not_moved, progress=self._follow, owner=self)

    def values(self) -> dict[str, Any]:
        """Return what is typed, by field."""
        return {key: each.value() for key, each in self._editors.items()}

    def set_values(self, values: dict[str, Any]) -> None:
        for key, value in values.items():
            self._editors[key].set_value(value)

    def _scrolled(self) -> QWidget:
        body = QWidget(self)
        body.setMaximumWidth(WIDTH)
        grid = QGridLayout(body)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        row = 0
        for title, note, fields in _steps():
            grid.setRowMinimumHeight(row, STEP_HEIGHT)
            grid.addWidget(PlainLabel(title, "title", body), row, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(PlainLabel(note, "secondary", body, wraps=True), row + 1, 0, 1, 2)
            row = self._add_fields(grid, row + 2, fields, body)
        grid.addWidget(self.check_button, row, 0)
        grid.addWidget(self.move_button, row, 1)
        for number, widget in enumerate((self.progress, self.answer, self.restart_button), row + 1):
            grid.addWidget(widget, number, 0, 1, 2)
        grid.setRowStretch(row + 4, 1)
        order = (*(each.widget for each in self._editors.values()), self.check_button, self.move_button)
        for one, following in pairwise((*order, self.restart_button)):
            self.setTabOrder(one, following)
        return _scrolling(body, self)

    def _add_fields(self, grid: QGridLayout, row: int, fields: tuple[Field, ...], body: QWidget) -> int:
        """Put fields two a row, wide ones alone; return the next free row."""
        column = 0
        for field in fields:
            if field.wide and column:
                row, column = row + 3, 0
            made, error = editor(field, body), PlainLabel("", "error", body, wraps=True)
            label = PlainLabel(field.title + (" *" if field.required else ""), "secondary", body)
            label.setBuddy(made.widget)
            error.hide()
            span = 2 if field.wide else 1
            for number, widget in enumerate((label, made.widget, error), row):
                grid.addWidget(widget, number, column, 1, span)
            self._editors[field.key], self._errors[field.key] = made, error
            row, column = (row + 3, 0) if field.wide or column else (row, 1)
        return row + 3 if column else row

    def _complete(self) -> dict[str, Any] | None:
        """Return the values, None when a required one is missing, which is then marked."""
        self.answer.setText("")
        missing = [key for key, each in self._editors.items() if each.field.required and each.is_empty()]
        for key in self._errors:
            self._say_wrong(key, tr("Please fill this in.") if key in missing else "")
        if missing:
            self._editors[missing[0]].widget.setFocus()
            return None
        return self.values()

    def _say_wrong(self, key: str, words: str) -> None:
        self._errors[key].setText(words)
        self._errors[key].setVisible(bool(words))
        self._editors[key].mark(bool(words))

    def _looked(self, look: "Look") -> None:
        self._set_busy(False)
        wire = tr("the connection is encrypted") if look.is_encrypted else tr("the connection is NOT encrypted")
        place = tr("the database is there") if look.has_database else tr("the database will be made")
        lines = [f"PostgreSQL {look.version} · max_connections {look.max_connections} · {wire} · {place}"]
        lines += look.troubles or [tr("This server can be used.")]
        self.answer.set_role("error" if look.troubles else "secondary")
        self.answer.setText("\n".join(lines))

    def _follow(self, part: float, line: str) -> None:
        self.progress.setValue(round(part * 1000))
        self.answer.set_role("secondary")
        self.answer.setText(line)

    def _moved(self, done: "Shared") -> None:
        self.progress.setValue(1000)
        self.banners.clear("moving")
        lines = [tr("Moved and verified: {n} rows, the same on both sides.", n=f"{done.moved.rows:,}")]
        lines += [*(done.logins.notes if done.logins else ())]
        lines.append(tr("The temporary passwords are in {path}: hand them out, then delete it.", path=done.passwords))
        lines.append(tr("The seats' connection files are in {folder}.", folder=done.files[0].parent))
        lines += [tr("Copy this key to each machine with a collector: {path}", path=key) for key in done.moved.keys]
        lines.append(
            tr(
                "Until a collector runs, nothing is watched. Start it on one machine, with the password of `collector`"
                " from that list in WATCHROOM_PASSWORD: watchroom collect --connection {path}",
                path=done.files[0],
            )
        )
        self.answer.setText("\n".join(lines))
        self.restart_button.show()
        self.restart_button.setFocus()

    def _not_moved(self, error: WatchroomError) -> None:
        self.banners.clear("moving")
        self.progress.hide()
        self.pause_asked.emit(False)
        self._fail(error)

    def _fail(self, error: WatchroomError) -> None:
        self._set_busy(False)
        if isinstance(error, BadInput) and error.field in self._editors:
            self._say_wrong(error.field, error.sentence())
            self._editors[error.field].widget.setFocus()
        else:
            self.answer.set_role("error")
            self.answer.setText(error.sentence())

    def _set_busy(self, is_busy: bool) -> None:
        for widget in (self.check_button, self.move_button, *(each.widget for each in self._editors.values())):
            widget.setEnabled(not is_busy)


def _steps() -> tuple[tuple[str, str, tuple[Field, ...]], ...]:
    """Return the steps: title, what to know, fields."""
    modes = [Choice(name, name) for name in ("verify-full", "verify-ca", "require", "prefer")]
    server = (
        Field("host", tr("Server"), required=True, hint="db1.example", wide=False),
        Field("port", tr("Port"), Kind.NUMBER, initial=5432, least=1, most=65_535, wide=False),
        Field("database", tr("Database"), required=True, initial="watchroom", wide=False),
        Field("sslmode", "TLS", Kind.CHOICE, required=True, initial="verify-full", choices=modes, wide=False),
        Field("superuser", tr("Superuser"), required=True, initial="postgres", wide=False),
        Field("password", tr("Password"), Kind.SECRET, wide=False),
        Field("sslrootcert", tr("Certificate of the authority (file)"), hint="/etc/watchroom/ca.crt"),
    )
    seats = (
        Field("seats", tr("Seats, one a line; this one first"), Kind.LINES, required=True, lines=4),
        Field("folder", tr("Folder for the connection files"), required=True, initial=str(Path.home())),
    )
    asked_once = tr("A PostgreSQL 15 or later. The superuser is asked once and not kept.")
    files = tr("Each seat gets a small file that names database, seat and TLS; no password is in it.")
    return (tr("1. The server"), asked_once, server), (tr("2. The seats"), files, seats)


def _look(_desk: "Desk", _job: "Job", values: dict[str, Any]) -> "Look":
    with _elsewhere():
        look: Look = moving.look_at(_server(values), len(moving.seat_names(values["seats"])))
    return look


def _share(desk: "Desk", job: "Job", values: dict[str, Any]) -> "Shared":
    seats = moving.seat_names(values["seats"])
    url = desk.engine.url.render_as_string(hide_password=False)

    def tell(line: str, part: float) -> None:
        job.progress(part, line)

    with _elsewhere():
        done: Shared = moving.share(url, _server(values), seats, Path(values["folder"]), tell)
    return done


@contextmanager
def _elsewhere() -> Iterator[None]:
    """Say it as a refusal when that server can't be reached: the desk's own database is not away."""
    try:
        yield
    except DatabaseAway as error:
        raise Refused(error.detail) from error


def _server(values: dict[str, Any]) -> "Server":
    names = ("host", "port", "database", "superuser", "password", "sslmode", "sslrootcert")
    server: Server = moving.Server(**{name: values[name] for name in names})
    return server


def _scrolling(body: QWidget, parent: QWidget) -> QScrollArea:
    """Return an area that scrolls `body`, which keeps to the left of a wide page."""
    whole = QWidget(parent)
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(body, 1)
    row.addStretch(1)
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setWidget(whole)
    for each in (area.viewport(), whole):
        each.setAutoFillBackground(False)
    return area


def _button(title: str, act: Any, parent: QWidget) -> QPushButton:
    made = QPushButton(title, parent)
    made.setAutoDefault(True)  # so that Enter presses it too
    made.clicked.connect(lambda _on=False: act())
    return made
