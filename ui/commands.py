"""Every action of the window by name: menus, keys and the palette find the same one; docks register
theirs.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from ui.rights import Rights


class Command(NamedTuple):
    """A named action: where it stands in the menus and which keys call it.

    The keys of a local command are answered by the list that has the focus; the menu only shows them.
    """

    name: str
    title: str
    menu: str = ""
    keys: str = ""
    group: int = 0
    is_checkable: bool = False
    is_local: bool = False
    needs: str = ""
    """The door's command behind it ("incidents.assign"), which not every post may call."""


class Commands(QObject):
    """The actions by name. An action is seen and called once somebody has registered what it does."""

    registered = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rights = Rights(self)
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._calls: dict[str, Callable[[], object]] = {}

    def declare(self, command: Command) -> QAction:
        """Make the action of a command; it stays hidden until `register`."""
        action = QAction(command.title, self)
        action.setObjectName(f"action-{command.name}")
        action.setCheckable(command.is_checkable)
        action.setVisible(False)
        own = Qt.ShortcutContext.WidgetShortcut if command.is_local else Qt.ShortcutContext.WindowShortcut
        action.setShortcutContext(own)
        action.setAutoRepeat(False)
        if command.keys:
            action.setShortcut(QKeySequence(command.keys))
        action.triggered.connect(lambda _on=False: self.call(command.name))
        if command.needs:
            self.rights.guard(action, command.needs)
        self._commands[command.name] = command
        self._actions[command.name] = action
        return action

    def register(self, name: str, call: Callable[[], object]) -> None:
        """Say what the action does from now on; raises KeyError for a name that nobody declared."""
        self._actions[name].setVisible(True)
        self._calls[name] = call
        self.registered.emit(name)

    def add(self, command: Command, call: Callable[[], object]) -> QAction:
        """Declare and register in one step."""
        action = self.declare(command)
        self.register(command.name, call)
        return action

    def enable(self, name: str, is_enabled: bool) -> None:
        """Grey an action out or make it callable again (nothing selected, not allowed ...)."""
        self._actions[name].setEnabled(is_enabled)

    def call(self, name: str) -> None:
        """Do what the action does, if it can be done now."""
        if name in self._calls and self._actions[name].isEnabled():
            self._calls[name]()

    def action(self, name: str) -> QAction:
        return self._actions[name]

    def menu_of(self, name: str) -> str:
        """Return the name of the menu that the action stands in, empty for none."""
        return self._commands[name].menu

    def is_registered(self, name: str) -> bool:
        return name in self._calls

    def title_with_keys(self, name: str) -> str:
        """Return the title with its keys, as buttons show it: "Acknowledge F4"."""
        command = self._commands[name]
        return f"{command.title} {command.keys}".strip().replace("…", "")

    def __iter__(self) -> Iterator[Command]:
        return iter(list(self._commands.values()))
