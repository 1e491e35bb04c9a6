"""The press: records as one PDF, drawn straight on the canvas. The same sheets give the same bytes."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import groupby
from typing import Any

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from app.reports import fonts
from app.reports.layout import (
    FOOT_HEIGHT,
    INK,
    MARGIN_BOTTOM,
    MARGIN_TOP,
    MARGIN_X,
    NOTE,
    SMALL,
    TITLE,
    TITLE_HEIGHT,
    Page,
    lay_out,
    page_size,
)
from app.reports.lines import broken, plain
from app.reports.paper import Sheet
from app.words import language, tr

CODE_SIZE = 48.0
CODE_LIFT = 4.0
HAIRLINE = 0.5
RULE_TONE = 0.2
TITLE_SPACING = 4.5
HEAD_LIMIT = 120


def render(sheets: Sequence[Sheet]) -> bytes:
    """Return `sheets` as one PDF; the pages of each are numbered for themselves, so a batch can be parted.

    Raises ValueError when there is no sheet.
    """
    if not sheets:
        raise ValueError("nothing to print")
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=page_size(sheets[0]), invariant=1, pageCompression=1)
    canvas.setTitle(_head(" · ".join(part for part in (sheets[0].title, sheets[0].number) if part)))
    canvas.setAuthor(_head(sheets[0].unit))
    canvas.setCreator("Watchroom")
    canvas.setCatalogEntry("Lang", language().replace("_", "-"))
    with _no_collection():
        for serial, sheet in enumerate(sheets):
            _sheet(canvas, sheet, serial)
        canvas.save()
    return buffer.getvalue()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave cycles alone meanwhile: what is laid out has none, and to look for them makes late pages dearer."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _sheet(canvas: Canvas, sheet: Sheet, serial: int) -> None:
    form = f"code-{serial}"
    if sheet.mark:
        _code_form(canvas, form, sheet.mark.code)
    pages = lay_out(sheet)
    canvas.setPageSize(page_size(sheet))
    for number, page in enumerate(pages, 1):
        if number == 1:
            _bookmark(canvas, sheet, serial)
            _title(canvas, sheet)
        _margins(page, sheet, number, len(pages))
        _page(canvas, page)
        if sheet.mark:
            _place_code(canvas, sheet, form)
        canvas.showPage()


def _page(canvas: Canvas, page: Page) -> None:
    for x, y, width, height, colour in page.fills:
        canvas.setFillColorRGB(*colour)
        canvas.rect(x, y, width, height, stroke=0, fill=1)
    for x, y, width, height, jpeg in page.pictures:
        canvas.drawImage(ImageReader(BytesIO(jpeg)), x, y, width, height)
    canvas.setLineWidth(HAIRLINE)
    canvas.setLineCap(2)
    canvas.setStrokeGray(RULE_TONE)
    path = canvas.beginPath()
    for x1, y1, x2, y2 in page.rules:
        path.moveTo(x1, y1)
        path.lineTo(x2, y2)
    canvas.drawPath(path)
    text = canvas.beginText()
    current = None
    for x, y, piece, looks in page.texts:
        if looks != current:
            is_bold, size, tone = current = looks
            text.setFont((fonts.bold() if is_bold else fonts.regular()).fontName, size)
            text.setFillGray(tone)
        text.setTextOrigin(x, y)
        text.textOut(piece)
    canvas.drawText(text)


def _margins(page: Page, sheet: Sheet, number: int, count: int) -> None:
    """Add what stands at the head and at the foot of each page; from the second on also whose page it is."""
    width, height = page_size(sheet)
    top, foot = height - MARGIN_TOP - SMALL, MARGIN_BOTTOM + 3.0
    share = (width - 2 * MARGIN_X) / 3
    form = _note(sheet.form, share)
    notes = [(MARGIN_X, top, _note(sheet.unit, share)), (_right(form, width), top, form)]
    if number > 1:
        running = _note(" · ".join(part for part in (sheet.title, sheet.number) if part), share)
        notes.append(((width - _length(running)) / 2, top, running))
    pages = tr("Page {page} of {pages}", page=number, pages=count)
    notes += [(MARGIN_X, foot, _note(sheet.printed, 2 * share)), (_right(pages, width), foot, pages)]
    rule = MARGIN_BOTTOM + FOOT_HEIGHT - 4.0
    page.rules.append((MARGIN_X, rule, width - MARGIN_X, rule))
    if sheet.mark:
        edge = width - MARGIN_X - CODE_SIZE - 6.0
        for row, words in enumerate(reversed(sheet.mark.lines)):
            line = _note(words, 2 * share)
            notes.append((edge - _length(line), rule + CODE_LIFT + 8.0 + row * 10.0, line))
    page.texts += [(x, y, text, NOTE) for x, y, text in notes]


def _title(canvas: Canvas, sheet: Sheet) -> None:
    """Draw the title in the middle: spaced out as Chinese forms do, yet extracted as one word."""
    width, height = page_size(sheet)
    font, title = fonts.bold(), plain(sheet.title, HEAD_LIMIT)
    spacing = 0.0 if title.isascii() else TITLE_SPACING
    natural = fonts.length(title, font.widths)
    size = min(TITLE, (width - 2 * MARGIN_X - spacing * len(title)) / max(natural, 1.0))
    length = natural * size + spacing * (len(title) - 1)
    text = canvas.beginText((width - length) / 2, height - MARGIN_TOP - TITLE_HEIGHT)
    text.setFont(font.fontName, size)
    text.setFillGray(INK)
    text.setCharSpace(spacing)
    text.textOut(font.drawable(title))
    text.setCharSpace(0)
    canvas.drawText(text)


def _bookmark(canvas: Canvas, sheet: Sheet, serial: int) -> None:
    canvas.bookmarkPage(f"record-{serial}")
    canvas.addOutlineEntry(plain(sheet.number or sheet.title, HEAD_LIMIT), f"record-{serial}")


def _code_form(canvas: Canvas, name: str, code: str) -> None:
    """Define the QR code of `code` once, as a form that each page of the record repeats."""
    rows = _modules(code)
    module = CODE_SIZE / len(rows)
    canvas.beginForm(name, 0, 0, CODE_SIZE, CODE_SIZE)
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for number, row in enumerate(rows, 1):
        for start, length in _runs(row):
            path.rect(start * module, CODE_SIZE - number * module, length * module, module)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.endForm()


def _modules(code: str) -> list[list[bool]]:
    """Return the rows of the QR code of `code`, True for a dark module."""
    qr: Any = QRCode(None, QRErrorCorrectLevel.M)
    qr.addData(code)
    qr.make()
    count = qr.getModuleCount()
    return [[bool(qr.isDark(row, column)) for column in range(count)] for row in range(count)]


def _runs(dark: Sequence[bool]) -> list[tuple[int, int]]:
    """Return (start, length) of each run of dark modules."""
    runs = []
    start = 0
    for is_dark, group in groupby(dark):
        length = len(list(group))
        if is_dark:
            runs.append((start, length))
        start += length
    return runs


def _place_code(canvas: Canvas, sheet: Sheet, form: str) -> None:
    width, _height = page_size(sheet)
    canvas.saveState()
    canvas.translate(width - MARGIN_X - CODE_SIZE, MARGIN_BOTTOM + FOOT_HEIGHT + CODE_LIFT)
    canvas.doForm(form)
    canvas.restoreState()


def _head(text: str) -> str:
    return fonts.regular().drawable(plain(text, HEAD_LIMIT).replace("\n", " "))


def _note(text: str, room: float) -> str:
    """Return `text` in one line at most `room` wide, what does not fit cut with "…"."""
    widths = fonts.regular().widths
    lines = broken(_head(text), room - SMALL, SMALL, widths)
    return lines[0] if len(lines) == 1 else f"{lines[0]}…"


def _length(text: str) -> float:
    return fonts.length(text, fonts.regular().widths) * SMALL


def _right(text: str, width: float) -> float:
    return width - MARGIN_X - _length(text)
