"""Which docks and pages the window has; only this module knows them all."""

import importlib
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, cast

from app.words import tr
from ui.commands import Command
from ui.context import Context
from ui.docks.access import AccessDock
from ui.docks.backups import BackupDock
from ui.docks.board import BoardDock
from ui.docks.cmdb import CmdbDock
from ui.docks.incidents import IncidentDock
from ui.docks.inspector import InspectorDock
from ui.docks.shift import ShiftDock
from ui.head import HeadStrip
from ui.page import Page
from ui.sounds import Sounds
from ui.window import Window

if TYPE_CHECKING:
    from ui.palette import Palette

PAGES = {
    "welcome": "ui.pages.welcome:WelcomePage",
    "ci": "ui.pages.ci:CiPage",
    "rack": "ui.pages.rack:RackPage",
    "incident": "ui.pages.incident:IncidentPage",
    "visit": "ui.pages.visit:VisitPage",
    "backup": "ui.pages.backup:BackupPage",
    "handover": "ui.pages.handover:HandoverPage",
    "shutdown": "ui.pages.shutdown:ShutdownPage",
    "roster": "ui.pages.roster:RosterPage",
    "contacts": "ui.pages.contacts:ContactsPage",
    "inspections": "ui.pages.inspections:InspectionsPage",
    "inspection-round": "ui.pages.inspection_round:RoundPage",
    "device-log": "ui.pages.device_log:DeviceLogPage",
    "intake-rules": "ui.pages.intake_rules:IntakeRulesPage",
    "discovery": "ui.pages.discovery:DiscoveryPage",
    "topology": "ui.pages.topology:TopologyPage",
    "talkers": "ui.pages.talkers:TalkersPage",
    "differences": "ui.pages.differences:DifferencesPage",
    "policies": "ui.pages.policies:PoliciesPage",
    "people": "ui.pages.people:PeoplePage",
    "system-rights": "ui.pages.system_rights:SystemRightsPage",
    "trail": "ui.pages.trail:TrailPage",
    "seats": "ui.pages.seats:SeatsPage",
    "settings": "ui.pages.settings:SettingsPage",
    "copies": "ui.pages.copies:CopiesPage",
    "share": "ui.pages.shared_setup:SharedSetupPage",
    "preview": "ui.pages.preview:PreviewPage",
    "outbox": "ui.pages.outbox:OutboxPage",
}
"""What makes each page, by the name that `nav.open` uses; its module is loaded when it is first opened."""


def build_window(context: Context, sounds: Sounds) -> tuple[Window, HeadStrip]:
    """Return the window with its docks and pages, and its head strip; nothing is read from the database yet."""
    window = Window(context, tr("Watchroom"))
    for dock in (
        CmdbDock(context, window),
        BoardDock(context, window),
        IncidentDock(context, sounds, window),
        AccessDock(context, window),
        BackupDock(context, window, waits=True),
        ShiftDock(context, window, waits=True),
        InspectorDock(context, window),
    ):
        window.add_dock(dock)
    head = HeadStrip(context)
    _wire_head(window, head)
    _add_commands(context, window)
    for name, made_by in PAGES.items():
        window.add_page(name, _builder(made_by, context))
    return window, head


def _add_commands(context: Context, window: Window) -> None:
    """Put the pages that belong to no dock into the menus, and the palette onto its key."""
    commands, nav = context.commands, context.nav
    for command in (
        Command("inspections", tr("Inspections"), "inspections", "", 0),
        Command("discovery", tr("Find devices…"), "config", "", 2, needs="discovery.add"),
        Command("topology", tr("Topology"), "config", "", 3),
        Command("talkers", tr("Busiest interfaces"), "config", "", 3),
        Command("differences", tr("Differences from the record"), "config", "", 3),
        Command("policies", tr("Reachability policies"), "config", "", 3),
        Command("device-log", tr("Device log"), "config", "", 2),
        Command("intake-rules", tr("Rules and senders"), "config", "", 2),
        Command("welcome", tr("Ways to begin"), "help", "", 0),
        Command("settings", tr("Settings"), "file", "", 5),
        Command("people", tr("People and posts"), "file", "", 5),
        Command("system-rights", tr("Rights by system"), "file", "", 5),
        Command("trail", tr("Audit trail"), "file", "", 5),
        Command("seats", tr("Seats"), "file", "", 5),
        Command("copies", tr("Copies of the database"), "file", "", 5),
        Command("share", tr("Share with other seats…"), "file", "", 5),
        Command("outbox", tr("Entries kept here"), "file", "", 5),
    ):
        commands.add(command, partial(nav.open, command.name))
    commands.register("palette", _palette_opener(context, window))


def _palette_opener(context: Context, window: Window) -> Callable[[], None]:
    """Return what opens the palette, which is made when it is first asked for."""

    @cache
    def palette() -> "Palette":
        from ui.palette import Palette

        return Palette(context, window)

    return lambda: palette().open_empty()


def _wire_head(window: Window, head: HeadStrip) -> None:
    """Let the strip's figures lead to the panels behind them, and its alarms be seen."""
    window.set_head(head)
    head.states_asked.connect(cast(BoardDock, window.docks["board"]).show_states)
    head.queue_asked.connect(lambda: window.show_dock(window.docks["queue"]))
    head.room_asked.connect(lambda: window.show_dock(window.docks["access"]))
    head.alarm.connect(window.show_alarm)


def _builder(made_by: str, context: Context) -> Callable[[], Page]:
    def build() -> Page:
        module, _, name = made_by.partition(":")
        return cast(Page, getattr(importlib.import_module(module), name)(context))

    return build
