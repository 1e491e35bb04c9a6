"""What a slim bar shows when there is not room for all of it."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.panel import Bar


def give_way(bar: Bar, widgets: Sequence[QWidget]) -> None:
    """Hide the first of `widgets`, the least needed, until the rest fits; menus offer what is hidden."""
    for widget in widgets:
        widget.show()
    layout = bar.layout()
    for widget in widgets:
        if layout is None or layout.totalMinimumSize().width() <= bar.width():
            return
        widget.hide()
