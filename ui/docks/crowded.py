"""What a slim bar shows when there is not room for all of it."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.panel import Bar


def give_way(bar: Bar, widgets: Sequence[QWidget]) -> None:
    """Hide the first of `widgets`, the least needed, until the rest fits; menus offer what is hidden.

    A widget that stays is not touched, and one with the keyboard in it stays.
    """
    layout = bar.layout()
    if layout is None:
        return
    widths = {each: each.minimumSizeHint().width() + layout.spacing() for each in widgets}
    shown = sum(width for each, width in widths.items() if not each.isHidden())
    room = bar.width() - (layout.totalMinimumSize().width() - shown)
    needed = sum(widths.values())
    for widget, width in widths.items():
        must_go = needed > room and not widget.hasFocus()
        needed -= width if must_go else 0
        if widget.isHidden() != must_go:
            widget.setHidden(must_go)
