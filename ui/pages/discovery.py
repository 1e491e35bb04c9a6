"""Finding devices: what answers in a subnet or a list is shown as it is found; only what is ticked is added."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ci_classes import catalogue, class_of
from app.errors import WatchroomError
from app.words import label, tr, trn
from ui.context import Context
from ui.labels import ElidedLabel, PlainLabel, plain_tooltip
from ui.page import Page
from ui.rows import Column, Tinted
from ui.subjects import discovery
from ui.table import Table
from ui.work import Job

if TYPE_CHECKING:
    from app.desk import Desk
    from app.discovery import Choice, Found

NAME = "discovery"
SHEETS = "Excel, CSV (*.xlsx *.xlsm *.csv *.txt *.tsv)"
STEPS = 1_000
TICK = "✓"


@dataclass(frozen=True, slots=True)
class Line:
    """One device of the list; `key` makes adding it twice harmless."""

    found: "Found"
    key: uuid.UUID
    is_ticked: bool
    class_name: str

    @property
    def id(self) -> str:
        return self.found.address


class FoundTable(Table):
    """The list; Space or a click into the first column ticks."""

    ticked = Signal(object)
    """The rows whose tick is to be turned."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.selected_rows:
            self.ticked.emit(self.selected_rows)
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == 0 and event.button() == Qt.MouseButton.LeftButton:
            self.ticked.emit([self.rows.rows[index.row()]])


class DiscoveryPage(Page):
    """Searches on a worker, stops when asked, and adds what a person ticked."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("board", tr("Find devices"), context, parent)
        self._job: Job | None = None
        self._arrived: SimpleQueue[Sequence[Found]] = SimpleQueue()
        self._lines: dict[str, Line] = {}
        self.addresses = QPlainTextEdit(self)
        self.communities = QLineEdit(self)
        self.port = QLineEdit("161", self)
        self.names = QCheckBox(tr("Ask the name server for names"), self)
        self.others = QCheckBox(tr("Look for Redfish, IPMI, NUT and Modbus too"), self)
        self.start_button = QPushButton(tr("Search"), self)
        self.stop_button = QPushButton(tr("Stop"), self)
        self.progress = QProgressBar(self)
        self.line = ElidedLabel("", "secondary", self)
        self.table = FoundTable("discovery", _columns(), context, parent=self)
        self.add_button = self.bar.add_button("", self.add, is_main=True, needs=("discovery.add",))
        self._lay_out()
        self._connect()
        self._show_step()

    def show_row(self, key: object) -> None:
        """Start with `key` as the addresses when it is a text; the last search stays otherwise."""
        if isinstance(key, str) and key:
            self.addresses.setPlainText(key)
        self.table.empty.show_over(not self._lines)
        self.addresses.setFocus()

    @property
    def lines(self) -> list[Line]:
        """What was found, in the order of arrival."""
        return list(self._lines.values())

    def search(self) -> None:
        """Search for what the form names; BadInput is shown above it."""
        self.banners.clear("error")
        self._lines = {}
        self._show_lines()
        self._arrived = SimpleQueue()
        wanted = _Wanted(
            self.addresses.toPlainText(),
            _parts(self.communities.text()),
            self.port.text(),
            self.names.isChecked(),
            self.others.isChecked(),
        )
        self._job = self.context.work.run(
            _search, wanted, self._arrived.put, done=self._finish, failed=self._fail, progress=self._move, owner=self
        )
        self._show_step()

    def stop(self) -> None:
        """Stop the search; what was found until then stays."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._take()
            self.line.setText(tr("Stopped. What was found until then stays in the list."))
            self._show_step()

    def tick(self, lines: Sequence[Line]) -> None:
        """Turn the ticks of these lines: on, unless all of them are on; a device that is known stays without."""
        is_ticked = not all(line.is_ticked for line in lines)
        self._change(replace(line, is_ticked=is_ticked and not line.found.known) for line in lines)

    def set_class(self, class_name: str) -> None:
        """Make the selected devices another class than the proposed one."""
        self._change(replace(line, class_name=class_name) for line in self.table.selected_rows)

    def add(self) -> None:
        """Enter what is ticked."""
        chosen = [_choice_values(line) for line in self.lines if line.is_ticked]
        if chosen:
            self.add_button.setEnabled(False)
            self.context.work.run(_add, chosen, done=self._say_added, failed=self._fail, owner=self)

    def _lay_out(self) -> None:
        self.addresses.setPlaceholderText("192.0.2.0/24  192.0.2.10-20")
        self.addresses.setFixedHeight(self.addresses.fontMetrics().lineSpacing() * 3 + 16)
        self.addresses.setTabChangesFocus(True)
        self.communities.setEchoMode(QLineEdit.EchoMode.Password)
        self.communities.setPlaceholderText(tr("several are tried in turn; empty: ping only"))
        self.port.setMaxLength(5)
        for box in (self.names, self.others):
            box.setChecked(True)
        self.others.setToolTip(
            plain_tooltip(tr("Each is greeted at its usual port. No name and no password is offered."))
        )
        self.start_button.setProperty("main", True)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setRange(0, STEPS)
        self.table.empty.say(tr("What answers is shown here. Nothing is added before you say so."))
        form = QWidget(self)
        grid = QGridLayout(form)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        for column, (title, widget) in enumerate(self._fields()):
            named = PlainLabel(title, "secondary", form)
            named.setBuddy(widget)
            widget.setAccessibleName(title)
            grid.addWidget(named, 0, column)
            grid.addWidget(widget, 1, column, Qt.AlignmentFlag.AlignTop)
        boxes = QHBoxLayout()
        boxes.setSpacing(16)
        boxes.addWidget(self.names)
        boxes.addWidget(self.others)
        boxes.addStretch(1)
        grid.addLayout(boxes, 2, 0, 1, 3)
        grid.addLayout(self._buttons(), 3, 0, 1, 3)
        column_layout = QVBoxLayout()
        column_layout.setSpacing(4)
        column_layout.addWidget(form)
        column_layout.addWidget(self.progress)
        self.line.setContentsMargins(12, 0, 12, 0)
        column_layout.addWidget(self.line)
        column_layout.addWidget(self.table, 1)
        self.body.addLayout(column_layout)

    def _fields(self) -> tuple[tuple[str, QWidget], ...]:
        return (
            (tr("Subnet, range or addresses"), self.addresses),
            (tr("SNMP communities"), self.communities),
            (tr("Port", context="SNMP"), self.port),
        )

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        sheet = QPushButton(tr("Addresses from a sheet…"), self)
        sheet.clicked.connect(self._choose_sheet)
        row.addStretch(1)
        for button in (sheet, self.stop_button, self.start_button):
            row.addWidget(button)
        return row

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.search)
        self.stop_button.clicked.connect(self.stop)
        self.table.ticked.connect(self.tick)
        self.table.menu_asked.connect(self._show_menu)

    def _take(self) -> None:
        """Show what the worker has put into the queue since."""
        if self._arrived.empty():
            return
        while not self._arrived.empty():
            self._keep(self._arrived.get())
        self._show_lines()

    def _keep(self, found: "Sequence[Found]") -> None:
        for each in found:
            self._lines[each.address] = Line(
                each, uuid.uuid4(), bool(each.community or each.others) and not each.known, each.class_name
            )

    def _change(self, lines: Any) -> None:
        changed = list(lines)
        self._lines.update((line.id, line) for line in changed)
        self._show_lines()

    def _show_lines(self) -> None:
        self.table.set_rows(self.lines)
        self._show_step()

    def _show_step(self) -> None:
        ticked = sum(line.is_ticked for line in self._lines.values())
        is_searching = self._job is not None
        self.start_button.setEnabled(not is_searching)
        self.stop_button.setEnabled(is_searching)
        self.progress.setVisible(is_searching)
        self.add_button.setText(trn("Add {n} device", "Add {n} devices", ticked))
        self.add_button.setEnabled(ticked > 0)
        self.bar.count.setText(trn("{n} found", "{n} found", len(self._lines)))

    def _move(self, part: float, words: str) -> None:
        self._take()
        self.progress.setValue(round(part * STEPS))
        self.line.setText(words)

    def _finish(self, found: int) -> None:
        self._job = None
        self._take()
        self.line.setText(trn("{n} device answers.", "{n} devices answer.", found))
        self._show_step()

    def _fail(self, error: WatchroomError) -> None:
        self._job = None
        self.banners.error(error.sentence())
        self._show_step()

    def _say_added(self, added: int) -> None:
        words = trn("{n} device was added and is watched now.", "{n} devices were added and are watched now.", added)
        self.banners.show_banner("added", "info", words)
        for line in self.lines:
            if line.is_ticked:
                there = replace(line.found, known=line.found.name or line.found.address)
                self._lines[line.id] = replace(line, found=there, is_ticked=False)
        self._show_lines()

    def _choose_sheet(self) -> None:
        dialog = QFileDialog(self, tr("Addresses from a sheet"), "", SHEETS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.read_sheet(Path(path)))
        dialog.open()

    def read_sheet(self, path: Path) -> None:
        """Take the addresses of a sheet into the form."""
        self.context.work.run(_read, path, done=self._show_addresses, failed=self._fail, owner=self)

    def _show_addresses(self, addresses: Sequence[str]) -> None:
        self.addresses.setPlainText("\n".join(addresses))
        self.line.setText(trn("{n} address in the sheet", "{n} addresses in the sheet", len(addresses)))

    def _show_menu(self, row: Line | None, place: QPoint) -> None:
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Tick or untick"), lambda: self.tick(self.table.selected_rows))
        classes = menu.addMenu(tr("Class", context="ci"))
        for each in catalogue().classes.values():
            classes.addAction(each.label, partial(self.set_class, each.name))
        menu.popup(place)


def _columns() -> tuple[Column, ...]:
    return (
        Column("tick", tr("Add", context="tick"), lambda line: TICK if line.is_ticked else "", 48, look=_tick),
        Column("address", tr("Address", context="ci"), lambda line: line.found.address, 110, value=_in_order),
        Column("name", tr("Name", context="ci"), lambda line: line.found.name, 130, stretch=True),
        Column("class", tr("Class", context="ci"), lambda line: class_of(line.class_name).label, 96),
        Column("model", tr("Maker and model"), _model, 140, stretch=True),
        Column("checks", tr("Checks"), lambda line: " + ".join(label(kind) for kind in line.found.kinds), 130),
        Column("known", tr("Already entered as"), lambda line: line.found.known, 120, drops=1),
        Column("descr", tr("What it says of itself"), lambda line: line.found.descr, 200, stretch=True, drops=3),
        Column(
            "rtt", tr("Answer after"), lambda line: f"{line.found.rtt_ms:.1f} ms", 90, right=True, value=_rtt, drops=4
        ),
    )


def _model(line: Line) -> str:
    maker, model = line.found.maker, line.found.model
    return model if model.casefold().startswith(maker.casefold()) else f"{maker} {model}".strip()


def _tick(line: Line) -> Tinted:
    return Tinted(TICK, "accent") if line.is_ticked else Tinted("—" if line.found.known else "·", "secondary")


def _in_order(line: Line) -> tuple[int, ...]:
    parts = line.found.address.split(".")
    return tuple(map(int, parts)) if len(parts) == 4 else (999,)


def _rtt(line: Line) -> float:
    return line.found.rtt_ms


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.replace(",", " ").replace("，", " ").split() if part)


def _choice_values(line: Line) -> dict[str, Any]:
    found = line.found
    return {
        "key": line.key,
        "address": found.address,
        "name": found.name or found.address,
        "class_name": line.class_name,
        "maker": found.maker,
        "model": found.model,
        "firmware": found.firmware,
        "community": found.community,
        "port": found.port if found.community else None,
        "others": found.others,
        "ports": found.ports,
        "params": found.params,
    }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form says."""

    text: str
    communities: Sequence[str] = field(repr=False)
    port: str
    asks_names: bool
    asks_others: bool


def _search(desk: "Desk", job: Job, wanted: _Wanted, tell: Any) -> int:
    number = int(wanted.port) if wanted.port.isdigit() and 0 < int(wanted.port) < 65_536 else 161
    knocks = discovery.PORTS if wanted.asks_others else {}
    addresses = discovery.addresses_in(wanted.text)
    search = discovery.Search(addresses, wanted.communities, number, wanted.asks_names, knocks)
    found: int = discovery.sweep(desk, job, search, tell)
    return found


def _read(_desk: "Desk", _job: Job, path: Path) -> list[str]:
    addresses: list[str] = discovery.read_addresses(path)
    return addresses


def _add(desk: "Desk", _job: Job, chosen: Sequence[dict[str, Any]]) -> int:
    choices: list[Choice] = [discovery.Choice(**values) for values in chosen]
    added: int = desk.do(discovery.add, choices)
    return added
