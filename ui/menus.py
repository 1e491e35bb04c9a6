"""The menus and the keys of the window (UX "Keys"): each key has an entry that shows it."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from app.words import tr
from ui.commands import Command, Commands


def menu_titles() -> dict[str, str]:
    """Return the menus by name, in the order of the menu bar."""
    return {
        "file": tr("File"),
        "duty": tr("Duty", context="menu"),
        "incidents": tr("Incidents"),
        "config": tr("Configuration"),
        "room": tr("Machine room", context="menu"),
        "backups": tr("Backups"),
        "inspections": tr("Inspections"),
        "reports": tr("Reports"),
        "view": tr("View"),
        "help": tr("Help"),
    }


def standard_commands() -> list[Command]:
    """Return the commands that have keys; docks register what they do and add others of their own."""
    return [
        Command("print", tr("PDF / print…"), "file", "Ctrl+P", 1),
        Command("export", tr("Export…"), "file", "Ctrl+E", 1),
        Command("lock", tr("Lock / change person"), "file", "Ctrl+L", 8),
        Command("quit", tr("Quit"), "file", "Ctrl+Q", 9),
        Command("hand-over", tr("Hand over shift…"), "duty", "Ctrl+Shift+H", 1, needs="duty.offer"),
        Command("silence", tr("Silence this seat"), "duty", "Esc", 5),
        Command("register-call", tr("Register a call…"), "incidents", "F9", 0, needs="incidents.register_call"),
        Command("acknowledge", tr("Acknowledge"), "incidents", "F4", 1, needs="incidents.acknowledge_many"),
        Command(
            "acknowledge-note",
            tr("Acknowledge with note…"),
            "incidents",
            "Shift+F4",
            1,
            needs="incidents.acknowledge_many",
        ),
        Command("assign", tr("Assign…"), "incidents", "F6", 1, needs="incidents.assign"),
        Command("escalate", tr("Escalate…"), "incidents", "Ctrl+F6", 1, needs="incidents.escalate"),
        Command("start-plan", tr("Start emergency plan…"), "incidents", "Shift+F9", 1),
        Command("next-unacknowledged", tr("Next unacknowledged"), "incidents", "F3", 2),
        Command("preview", tr("Preview"), "incidents", "Space", 2, is_local=True),
        Command("palette", tr("Search and commands…"), "view", "Ctrl+K", 0),
        Command("filter", tr("Filter the panel"), "view", "Ctrl+F", 0),
        Command("refresh", tr("Refresh"), "view", "F5", 0),
        Command("back", tr("Back"), "view", "Alt+Left", 1),
        Command("forward", tr("Forward"), "view", "Alt+Right", 1),
        Command("wall", tr("Wall mode"), "view", "F11", 5, is_checkable=True),
        Command("restore-layout", tr("Restore default layout"), "view", "", 6),
    ]


class Menus:
    """Keeps the menu bar in step with the commands: groups parted by lines, empty menus hidden."""

    def __init__(self, bar: QMenuBar, commands: Commands) -> None:
        self._bar, self._commands = bar, commands
        self._menus: dict[str, QMenu] = {}
        for name, title in menu_titles().items():
            menu = bar.addMenu(title)
            menu.setObjectName(f"menu-{name}")
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(lambda name=name: self._fill(name))
            self._menus[name] = menu
            menu.menuAction().setVisible(False)
        commands.registered.connect(self._show_used)
        for command in commands:
            if commands.is_registered(command.name):
                self._show_used(command.name)

    def _show_used(self, command: str) -> None:
        menu = self._menus.get(self._commands.menu_of(command))
        if menu is not None:
            menu.menuAction().setVisible(True)

    def _fill(self, name: str) -> None:
        menu = self._menus[name]
        menu.clear()
        group: int | None = None
        for command in sorted(self._entries(name), key=lambda command: command.group):
            if group is not None and command.group != group:
                menu.addSeparator()
            group = command.group
            menu.addAction(self._action(command))

    def _entries(self, name: str) -> list[Command]:
        return [
            command for command in self._commands if command.menu == name and self._commands.is_registered(command.name)
        ]

    def _action(self, command: Command) -> QAction:
        return self._commands.action(command.name)
