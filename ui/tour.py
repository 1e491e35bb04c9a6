"""The tour of a machine without a display: a demo site, this machine watched, pictures and an inspection on paper."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer

from app import demo, devices, inspections
from app.database import cli_identity, open_database
from app.times import today
from app.words import tr
from ui.main import Desktop, Start
from ui.shot import Camera, application_on_screen

WATCHED_MS = 15_000
SIZE = (1920, 1080)
DATABASE = "watchroom-demo.db"


def go(folder: Path, theme: str) -> int:
    """Leave pictures of the window and of every panel and an inspection PDF in `folder`; return how many pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{DATABASE}*"):
        old.unlink()
    url = f"sqlite:///{(folder / DATABASE).resolve()}"
    _make_site(url, folder)
    application = application_on_screen(*SIZE)
    desktop = Desktop(Start(url, "A1", theme, is_display=True, remembers=False))
    desktop.window.resize(*SIZE)
    desktop.open()
    camera = Camera(desktop, folder)
    QTimer.singleShot(WATCHED_MS, camera.take_everything)
    application.exec()
    return camera.taken


def _make_site(url: str, folder: Path) -> None:
    """Make the demo site, watch this machine too (itself alone: nobody was asked), and print the last inspection."""
    database = open_database(url, create=True)
    try:
        desk = database.desk(cli_identity(), "A1")
        demo.fill(desk, seed=7, last_day=today())
        here = replace(devices.look_around(), gateway="", name_servers=())
        desk.do(devices.watch_this_machine, here)
        inspections.write(desk, None, folder / f"{tr('Inspection record')}.pdf")
    finally:
        database.engine.dispose()
