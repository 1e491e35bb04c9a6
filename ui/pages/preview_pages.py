"""The pages of a PDF under each other; only what is in sight is drawn, by a worker, at the screen's own sharpness."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from ui.context import Context
from ui.pages.preview_pdf import page_images

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.work import Job

GAP = 16
STEP = 1.2
SMALLEST, LARGEST = 0.3, 4.0
COMFORTABLE = 1.6
KEPT_PAGES = 8


class PreviewPages(QAbstractScrollArea):
    """Give it a PDF and its pages' sizes. `moved(page, pages)` follows the scrolling, pages counted from 1."""

    moved = Signal(int, int)
    failed = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("previewPages")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._context = context
        self._pdf = b""
        self._words = ""
        self._sizes: list[tuple[float, float]] = []
        self._boxes: list[QRect] = []
        self._images: dict[int, QImage] = {}
        self._job: Job | None = None
        self._scale = 1.0
        self._fits = True
        context.theme.changed.connect(self.viewport().update)
        self.verticalScrollBar().valueChanged.connect(lambda _at: self._say_place())

    @property
    def count(self) -> int:
        return len(self._sizes)

    @property
    def is_drawn(self) -> bool:
        """Whether every page in sight is there at the present size."""
        return bool(self._sizes) and not self._missing()

    def show_words(self, words: str) -> None:
        """Show a sentence in place of pages."""
        self._words, self._pdf, self._sizes = words, b"", []
        self._forget()
        self._lay_out()

    def show_pdf(self, pdf: bytes, sizes: list[tuple[float, float]]) -> None:
        """Show the pages from the first on."""
        self._words, self._pdf, self._sizes = "", pdf, sizes
        self._forget()
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        self._say_place()

    def zoom_in(self) -> None:
        self._zoom(self._scale * STEP)

    def zoom_out(self) -> None:
        self._zoom(self._scale / STEP)

    def fit_width(self) -> None:
        """Make the widest page as wide as the view, at most comfortably large."""
        self._fits = True
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_in() if event.angleDelta().y() > 0 else self.zoom_out()
            event.accept()
            return
        super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.colour("window"))
        if self._words:
            painter.setPen(theme.colour("secondary"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._words)
            return
        for number, box in self._in_sight():
            painter.fillRect(box, Qt.GlobalColor.white)
            image = self._images.get(number)
            if image is not None:
                painter.drawImage(box, image)
            painter.setPen(theme.colour("hair"))
            painter.drawRect(box.adjusted(-1, -1, 0, 0))
        self._draw_missing()

    def _zoom(self, scale: float) -> None:
        middle = self.verticalScrollBar().value() + self.viewport().height() / 2
        before = self._scale
        self._fits, self._scale = False, min(LARGEST, max(SMALLEST, scale))
        self._lay_out()
        self.verticalScrollBar().setValue(round(middle * self._scale / before - self.viewport().height() / 2))

    def _lay_out(self) -> None:
        widest = max((width for width, _height in self._sizes), default=1.0)
        if self._fits:
            self._scale = min(COMFORTABLE, max(SMALLEST, (self.viewport().width() - 2 * GAP) / widest))
        whole = max(self.viewport().width(), round(widest * self._scale) + 2 * GAP)
        self._boxes = []
        top = GAP
        for width, height in self._sizes:
            wide, high = round(width * self._scale), round(height * self._scale)
            self._boxes.append(QRect((whole - wide) // 2, top, wide, high))
            top += high + GAP
        self.verticalScrollBar().setRange(0, max(0, top - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(GAP * 3)
        self.horizontalScrollBar().setRange(0, max(0, whole - self.viewport().width()))
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.viewport().update()

    def _in_sight(self) -> list[tuple[int, QRect]]:
        away = QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        seen = self.viewport().rect()
        placed = ((number, box.translated(-away)) for number, box in enumerate(self._boxes))
        return [(number, box) for number, box in placed if box.intersects(seen)]

    def _missing(self) -> list[int]:
        """Return the pages in sight that are not there, or not at the present size."""
        ratio = self.devicePixelRatioF()
        wanted = []
        for number, box in self._in_sight():
            image = self._images.get(number)
            if image is None or abs(image.width() - box.width() * ratio) > 2:
                wanted.append(number)
        return wanted

    def _draw_missing(self) -> None:
        missing = self._missing()
        if not missing or (self._job is not None and not self._job.is_cancelled):
            return
        scale = self._scale * self.devicePixelRatioF()
        self._job = self._context.work.run(
            _drawn, self._pdf, missing, scale, done=partial(self._take, self._pdf), failed=self.failed.emit, owner=self
        )

    def _take(self, pdf: bytes, images: dict[int, QImage]) -> None:
        self._job = None
        if pdf is not self._pdf:
            return
        self._images |= images
        seen = {number for number, _box in self._in_sight()}
        for number in [number for number in self._images if number not in seen][:-KEPT_PAGES]:
            del self._images[number]
        self.viewport().update()

    def _forget(self) -> None:
        if self._job:
            self._job.cancel()
        self._job = None
        self._images = {}

    def _say_place(self) -> None:
        middle = self.viewport().height() // 2
        page = next((number + 1 for number, box in self._in_sight() if box.bottom() >= middle), self.count)
        self.moved.emit(page, self.count)


def _drawn(_desk: "Desk", _job: "Job", pdf: bytes, numbers: list[int], scale: float) -> dict[int, QImage]:
    return page_images(pdf, numbers, scale)
