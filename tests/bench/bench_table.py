"""P4: 10,000 row updates in one frame against a bare repaint of the same viewport."""

import os
import sys
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from _pace import compare, timed
from PySide6.QtWidgets import QApplication

from models.enums import State
from ui.commands import Commands
from ui.context import Context
from ui.icons import Icons
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.rows import Column, Pill
from ui.shapes import Shapes
from ui.table import Table
from ui.theme import Theme
from ui.work import Work

ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    number: str
    state: State
    title: str
    value: int


def columns() -> list[Column]:
    return [
        Column("number", "编号", lambda row: row.number, 150),
        Column("state", "状态", lambda row: row.state.label, 110, look=_pill),
        Column("title", "内容", lambda row: row.title, 400, stretch=True),
        *[Column(f"v{at}", "数值", lambda row: str(row.value), 90, right=True) for at in range(6)],
    ]


def _pill(row: Any) -> Pill:
    return Pill(row.state.label, row.state.value, row.state)


def no_desk() -> Any:
    raise RuntimeError("this benchmark reads no database")


def main() -> int:
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    context = Context(Work(no_desk), Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory())
    table = Table("bench", columns(), context)
    table.resize(1600, 900)
    rows = [
        Row(at, f"E-20261123-{at:05}", list(State)[at % 6], "CPU 利用率 97%，持续 4 分钟", at) for at in range(ROWS)
    ]
    table.set_rows(rows)
    table.show()
    app.processEvents()
    turns, ready = count(1), list[Row]()

    def prepare() -> None:
        turn = next(turns)
        ready[:] = [replace(row, value=row.value + turn) for row in rows]

    def update() -> None:
        table.patch(ready)
        table.rows.flush()
        app.processEvents()

    def repaint() -> None:
        table.viewport().update()
        app.processEvents()

    held = compare("P4 table, 10,000 row updates in a frame", timed(update, prepare), timed(repaint), 1.6)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
