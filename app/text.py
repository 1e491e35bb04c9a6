"""Text at the border: what a form, a sheet, a device or a network sender hands in passes here once."""

import re
import unicodedata

LIKE_ESCAPE = "\\"
TEXT_LIMIT = 20_000
LINE_LIMIT = 250  # the length of models.base.Line

_LINE_ENDS = "\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]"
_DROPPED = (
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the reading direction
    "\ufeff\ufffe\uffff\ufff9-\ufffb]"  # byte order marks, non-characters, interlinear marks
)
_SURROGATES = "[\ud800-\udfff]"


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` as it may be stored and shown: several lines allowed, at most `limit` characters.

    Control characters (but for newline and tab) and direction marks are dropped, lone surrogates become
    U+FFFD, the rest is NFC without blanks at its ends; what is cut ends in "…". Twice is the same as once.
    """
    if not (text.isascii() and text.isprintable()):
        text = _without_controls(text)
    return _cut(text.strip(), limit)


def clean_line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return `text` cleaned as one line: each run of blanks and line ends is one space."""
    if not (text.isascii() and text.isprintable()):
        text = _without_controls(text)
    return _cut(" ".join(text.split()), limit)


def like_pattern(term: str) -> str:
    """Return the LIKE pattern for "contains `term`" with its wildcards escaped; use it with `LIKE_ESCAPE`.

    What no stored text has is left out of it, and what is longer than a line: databases refuse both.
    """
    escaped = (
        _without_controls(term)[:LINE_LIMIT]
        .replace(LIKE_ESCAPE, LIKE_ESCAPE * 2)
        .replace("%", r"\%")
        .replace("_", r"\_")
    )
    return f"%{escaped}%"


def decode(data: bytes) -> str:
    """Return the text of `data`, never raising: UTF-8, else UTF-16 by its mark, else GB18030, else Latin-1.

    Chinese switches and spreadsheets still answer in GBK, of which GB18030 is the superset; a broken byte among
    more hanzi than that is replaced.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    chinese = data.decode("gb18030", errors="replace")
    if sum("\u4e00" <= character <= "\u9fff" for character in chinese) > chinese.count("\ufffd"):
        return chinese
    return data.decode("latin-1")


def _without_controls(text: str) -> str:
    text = re.sub(_LINE_ENDS, "\n", text)
    text = re.sub(_SURROGATES, "\ufffd", re.sub(_DROPPED, "", text))
    return unicodedata.normalize("NFC", text)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + "…"
