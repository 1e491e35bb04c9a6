"""A page: other work that opens in the window's centre, with a bar like a dock's and the way back."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.words import tr
from ui.banner import Banners
from ui.context import Context
from ui.panel import Bar, Panel


class Page(QWidget, Panel):
    """Subclasses fill `body`, put their actions into `bar` and answer `show_row`."""

    def __init__(self, name: str, title: str, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context, self.name = context, name
        self.setObjectName("page")
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = Bar(name, title, context, self)
        self.bar.offer_more()
        self.bar.add_icon_button("close", tr("Back to the panels"), lambda: context.nav.open(""))
        self.banners = Banners(self)
        context.live.back.connect(self.come_back)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addLayout(self.body, 1)
        layout.addWidget(self.banners)

    def show_row(self, key: object) -> None:
        """Show one row (None: as the page was left); called each time that the page is opened."""
