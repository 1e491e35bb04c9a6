"""The small marks inside fields (arrow, tick) as files in a theme's colours, because a style sheet takes pictures only
from files.
"""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QDir

from resources import SHIPPED
from ui.folders import own_folder

PREFIX = "marks"
FILES = {
    "down": ("chevron-down", "secondary"),
    "up": ("chevron-up", "secondary"),
    "tick": ("check", "on_accent"),
    "still": ("chevron-down", "disabled"),
}
"""Mark -> icon file and token of its colour; the style sheet asks for `marks:<theme>-<mark>.svg`."""


class Marks:
    """Keeps the files for as long as the program runs; the folder goes with it."""

    def __init__(self) -> None:
        self._folder = own_folder(self)
        QDir.setSearchPaths(PREFIX, [self._folder.path()])

    def write(self, theme: str, colours: Mapping[str, str]) -> None:
        """Write a theme's marks; a full disk costs the marks, not the window."""
        icons = SHIPPED / "icons"
        for mark, (file, token) in FILES.items():
            text = (icons / f"{file}.svg").read_text(encoding="utf-8")
            painted = text.replace("<path ", f'<path fill="{colours[token]}" ', 1)
            try:
                Path(self._folder.filePath(f"{theme}-{mark}.svg")).write_text(painted, encoding="utf-8")
            except OSError:
                return
