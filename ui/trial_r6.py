"""R6 in the window: random commands, rows, buttons, forms and sign-ins, as somebody in a hurry would do them."""

import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.errors import NotAllowed, WrongPassword
from app.trials import r6
from ui.main import Desktop, Start, make_application
from ui.signin import SignInBox

if TYPE_CHECKING:
    from app.desk import Desk, Identity
    from app.seat import Situation

STEP_MS, PATIENCE = 15, 100
"""Between two looks, and how many looks an answer may take before the next action is done all the same."""
OUT_OF_BOUNDS = frozenset({"quit", "discovery", "welcome", "share", "copies", "log-in-start", "palette"})
"""What ends the program, changes this account, or looks at other machines than this one."""
WORDS = ("值守", "甲库", "复位后恢复", "see the log", "6021", "28.5", "1", "2026-11-20 08:00", "=1+1", "O'Brien", "")
KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Escape, Qt.Key.Key_F4)
POWERLESS, REFUSED_STEPS = "demo-audit", 8
"""How many actions somebody does whose posts were withdrawn while the window still offers them."""


class TrialDesktop(Desktop):
    """The usual desktop, at which a person of the demo sits without signing in."""

    seats: "Identity"
    is_seated = False

    def _begin(self, situation: "Situation") -> None:
        self._seat(self.seats)
        self.is_seated = True


class Monkey(QObject):
    """Does one random action after the other, and counts what each has to leave in the trail."""

    def __init__(self, desktop: Desktop, people: "dict[str, Identity]", folder: Path, chance: Random) -> None:
        super().__init__(desktop)
        self._desktop, self._people, self._folder, self._chance = desktop, people, folder, chance
        self._left, self._looks, self._tries, self._powerless = 0, 0, 0, 0
        self._done: Callable[[], object] | None = None
        self._asked: set[SignInBox] = set()
        self.sign_ins = self.refusals = 0
        desktop.context.work._answered.connect(self._note_answer)
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._look)

    @property
    def seen(self) -> r6.Seen:
        return r6.Seen(self.sign_ins, self.refusals, len(list(self._folder.iterdir())))

    def act(self, actions: int) -> None:
        """Do so many actions and return when the window has answered the last."""
        loop = QEventLoop()
        self._left, self._done = actions, loop.quit
        self._timer.start()
        loop.exec()

    def _look(self) -> None:
        """Do the next action once the window has answered the last, or has had its time."""
        self._looks += 1
        if self._desktop.context.work.is_busy and self._looks < PATIENCE:
            return
        self._looks = 0
        if self._left == 0:
            self._end()
            return
        self._left -= 1
        self._step()

    def _end(self) -> None:
        """Close what is open, wait for the last answer, and return."""
        for dialog in _dialogs():
            dialog.reject()
        if not self._desktop.context.work.is_busy and not _dialogs():
            self._timer.stop()
            if self._done is not None:
                self._done()

    def _step(self) -> None:
        popup = QApplication.activePopupWidget()
        dialogs = _dialogs()
        if self._desktop.lock.is_locked:
            self._sign_in(self._desktop.lock.card.box)
        elif isinstance(popup, QMenu):
            self._choose(popup)
        elif popup is not None:
            popup.close()
        elif dialogs:
            self._answer(dialogs[-1])
        else:
            self._chance.choices((self._command, self._row, self._button, self._line), (45, 25, 22, 8))[0]()

    def _command(self) -> None:
        """Call a command of the menus; now and then as somebody whose posts have just been withdrawn."""
        context = self._desktop.context
        self._change_power()
        named = [each.name for each in context.commands if each.name not in OUT_OF_BOUNDS]
        context.commands.call(self._chance.choice(named))

    def _change_power(self) -> None:
        work, owner = self._desktop.context.work, self._people["owner"]
        if self._powerless:
            self._powerless -= 1
            if self._powerless == 0:
                work.act_as(owner)
        elif self._chance.random() < 0.1:
            self._powerless = REFUSED_STEPS
            work.act_as(self._people[POWERLESS])

    def _row(self) -> None:
        views = [view for view in self._inside(QAbstractItemView) if view.model() and view.model().rowCount()]
        if not views:
            return
        view = self._chance.choice(views)
        view.setCurrentIndex(view.model().index(self._chance.randrange(view.model().rowCount()), 0))
        QTest.keyClick(view, self._chance.choice(KEYS))

    def _button(self) -> None:
        buttons = [each for each in self._inside(QAbstractButton) if each.isEnabled()]
        if buttons:
            self._later(self._chance.choice(buttons).click)

    def _line(self) -> None:
        lines = [each for each in self._inside(QLineEdit) if each.isEnabled() and not each.isReadOnly()]
        if lines:
            line = self._chance.choice(lines)
            line.setText(self._chance.choice(WORDS))
            QTest.keyClick(line, Qt.Key.Key_Return)

    def _inside(self, kind: "type[Any]") -> list[Any]:
        """Return what of this kind is in sight, but for what is out of bounds."""
        window = self._desktop.window
        spot = self._desktop.context.nav.spot
        if spot is not None and spot.page in OUT_OF_BOUNDS:
            self._desktop.context.nav.open("")
            return []
        return [each for each in window.findChildren(kind) if each.isVisible() and not _is_out_of_bounds(each)]

    def _choose(self, menu: QMenu) -> None:
        chosen = [each for each in menu.actions() if each.isEnabled() and not each.isSeparator()]
        chosen = [each for each in chosen if each.objectName().removeprefix("action-") not in OUT_OF_BOUNDS]
        menu.close()
        if chosen and self._chance.random() < 0.7:
            self._later(self._chance.choice(chosen).trigger)

    def _answer(self, dialog: QDialog) -> None:
        """Fill a dialog in and accept it, or give up; one that asks a third time is given up."""
        self._tries += 1
        if isinstance(dialog, QFileDialog):
            self._save(dialog)
            return
        for box in dialog.findChildren(SignInBox):
            self._sign_in(box)
            return
        if self._tries > 3 or self._chance.random() < 0.2:
            self._tries = 0
            dialog.reject()
            return
        self._fill(dialog)
        buttons = [each for each in dialog.findChildren(QPushButton) if each.isVisible() and each.isEnabled()]
        main = [each for each in buttons if each.isDefault() or each.property("main")]
        if buttons:
            self._later(self._chance.choice(main or buttons).click)

    def _fill(self, dialog: QDialog) -> None:
        for combo in dialog.findChildren(QComboBox):
            if combo.isEnabled() and combo.count():
                combo.setCurrentIndex(self._chance.randrange(combo.count()))
        for tick in dialog.findChildren(QCheckBox):
            tick.setChecked(tick.isEnabled() and self._chance.random() < 0.5)
        for line in dialog.findChildren(QLineEdit):
            if not line.text() or self._chance.random() < 0.15:
                line.setText(self._chance.choice(WORDS))
        for text in dialog.findChildren(QPlainTextEdit):
            text.setPlainText(self._chance.choice(WORDS))

    def _save(self, dialog: QFileDialog) -> None:
        """Save under a name of its own; nothing is imported."""
        if dialog.acceptMode() is not QFileDialog.AcceptMode.AcceptSave or self._chance.random() < 0.2:
            dialog.reject()
            return
        suffix = dialog.defaultSuffix() or "xlsx"
        path = self._folder / f"{len(list(self._folder.iterdir()))}-{self._left}.{suffix}"
        dialog.fileSelected.emit(str(path))
        dialog.reject()

    def _sign_in(self, box: SignInBox) -> None:
        """Type a name and a password, right or wrong; each that is asked about counts."""
        from app.demo.people import PASSWORD

        card = self._desktop.lock.card
        if not box.isVisible() and self._chance.random() < 0.5:
            card.resume.click()
            return
        if not box.isVisible():
            card.ask_another()
        if box not in self._asked:
            self._asked.add(box)
            box.asked.connect(self._count_sign_in)
        box.login.setText(self._chance.choice(list(self._people.values())).login)
        box.password.setText(PASSWORD if self._chance.random() < 0.8 else "wrong-2026")
        box.submit()

    def _count_sign_in(self, _login: str, _password: str) -> None:
        self.sign_ins += 1

    def _note_answer(self, _job: object, _result: object, error: object) -> None:
        """Count what the door refused, and the second persons whose password was wrong, whoever deals with it."""
        self.refusals += isinstance(error, NotAllowed)
        self.sign_ins += isinstance(error, WrongPassword)

    def _later(self, call: Callable[[], object]) -> None:
        """Call outside this action: what opens a loop of its own is answered by the next ones."""
        QTimer.singleShot(0, self, call)


def _dialogs() -> list[QDialog]:
    """Return the open dialogs, the newest last."""
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]


def _is_out_of_bounds(widget: QWidget) -> bool:
    return widget.objectName().removeprefix("action-") in OUT_OF_BOUNDS or bool(widget.property("leaves"))


def run(url: str, desk: "Desk", actions: int, controls: int, seed: int = 6) -> Iterator[r6.Outcome]:
    """Yield what `actions` random actions left on the demo's database at `url`, then a control without triggers.

    `desk` looks at the same database; needs the application.
    """
    people = _people(desk)
    desktop = TrialDesktop(Start(url, "R6", collects=False, remembers=False))
    desktop.seats = people["owner"]
    crashes: list[str] = []
    desktop.context.work.crashed.disconnect()
    desktop.context.work.crashed.connect(crashes.append)
    desktop.open()
    with tempfile.TemporaryDirectory(prefix="watchroom-r6-") as folder, _watched(crashes):
        monkey = Monkey(desktop, people, Path(folder), Random(seed))

        def outcome(name: str, count: int, *, is_control: bool = False) -> r6.Outcome:
            before, was = r6.look(desk), monkey.seen
            monkey.act(count)
            seen = monkey.seen.since(was)
            entries, missing = r6.judge(desk, before, seen)
            return r6.Outcome(name, count, entries, seen, missing, tuple(crashes), is_control)

        _wait_until(lambda: desktop.is_seated)
        yield outcome("actions", actions)
        with r6.unwatched(desk.engine):
            control = outcome("control: no triggers", controls, is_control=True)
        yield control
    desktop.window.let_close()
    desktop.context.work.close()


def _people(desk: "Desk") -> "dict[str, Identity]":
    """Return the demo's people by login, and somebody who holds all posts, without a password, as the owner."""
    from app import people
    from app.database import EVERY_POST

    desk.do(people.add_person, uuid.uuid4(), "试验员", "trial-owner", EVERY_POST)
    rows = desk.read(people.everyone)
    found = {row.login: row.identity for row in rows if row.login}
    return {"owner": found.pop("trial-owner"), **found}


@contextmanager
def _watched(crashes: list[str]) -> Iterator[None]:
    """Keep what slots raise meanwhile."""
    was = sys.excepthook
    sys.excepthook = lambda *raised: crashes.append("".join(format_exception(*raised)))
    try:
        yield
    finally:
        sys.excepthook = was


def _wait_until(holds: Callable[[], bool]) -> None:
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(STEP_MS)
    timer.timeout.connect(lambda: loop.quit() if holds() else None)
    timer.start()
    loop.exec()


def main(url: str, desk: "Desk", actions: int, controls: int) -> Iterator[r6.Outcome]:
    """Yield the outcomes in an application of our own, which paints offscreen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qInstallMessageHandler(lambda *_said: None)  # what the screen that paints nowhere can't do
    application = make_application(["watchroom"])
    yield from run(url, desk, actions, controls)
    application.quit()
