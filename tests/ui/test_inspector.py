"""The inspector: it follows what is selected, draws when the first chart is wanted, and changes with the feed."""

import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app import cmdb, devices, incidents, work_orders
from app.collector.history import History
from app.collector.samples import Metric, Outcome, Sample
from app.desk import Desk, Identity, Tx, command
from app.errors import BadInput, DatabaseAway
from app.permissions import Permission
from models.enums import CheckKind, Post
from tests.ui.real import add_switch, real_desk
from ui.context import Context
from ui.docks.inspector import InspectorDock
from ui.docks.inspector_checks import _decimal
from ui.forms import Form
from ui.live import Changed
from ui.panel import UNREAD
from ui.window import Window

WAIT_MS = 20_000


@command(Permission.WATCH)
def _measure(tx: Tx, history: History, outcome: Outcome) -> None:
    history.append(tx.connection, [outcome])


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.fixture
def window(qtbot: QtBot, context: Context) -> Window:
    made = Window(context, "Watchroom", "1")
    qtbot.addWidget(made, before_close_func=lambda window: window.let_close())
    made.resize(1366, 768)
    return made


@pytest.fixture
def dock(qtbot: QtBot, context: Context, window: Window) -> InspectorDock:
    made = InspectorDock(context)
    window.add_dock(made)
    window.show()
    made.show()
    return made


def select(qtbot: QtBot, context: Context, dock: InspectorDock, ci_id: int) -> None:
    context.nav.select("ci", ci_id)
    qtbot.waitUntil(lambda: dock.ci.sheet is not None and dock.ci.sheet.detail.id == ci_id, timeout=WAIT_MS)


def test_a_device_shows_its_facts_and_name(qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk) -> None:
    select(qtbot, context, dock, add_switch(desk))
    assert dock.bar.count.text() == "核心交换机-1"
    assert "Serial number\tSN-1" in dock.ci.facts.text
    assert "Address\t127.0.1.10" in dock.ci.facts.text


def test_a_device_without_figures_shows_no_chart_and_loads_no_drawing_library(
    qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk
) -> None:
    sys.modules.pop("ui.docks.inspector_plot", None)
    select(qtbot, context, dock, add_switch(desk))
    assert dock.ci.charts.isHidden()
    assert "ui.docks.inspector_plot" not in sys.modules


def test_measured_figures_are_drawn(qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk) -> None:
    ci_id = add_switch(desk)
    now = desk.read(lambda tx: tx.now)
    collector = Desk(desk.engine, Identity(None, "c", "c", frozenset({Post.COLLECTOR})), "c", desk._audit_key)
    outcome = Outcome(1, ci_id, now, True, samples=(Sample(Metric.CPU, 42.0, "%"),))
    collector.do(_measure, History(desk.engine), outcome)
    select(qtbot, context, dock, ci_id)
    box = dock.ci.charts.boxes[0]
    qtbot.waitUntil(lambda: box.value.text() == "42%", timeout=WAIT_MS)
    assert box.chooser.currentText() == "CPU"
    assert dock.ci.charts.boxes[1].isHidden()


def test_a_new_incident_appears_while_the_device_is_shown(
    qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk
) -> None:
    ci_id = add_switch(desk)
    select(qtbot, context, dock, ci_id)
    desk.do(incidents.open_incident, uuid.uuid4(), incidents.IncidentDraft("重启", ci_id=ci_id))
    context.live.changed.emit(Changed({"incident": frozenset({1})}))
    qtbot.waitUntil(lambda: len(dock.ci.incidents.rows.rows) == 1, timeout=WAIT_MS)
    assert dock.ci.tabs.current == "incidents"


def test_changes_are_worded_by_field(qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk) -> None:
    ci_id = add_switch(desk)
    detail = desk.read(cmdb.detail, ci_id)
    draft = cmdb.CiDraft("switch", "核心交换机-2", address="127.0.1.10", serial="SN-1", place_id=detail.draft.place_id)
    desk.do(cmdb.edit, ci_id, detail.version, draft)
    select(qtbot, context, dock, ci_id)
    texts = [dock.ci.changes.rows.columns[2].text(row) for row in dock.ci.changes.rows.rows]
    assert "Name：核心交换机-1 → 核心交换机-2" in texts


def test_a_check_is_added_with_its_secret_sealed(
    qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk
) -> None:
    ci_id = add_switch(desk)
    select(qtbot, context, dock, ci_id)
    dock.ci.checks._add_check_of(CheckKind.SNMP)
    form = dock.ci.checks.findChild(Form)
    assert isinstance(form, Form)
    form.set_values({"secret": "s3cret"})
    with qtbot.waitSignal(form.saved, timeout=WAIT_MS):
        form.submit()
    check = desk.read(devices.checks_of, ci_id)[-1]
    assert (check.kind, check.port, check.has_secret) == (CheckKind.SNMP, 161, True)
    assert b"s3cret" not in (Path(str(desk.engine.url.database))).read_bytes()


def test_limits_that_are_no_numbers_are_told_under_the_field() -> None:
    assert _decimal("", "x") is None
    assert _decimal("95,5", "x") == 95.5
    with pytest.raises(BadInput):
        _decimal("much", "x")


def test_an_incident_without_a_device_is_shown_in_short_and_hidden_by_the_lock(
    qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk
) -> None:
    incident_id = desk.do(incidents.open_incident, uuid.uuid4(), incidents.IncidentDraft("审批页面打开慢"))
    context.nav.select("incident", incident_id)
    qtbot.waitUntil(lambda: "审批页面打开慢" in dock.short.title.text(), timeout=WAIT_MS)
    assert "Source\t" in dock.short.facts.text
    dock.ci.told.emit("a device whose sheet came late")
    assert dock.bar.count.text() == ""
    dock.hide_private(True)
    qtbot.waitUntil(lambda: "Hidden while" in dock.short.facts.text, timeout=WAIT_MS)


def test_a_work_order_is_shown_in_short(qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk) -> None:
    draft = work_orders.WorkOrderDraft("更换风扇", ci_id=add_switch(desk))
    context.nav.select("work_order", desk.do(work_orders.add, uuid.uuid4(), draft))
    qtbot.waitUntil(lambda: "更换风扇" in dock.short.title.text(), timeout=WAIT_MS)
    assert "核心交换机-1" in dock.short.facts.text


def test_something_that_is_gone_says_so_and_breaks_nothing(
    qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk
) -> None:
    context.nav.select("visit", 999)
    qtbot.waitUntil(lambda: "999" in dock.banners.text(UNREAD), timeout=WAIT_MS)
    context.nav.select("unheard-of", 1)
    select(qtbot, context, dock, add_switch(desk))


def test_a_device_that_could_not_be_read_is_tried_again_on_demand_and_once_the_database_is_back(
    qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ci_id = add_switch(desk)

    def away(*_call: object) -> object:
        raise DatabaseAway("no route")

    def fail_once() -> QPushButton:
        with monkeypatch.context() as cut:
            cut.setattr("app.inspector.ci", away)
            dock.refresh()
            qtbot.waitUntil(lambda: "no route" in dock.banners.text(UNREAD), timeout=WAIT_MS)
        return next(each for each in dock.banners.findChildren(QPushButton) if each.text() == "Try again")

    select(qtbot, context, dock, ci_id)
    fail_once().click()
    qtbot.waitUntil(lambda: dock.banners.text(UNREAD) == "", timeout=WAIT_MS)
    fail_once()
    context.live.back.emit()
    qtbot.waitUntil(lambda: dock.banners.text(UNREAD) == "", timeout=WAIT_MS)
    assert dock.bar.count.text() == "核心交换机-1"


def test_percent_is_drawn_from_zero_to_a_hundred_and_nothing_needs_no_range() -> None:
    import numpy as np

    from app.collector.history import Curve, Level
    from ui.docks.inspector_plot import value_range

    def curve(*values: float) -> Curve:
        at = np.arange(len(values), dtype=float)
        array = np.array(values, dtype=float)
        return Curve(Level.RAW, at, array, array, array)

    assert value_range((curve(30.0, 97.0),), "%") == (0.0, 100.0)
    assert value_range((curve(),), "%") == (0.0, 1.0)
    assert value_range((curve(float("nan")),), "ms") == (0.0, 1.0)
    low, high = value_range((curve(228.0, 231.0),), "V")
    assert low > 200
    assert high > 231


def test_a_chart_says_the_value_under_the_mouse_and_forgets_it_when_the_mouse_leaves(
    qtbot: QtBot, context: Context
) -> None:
    import numpy as np

    from app.charts import Chart, Measured
    from app.collector.history import Curve, Level
    from ui.docks.inspector_plot import AXIS_WIDTH, Plot, ticks

    plot = Plot(context.theme)
    qtbot.addWidget(plot)
    plot.resize(AXIS_WIDTH + 100, 90)
    until = datetime.now(UTC)
    since = until - timedelta(seconds=100)
    values = np.array([20.0, 20.0, np.nan, 40.0, 40.0])
    curve = Curve(Level.RAW, since.timestamp() + np.linspace(0, 100, 5), values, values, values)
    plot.show_chart(Chart(Measured("CPU", "cpu.percent", "", "%", (1,)), since, until, (curve,), ()), ("accent",))
    plot.show()
    said: list[str] = []
    plot.hovered.connect(said.append)
    place, none = QPointF(AXIS_WIDTH + 90, 40), Qt.MouseButton.NoButton
    moved = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot, moved)
    assert "40" in said[-1].split("  ")[-1]
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert said[-1] == "" and not plot.grab().isNull()
    assert ticks(0, 100, 4) == [0, 50, 100] and ticks(0, 0, 4) == [] and ticks(0, 1, 0) == [0, 1]


def test_a_state_that_ended_is_not_worn_by_the_next_device(
    qtbot: QtBot, context: Context, dock: InspectorDock, desk: Desk
) -> None:
    first, second = add_switch(desk), add_switch(desk, "核心交换机-2")
    select(qtbot, context, dock, first)
    select(qtbot, context, dock, second)
    assert dock.bar.count.text() == "核心交换机-2"
    assert dock.ci.pill.accessibleName().startswith("Unknown")
