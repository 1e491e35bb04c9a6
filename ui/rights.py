"""What the person at this seat may not do is greyed, with a tooltip that names the posts that may.

A button or an entry names the door's command behind it ("access.enter"); which posts may call that, only the role
matrix says (`app.permissions`).
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QMenu

from app.permissions import MATRIX, PEOPLES_POSTS, Permission
from app.words import label, tr
from ui import subjects
from ui.labels import plain_tooltip

if TYPE_CHECKING:
    from app.desk import Desk, Identity
    from ui.work import Job, Work

Guarded = QAbstractButton | QAction


class Rights(QObject):
    """Keeps what is guarded grey while the person's posts do not allow it, whatever else would enable it.

    Nothing is grey while nobody sits here (the wall, the pictures): the door itself refuses.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._identity: Identity | None = None
        self._work: Work | None = None
        self._known: dict[str, Permission] = {}
        self._guards: list[Guard] = []

    def seat(self, identity: "Identity", work: "Work") -> None:
        """Follow this person's posts from now on."""
        self._identity, self._work = identity, work
        self._learn()
        self._apply()

    def guard(self, target: Guarded, *needs: str) -> None:
        """Grey `target` unless the person may call one of these commands of the door."""
        if not needs:
            return
        guard = Guard(target, needs, self)
        target.destroyed.connect(partial(self._forget, guard))
        self._guards.append(guard)
        self._learn()
        guard.apply()

    def refusal(self, needs: Sequence[str]) -> str:
        """Return why none of these commands may be called, empty when one may or when it is not known yet."""
        if self._identity is None or not needs or any(name not in self._known for name in needs):
            return ""
        wanted = {self._known[name] for name in needs}
        if any(self._identity.may(permission) for permission in wanted):
            return ""
        posts = [label(post) for post in PEOPLES_POSTS if MATRIX[post] & wanted]
        return tr("This takes another post: {posts}", posts=tr(", ").join(posts))

    def _learn(self) -> None:
        """Have the permissions of commands that are not known yet looked up on a worker, which loads their modules."""
        unknown = {name for guard in self._guards for name in guard.needs} - self._known.keys()
        if unknown and self._work is not None:
            self._work.run(permissions_of, sorted(unknown), done=self._take, owner=self)

    def _take(self, known: dict[str, Permission]) -> None:
        self._known.update(known)
        self._apply()

    def _apply(self) -> None:
        for guard in self._guards:
            guard.apply()

    def _forget(self, guard: "Guard") -> None:
        if guard in self._guards:
            self._guards.remove(guard)


class Guard(QObject):
    """Holds one button or entry grey; what else enables or disables it is done once it may be."""

    def __init__(self, target: Guarded, needs: Sequence[str], rights: Rights) -> None:
        super().__init__(target)
        self.target, self.needs, self._rights = target, needs, rights
        self._tip = target.toolTip() if isinstance(target, QAbstractButton) else ""
        self._wants_enabled = True
        self._is_held = False
        if isinstance(target, QAction):
            target.enabledChanged.connect(self._follow)
            for menu in target.associatedObjects():
                if isinstance(menu, QMenu):
                    menu.setToolTipsVisible(True)
        else:
            target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.EnabledChange:
            self._follow(self.target.isEnabled())
        return False

    def apply(self) -> None:
        """Grey the target with the reason, or give it back."""
        why = self._rights.refusal(self.needs)
        if why and not self._is_held:
            self._is_held, self._wants_enabled = True, self.target.isEnabled()
            self.target.setEnabled(False)
            self.target.setToolTip(plain_tooltip(why))
        elif not why and self._is_held:
            self._is_held = False
            self.target.setToolTip(self._tip)
            self.target.setEnabled(self._wants_enabled)

    def _follow(self, is_enabled: bool) -> None:
        if self._is_held and is_enabled:
            self._wants_enabled = True
            self.target.setEnabled(False)


def permissions_of(_desk: "Desk", _job: "Job", names: Iterable[str]) -> dict[str, Permission]:
    """Return the permission of each command named "subject.command"; loads the subjects, so it is for a worker."""
    found: dict[str, Permission] = {}
    for name in names:
        subject, _, command = name.partition(".")
        found[name] = subjects.resolve(getattr(getattr(subjects, subject), command)).permission  # type: ignore[attr-defined]
    return found
