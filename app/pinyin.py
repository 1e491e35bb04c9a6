"""Finding Chinese names by pinyin and by initials: hxjhj finds 核心交换机 (UX 11)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

SEARCH_LIMIT = 400

_OTHER_READINGS = 6
_LONGEST_VARIED = 12
_HAN = re.compile(r"[\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PARTS = re.compile(f"{_HAN.pattern}|(?:(?!{_HAN.pattern}).)+", re.DOTALL)
_JOINTS = re.compile(r"[\s\-_./·,，、:：()（）]+")


_Part = tuple[str, str]


def search_text(*names: str, limit: int = SEARCH_LIMIT) -> str:
    """Return what a search over `names` looks at: the names, their pinyin and their initials, in lower case.

    Other readings of a character (重, 行, 长, the surname 单) follow behind these. At most `limit` long.
    """
    found = [_search_texts(name) for name in names if name.strip()]
    texts = [text for likely, _ in found for text in likely] + [text for _, others in found for text in others]
    return " ".join(dict.fromkeys(texts))[:limit]


def matches(term: str, searched: str) -> bool:
    """Return whether each word of `term` occurs in `searched`, a text that `search_text` made."""
    return all(word in searched for word in term.casefold().split())


@lru_cache(maxsize=65_536)
def _search_texts(name: str) -> tuple[list[str], list[str]]:
    """Return the name with its likely spellings, and spellings by other readings."""
    plain = name.casefold().strip()
    if not _HAN.search(plain):
        return [plain], []
    syllables = _likely(plain)
    spelled = [plain, _joined(syllables), _joined(_initials(syllables))]
    if len(syllables) > _LONGEST_VARIED:
        return spelled, []
    varied = list(islice(_variants(syllables), _OTHER_READINGS))
    return spelled, [_joined(part) for other in varied for part in (other, _initials(other))]


def _likely(name: str) -> list[_Part]:
    """Return each Chinese character with its likely reading in this name; other runs read as they are."""
    # Imported here because its dictionary takes 0.3 s, which the first window would wait for.
    from pypinyin import lazy_pinyin

    parts = _PARTS.findall(name)
    readings = lazy_pinyin(name)
    if len(readings) != len(parts):
        readings = ["".join(lazy_pinyin(part)) for part in parts]
    return list(zip(parts, readings, strict=True))


def _variants(syllables: list[_Part]) -> Iterator[list[_Part]]:
    """Yield `syllables` with one character read in another way."""
    for place, (part, likely) in enumerate(syllables):
        for reading in _all_readings(part):
            if reading != likely:
                yield [*syllables[:place], (part, reading), *syllables[place + 1 :]]


@lru_cache(maxsize=4_096)
def _all_readings(part: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    if not _HAN.fullmatch(part):
        return ()
    return tuple(pinyin(part, style=Style.NORMAL, heteronym=True)[0])


def _initials(syllables: list[_Part]) -> list[_Part]:
    """Return the first letter of each Chinese character's reading; other runs (H3C, 2F) stay whole."""
    return [(part, reading[:1] if _HAN.fullmatch(part) else reading) for part, reading in syllables]


def _joined(syllables: list[_Part]) -> str:
    return _JOINTS.sub("", "".join(reading for _, reading in syllables))
