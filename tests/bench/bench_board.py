"""P2: the board of 10,000 devices, 1 % and all of it changed, against one fillRect of the same area."""

import os
import sys
from datetime import UTC, datetime
from functools import partial
from itertools import count

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from _pace import compare, timed
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from app.board_row import BoardRow
from models.enums import State
from ui.board_surface import BoardSurface
from ui.theme import Theme

DEVICES = 10_000
AREA = (1600, 900)
CLASSES = ("switch", "server", "storage", "firewall", "ups")


def device(number: int, now: datetime) -> BoardRow:
    state = State.CRITICAL if number % 211 == 0 else State.WARNING if number % 97 == 0 else State.NORMAL
    return BoardRow(
        number,
        f"虚拟化-{number:05}",
        CLASSES[number % 5],
        "一号机房",
        (),
        state,
        now,
        "",
        f"CPU {number % 90}%",
        now,
        3600,
        bytes([5]) * 60,
    )


def changed(rows: list[BoardRow], turn: int, every: int) -> list[BoardRow]:
    """Return every n-th device with another value and, of these, every fifth with another state."""
    return [
        row._replace(
            value=f"CPU {(row.ci_id + turn) % 100}%",
            state=State.WARNING if turn % 2 and row.ci_id % 5 == 0 else row.state,
        )
        for row in rows[turn % every :: every]
    ]


def main() -> int:
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    board = BoardSurface(theme)
    board.resize(*AREA)
    rows = [device(number, datetime.now(UTC)) for number in range(1, DEVICES + 1)]
    board.set_rows(rows)
    board.show()
    board.setFocus()
    app.processEvents()
    canvas = QPixmap(*AREA)

    def fill() -> None:
        painter = QPainter(canvas)
        painter.fillRect(canvas.rect(), theme.colour("raised"))
        painter.end()

    turns, ready = count(1), list[BoardRow]()

    def prepare(every: int) -> None:
        ready[:] = changed(rows, next(turns), every)

    def paint() -> None:
        board.patch(ready)
        app.processEvents()

    held = [
        compare("P2 board, 1 % of 10,000 changed", timed(paint, partial(prepare, 100)), timed(fill), 4),
        compare("P2 board, all of 10,000 changed", timed(paint, partial(prepare, 1)), timed(fill), 12),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
