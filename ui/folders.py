"""Folders for files that outside programs and style sheets read; each goes with its owner."""

import weakref

from PySide6.QtCore import QTemporaryDir


def own_folder(owner: object) -> QTemporaryDir:
    """Return a new folder that is removed once `owner` is gone, at the latest when the program ends.

    Left to itself Qt removes none that is still held at the end.
    """
    made = QTemporaryDir()
    weakref.finalize(owner, made.remove)
    return made
