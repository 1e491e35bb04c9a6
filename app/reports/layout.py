"""From a sheet to pages: lines are broken once and every mark gets its place; nothing is drawn here.

Lengths are points, the origin is the page's lower left corner, as in PDF.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from app.reports import fonts
from app.reports.lines import TEXT_LIMIT, broken, plain
from app.reports.paper import Align, Facts, Gap, Grid, Heading, Line, Pictures, Remarks, Section, Sheet, Signatures
from app.reports.pictures import Printable, printable
from app.words import tr

PORTRAIT = (595.276, 841.89)
MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 37.5, 34.5, 25.5
SIZE, SMALL, TITLE = 8.0, 7.1, 15.0
LEADING = 11.6
PAD_X, PAD_Y = 4.5, 2.3
MIDDLE = 0.38
HEAD_HEIGHT, TITLE_HEIGHT, FOOT_HEIGHT, MARK_HEIGHT = 14.0, 30.0, 16.0, 60.0
SIGNATURE_HEIGHT = 44.0
SEAL_SHARE = 0.4
KEPT_TOGETHER = 400.0
PICTURE_HEIGHT = 190.0
NARROWEST_LABEL, WIDEST_LABEL = 60.0, 88.0
HEADER_TONE, SECTION_TONE = (0.941, 0.949, 0.957), (0.91, 0.929, 0.949)
INK, GREY = 0.07, 0.27

Looks = tuple[bool, float, float]
TEXT: Looks = (False, SIZE, INK)
BOLD: Looks = (True, SIZE, INK)
NOTE: Looks = (False, SMALL, GREY)

Tone = tuple[float, float, float]


@dataclass(slots=True)
class Page:
    """The marks of a page: texts (x, y, text, looks) in reading order, boxes (x, y, w, h, tone), hairlines, JPEGs."""

    texts: list[tuple[float, float, str, Looks]] = field(default_factory=list)
    fills: list[tuple[float, float, float, float, Tone]] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)
    pictures: list[tuple[float, float, float, float, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cell:
    """The place and looks of one cell of a row."""

    x: float
    width: float
    align: Align = Align.LEFT
    bold: bool = False
    tone: Tone | None = None
    at_top: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a page that blocks may fill."""

    left: float
    right: float
    top: float
    bottom: float
    first_top: float

    @property
    def width(self) -> float:
        return self.right - self.left


def page_size(sheet: Sheet) -> tuple[float, float]:
    """Return width and height of the sheet's pages."""
    return (PORTRAIT[1], PORTRAIT[0]) if sheet.landscape else PORTRAIT


def lay_out(sheet: Sheet) -> list[Page]:
    """Return the sheet's pages, at least one, without what stands outside their frame (head, foot, code)."""
    width, height = page_size(sheet)
    top = height - MARGIN_TOP - HEAD_HEIGHT
    bottom = MARGIN_BOTTOM + FOOT_HEIGHT + (MARK_HEIGHT if sheet.mark else 0.0)
    flow = Flow(Frame(MARGIN_X, width - MARGIN_X, top, bottom, top - TITLE_HEIGHT))
    for block, following in zip_longest(sheet.blocks, sheet.blocks[1:]):
        if isinstance(block, Grid):
            _grid(flow, block)
        elif isinstance(block, Facts):
            _facts(flow, block)
        elif isinstance(block, Remarks):
            _remarks(flow, block, isinstance(following, Signatures))
        elif isinstance(block, Signatures):
            _signatures(flow, block)
        elif isinstance(block, Pictures):
            _pictures(flow, block)
        elif isinstance(block, Heading):
            _heading(flow, block)
        else:
            _gap(flow, block)
    return flow.finished()


class Flow:
    """Fills pages with rows from the top down; rows that follow each other share their rule."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.pages = [Page()]
        self.y = frame.first_top
        self._grid_top = self.y
        self._edges: tuple[float, ...] = ()

    @property
    def room(self) -> float:
        """What is left of this page, in points."""
        return self.y - self.frame.bottom

    def turn(self) -> None:
        """Go on at the top of a new page."""
        self.close()
        self.pages.append(Page())
        self.y = self.frame.top

    def close(self) -> None:
        """End the run of rows that share their upright rules."""
        page = self.pages[-1]
        for x in self._edges:
            page.rules.append((x, self._grid_top, x, self.y))
        self._edges = ()

    def skip(self, height: float) -> None:
        """Leave space, unless a page begins here."""
        self.close()
        if self.y != self.frame.top:
            self.y -= height

    def put(
        self,
        cells: Sequence[Cell],
        texts: Iterable[str],
        minimum: float = 0.0,
        struck: int = 0,
        again: Callable[[], None] | None = None,
    ) -> None:
        """Set one row, on the next page when it does not fit here; one higher than a page is continued there.

        The texts of the first `struck` cells are struck through; `again` sets what a new page begins with.
        """
        lines = [_lines(text, cell) for cell, text in zip(cells, texts, strict=True)]
        height = max(minimum, _height(lines))
        if height > self.room:
            if height <= self.frame.top - self.frame.bottom - 60 or self.room < 4 * LEADING:
                self._turn_with(again)
            while height > self.room:
                fit = max(1, int((self.room - 2 * PAD_Y) / LEADING))
                self._row(cells, [part[:fit] for part in lines], self.room, struck)
                lines = [part[fit:] for part in lines]
                height = _height(lines)
                self._turn_with(again)
        self._row(cells, lines, height, struck)

    def finished(self) -> list[Page]:
        """Return the pages, the last run of rows closed."""
        self.close()
        return self.pages

    def _turn_with(self, again: Callable[[], None] | None) -> None:
        self.turn()
        if again:
            again()

    def _row(self, cells: Sequence[Cell], lines: list[list[str]], height: float, struck: int) -> None:
        page = self.pages[-1]
        self._rules(page, cells, height)
        for place, (cell, cell_lines) in enumerate(zip(cells, lines, strict=True)):
            if cell.tone:
                page.fills.append((cell.x, self.y - height, cell.width, height, cell.tone))
            spare = 2 * PAD_Y if cell.at_top else height - len(cell_lines) * LEADING
            base = self.y - spare / 2 - LEADING / 2 - MIDDLE * SIZE
            looks = BOLD if cell.bold else TEXT
            for line in cell_lines:
                if line:
                    x = _start(line, cell)
                    page.texts.append((x, base, line, looks))
                    if place < struck:
                        page.rules.append((x, base + MIDDLE * SIZE, x + _width(line, cell), base + MIDDLE * SIZE))
                base -= LEADING
        self.y -= height

    def _rules(self, page: Page, cells: Sequence[Cell], height: float) -> None:
        edges = (*[cell.x for cell in cells], cells[-1].x + cells[-1].width)
        left, right = edges[0], edges[-1]
        if edges != self._edges:
            self.close()
            page.rules.append((left, self.y, right, self.y))
            self._edges, self._grid_top = edges, self.y
        page.rules.append((left, self.y - height, right, self.y - height))


def _lines(text: str, cell: Cell) -> list[str]:
    font = fonts.bold() if cell.bold else fonts.regular()
    return broken(font.drawable(plain(text)), cell.width - 2 * PAD_X, SIZE, font.widths)


def _height(lines: Iterable[list[str]]) -> float:
    return max(map(len, lines)) * LEADING + 2 * PAD_Y


def _width(line: str, cell: Cell) -> float:
    font = fonts.bold() if cell.bold else fonts.regular()
    return fonts.length(line, font.widths) * SIZE


def _start(line: str, cell: Cell) -> float:
    if cell.align is Align.LEFT:
        return cell.x + PAD_X
    return cell.x + PAD_X + (cell.width - 2 * PAD_X - _width(line, cell)) * float(cell.align.value)


def _grid(flow: Flow, grid: Grid) -> None:
    cells = _cells(flow.frame, grid)
    heads = [replace(cell, align=Align.CENTER, bold=True, tone=HEADER_TONE) for cell in cells]
    section = (Cell(flow.frame.left, flow.frame.width, bold=True, tone=SECTION_TONE),)
    titles = [column.title for column in grid.columns]
    looks: dict[tuple[int, ...], list[Cell]] = {(): cells}

    def header() -> None:
        flow.put(heads, titles)

    if flow.room < 5 * LEADING:
        flow.turn()
    header()
    for line in grid.lines:
        if isinstance(line, Section):
            if flow.room < 4 * LEADING:
                flow.turn()
                header()
            flow.put(section, (line.title,), again=header)
        else:
            flow.put(_looks(looks, line), line.cells, grid.line_height, line.struck, header)
    if grid.totals:
        closing = [replace(cell, bold=True, tone=HEADER_TONE) for cell in cells]
        flow.put(closing, grid.totals, again=header)


def _looks(known: dict[tuple[int, ...], list[Cell]], line: Line) -> list[Cell]:
    if line.bold not in known:
        known[line.bold] = [replace(cell, bold=number in line.bold) for number, cell in enumerate(known[()])]
    return known[line.bold]


def _cells(frame: Frame, grid: Grid) -> list[Cell]:
    """Return the columns' places; `grow` shares what the fixed widths leave, a table too wide is pressed."""
    fixed = sum(column.width for column in grid.columns)
    shares = sum(column.grow for column in grid.columns)
    spare = frame.width - fixed
    kept = sum(column.least for column in grid.columns)
    if kept >= min(fixed, frame.width):
        kept = 0.0
    press = 1.0 if spare >= 0 and shares else (frame.width - kept) / (fixed - kept)
    cells, x = [], frame.left
    for column in grid.columns:
        least = column.least if kept else 0.0
        width = least + (column.width - least) * press
        width += max(0.0, spare) * column.grow / shares if shares else 0.0
        cells.append(Cell(x, width, column.align))
        x += width
    return cells


def _facts(flow: Flow, facts: Facts) -> None:
    label = _label_width([title for row in facts.rows for title, _value in row])
    for row in facts.rows:
        share = flow.frame.width / len(row)
        cells: list[Cell] = []
        for number in range(len(row)):
            x = flow.frame.left + number * share
            cells.append(Cell(x, label, Align.CENTER, bold=True, tone=HEADER_TONE))
            cells.append(Cell(x + label, share - label))
        flow.put(cells, [text for pair in row for text in pair])


def _label_width(labels: Sequence[str]) -> float:
    """Return a width at which most labels stand in one line, the same one for a block."""
    longest = max(fonts.length(label[:TEXT_LIMIT], fonts.bold().widths) for label in ("", *labels)) * SIZE
    return min(WIDEST_LABEL, max(NARROWEST_LABEL, longest + 2 * PAD_X + 1))


def _remarks(flow: Flow, remarks: Remarks, are_signed: bool) -> None:
    """Set the boxes, on a new page rather than torn from each other and from the signatures under them."""
    left, label = flow.frame.left, _label_width([title for title, _text in remarks.boxes])
    cells = (
        Cell(left, label, Align.CENTER, bold=True, tone=HEADER_TONE),
        Cell(left + label, flow.frame.width - label),
    )
    heights = [
        max(_height([_lines(text, cells[1])]), 0.0 if text.strip() else remarks.room) for _title, text in remarks.boxes
    ]
    needed = sum(heights) + (SIGNATURE_HEIGHT if are_signed else 0.0)
    if flow.room < needed < KEPT_TOGETHER:
        flow.turn()
    for title, text in remarks.boxes:
        flow.put(cells, (title, text), 0.0 if text.strip() else remarks.room)


def _signatures(flow: Flow, block: Signatures) -> None:
    shares = len(block.boxes) + (SEAL_SHARE if block.seal else 0.0)
    unit = flow.frame.width / shares
    cells = [Cell(flow.frame.left + number * unit, unit, at_top=True) for number in range(len(block.boxes))]
    texts = [f"{label}\n{name}" for label, name in block.boxes]
    if block.seal:
        cells.append(Cell(flow.frame.right - unit * SEAL_SHARE, unit * SEAL_SHARE, at_top=True))
        texts.append(block.seal)
    if flow.room < SIGNATURE_HEIGHT:
        flow.turn()
    flow.put(cells, texts, SIGNATURE_HEIGHT)
    page, base = flow.pages[-1], flow.y + PAD_Y + LEADING / 2 - MIDDLE * SIZE
    for cell in cells[: len(block.boxes)]:
        dated = replace(cell, align=Align.RIGHT)
        page.texts.append((_start(block.date, dated), base, block.date, TEXT))


def _pictures(flow: Flow, block: Pictures) -> None:
    half = flow.frame.width / 2
    cells = tuple(Cell(flow.frame.left + side * half, half, Align.CENTER, at_top=True) for side in (0, 1))
    for start in range(0, len(block.pictures), 2):
        pair = block.pictures[start : start + 2]
        made = [printable(content) for _caption, content in pair]
        captions = [
            caption if picture else f"{caption}\n" + tr("(This picture can't be printed: damaged or too large.)")
            for (caption, _content), picture in zip(pair, made, strict=True)
        ]
        texts = (*captions, *[""] * (2 - len(pair)))
        caption_height = _height([_lines(text, cell) for text, cell in zip(texts, cells, strict=True)])
        flow.put(cells, texts, caption_height + (PICTURE_HEIGHT if any(made) else 0.0))
        for cell, picture in zip(cells, made, strict=False):
            if picture:
                flow.pages[-1].pictures.append(_placed(picture, cell, flow.y))


def _placed(picture: Printable, cell: Cell, bottom: float) -> tuple[float, float, float, float, bytes]:
    """Return the picture in the middle of the cell's lower part, as large as fits."""
    scale = min((cell.width - 2 * PAD_X) / picture.width, (PICTURE_HEIGHT - 2 * PAD_Y) / picture.height)
    width, height = picture.width * scale, picture.height * scale
    return (
        cell.x + (cell.width - width) / 2,
        bottom + (PICTURE_HEIGHT - height) / 2,
        width,
        height,
        picture.jpeg,
    )


def _heading(flow: Flow, heading: Heading) -> None:
    flow.close()
    if flow.room < 6 * LEADING:
        flow.turn()
    font = fonts.bold()
    for line in broken(font.drawable(plain(heading.text)), flow.frame.width, SIZE, font.widths):
        flow.y -= LEADING
        flow.pages[-1].texts.append((flow.frame.left, flow.y + 2.5, line, BOLD))
    flow.y -= 1.5


def _gap(flow: Flow, gap: Gap) -> None:
    flow.skip(gap.height)
