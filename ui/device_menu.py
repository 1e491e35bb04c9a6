"""A device's menu: check now, ping, traceroute, port test, maintenance, open, new incident, copy."""

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.board_row import BoardRow
from app.words import label, tr
from ui.context import Context
from ui.on_demand import on_demand
from ui.ping_dialog import PingDialog
from ui.rows import Call
from ui.subjects import devices, incidents
from ui.tool_dialog import ToolDialog

if TYPE_CHECKING:
    from ui import forms
else:
    forms = on_demand("ui.forms")

USUAL_WINDOW = timedelta(hours=2)


class DeviceMenu:
    """Builds the menu of one device and does what is chosen."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        self._context, self._parent = context, parent

    def build(self, row: BoardRow) -> QMenu:
        """Return the menu; it deletes itself when it closes."""
        menu = QMenu(self._parent)
        menu.setObjectName("device-menu")
        menu.aboutToHide.connect(menu.deleteLater)
        self._context.rights.guard(
            menu.addAction(tr("Check now"), partial(self.check_now, row)), "devices.request_check"
        )
        if row.address:
            menu.addAction(tr("Ping"), partial(self.ping, row))
            menu.addAction(tr("Trace the route"), partial(self.trace, row))
            menu.addAction(tr("Test a port…"), partial(self.test_port, row))
        menu.addSeparator()
        self._context.rights.guard(
            menu.addAction(tr("Maintenance…"), partial(self.maintain, row)), "devices.begin_maintenance"
        )
        self._context.rights.guard(
            menu.addAction(tr("New incident…"), partial(self.report, row)), "incidents.open_incident"
        )
        menu.addSeparator()
        menu.addAction(tr("Busiest interfaces"), lambda: self._context.nav.open("talkers", row.ci_id))
        menu.addAction(tr("Log"), lambda: self._context.nav.open("device-log", row.ci_id))
        menu.addAction(tr("Open in the CMDB"), lambda: self._context.nav.open("ci", row.ci_id))
        menu.addAction(tr("Copy"), partial(self.copy, row))
        return menu

    def check_now(self, row: BoardRow) -> None:
        """Ask the collector to check the device at once."""
        self._context.work.do(devices.request_check, row.ci_id, owner=self._parent)

    def ping(self, row: BoardRow) -> None:
        PingDialog(tr("Ping {name}", name=row.name), row.address, self._context, self._parent).begin()

    def trace(self, row: BoardRow) -> None:
        title = tr("Route to {name}", name=row.name)
        ToolDialog(title, devices.trace, (row.address,), self._context, self._parent).begin()

    def test_port(self, row: BoardRow) -> None:
        """Ask for the port, then try it."""
        port = forms.Field("port", tr("Port"), forms.Kind.NUMBER, required=True, initial=443, least=1, most=65_535)
        form = forms.Form(
            tr("Test a port of {name}", name=row.name), (port,), self._context, self._parent, main=tr("Test")
        )
        form.ask(lambda values: self._try_port(row, int(values["port"])))

    def maintain(self, row: BoardRow) -> None:
        """Ask why and until when, and put the device into maintenance."""
        end = datetime.now(UTC).replace(second=0, microsecond=0) + USUAL_WINDOW
        fields = (
            forms.Field("reason", tr("Reason"), required=True),
            forms.Field("ends_at", tr("Until"), forms.Kind.MOMENT, required=True, initial=end),
        )
        title = tr("Maintenance of {name}", name=row.name)
        form = forms.Form(title, fields, self._context, self._parent, main=tr("Begin maintenance"))
        key = uuid.uuid4()
        form.run(lambda v: Call(devices.begin_maintenance, (key, row.ci_id, v["reason"], v["ends_at"])))

    def report(self, row: BoardRow) -> None:
        """Open an incident about the device."""
        fields = (
            forms.Field("title", tr("What is wrong"), required=True, initial=row.summary),
            forms.Field("description", tr("Details"), forms.Kind.LINES),
        )
        form = forms.Form(
            tr("New incident: {name}", name=row.name), fields, self._context, self._parent, main=tr("Open it")
        )
        key = uuid.uuid4()

        def save(values: dict[str, Any]) -> Call:
            draft = incidents.IncidentDraft(values["title"], description=values["description"], ci_id=row.ci_id)
            return Call(incidents.open_incident, (key, draft))

        form.run(save)

    def copy(self, row: BoardRow) -> None:
        """Put the device's line on the clipboard."""
        parts: tuple[Any, ...] = (row.name, row.address, label(row.state), row.value, row.summary)
        QGuiApplication.clipboard().setText("\t".join(str(part) for part in parts))

    def _try_port(self, row: BoardRow, port: int) -> None:
        title = tr("Port {port} of {name}", port=port, name=row.name)
        ToolDialog(title, devices.try_port, (row.address, port), self._context, self._parent).begin()
