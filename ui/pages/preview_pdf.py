"""PDF pages as images, and onto a printer. Runs on workers; only this module knows pypdfium2.

PDFium must not be entered by two threads at once, and is loaded when the first page is asked for.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter

from app.errors import NotSaved, Refused
from app.words import tr

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_ONE_AT_A_TIME: Final = threading.Lock()
_MOST_DOTS_PER_POINT: Final = 300 / 72
_LANDSCAPE_FROM: Final = 1.05


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Return width and height of each page in points. Raises Refused for what is no PDF."""
    with _opened(pdf) as document:
        return [document.get_page_size(number) for number in range(len(document))]


def page_images(pdf: bytes, numbers: list[int], scale: float) -> dict[int, QImage]:
    """Return the pages `numbers` (from 0) as images of `scale` pixels a point."""
    with _opened(pdf) as document:
        return {number: _image(document, number, scale) for number in numbers}


def print_pages(pdf: bytes, printer: Any, progress: Callable[[float, str], None]) -> int:
    """Print the pages that the printer's dialog asks for and return how many; A4 upright or across as each page is.

    Raises NotSaved when the printer takes nothing, and what `progress` raises to stop.
    """
    sizes = page_sizes(pdf)
    numbers = list(range(max(0, printer.fromPage() - 1), min(printer.toPage() or len(sizes), len(sizes))))
    _lay(printer, sizes[numbers[0]])
    painter = QPainter()
    if not painter.begin(printer):
        raise NotSaved(tr("the printer does not take the pages."))
    try:
        for done, number in enumerate(numbers):
            progress(done / len(numbers), tr("Printing page {page} of {pages}…", page=done + 1, pages=len(numbers)))
            if done:
                _lay(printer, sizes[number])
                printer.newPage()
            scale = min(printer.resolution() / 72, _MOST_DOTS_PER_POINT)
            image = page_images(pdf, [number], scale)[number]
            painter.drawImage(_fitted(image, QRectF(painter.viewport())), image)
    finally:
        painter.end()
    return len(numbers)


def _lay(printer: Any, size: tuple[float, float]) -> None:
    """Turn the sheet as the page lies; the paper goes to its edges, because our pages have their own margins."""
    is_across = size[0] > size[1] * _LANDSCAPE_FROM
    printer.setFullPage(True)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    turned = QPageLayout.Orientation.Landscape if is_across else QPageLayout.Orientation.Portrait
    printer.setPageOrientation(turned)


def _fitted(image: QImage, room: QRectF) -> QRectF:
    factor = min(room.width() / image.width(), room.height() / image.height())
    width, height = image.width() * factor, image.height() * factor
    return QRectF(room.x() + (room.width() - width) / 2, room.y() + (room.height() - height) / 2, width, height)


def _image(document: "PdfDocument", number: int, scale: float) -> QImage:
    page = document[number]
    bitmap = page.render(scale=scale, prefer_bgrx=True)
    try:
        data = bytes(bitmap.buffer)
        return QImage(data, bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGB32).copy()
    finally:
        bitmap.close()
        page.close()


@contextmanager
def _opened(pdf: bytes) -> Iterator["PdfDocument"]:
    from pypdfium2 import PdfDocument, PdfiumError

    with _ONE_AT_A_TIME:
        try:
            document = PdfDocument(pdf)
        except PdfiumError as error:
            raise Refused(tr("This is no PDF that can be shown.")) from error
        try:
            yield document
        finally:
            document.close()
