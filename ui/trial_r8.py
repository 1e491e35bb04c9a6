"""R8 on the screen: thousands of hostile texts through lists, tooltips, forms, PDF and Excel without a freeze."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop, QLoggingCategory, QMimeData, QPoint, QTimer
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QToolTip, QWidget

from app.text import clean, clean_line
from app.trials.hostile_texts import drawn, scripts
from ui.commands import Commands
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.icons import Icons
from ui.labels import plain_tooltip
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.rows import Column
from ui.shapes import Shapes
from ui.subjects import lists
from ui.table import Table
from ui.theme import Theme
from ui.work import Work

if TYPE_CHECKING:
    from app.desk import Desk

TEXTS = 5_000
MOST_MS = 200.0
BATCH = 500
BEAT_MS = 5
ENDLESS = 80_000
SIZE = (900, 600)
Step = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part of the window stood the texts; a control passes when its freeze is seen."""

    name: str
    texts: int
    longest_ms: float
    worst: str = ""
    is_control: bool = False

    @property
    def passed(self) -> bool:
        return (self.longest_ms <= MOST_MS) is not self.is_control


def run(open_desk: "Callable[[], Desk]", count: int = TEXTS, seed: int = 8) -> Iterator[Outcome]:
    """Yield an outcome for each part, a control last; needs the application.

    The system loads a font when it is first needed, once: that is looked at by itself, before the rest.
    """
    theme = Theme("dark")
    theme.apply()
    work = Work(open_desk)
    context = Context(work, Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory())
    texts = drawn(count, seed)
    window = QWidget()
    window.resize(*SIZE)
    window.show()
    _settle()
    try:
        samples = scripts()
        yield _timed("first look at a font", samples, _form_steps(context, window, samples))
        yield _timed("list", texts, _list_steps(context, window, texts))
        yield _timed("tooltips", texts, _tooltip_steps(window, texts))
        yield _timed("forms", texts, _form_steps(context, window, texts))
        yield _papers(context, texts)
        yield _timed("control", texts[:1], _freezing_steps(window), is_control=True)
    finally:
        work.close()
        window.deleteLater()


def _timed(name: str, texts: Sequence[str], steps: Iterator[tuple[str, Step]], *, is_control: bool = False) -> Outcome:
    """Do the steps one after the other and return the longest, painting included."""
    longest, worst = 0.0, ""
    for what, step in steps:
        began = time.perf_counter()
        step()
        _settle()
        took = (time.perf_counter() - began) * 1_000
        if took > longest:
            longest, worst = took, what
    return Outcome(name, len(texts), longest, worst, is_control)


def _settle() -> None:
    """Let the window do what it has to: paint, and say what changed."""
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    loop.exec()


def _list_steps(context: Context, window: QWidget, texts: Sequence[str]) -> Iterator[tuple[str, Step]]:
    """Hold all texts in one list, look at every row, filter by some and sort."""
    rows = [(number, clean_line(text), clean(text)) for number, text in enumerate(texts)]
    columns = (
        Column("line", "Line", lambda row: row[1], 200, stretch=True),
        Column("text", "Text", lambda row: row[2], 300, stretch=True),
    )
    table = Table("hostile", columns, context, key=lambda row: row[0], parent=window)
    table.setGeometry(window.rect())
    table.show()
    yield "fill", lambda: table.set_rows(rows)
    for top in range(0, table.rows.rowCount() * table.verticalHeader().defaultSectionSize(), SIZE[1]):
        yield f"scroll to {top}", partial(_scroll, table, top)
    for text in texts[:: max(1, len(texts) // 20)]:
        yield f"filter {text[:20]!r}", partial(table.set_filter, clean_line(text, 200))
    yield "all again", lambda: table.set_filter("")
    table.hide()
    table.deleteLater()


def _scroll(table: Table, top: int) -> None:
    table.verticalScrollBar().setValue(top)
    table.viewport().repaint()


def _tooltip_steps(window: QWidget, texts: Sequence[str]) -> Iterator[tuple[str, Step]]:
    for text in texts:
        tip = plain_tooltip(text)
        yield _named(text), partial(QToolTip.showText, window.mapToGlobal(QPoint(20, 20)), tip, window)
    QToolTip.hideText()


def _form_steps(context: Context, window: QWidget, texts: Sequence[str]) -> Iterator[tuple[str, Step]]:
    """Paste each text into every kind of field of one form, and read it back."""
    fields = (
        Field("line", "Line"),
        Field("text", "Text", Kind.LINES),
        Field("usual", "Usual", Kind.COMBO, choices=[Choice("a", "a")]),
        Field("at", "Time", Kind.MOMENT),
    )
    form = Form("Hostile", fields, context, window)
    form.show()
    for text in texts:
        yield _named(text), partial(_paste_everywhere, form, text)
    form.reject()


def _paste_everywhere(form: Form, text: str) -> None:
    pasted = QMimeData()
    pasted.setText(text.encode("utf-8", "replace").decode("utf-8"))
    for key in ("line", "usual", "text", "at"):
        widget = form.field(key).widget
        if isinstance(widget, QPlainTextEdit):
            widget.clear()
            widget.insertFromMimeData(pasted)
        else:
            line = widget if isinstance(widget, QLineEdit) else widget.findChild(QLineEdit)
            assert isinstance(line, QLineEdit)
            line.setText(pasted.text())
    form.repaint()
    for key in ("line", "usual", "text"):
        form.field(key).value()


def _papers(context: Context, texts: Sequence[str]) -> Outcome:
    """Write all texts to PDF and Excel on a worker, in batches, and return the window's longest pause meanwhile."""
    longest, last = 0.0, time.perf_counter()

    def beat() -> None:
        nonlocal longest, last
        now = time.perf_counter()
        longest, last = max(longest, (now - last) * 1_000 - BEAT_MS), now

    loop = QEventLoop()
    heart = QTimer()
    heart.setInterval(BEAT_MS)
    heart.timeout.connect(beat)
    heart.start()
    failures: list[Any] = []
    context.work.failed.connect(failures.append)
    context.work.crashed.connect(failures.append)
    for each in (context.work.failed, context.work.crashed):
        each.connect(lambda _error: loop.quit())
    context.work.run(_write_all, texts, done=lambda _none: loop.quit())
    last = time.perf_counter()
    loop.exec()
    heart.stop()
    if failures:
        return Outcome("PDF and Excel", len(texts), float("inf"), str(failures[0]))
    return Outcome("PDF and Excel", len(texts), longest)


def _write_all(desk: "Desk", _job: object, texts: Sequence[str]) -> None:
    heads = ("Line", "Text")
    with tempfile.TemporaryDirectory(prefix="watchroom-r8-") as folder:
        for first in range(0, len(texts), BATCH):
            cells = [(clean_line(text), clean(text, 2_000)) for text in texts[first : first + BATCH]]
            assert lists.ledger(desk, "R8", heads, cells).startswith(b"%PDF")
            lists.write(desk, "R8", heads, cells, Path(folder) / f"{first}.xlsx")


def _freezing_steps(window: QWidget) -> Iterator[tuple[str, Step]]:
    """A field without our limits: too long a line in it must be seen as a freeze."""
    box = QPlainTextEdit(window)
    box.setGeometry(window.rect())
    box.show()
    yield "an endless line", partial(box.setPlainText, "，" * ENDLESS)


def _named(text: str) -> str:
    return f"{len(text)} characters, {text[:12]!r}"


def main(open_desk: "Callable[[], Desk]", count: int) -> Iterator[Outcome]:
    """Yield the outcomes in an application of our own; without a screen it paints offscreen."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from ui.main import make_application

    application = make_application(["watchroom"])
    QLoggingCategory.setFilterRules("qt.text.font.db=false")  # scripts that no font here has are part of the trial
    yield from run(open_desk, count)
    application.quit()
