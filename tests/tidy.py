"""What a test leaves is cleared away when it ends, on the thread of the windows: a worker of the next test that frees
a Qt object crashes the process (`ui.tidy`).
"""

import gc
import sys

FULL_AFTER = 50
"""After how many tests what outlived its own test is looked through too."""


def pytest_sessionstart() -> None:
    """Leave no collection to chance."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look through modules and tests never again: that made each later collection ten times as long."""
    gc.collect()
    gc.freeze()


def pytest_runtest_logfinish() -> None:
    """End closed windows now, not during another test, then collect."""
    end_closed_windows()
    is_frozen = gc.get_freeze_count() > 0
    if is_frozen and gc.get_count()[2] < FULL_AFTER:
        gc.collect(1)
        return
    gc.collect()
    if not is_frozen:
        gc.freeze()


def end_closed_windows() -> None:
    """Delete what asked for it by `deleteLater`; only an event loop would do so otherwise."""
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
