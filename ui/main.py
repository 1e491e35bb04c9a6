"""The composition root of the desktop: opens the window, then the database, then the collector."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, cast

from PySide6.QtCore import QLibraryInfo, QObject, QProcess, QTimer, QTranslator
from PySide6.QtGui import QFontDatabase, QIcon
from PySide6.QtWidgets import QApplication, QWidget

from app import autostart
from app.errors import NotSaved
from app.paths import config_dir
from app.words import language, tr
from resources import SHIPPED
from ui.ahead import Ahead
from ui.assembly import PAGES, build_window
from ui.awake import Awake
from ui.away import Away
from ui.banner import Step
from ui.collector_process import CollectorProcess
from ui.commands import Command, Commands
from ui.context import Context
from ui.icons import Icons
from ui.live import Live
from ui.lock import Lock
from ui.memory import Memory
from ui.nav import Nav
from ui.on_demand import on_demand
from ui.shapes import Shapes
from ui.sounds import Sounds
from ui.subjects import first_rows, listening, settings
from ui.theme import Theme
from ui.tidy import Tidy
from ui.tray import Tray
from ui.work import Work

if TYPE_CHECKING:
    from app.desk import Desk, Identity
    from app.first_rows import FirstRows
    from app.outbox import Outbox
    from app.people import SignedIn
    from app.presence import SeatRow
    from app.seat import Situation
    from app.settings import SettingRow
    from ui import crash, ending, signin
    from ui.dock import Dock
    from ui.forms import Form
    from ui.live import Changed
    from ui.pages.copies import CopiesPage
    from ui.pages.shared_setup import SharedSetupPage
    from ui.work import Job
else:
    crash, ending, signin = on_demand("ui.crash"), on_demand("ui.ending"), on_demand("ui.signin")

PAINTS_MS = 20
"""Until the first rows are on the screen: loading the database layer would hold them up."""
FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")


class Start(NamedTuple):
    """What the command line asks of the desktop; `is_display` for pictures and walls: it reads only."""

    db_url: str
    seat: str
    theme: str = ""
    perspective: str = "duty"
    user: str = ""
    collects: bool = True
    is_display: bool = False
    remembers: bool = True
    notice: str = ""
    """What the window says first, e.g. that a copy was restored."""


def make_application(arguments: list[str]) -> QApplication:
    """Return the application with our fonts, style, icon and Qt's own words in the process's language."""
    os.environ.setdefault("QT_IM_MODULE", "ibus")
    os.environ.setdefault("IBUS_USE_PORTAL", "1")
    application = QApplication([*arguments, "-style", "Fusion"])
    application.setApplicationName("watchroom")
    application.setApplicationDisplayName(tr("Watchroom"))
    application.setDesktopFileName("watchroom")
    application.setQuitOnLastWindowClosed(False)
    for name in FONTS:
        QFontDatabase.addApplicationFont(str(SHIPPED / "fonts" / name))
    application.setWindowIcon(QIcon(str(SHIPPED / "icons" / "watchroom.svg")))
    words = QTranslator(application)
    if words.load(f"qtbase_{language()}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(words)
    return application


class Desktop(QObject):
    """The running desktop: its parts, made once, and how they begin and end together."""

    def __init__(self, start: Start) -> None:
        super().__init__()
        self._start = start
        self.tidy = Tidy(self)
        memory = Memory(config_dir() / "window.json" if start.remembers else None)
        theme = Theme(start.theme or memory.get("theme", "system"))
        theme.apply()
        shapes = Shapes(theme)
        work = Work(self._open_desk, self, open_outbox=self._open_outbox)
        self.context = Context(
            work, Live(self), theme, shapes, Icons(theme), Nav(self), Commands(self), memory, None, start.seat
        )
        self.sounds = Sounds(parent=self)
        self.window, self.head = build_window(self.context, self.sounds)
        self.away = Away(self.context, self.window)
        self.head.alarm.connect(lambda _key, _words: self.away.show())
        self.lock = Lock(self.context, self.window, self._private)
        self.tray = Tray(shapes, self)
        self.awake = Awake(self)
        self.collector = CollectorProcess(start.db_url, language(), self)
        self._unfilled: list[Dock] = []
        self._login, self._password = "", ""
        self._connect()

    def open(self) -> None:
        """Show the window; database, feed and collector follow once it has painted."""
        self.window.open_on(self._start.perspective)
        QTimer.singleShot(0, self.after_first_paint)

    def after_first_paint(self) -> None:
        """Show what can be read without the database layer, then begin with it once that has painted."""
        self.context.work.begin(first_rows.first_rows, self._start.db_url, done=self._stand_in)

    def _stand_in(self, rows: "FirstRows | None") -> None:
        if rows is not None:
            for dock in self.window.docks.values():
                dock.stand_in(rows)
        QTimer.singleShot(PAINTS_MS if rows is not None else 0, self, self._begin_work)

    def _begin_work(self) -> None:
        """Load the docks, follow the feed, start watching; a shared database shows nothing before the sign-in."""
        self.window.build_rest()
        if signin.signs_in_first(self._start.db_url):
            self._ask_first()
            return
        self.context.work.run(self._situation, done=self._begin, owner=self.window)

    def _fill(self) -> None:
        """Begin with what the window shows and follows."""
        self.context.live.follow(self.context.work, listening.listen)
        self._load_docks()
        self.head.begin()
        self.context.live.changed.connect(self._follow_settings)
        self._load_settings()
        if self._start.collects:
            self.collector.start()
            self.awake.hold()
            self.tray.show()

    def _load_docks(self) -> None:
        """Fill the docks in sight, the board first; those behind a tab follow once the workers have nothing to do."""
        docks = sorted(self.window.docks.values(), key=lambda dock: dock.name != "board")
        self._unfilled = [dock for dock in docks if dock.visibleRegion().isEmpty()]
        for dock in (each for each in docks if each not in self._unfilled):
            dock.load()
        self.context.work.busy.connect(self._load_rest)

    def _load_rest(self, is_busy: bool) -> None:
        if not is_busy:
            self.context.work.busy.disconnect(self._load_rest)
            self.tidy.keep()
            Ahead(PAGES.values(), self.window)
            while self._unfilled:
                self._unfilled.pop().load()

    def end(self) -> None:
        """Stop watching, keep the layout and leave."""
        self.collector.stop()
        self.awake.release()
        self.tray.hide()
        self.window.let_close()
        self.context.live.presence.end()
        self.context.work.close()
        self.tidy.stop()
        QApplication.quit()

    def _open_desk(self) -> "Desk":
        from app.seat import Seat

        start = self._start
        self.seat = Seat(
            start.db_url,
            start.seat,
            start.user,
            is_display=start.is_display,
            login=self._login,
            password=self._password,
        )
        desk = self.seat.open()
        self._password = ""
        return desk

    def _open_outbox(self) -> "Outbox":
        from app.outbox import open_outbox

        assert self.seat.database is not None, "the desk is opened first"
        return open_outbox(self.seat.database.uuid)

    def _situation(self, desk: "Desk", job: "Job") -> "Situation":
        return self.seat.situation(desk, job)

    def _follow_settings(self, changed: "Changed") -> None:
        if changed.touches("setting"):
            self._load_settings()

    def _load_settings(self) -> None:
        self.context.work.read(settings.everything, done=self._take_settings, owner=self.window)

    def _take_settings(self, rows: "dict[str, SettingRow]") -> None:
        """Follow the unit's settings: the volume at once, the language (kept for this seat) from the next start."""
        self.sounds.set_volume(rows["sound.volume"].value / 100)
        self.context.memory.put("language", rows["language"].value)

    def _begin(self, situation: "Situation") -> None:
        """Seat whoever works here, or ask who it is; an empty place explains itself and offers the next step."""
        if not self._start.is_display and situation.identity is None:
            self.lock.cover()
        self._fill()
        if self._start.is_display:
            self._show_seat("")
        elif situation.identity is None:
            self._ask(self._take_seat)
        else:
            self._seat(situation.identity)
            if self._start.notice:
                self.window.banners.show_banner("notice", "info", self._start.notice)
            if situation.is_first:
                self._offer_team(situation.identity.name)
            if situation.is_empty:
                self.context.nav.open("welcome")

    def _ask(self, seat: "Callable[[SignedIn], None]") -> "signin.SignInDialog":
        """Ask who works here and hand the answer to `seat`; whoever gives none ends the program."""
        dialog = signin.SignInDialog(self.context, parent=self.window)
        dialog.box.ask_for(self._start.user)
        dialog.signed_in.connect(seat)
        dialog.rejected.connect(self.end)
        dialog.open()
        return dialog

    def _ask_first(self) -> None:
        """Ask who works here before anything is read: the database is opened with that person's login."""
        self._ask(self._enter).box.asked.connect(self._keep_login)

    def _keep_login(self, login: str, password: str) -> None:
        self._login, self._password = login.strip().lower(), password

    def _enter(self, signed: "SignedIn") -> None:
        """Seat the person as whom the database was opened, and fill the window with what that one may see."""
        self._seat(signed.identity)
        self._fill()
        self._tell_age(signed)

    def _take_seat(self, signed: "SignedIn") -> None:
        """Seat a person who has just signed in, and say what is to be said of the password's age."""
        self._seat(signed.identity)
        self.context.live.reset.emit()
        self._tell_age(signed)

    def _tell_age(self, signed: "SignedIn") -> None:
        words = signin.standing_words(signed.standing)
        if words:
            step = Step(tr("Change my password…"), self._change_password)
            is_due = signed.standing is not None and signed.standing.must_change
            self.window.banners.show_banner("password", "warning", words, (step,), can_close=not is_due)
            if is_due:
                self._change_password()
        else:
            self.window.banners.clear("password")

    def _change_password(self) -> "Form":
        """Open the form of the own password; the banner goes when it has been changed, not before."""
        return signin.change_own_password(self.context, self.window, lambda: self.window.banners.clear("password"))

    def _seat(self, identity: "Identity") -> None:
        self.context.work.act_as(identity)
        self.context.rights.seat(identity, self.context.work)
        self.lock.seat_person(identity)
        self.away.send()
        self._show_seat(identity.name)
        self.context.live.presence.begin(self.context.work, self._start.seat)

    def _show_seat(self, who: str) -> None:
        self.window.set_seat(" · ".join(part for part in (tr("Seat {name}", name=self._start.seat), who) if part))

    def _offer_team(self, who: str) -> None:
        words = tr("{name} holds all posts on this database: enter the others of the team.", name=who)
        step = Step(tr("People…"), lambda: self.context.nav.open("people"))
        self.window.banners.show_banner("first", "info", words, (step,))

    def _connect(self) -> None:
        self._offer_log_in_start()
        self.window.close_asked.connect(self._closing)
        self.window.page_made.connect(self._watch_page)
        self.tray.open_asked.connect(self._bring_back)
        self.context.live.presence.name_taken.connect(self._say_taken)
        self.context.live.presence.name_freed.connect(lambda: self.window.banners.clear("seat"))
        self.tray.end_asked.connect(self.end)
        self.lock.person_changed.connect(lambda _signed: self.context.nav.open(""))
        self.lock.person_changed.connect(self._take_seat)
        self.lock.locked.connect(self.window.set_page_aside)
        self.lock.locked.connect(self.window.docks["queue"].hide_private)
        self.lock.signed_in.connect(self._tell_age)
        self.context.work.crashed.connect(self._crash)
        self.collector.troubled.connect(
            lambda text: self.window.banners.show_banner(
                "collector", "error", tr("The collector stopped: {why}", why=text)
            )
        )

    def _say_taken(self, other: "SeatRow") -> None:
        words = tr(
            "The seat name {name} is in use at {address} by {who} as well: give this seat a name of its own"
            " (--seat NAME).",
            name=other.name,
            address=other.address,
            who=other.person or tr("Somebody"),
        )
        self.window.banners.show_banner("seat", "warning", words)

    def _private(self) -> list[QWidget]:
        """Return what names visitors and callers: hidden while the seat is locked."""
        return [self.window.docks["access"], self.window.docks["inspector"], self.window.pages]

    def _watch_page(self, name: str, page: QWidget) -> None:
        if name == "copies":
            cast("CopiesPage", page).restore_asked.connect(self._restore)
        elif name == "share":
            shared = cast("SharedSetupPage", page)
            shared.pause_asked.connect(self._pause_collector)
            shared.restart_asked.connect(self._begin_shared)

    def _restore(self, copy: str) -> None:
        """Begin anew on a restored copy: a new program puts it in place once this one has let go of the database."""
        arguments = [*autostart.command()[1:], "--db", self._start.db_url, "--seat", self._start.seat]
        arguments += ["--lang", language(), "--restore", copy]
        QProcess.startDetached(sys.executable, arguments)
        self.end()

    def _pause_collector(self, is_paused: bool) -> None:
        """Let the collector go while the database is moved, and watch again when it could not be."""
        if is_paused:
            self.collector.stop()
        elif self._start.collects:
            self.collector.start()

    def _begin_shared(self) -> None:
        """Begin anew on the shared database, which this account's connection file names from now on."""
        QProcess.startDetached(sys.executable, [*autostart.command()[1:], "--lang", language()])
        self.end()

    def _crash(self, traceback: str) -> None:
        """A bug goes to the log of this program and to the person who can pass it on."""
        sys.stderr.write(traceback)
        crash.show_crash(traceback, self.window)

    def _closing(self) -> None:
        """Go to the tray; without one, ask and name what will no longer be watched."""
        if self.tray.is_there and self._start.collects:
            self.window.hide()
            self.tray.say(tr("Watchroom goes on watching here."))
        elif self._start.collects:
            ending.ask_end(self.context, self.window, self.end, self.window.showMinimized)
        else:
            self.end()

    def _offer_log_in_start(self) -> None:
        """Put 'start at log-in' into the menu, ticked as it is on this account."""
        commands = self.context.commands
        command = Command("log-in-start", tr("Start at log-in"), "file", "", 7, is_checkable=True)
        action = commands.add(command, lambda: self._turn_log_in_start(action.isChecked()))
        action.setChecked(autostart.is_on())

    def _turn_log_in_start(self, is_wanted: bool) -> None:
        try:
            autostart.turn(is_wanted)
        except NotSaved as error:
            self.window.show_error(error)

    def _bring_back(self) -> None:
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()


def run(start: Start) -> int:
    """Open the desktop and return its exit code when it ends."""
    application = make_application(["watchroom"])
    desktop = Desktop(start)
    desktop.open()
    return application.exec()
