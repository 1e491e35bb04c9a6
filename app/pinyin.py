"""Finding Chinese names by pinyin and by initials: hxjhj finds 核心交换机 (UX 11)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

SEARCH_LIMIT = 400

_OTHER_READINGS = 6
_HAN = re.compile(r"[\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_JOINTS = re.compile(r"[\s\-_./·,，、:：()（）]+")


def search_text(*names: str, limit: int = SEARCH_LIMIT) -> str:
    """Return what a search over `names` looks at: the names, their pinyin and their initials, in lower case.

    Other readings of a character (重, 行, 长) are there too. At most `limit` characters.
    """
    return " ".join(found for name in names if (found := _search_text(name)))[:limit]


def matches(term: str, searched: str) -> bool:
    """Return whether each word of `term` occurs in `searched`, a text that `search_text` made."""
    return all(word in searched for word in term.casefold().split())


@lru_cache(maxsize=65_536)
def _search_text(name: str) -> str:
    plain = name.casefold().strip()
    if not _HAN.search(plain):
        return plain
    spellings, initials = _spelled(plain, initials=False), _spelled(plain, initials=True)
    return " ".join(dict.fromkeys([plain, spellings[0], initials[0], *spellings, *initials]))


def _spelled(name: str, initials: bool) -> list[str]:
    """Return the most likely spelling of `name`, then those with one other reading; the rest stays as it is."""
    # Imported here because its dictionary takes 0.3 s, which the first window would wait for.
    from pypinyin import Style, lazy_pinyin, pinyin

    style = Style.FIRST_LETTER if initials else Style.NORMAL
    likely = lazy_pinyin(name, style=style)
    choices = pinyin(name, style=style, heteronym=True)
    spelled = [likely]
    if len(choices) == len(likely):
        spelled += islice(_variants(likely, choices), _OTHER_READINGS)
    return [_JOINTS.sub("", "".join(parts)) for parts in spelled]


def _variants(likely: list[str], choices: list[list[str]]) -> Iterator[list[str]]:
    for place, readings in enumerate(choices):
        for reading in readings:
            if reading != likely[place]:
                yield [*likely[:place], reading, *likely[place + 1 :]]
