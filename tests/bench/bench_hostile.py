"""R8 on the screen: 5,000 hostile texts in fields, labels, lists, board and tooltips; no turn over 200 ms.

Each text is one turn of the GUI thread. The control shows what a nested table costs where Qt may take it for rich text.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.text.font.db=false")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench_table import Row, columns, no_desk
from PySide6.QtCore import QPoint
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from app.board_row import BoardRow
from models.enums import State
from tests.hostile.strings import FIXED
from ui.board_surface import BoardSurface
from ui.commands import Commands
from ui.context import Context
from ui.fields import Field, Kind, editor
from ui.icons import Icons
from ui.labels import ElidedLabel, PlainLabel, plain_tooltip
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.shapes import Shapes
from ui.table import Table
from ui.theme import Theme
from ui.work import Work

TEXTS = int(os.environ.get("WATCHROOM_HOSTILE_TEXTS", "5000"))
LONGEST_TURN_S = 0.2
NESTED = "<table><tr><td>" * 16
SPICE = (*(text for text in FIXED if 0 < len(text) < 200), "<table><tr><td>", "<img src=/etc/passwd>", "\u202e", "\x00")

Show = Callable[[str], object]


def texts(seed: int = 8) -> Iterator[str]:
    """Yield TEXTS texts: the fixed ones, then mixtures of them with random characters."""
    yield from FIXED
    chance = random.Random(seed)
    for _ in range(TEXTS - len(FIXED)):
        parts = chance.choices(SPICE, k=chance.randint(1, 6))
        noise = "".join(
            chr(chance.choice((chance.randrange(32, 0xD800), 0x4E2D))) for _ in range(chance.randint(0, 60))
        )
        yield "".join((*parts, noise)) * chance.choice((1, 1, 1, 50))


def slowest(app: QApplication, show: Show, given: Iterable[str]) -> tuple[float, str]:
    """Return the longest turn in seconds and the beginning of its text."""
    worst, whose = 0.0, ""
    for text in given:
        started = time.perf_counter()
        show(text)
        app.processEvents()
        took = time.perf_counter() - started
        if took > worst:
            worst, whose = took, repr(text[:40])
    return worst, whose


def shows(context: Context, home: QWidget) -> dict[str, Show]:
    """Return what is tried, by name."""
    table, board = Table("hostile", columns(), context, parent=home), BoardSurface(context.theme, home)
    wrapped, elided = PlainLabel(parent=home, wraps=True), ElidedLabel(parent=home)
    line, lines = (editor(Field("x", "X", kind), home) for kind in (Kind.TEXT, Kind.LINES))
    for widget in (table, board, wrapped, elided, line.widget, lines.widget):
        widget.resize(500, 160)
        widget.show()

    def cell(text: str) -> None:
        table.set_rows([Row(1, text[:250], State.WARNING, text, 1)])
        table.cells.wanted_width(table.rows.columns[2], table.rows.rows)

    def tile(text: str) -> None:
        now = datetime.now(UTC)
        board.set_rows([BoardRow(1, text, "switch", text, (text,), State.WARNING, now, text, text, now, 60)])

    return {
        "form line": line.set_value,
        "form text": lines.set_value,
        "label that wraps": lambda text: wrapped.setText(text[:20_000]),
        "label of one line": elided.setText,
        "list cell": cell,
        "board tile": tile,
        "tooltip": lambda text: QToolTip.showText(QPoint(10, 10), plain_tooltip(text), home),
    }


def has_image(text: str) -> bool:
    document = QTextDocument()
    document.setHtml(plain_tooltip(text))
    return "\ufffc" in document.toPlainText()


def main() -> int:
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    context = Context(Work(no_desk), Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory())
    home = QWidget()
    home.resize(1200, 800)
    home.show()
    held = True
    for name, show in shows(context, home).items():
        worst, whose = slowest(app, show, texts())
        is_held = worst <= LONGEST_TURN_S
        held = held and is_held
        verdict = "ok" if is_held else f"MISSED {whose}"
        print(f"R8 {name:<20} longest turn {worst * 1000:8.1f} ms  goal <= 200 ms  {verdict}", flush=True)
    obeyed = sum(map(has_image, texts()))
    print(f"R8 tooltips with an image: {obeyed} of {TEXTS}")
    control = QLabel(home)
    control.show()
    worst, _ = slowest(app, control.setText, [NESTED[: 15 * depth] for depth in range(4, 14, 2)])
    print(f"R8 control: a label that guesses rich text {worst * 1000:8.1f} ms")
    return 0 if held and not obeyed else 1


if __name__ == "__main__":
    sys.exit(main())
