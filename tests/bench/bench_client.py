"""P15: the client with board, queue and 20 charts, each drawn anew every second: its memory and its CPU.

Memory against an empty QMainWindow. CPU a second against the sum of what painting costs at least: one fillRect of the
board, the queue's repaint, 20 polylines of 600 points. The charts' points come from memory, not from a database.
"""

import os
import subprocess
import sys
from pathlib import Path

from _big_database import DEVICES, big_database

EMPTY = """
import os, sys
from PySide6.QtWidgets import QApplication, QMainWindow
import psutil
app = QApplication(sys.argv)
window = QMainWindow()
window.resize(1600, 900)
window.show()
app.processEvents()
window.grab()
print(psutil.Process().memory_info().rss)
os._exit(0)
"""
CLIENT = """
import os, sys, time
sys.path.insert(0, {here!r})
from app.words import set_language
set_language("zh_CN")
from ui.main import Desktop, Start, make_application
app = make_application(["watchroom"])
desktop = Desktop(Start({url!r}, "A1", theme="dark", collects=False, is_display=True, remembers=False))
desktop.window.resize(1600, 900)
desktop.window.open_on("duty")
desktop.open()
from _client import Client
Client(app, desktop, {devices}, {seconds}).run()
"""
SECONDS = 20


def told(script: str) -> list[float]:
    """Return the figures that a Python process prints."""
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    line = [sys.executable, "-c", script]
    done = subprocess.run(line, check=True, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [float(word) for word in done.stdout.split()]


def main() -> int:
    here = str(Path(__file__).resolve().parent)
    script = CLIENT.format(here=here, url=f"sqlite:///{big_database()}", devices=DEVICES, seconds=SECONDS)
    (bare,) = told(EMPTY)
    resident, spent_s, floor_s = told(script)
    memory, work = resident / bare, spent_s / floor_s
    figures = f"ours {resident / 2**20:8.1f} MiB floor {bare / 2**20:7.1f} MiB ratio {memory:6.2f}  goal <= 3"
    print(f"{'P15 memory with board, queue, 20 charts':<44} {figures}  {'ok' if memory <= 3 else 'MISSED'}")
    figures = f"ours {spent_s * 1000:8.2f} ms  floor {floor_s * 1000:8.2f} ms  ratio {work:6.2f}  goal <= 2"
    print(f"{'P15 CPU a second of them':<44} {figures}  {'ok' if work <= 2 else 'MISSED'}")
    return 0 if memory <= 3 and work <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
