"""Texts that break programs: what people, devices and attackers really send."""

from hypothesis import strategies as st

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

characters = st.one_of(
    st.characters(),
    st.sampled_from("<>&\"'%{}=+-@\\/\x00\x1b\u202e\u2066\ufeff\u2028\n\r\t"),
)
drawn = st.text(characters, max_size=300)
