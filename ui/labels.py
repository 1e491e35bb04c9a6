"""The one label class: text is never taken for HTML, and what does not fit is elided with the whole in the
tooltip.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

TOOLTIP_LIMIT = 800
"""Characters of a tooltip: more would be no tooltip, and laying them out would hold the window up."""


def plain_tooltip(text: str) -> str:
    """Return `text` so that Qt's tooltip shows it letter by letter, long texts cut.

    Qt guesses rich text in tooltips, so the text goes in as escaped HTML with its line breaks kept.
    """
    cut = text if len(text) <= TOOLTIP_LIMIT else text[:TOOLTIP_LIMIT] + "…"
    escaped = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    return f"<span>{escaped}</span>" if escaped else ""


class PlainLabel(QLabel):
    """A label of plain text; `role` is one of the style sheet's (secondary, title, strong, figure, wall,
    error).
    """

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None, *, wraps: bool = False) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setOpenExternalLinks(False)
        self.setWordWrap(wraps)
        if role:
            self.setProperty("role", role)
        self.setText(text)

    def set_role(self, role: str) -> None:
        """Give the label another of the style sheet's roles."""
        if (self.property("role") or "") != role:
            self.setProperty("role", role)
            if self.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else the first polish finds the role
                self.style().unpolish(self)
                self.style().polish(self)


class ElidedLabel(PlainLabel):
    """A single line that gives way to its neighbours; the whole text is in the tooltip while it does not
    fit.
    """

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, role, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().height(), super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text[:TOOLTIP_LIMIT])
        self._update_tooltip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tooltip()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self._elided()
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)

    def _elided(self) -> str:
        line = self.text().replace("\n", " ")
        return self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def _update_tooltip(self) -> None:
        text = self.text()
        self.setToolTip(plain_tooltip(text) if self._elided() != text else "")
