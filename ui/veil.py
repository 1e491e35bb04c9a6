"""A veil over what can no longer be trusted to be fresh: greyed, with how old it is."""

from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.times import age
from app.words import tr
from ui.theme import Theme

TICK_MS = 1_000
STRENGTH = 150
PAD = 10


class Veil(QWidget):
    """Lies over `under` while it is shown; what lies below can still be looked at and used."""

    def __init__(self, theme: Theme, under: QWidget) -> None:
        super().__init__(under)
        self._theme, self._since = theme, datetime.now(UTC)
        self.setObjectName("veil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tell)
        under.installEventFilter(self)

    def lower_over(self, since: datetime | None = None) -> None:
        """Grey what lies below, which is as it was at `since`."""
        self._since = since or datetime.now(UTC)
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self._tell()
        self._clock.start()
        self.show()
        self.raise_()

    def lift(self) -> None:
        self._clock.stop()
        self.hide()

    def words(self) -> str:
        """Return how old it is, as it is painted and read aloud."""
        return tr("as it was {time} ago", time=age(self._since, datetime.now(UTC)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        grey = QColor(self._theme.colour("surface"))  # the theme's own stays as it is: everything paints with it
        grey.setAlpha(STRENGTH)
        painter.fillRect(event.rect(), grey)
        painter.setFont(self._theme.font())
        text = self.words()
        room = painter.fontMetrics().size(0, text)
        box = QRect(0, 0, room.width() + 2 * PAD, room.height() + PAD)
        box.moveTopRight(self.rect().topRight())
        painter.fillRect(box, self._theme.colour("raised"))
        painter.setPen(self._theme.colour("text"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def _tell(self) -> None:
        self.setAccessibleName(self.words())
        self.update()
