"""Texts that break programs: what people, devices and attackers really send."""

from random import Random

FIXED = (
    "",
    " ",
    "\x00",
    "a\x00b\x1b[31mred",
    "\u202egnp.exe\u202c",
    "\u2066\u2067\u200f",
    "\ud800 lone",
    "\ufeffmark",
    "<b>bold</b><img src=/etc/passwd>",
    "<table>" * 40 + "x" + "</table>" * 40,
    "<script>alert(1)</script>",
    "&lt;b&gt; &amp; &#0;",
    '=HYPERLINK("http://192.0.2.1","x")',
    "+1+1",
    "-2+3|cmd",
    "@SUM(A1)",
    "'; DROP TABLE incident; --",
    "%s %n {0} {name} {n!r} ${x} %(x)s",
    "100% _ \\ [a-z]* ?",
    "../../../etc/passwd",
    "CON",
    "\r\n\r\nline\u2028line\u2029line\x85line",
    "\t\tcell\tcell",
    "😀👨‍👩‍👧 ﷽ สวัสดี 䶮㛃𬭎",
    "é" + "\u0301" * 200,
    "中" * 5_000,
    "x" * 1_000_000,
    "<b>" * 300_000,
    "，" * 1_000_000,
    "\n" * 100_000,
    "字 " * 20_000,
    "9999-12-31 23:59:59",
    "NaN",
    "1e400",
    "0x1F",
    "True",
)

_PIECES = (*FIXED[1:26], "中文", "，", "www.example.org", "a" * 300, "\u0e01\u0e33" * 40, "\U00020000" * 30, "\n", " ")
_RANGES = ((0x00, 0x7F), (0x80, 0x2FF), (0x300, 0x36F), (0x590, 0x8FF), (0x900, 0xE7F), (0x2000, 0x27BF))
_WIDE = ((0x3000, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xFFFD), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF))
LONGEST_DRAWN = 20_000


def drawn(count: int, seed: int) -> list[str]:
    """Return `count` texts, the same for the same seed: the fixed ones, then mixtures of pieces and characters."""
    chance = Random(seed)
    texts = list(FIXED[:count])
    while len(texts) < count:
        text = "".join(_piece(chance) for _ in range(chance.randint(1, 12)))
        texts.append((text * chance.choice((1, 1, 1, 1, 4, 40)))[:LONGEST_DRAWN])
    return texts


def scripts() -> list[str]:
    """Return a short text of each stretch of characters: whoever shows them first has their fonts loaded, once."""
    ranges = _RANGES + _WIDE
    return [chr(at) * 2 for first, last in ranges for at in range(first, last, max(1, (last - first) // 40))]


def _piece(chance: Random) -> str:
    if chance.random() < 0.4:
        return chance.choice(_PIECES)
    first, last = chance.choice(_RANGES + _WIDE)
    return "".join(chr(chance.randint(first, last)) for _ in range(chance.randint(1, 25)))
