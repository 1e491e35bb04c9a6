"""The paper: what a printed record is made of. `press.render` turns it into a PDF."""

from dataclasses import dataclass
from enum import Enum


class Align(Enum):
    LEFT = 0.0
    CENTER = 0.5
    RIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a grid: `width` points, and `grow` shares of what the fixed widths leave of the page.

    Where the page is too narrow for all, a column keeps `least` as long as there is room for that.
    """

    title: str
    width: float = 0.0
    align: Align = Align.LEFT
    grow: float = 0.0
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a grid. Cells whose numbers are in `bold` are bold, the first `struck` ones struck through."""

    cells: tuple[str, ...]
    bold: tuple[int, ...] = ()
    struck: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A row over the grid's whole width that heads the lines after it."""

    title: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose header row stands on each page; `totals` close it in bold, `line_height` is a line's least."""

    columns: tuple[Column, ...]
    lines: tuple[Line | Section, ...]
    totals: tuple[str, ...] = ()
    line_height: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """The table at the head: rows of (label, value) pairs, the pairs of a row equally wide."""

    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Remarks:
    """Labelled boxes under each other: (label, text); an empty one is `room` points high, for the pen."""

    boxes: tuple[tuple[str, str], ...]
    room: float = 38.0


@dataclass(frozen=True, slots=True)
class Signatures:
    """Boxes that are signed and dated with the pen, and one for the seal; never torn over two pages.

    A name given with a label is printed behind it: who signed in the program. It is joined to the box above.
    """

    boxes: tuple[tuple[str, str], ...]
    date: str
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Photographs, two in a row: (caption, content of a JPEG or PNG file)."""

    pictures: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of bold text over the block after it."""

    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty space between two blocks."""

    height: float = 6.0


Block = Grid | Facts | Remarks | Signatures | Pictures | Heading | Gap


@dataclass(frozen=True, slots=True)
class Mark:
    """What lets a printed record be checked: the text of its QR code and the lines beside it."""

    code: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One record: `unit` and `form` stand at the head of each page, `printed` at its foot."""

    title: str
    unit: str
    form: str
    blocks: tuple[Block, ...]
    number: str = ""
    printed: str = ""
    mark: Mark | None = None
    landscape: bool = False
