"""The fonts of the paper: Noto Sans SC, embedded as a subset, with text that can be searched and copied."""

from functools import cache
from importlib import resources as packaged
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont

_BLOCK = 100
_REPLACEMENT = ord("□")


class Widths(dict[str, float]):
    """The advance of each character in thousandths of the font's size, asked of the font once each."""

    def __init__(self, font: TTFont) -> None:
        super().__init__()
        face: Any = font.face
        self._widths: dict[int, float] = face.charWidths
        self._default: float = face.charWidths.get(_REPLACEMENT, face.defaultWidth)

    def __missing__(self, char: str) -> float:
        width = self._widths.get(ord(char), self._default)
        self[char] = width
        return width


def length(text: str, widths: Widths) -> float:
    """Return how long `text` is, in times the font's size."""
    return sum(map(widths.__getitem__, text)) / 1000


class PaperFont(TTFont):
    """A TrueType font whose text extracts right beyond U+FFFF, which reportlab's own ToUnicode table loses.

    Characters that the font has not got are drawn as a box rather than as nothing.
    """

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path, shapable=False)
        self.widths: Widths = Widths(self)

    def drawable(self, text: str) -> str:
        """Return `text` with a box in the place of each character that the font can't draw."""
        known: dict[int, int] = self.face.charToGlyph
        if all(map(known.__contains__, map(ord, text))):
            return text
        return "".join(char if ord(char) in known or char == "\n" else "□" for char in text)

    def addObjects(self, doc: Any) -> None:
        """Add the font's objects to `doc` (reportlab calls it on saving), each subset with our own table."""
        subsets = [list(subset) for subset in self.state[doc].subsets] if doc in self.state else []
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            name = b"".join((SUBSETN(number), b"+", self.face.name, self.face.subfontNameX)).decode("pdfdoc")
            doc.idToObject[f"toUnicodeCMap:{name}"].content = to_unicode(name, subset)


def to_unicode(name: str, subset: list[int]) -> str:
    """Return the ToUnicode CMap of a subset: UTF-16BE by code, in blocks of at most 100 (PDF 9.10.3)."""
    pairs = [f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>" for code, point in enumerate(subset)]
    blocks = []
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK]
        blocks += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            f"/CMapName /{name} def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *blocks,
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


@cache
def regular() -> PaperFont:
    """Return the text font, read and registered at the first call of the process."""
    return _registered("NotoSansSC-Regular")


@cache
def bold() -> PaperFont:
    """Return the bold font, read and registered at the first call of the process."""
    return _registered("NotoSansSC-Bold")


def _registered(name: str) -> PaperFont:
    with packaged.as_file(packaged.files("resources") / "fonts" / f"{name}.ttf") as path:
        font = PaperFont(name, str(path))
    pdfmetrics.registerFont(font)
    return font
