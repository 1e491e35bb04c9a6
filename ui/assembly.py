"""Which docks and pages the window has; only this module knows them all."""

import importlib
from collections.abc import Callable
from typing import cast

from app.words import tr
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

PAGES = {
    "welcome": "ui.pages.welcome:WelcomePage",
    "ci": "ui.pages.ci:CiPage",
    "rack": "ui.pages.rack:RackPage",
    "incident": "ui.pages.incident:IncidentPage",
    "visit": "ui.pages.visit:VisitPage",
    "backup": "ui.pages.backup:BackupPage",
    "handover": "ui.pages.handover:HandoverPage",
    "roster": "ui.pages.roster:RosterPage",
    "contacts": "ui.pages.contacts:ContactsPage",
    "preview": "ui.pages.preview:PreviewPage",
}
"""What makes each page, by the name that `nav.open` uses; its module is loaded when it is first opened."""


def build_window(context: Context, sounds: Sounds) -> tuple[Window, HeadStrip]:
    """Return the window with its docks and pages, and its head strip; nothing is read from the database yet."""
    window = Window(context, tr("Watchroom"))
    for dock in (
        CmdbDock(context),
        BoardDock(context),
        IncidentDock(context, sounds),
        AccessDock(context),
        BackupDock(context),
        ShiftDock(context),
        InspectorDock(context),
    ):
        window.add_dock(dock)
    head = HeadStrip(context)
    _wire_head(window, head)
    for name, made_by in PAGES.items():
        window.add_page(name, _builder(made_by, context))
    return window, head


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
