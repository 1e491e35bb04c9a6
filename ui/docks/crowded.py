"""What a slim bar shows when there is not room for all of it."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.panel import Bar


def give_way(bar: Bar, widgets: Sequence[QWidget]) -> None:
    """Hide the first of `widgets`, the least needed, until the rest fits; menus offer what is hidden.

    Only what changes is touched, because each change lays the whole window out anew.
    """
    layout = bar.layout()
    if layout is None:
        return
    gap = layout.spacing()
    needed = layout.totalMinimumSize().width()
    needed += sum(_least_width(widget) + gap for widget in widgets if widget.isHidden())
    for widget in widgets:
        is_in_the_way = needed > bar.width()
        if is_in_the_way:
            needed -= _least_width(widget) + gap
        if widget.isHidden() is not is_in_the_way:
            widget.setVisible(not is_in_the_way)


def _least_width(widget: QWidget) -> int:
    return widget.minimumWidth() or widget.minimumSizeHint().width()
