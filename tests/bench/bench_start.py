"""P1: start to a painted window with its docks, bare and with their rows, against an empty QMainWindow.

Each runs in a process of its own and ends without clearing up, which is no part of a start.
"""

import os
import resource
import subprocess
import sys

from _big_database import DEVICES, big_database
from _pace import compare

EMPTY = """
import gc, os, sys
gc.disable()
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv)
window = QMainWindow()
window.resize(1600, 900)
window.show()
app.processEvents()
window.grab()
os._exit(0)
"""
BEGIN = """
import gc, os, sys, time
gc.disable()
from app.words import set_language
set_language("zh_CN")
from ui.main import Desktop, Start, make_application
app = make_application(["watchroom"])
start = Start({url!r}, "A1", theme="dark", collects=False, is_display=True, remembers=False)
desktop = Desktop(start)
desktop.window.resize(1600, 900)
"""
BARE = (
    BEGIN
    + """
desktop.window.open_on("duty")
app.processEvents()
desktop.window.grab()
unwanted = {{"sqlalchemy", "numpy", "reportlab"}} & set(sys.modules)
os._exit(1 if unwanted else 0)
"""
)
ROWS = (
    BEGIN
    + """
desktop.open()
docks = desktop.window.docks
board, queue, tree = docks["board"].surface.board, docks["queue"].table.rows, docks["tree"].model
until = time.monotonic() + 60
while not (len(board.cells) == {devices} and queue.rows and tree.rowCount()):
    app.processEvents()
    if time.monotonic() > until:
        os._exit(1)
    time.sleep(0.002)
desktop.window.grab()
os._exit(0)
"""
)


def run(script: str) -> float:
    """Return the CPU seconds of a Python process that runs `script`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    surroundings = {**kept, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", script], check=True, env=surroundings, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    url = f"sqlite:///{big_database()}"
    bare, rows = BARE.format(url=url), ROWS.format(url=url, devices=DEVICES)
    held = [
        compare("P1 start to the docks painted", lambda: run(bare), lambda: run(EMPTY), 1.6, rounds=7),
        compare("P1 the same with 10k devices, 1M incidents", lambda: run(rows), lambda: run(EMPTY), 3.0, rounds=7),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
