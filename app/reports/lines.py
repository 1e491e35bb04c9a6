"""Lines of text for a given width, broken by the rules of Chinese composition (GB/T 15834: 标点避头尾)."""

from bisect import bisect_right
from itertools import accumulate
from unicodedata import combining

from app.text import clean
from app.words import tr

TEXT_LIMIT = 1_500
LINES_LIMIT = 120
_ROUNDING = 0.01

NO_START = frozenset("，。、；：？！）》】」』〉〕〗”’…—～·％‰℃°,.;:!?)]}%/゛゜々ー℉′″")
_UNSEEN = {9: " ", **dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, *range(0xFE00, 0xFE10)))}
NO_END = frozenset("（《【「『〈〔〖“‘([{￥$№#≤≥<>±□▲")


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` as it may be drawn: cleaned, cut after `limit` characters with a note that says so."""
    cleaned = clean(text, limit)
    if not cleaned.isascii() or "\t" in cleaned:
        cleaned = cleaned.translate(_UNSEEN)
    if len(text) > limit and cleaned.endswith("…"):
        return cleaned + tr("(cut for printing: {n} characters)", n=f"{len(text):,}")
    return cleaned


def broken(text: str, width: float, size: float, widths: dict[str, float]) -> list[str]:
    """Return `text` as lines at most `width` points wide at `size`; newlines hold, blanks at a break go.

    No closing mark begins a line and no opening mark ends one; Latin words, numbers with their units and
    record numbers stay whole unless they alone are wider than a line. At most LINES_LIMIT lines are made,
    the last of which then ends in "…".
    """
    room = width * 1000 / size + _ROUNDING
    if "\n" not in text:
        if sum(map(widths.__getitem__, text)) <= room:
            return [text]
        lines = _broken_paragraph(text, room, widths)
    else:
        lines = []
        for paragraph in text.split("\n"):
            lines += _broken_paragraph(paragraph.rstrip(), room, widths)
    if len(lines) > LINES_LIMIT:
        lines = [*lines[: LINES_LIMIT - 1], lines[LINES_LIMIT - 1][:-1] + "…"]
    return lines


def _broken_paragraph(text: str, room: float, widths: dict[str, float]) -> list[str]:
    ends = list(accumulate(map(widths.__getitem__, text)))
    lines = []
    start, used = 0, 0.0
    while True:
        end = bisect_right(ends, used + room, lo=start)
        if end >= len(text):
            lines.append(text[start:])
            return lines
        cut = _break_before(text, start, max(end, start + 1))
        lines.append(text[start:cut].rstrip())
        start = cut
        while start < len(text) and text[start] == " ":
            start += 1
        used = ends[start - 1]
        if start >= len(text):
            return lines


def _break_before(text: str, start: int, end: int) -> int:
    """Return the last place up to `end` where a line may end, or `end` when the line has none."""
    for place in range(end, start, -1):
        if may_break(text, place):
            return place
    return end


def may_break(text: str, place: int) -> bool:
    """Return whether a line may end before `text[place]`."""
    after, before = text[place], text[place - 1]
    if after == " ":
        return before not in NO_END
    if after in NO_START or combining(after):
        return False
    if before == " ":
        return text[:place].rstrip()[-1:] not in NO_END
    return before not in NO_END and not (_is_latin(before) and _is_latin(after))


def _is_latin(char: str) -> bool:
    return char < "\u2e80" and (char.isalnum() or char in "-_.,:;@+=&'\"\\/~^|*–")
