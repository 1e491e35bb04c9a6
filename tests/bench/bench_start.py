"""P1: start to a window with its 5 docks painted, against an empty QMainWindow; each in a process of its own."""

import os
import resource
import subprocess
import sys

from _pace import compare

EMPTY = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv)
window = QMainWindow()
window.resize(1600, 900)
window.show()
app.processEvents()
window.grab()
"""
DOCKS = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication(sys.argv)
app.setStyle("Fusion")
from ui.board_surface import BoardSurface
from ui.commands import Commands
from ui.context import Context
from ui.dock import Dock
from ui.icons import Icons
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.rows import Column
from ui.shapes import Shapes
from ui.table import Table
from ui.theme import Theme
from ui.window import Window
from ui.work import Work
theme = Theme("dark")
theme.apply()
context = Context(Work(lambda: None), Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory())
window = Window(context, "Watchroom")
columns = [Column(str(at), "Column", str, 120) for at in range(8)]
for name in ("tree", "board", "queue", "access", "backups", "inspector"):
    dock = Dock(name, name.title(), context)
    dock.body.addWidget(BoardSurface(theme) if name == "board" else Table(name, columns, context))
    window.add_dock(dock)
window.resize(1600, 900)
window.set_perspective("duty")
window.show()
app.processEvents()
window.grab()
unwanted = {"sqlalchemy", "numpy", "pyqtgraph", "reportlab"} & set(sys.modules)
assert not unwanted, unwanted
"""


def run(script: str) -> float:
    """Return the CPU seconds of a Python process that runs `script`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    surroundings = {**kept, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", script], check=True, env=surroundings, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    held = compare("P1 start to 5 docks painted", lambda: run(DOCKS), lambda: run(EMPTY), 1.6, rounds=7)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
