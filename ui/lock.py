"""The idle lock (SECURITY 6): hides what names visitors and callers and blocks actions, while board, queue, sound
and clocks go on under it.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from app.words import tr
from ui.context import Context
from ui.on_demand import on_demand
from ui.subjects import people

if TYPE_CHECKING:
    from app.desk import Identity
    from app.people import PersonRow, SignedIn
    from ui import lock_card
else:
    lock_card = on_demand("ui.lock_card")

IDLE_MS = 10 * 60 * 1000
CARD_TOP = 120
SIGNS_OF_LIFE = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.MouseMove)
OWN_KEYS = (Qt.Key.Key_F4, Qt.Key.Key_Escape)
BLOCKED = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.Wheel,
    QEvent.Type.ContextMenu,
    QEvent.Type.KeyPress,
    QEvent.Type.KeyRelease,
    QEvent.Type.ShortcutOverride,
    QEvent.Type.InputMethod,
    QEvent.Type.DragEnter,
    QEvent.Type.Drop,
)


class Lock(QObject):
    """Locks a window after ten idle minutes or at once. `private` are the docks and pages that name people."""

    locked = Signal(bool)
    """Whether the seat is locked now: panels that stay in sight hide what names callers."""
    person_changed = Signal(object)
    """A `SignedIn` of somebody else: the composition root seats that person."""
    signed_in = Signal(object)
    """A `SignedIn` of the same person, for the password's age."""

    def __init__(
        self, context: Context, window: QMainWindow, private: Callable[[], Sequence[QWidget]], idle_ms: int = IDLE_MS
    ) -> None:
        super().__init__(window)
        self._context, self._window, self._private = context, window, private
        self._identity: Identity | None = context.identity
        self._covers: list[lock_card.Cover] = []
        self._then = ""
        self.is_locked = self._is_covered = self._is_watching = False
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(idle_ms)
        self._idle.timeout.connect(self.lock)
        self._has_password = False
        self._application = cast(QGuiApplication, QGuiApplication.instance())
        if self._identity is not None:
            self._watch()
        self.locked.connect(self._see_everything)
        context.commands.register("lock", self.lock)

    @cached_property
    def card(self) -> "lock_card.LockCard":
        """What asks for the password, made when the seat is locked for the first time."""
        card = lock_card.LockCard(self._context, self._window)
        card.hide()
        card.box.signed_in.connect(self._take)
        card.resume.clicked.connect(lambda _on=False: self._open())
        return card

    def seat_person(self, identity: "Identity | None") -> None:
        """Watch over this person's seat from now on; nobody (the wall) is never locked."""
        self._identity = identity
        self._idle.stop()
        if not self.is_locked:
            self._uncover()
        if identity is not None:
            self._watch()
            self._idle.start()
            self._context.work.read(people.by_login, identity.login, done=self._learn, owner=self)

    def _watch(self) -> None:
        """See what reaches the windows that have the keyboard, the signs of life: no event of each single widget.

        A filter on the application sees those as well, thousands for one change of the theme or of a layout.
        """
        if not self._is_watching:
            self._is_watching = True
            self._application.focusWindowChanged.connect(self._watch_window)
        for window in (self._window.windowHandle(), QGuiApplication.focusWindow()):
            self._watch_window(window)

    def _watch_window(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)

    def _see_everything(self, is_covered: bool) -> None:
        """While the seat is locked, stand before every widget."""
        if is_covered and self.is_locked:
            self._application.installEventFilter(self)
        else:
            self._application.removeEventFilter(self)

    def lock(self) -> None:
        """Lock the seat now (Ctrl+L)."""
        if self.is_locked or self._identity is None:
            return
        self.is_locked = True
        self._then = ""
        self.cover()
        self.card.ask(self._identity.name, self._identity.login, has_password=self._has_password)
        self.card.move((self._window.width() - self.card.width()) // 2, CARD_TOP)
        self.card.show()
        self.card.raise_()
        self.card.take_keyboard()
        self._context.work.read(people.by_login, self._identity.login, done=self._learn, owner=self)

    def cover(self) -> None:
        """Hide what names people: while the seat is locked, and before anybody has signed in."""
        dialogs = [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]
        self._is_covered = True
        self.locked.emit(True)
        self._covers += [lock_card.Cover(self._context, each) for each in (*self._private(), *dialogs)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if not self.is_locked:
            if kind in SIGNS_OF_LIFE and self._idle.isActive():
                self._idle.start()
            return False
        if kind is QEvent.Type.Show and isinstance(watched, QDialog):
            self._covers.append(lock_card.Cover(self._context, watched))
        if kind is QEvent.Type.Shortcut:
            return True
        if kind is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN_KEYS:
            event.accept()  # else the key would be the window's shortcut, and lost as such
            return True
        if kind not in BLOCKED or not isinstance(watched, QWidget) or self._is_own(watched):
            return self._takes_key(event) if kind is QEvent.Type.KeyPress else False
        if kind is QEvent.Type.KeyPress and not self._takes_key(event):
            self.card.take_keyboard()
        return True

    def _takes_key(self, event: QEvent) -> bool:
        """Remember that F4 is to acknowledge once the password has been given; Esc ends this seat's sound."""
        if not isinstance(event, QKeyEvent):
            return False
        if event.key() == Qt.Key.Key_F4:
            self._then = "acknowledge"
            self.card.note.setText(tr("Password, then the selected incident is acknowledged."))
            self.card.take_keyboard()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.card.resume.isHidden():
            self.card.resume.click()
            return True
        if event.key() == Qt.Key.Key_Escape:
            self._context.commands.call("silence")
            return True
        return False

    def _is_own(self, watched: QWidget) -> bool:
        return watched is self.card or self.card.isAncestorOf(watched)

    def _learn(self, row: "PersonRow | None") -> None:
        has_password = bool(row and row.has_password)
        is_news = has_password != self._has_password
        self._has_password = has_password
        if self.is_locked and is_news and self._identity is not None:
            self.card.ask(self._identity.name, self._identity.login, has_password=has_password)

    def _take(self, signed: "SignedIn") -> None:
        """Let whoever signed in go on; what was asked for meanwhile is done by that person, once seated."""
        is_same = self._identity is not None and signed.identity.id == self._identity.id
        then, self._then = self._then, ""
        self._open()
        (self.signed_in if is_same else self.person_changed).emit(signed)
        if then:
            self._context.commands.call(then)

    def _open(self) -> None:
        self.is_locked = False
        self.card.hide()
        self._uncover()
        self._idle.start()
        then, self._then = self._then, ""
        if then:
            self._context.commands.call(then)

    def _uncover(self) -> None:
        for cover in self._covers:
            cover.hide()
            cover.deleteLater()
        self._covers = []
        if self._is_covered:
            self._is_covered = False
            self.locked.emit(False)
