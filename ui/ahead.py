"""Loads the pages' modules before anybody opens one: loading them then would be felt."""

import importlib
from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 200


class Ahead(QObject):
    """One at a time with rests between, and on the GUI thread: a worker could meet it in a circle of imports.

    `pages` are as `ui.assembly.PAGES` names them.
    """

    def __init__(self, pages: Iterable[str], parent: QObject) -> None:
        super().__init__(parent)
        self._modules = [made_by.partition(":")[0] for made_by in pages]
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._load_next)
        self._timer.start()

    def _load_next(self) -> None:
        if self._modules:
            importlib.import_module(self._modules.pop(0))
        else:
            self._timer.stop()
