"""Which docks and pages the window has; only this module knows them all."""

from collections.abc import Callable

from app.words import tr
from ui.context import Context
from ui.docks.board import BoardDock
from ui.docks.cmdb import CmdbDock
from ui.docks.incidents import IncidentDock
from ui.page import Page
from ui.pages import preview, welcome
from ui.pages.incident import IncidentPage
from ui.sounds import Sounds
from ui.window import Window


def build_window(context: Context, sounds: Sounds) -> Window:
    """Return the window with its docks, head strip and pages; nothing is read from the database yet."""
    window = Window(context, tr("Watchroom"))
    window.add_dock(CmdbDock(context))
    window.add_dock(BoardDock(context))
    window.add_dock(IncidentDock(context, sounds))
    for name, build in _pages(context).items():
        window.add_page(name, build)
    return window


def _pages(context: Context) -> dict[str, Callable[[], Page]]:
    """Return what makes each page, by the name that `nav.open` uses; a page is made when it is first opened."""
    return {
        "incident": lambda: IncidentPage(context),
        preview.NAME: lambda: preview.PreviewPage(context),
        welcome.NAME: lambda: welcome.WelcomePage(context),
    }
