"""The first page of an empty place: from nothing to real data on the board in under a minute (UX rule 12)."""

import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from app.ci_classes import catalogue
from app.times import today
from app.words import tr
from models.enums import CheckKind
from ui.context import Context
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.labels import PlainLabel
from ui.on_demand import on_demand
from ui.page import Page
from ui.rows import Call
from ui.subjects import demo, devices

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.docks import inspector_checks
    from ui.work import Job
else:
    inspector_checks = on_demand("ui.docks.inspector_checks")

NAME = "welcome"
WIDTH = 860


class WelcomePage(Page):
    """Four ways to begin, each a button with a sentence; `began` when something is watched now."""

    began = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("board", tr("Welcome to Watchroom"), context, parent)
        self._progress = PlainLabel("", "secondary", self)
        self._buttons: list[QPushButton] = []
        self._lay_out()

    def watch_here(self) -> None:
        """Put this machine, its gateway and its name servers on the board."""
        self._busy(tr("Looking around on this machine …"))
        self.context.work.run(_watch_here, done=lambda _ids: self._finish(), failed=self._fail, owner=self)

    def add_device(self) -> None:
        """Ask for one device and how to check it."""
        form = Form(tr("Add a device"), device_fields(), self.context, self, main=tr("Add"))
        key = uuid.uuid4()

        def save(values: dict[str, Any]) -> Call:
            kinds = [CheckKind.ICMP] + ([CheckKind.SNMP] if values["community"] else [])
            args = (key, values["name"], values["class_name"], values["address"], kinds)
            return Call(devices.add_device, args, {"secret": values["community"]})

        form.run(save).saved.connect(lambda ci_id: self._added(ci_id, form.values()))

    def _added(self, ci_id: int, values: dict[str, Any]) -> None:
        """Go to the board, and ask for what the chosen further check needs."""
        self._finish()
        if values["more"]:
            kind = CheckKind(values["more"])
            inspector_checks.ask_for_check(kind, ci_id, values["address"], self.context, self.window())

    def load_demo(self) -> None:
        """Fill this database with the demo site."""
        self._busy(tr("Making the demo site; this takes up to a minute …"))
        self.context.work.run(_load_demo, done=lambda _made: self._finish(), failed=self._fail, owner=self)

    def _lay_out(self) -> None:
        inner = QWidget(self)
        inner.setMaximumWidth(WIDTH)
        grid = QGridLayout(inner)
        grid.setContentsMargins(24, 24, 24, 24)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        why = PlainLabel(tr("Choose how to begin; the other ways remain in the menus."), wraps=True)
        grid.addWidget(why, 0, 0, 1, 2)
        for line, (title, words, call) in enumerate(self._ways(), 1):
            button = QPushButton(title, inner)
            button.setProperty("main", line == 1)
            button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _on=False, call=call: call())
            self._buttons.append(button)
            grid.addWidget(button, line, 0)
            grid.addWidget(PlainLabel(words, "secondary", inner, wraps=True), line, 1)
        grid.addWidget(self._progress, 6, 0, 1, 2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(inner, WIDTH)
        row.addStretch(1)
        self.body.addStretch(1)
        self.body.addLayout(row)
        self.body.addStretch(2)

    def _ways(self) -> Sequence[tuple[str, str, Callable[[], None]]]:
        commands = self.context.commands
        return (
            (
                tr("Watch this machine"),
                tr("CPU, memory, disks and interfaces of this computer, and a ping to its gateway and name servers."),
                self.watch_here,
            ),
            (
                tr("Add a device…"),
                tr("One device with its address; SNMP, Redfish, a UPS, a database, middleware … besides."),
                self.add_device,
            ),
            (
                tr("Import a sheet…"),
                tr("Devices from Excel or CSV, tried first without writing anything."),
                lambda: commands.call("cmdb-import"),
            ),
            (
                tr("Find devices…"),
                tr("Everything that answers in a subnet or in a list of addresses."),
                lambda: commands.call("discovery"),
            ),
            (
                tr("Load the demo site"),
                tr("300 invented devices and two years of records, to try everything out."),
                self.load_demo,
            ),
        )

    def _busy(self, words: str) -> None:
        self._progress.setText(words)
        for button in self._buttons:
            button.setEnabled(False)

    def _ready(self) -> None:
        self._progress.setText("")
        for button in self._buttons:
            button.setEnabled(True)

    def _finish(self) -> None:
        self._ready()
        self.began.emit()
        self.context.nav.open("")

    def _fail(self, error: Any) -> None:
        self._ready()
        self.banners.error(error.sentence())


def device_fields() -> tuple[Field, ...]:
    """Return the fields of a new device with its checks."""
    more = inspector_checks.kind_choices(without=(CheckKind.LOCAL, CheckKind.ICMP, *inspector_checks.POLICIES))
    classes = [Choice(each.name, each.label) for each in catalogue().classes.values()]
    return (
        Field("name", tr("Name", context="ci"), required=True),
        Field("address", tr("Address", context="ci"), required=True, hint="192.0.2.10"),
        Field("class_name", tr("Class", context="ci"), Kind.CHOICE, required=True, choices=classes, initial="switch"),
        Field("community", tr("SNMP community"), Kind.SECRET, hint=tr("leave empty to ping only")),
        Field("more", tr("Check besides"), Kind.CHOICE, choices=more, hint=tr("its settings are asked for next")),
    )


def _watch_here(desk: "Desk", _job: "Job") -> list[int]:
    ids: list[int] = desk.do(devices.watch_this_machine, devices.look_around())
    return ids


def _load_demo(desk: "Desk", _job: "Job") -> object:
    return demo.fill(desk, seed=7, last_day=today())
