"""The walk of `bench_pauses`: one window, in which a person does everything once."""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _pauses import Pulse
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from app.words import set_language
from ui.filters import FilterBox
from ui.layouts import PERSPECTIVES
from ui.live import Changed
from ui.main import Desktop, Start, make_application

if TYPE_CHECKING:
    from app.seat import Situation

GOAL_MS = 100
SIZE = (1600, 900)
QUIET_MS, PATIENCE_MS, TYPED_MS = 300, 20_000, 250
TURNED = 100
SKIPPED = frozenset({"quit", "lock", "wall", "restore-layout", "log-in-start"})
LOADED = "palette"

Action = tuple[str, Callable[[], object]]


class WalkedDesktop(Desktop):
    """The usual desktop, at which the command line's identity sits without signing in."""

    def _begin(self, situation: "Situation") -> None:
        from app.database import cli_identity

        self._fill()
        self._seat(cli_identity())


class Walk:
    """`go` does each action that is asked for, prints its longest pause, and returns whether all keep the goal."""

    def __init__(self, path: Path, asked: argparse.Namespace) -> None:
        set_language("zh_CN")
        self._asked = asked
        self._application = make_application(["watchroom"])
        start = Start(f"sqlite:///{path}", "A1", theme="dark", collects=False, remembers=False)
        self._desktop = WalkedDesktop(start)
        self._desktop.window.resize(*SIZE)
        self._window, self._context = self._desktop.window, self._desktop.context
        self._docks: dict[str, Any] = dict(self._window.docks)

    def go(self) -> bool:
        is_kept = True
        self._desktop.open()
        self._rest()
        self._rest()
        self._pulse = Pulse()
        for name, call in self._actions():
            if self._asked.only in name:
                is_kept &= self._do(name, call)
        return is_kept

    def _do(self, name: str, call: Callable[[], object]) -> bool:
        self._pulse.begin()
        QTimer.singleShot(0, call)
        self._rest()
        pause = self._pulse.longest
        own, cpu = round(pause.own_s * 1000), round(pause.cpu_s * 1000)
        print(f"{self._asked.site:5} {name:<44} own {own:5} ms  cpu {cpu:5} ms", "" if own <= GOAL_MS else "OVER")
        if self._asked.stacks and own > GOAL_MS:
            print(*(f"        {line}" for line in pause.told()), sep="\n", flush=True)
        return own <= GOAL_MS

    def _actions(self) -> Iterator[Action]:
        yield "nothing for a while", lambda: None
        yield from self._selections()
        yield from self._typing()
        yield from self._views()
        yield from self._changes()
        for name in self._window.page_names:
            yield f"page {name}", partial(self._open, name)
            yield f"back from {name}", partial(self._context.nav.open, "")
        yield from self._forms()
        yield from self._saves()
        yield "lock", self._desktop.lock.cover
        yield "unlock", self._desktop.lock._uncover
        yield "theme light", lambda: self._context.theme.choose("light")
        yield "theme dark", lambda: self._context.theme.choose("dark")

    def _selections(self) -> Iterator[Action]:
        surface, table = self._docks["board"].surface, self._docks["queue"].table
        for turn in range(2):
            yield f"select device {turn + 1}", lambda turn=turn: surface.select(surface.board.cells[turn])
            yield f"select incident {turn + 1}", partial(table.selectRow, turn)
        yield "select all incidents", table.selectAll
        yield "queue to its end", partial(table._go_to_end, backwards=True)

    def _typing(self) -> Iterator[Action]:
        for name, dock in self._docks.items():
            for box in dock.findChildren(FilterBox):
                yield f"type in {name}", partial(box.setText, "服务")
                yield f"clear in {name}", partial(box.setText, "")

    def _views(self) -> Iterator[Action]:
        board = self._docks["board"]
        for value in (1, 2, 3, 0):
            yield f"group board {value}", partial(_choose, board.grouping, value)
        yield "board as list", partial(_choose, board.view, 1)
        yield "board as tiles", partial(_choose, board.view, 0)
        for chip in ("class", "service", "place"):
            yield f"tree by {chip}", partial(self._docks["tree"].chips.button(chip).click)
        for name in [*(each.name for each in PERSPECTIVES), "duty"]:
            yield f"perspective {name}", partial(self._window.set_perspective, name)
        for name in self._docks:
            yield f"dock {name}", lambda name=name: self._window.show_dock(self._window.docks[name])

    def _changes(self) -> Iterator[Action]:
        live, board = self._context.live, self._docks["board"]
        turned = frozenset(board.surface.board.cells[:TURNED])
        yield "minute's beat", board.ask_beats
        yield "100 states turned", lambda: live._take(Changed({}, turned))
        yield "100 records changed", lambda: live._take(Changed({"ci": turned}))
        yield "database moved (all read anew)", live.reset.emit

    def _open(self, page: str) -> None:
        self._context.nav.open(page, self._window.samples().get(page))

    def _forms(self) -> Iterator[Action]:
        commands = self._context.commands
        for command in list(commands):
            if commands.is_registered(command.name) and command.name not in SKIPPED and "…" in command.title:
                yield f"form {command.name}", partial(commands.call, command.name)
                yield f"close {command.name}", _close_dialogs
        yield "form call", self._docks["queue"].register_call
        yield "close call", _close_dialogs
        yield "palette", partial(commands.call, LOADED)
        yield "close palette", _close_dialogs

    def _saves(self) -> Iterator[Action]:
        if self._asked.site == "demo":
            shift, queue = self._docks["shift"], self._docks["queue"]
            yield "save a line", lambda: (shift.line.setText("巡视机房，正常"), shift.write())
            yield "chip unacknowledged", queue.chips.button("unacknowledged").click
            yield "select to acknowledge", partial(queue.table.selectRow, 0)
            yield "acknowledge", queue.steps.acknowledge

    def _rest(self) -> None:
        """Let the window work until nothing has been asked of the database for a while."""
        loop, quiet = QEventLoop(), QTimer()
        quiet.setSingleShot(True)
        quiet.setInterval(QUIET_MS)
        quiet.timeout.connect(loop.quit)
        work = self._context.work
        follow: Callable[[bool], None] = lambda is_busy: quiet.stop() if is_busy else quiet.start()  # noqa: E731
        work.busy.connect(follow)
        QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
        if not work.is_busy:
            quiet.start()
        loop.exec()
        work.busy.disconnect(follow)


def _choose(button: Any, value: int) -> None:
    button.choose(value)
    button.chosen.emit(value)


def _close_dialogs() -> None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible() and not isinstance(widget, QFileDialog):
            widget.reject()
