"""The form of a configuration item, the rack page and the import dialog over a real desk."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app import cmdb
from app.desk import Desk
from app.importers.report import Unwatched
from app.sheets import read_rows, write_csv
from models.enums import CiState, RelationKind
from tests.cmdb.samples import Site, ci, site
from tests.cmdb.test_library import write
from ui.conflict import THEIRS, YOURS
from ui.context import Context
from ui.docks.cmdb_import import ImportDialog
from ui.live import Changed
from ui.pages.ci import CiPage
from ui.pages.ci_new import NewCi
from ui.pages.rack import RackPage

WAIT_MS = 10_000


@pytest.fixture
def here(desk: Desk) -> Site:
    return site(desk)


@pytest.fixture
def page(qtbot: QtBot, context: Context) -> CiPage:
    made = CiPage(context)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def rack(qtbot: QtBot, context: Context, desk: Desk, here: Site) -> RackPage:
    ci(desk, "下", place_id=here.rack, u_bottom=1, u_height=2)
    ci(desk, "上", place_id=here.rack, u_bottom=10, u_height=1.5)
    made = RackPage(context)
    qtbot.addWidget(made)
    made.resize(1000, 1000)
    made.show()
    made.show_row(here.rack)
    qtbot.waitUntil(lambda: made.table.rows.rowCount() == 2, timeout=WAIT_MS)
    return made


def line(page: CiPage, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, f"field-{name}")
    assert isinstance(found, QLineEdit)
    return found


def opened(qtbot: QtBot, page: CiPage, ci_id: int) -> None:
    page.show_row(ci_id)
    qtbot.waitUntil(lambda: bool(line(page, "name").text()), timeout=WAIT_MS)


def test_a_form_shows_and_keeps_an_item(qtbot: QtBot, page: CiPage, desk: Desk, here: Site) -> None:
    item = ci(desk, "核心交换机-1", "switch", place_id=here.rack, u_bottom=40, attributes={"ports": 24.0})
    opened(qtbot, page, item)
    assert line(page, "ports").text() == "24"
    assert line(page, "place_id").text() == "示例信息中心 / 一号机房 / A 列 / A01 机柜"
    line(page, "serial").setText("SN-9")
    line(page, "ports").setText("48")
    page.submit()
    qtbot.waitUntil(lambda: desk.read(cmdb.detail, item).version == 2, timeout=WAIT_MS)
    draft = desk.read(cmdb.detail, item).draft
    assert (draft.serial, draft.attributes, draft.u_bottom, draft.place_id) == ("SN-9", {"ports": 48}, 40, here.rack)


def test_a_new_item_is_made_once_and_then_open(qtbot: QtBot, page: CiPage, desk: Desk, here: Site) -> None:
    page.show_row(NewCi("server", here.rack))
    qtbot.waitUntil(lambda: bool(line(page, "place_id").text()), timeout=WAIT_MS)
    line(page, "name").setText("新服务器")
    line(page, "u_bottom").setText("u5.5")
    page.submit()
    page.submit()
    qtbot.waitUntil(lambda: page.bar.title.text() == "新服务器", timeout=WAIT_MS)
    assert desk.read(cmdb.size) == 1
    assert [unit.u_bottom for unit in desk.read(cmdb.rack, here.rack).units] == [5.5]


@pytest.mark.parametrize(
    ("name", "text"),
    [("name", ""), ("address", "1.2.3.999"), ("u_bottom", "hoch"), ("bought_on", "gestern"), ("place_id", "x")],
)
def test_an_error_stands_under_its_field_and_the_text_stays(qtbot: QtBot, page: CiPage, name: str, text: str) -> None:
    page.show_row(NewCi("server"))
    line(page, "name").setText("一台")
    line(page, name).setText(text)
    page.submit()
    error = page.findChild(object, f"error-{name}")
    qtbot.waitUntil(lambda: bool(error.text()), timeout=WAIT_MS)
    assert line(page, name).text() == text


def test_another_class_brings_its_own_fields(qtbot: QtBot, page: CiPage) -> None:
    page.show_row(NewCi("switch"))
    assert page.findChild(QLineEdit, "field-uplink") is not None
    page.fields.show_draft(cmdb.CiDraft("ups", "UPS-1"))
    qtbot.waitUntil(lambda: page.findChild(QLineEdit, "field-uplink") is None, timeout=WAIT_MS)
    assert page.findChild(QLineEdit, "field-rated_kva") is not None


def test_an_items_own_fields_are_saved_with_no_other_item(qtbot: QtBot, page: CiPage, desk: Desk) -> None:
    cloud = ci(desk, "云主机-1", "virtual_machine", attributes={"vcpu": 4.0, "memory_gb": 16.0})
    server = ci(desk, "服务器-1", "server", attributes={"memory_gb": 512.0})
    opened(qtbot, page, cloud)
    page.show_row(server)
    qtbot.waitUntil(lambda: line(page, "name").text() == "服务器-1", timeout=WAIT_MS)
    line(page, "serial").setText("SN-9")
    page.submit()
    qtbot.waitUntil(lambda: desk.read(cmdb.detail, server).version == 2, timeout=WAIT_MS)
    assert desk.read(cmdb.detail, server).draft.attributes == {"memory_gb": 512.0}


def test_two_editors_choose_field_by_field(qtbot: QtBot, page: CiPage, desk: Desk) -> None:
    item = ci(desk, "核心交换机-1", "switch", serial="A", attributes={"ports": 24.0})
    opened(qtbot, page, item)
    seen = desk.read(cmdb.detail, item)
    desk.do(cmdb.edit, item, 1, replace(seen.draft, serial="THEIRS", state=CiState.REPAIR, attributes={"ports": 48.0}))
    line(page, "serial").setText("YOURS")
    line(page, "purpose").setText("核心交换")
    page.submit()
    qtbot.waitUntil(lambda: page._conflict is not None, timeout=WAIT_MS)
    box = page._conflict
    assert box is not None and not box.button.isEnabled()
    box.choose("serial", YOURS)
    assert box.button.isEnabled()
    box.choose("ports", THEIRS)
    box.button.click()
    qtbot.waitUntil(lambda: desk.read(cmdb.detail, item).version == 3, timeout=WAIT_MS)
    draft = desk.read(cmdb.detail, item).draft
    kept = (draft.serial, draft.purpose, draft.state, draft.attributes)
    assert kept == ("YOURS", "核心交换", CiState.REPAIR, {"ports": 48})


def test_half_typed_text_survives_a_colleagues_change(qtbot: QtBot, page: CiPage, context: Context, desk: Desk) -> None:
    item = ci(desk, "甲", "switch")
    opened(qtbot, page, item)
    line(page, "serial").setText("half")
    desk.do(cmdb.edit, item, 1, replace(desk.read(cmdb.detail, item).draft, code="ZC-1"))
    context.live.changed.emit(Changed({"ci": frozenset({item})}))
    qtbot.waitUntil(lambda: bool(page.banners.text("changed")), timeout=WAIT_MS)
    assert line(page, "serial").text() == "half"


def test_a_device_type_fills_in_maker_model_and_height(qtbot: QtBot, page: CiPage, desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, "Inspur", "NF5280", 2)
    cmdb.import_device_types(desk, Unwatched(), tmp_path)
    page.show_row(NewCi("server"))
    picker = page.fields._picker("device_type_id")
    told: list[str] = []
    picker._suggest("nf5280", told.extend)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    line(page, "device_type_id").setText(told[0])
    line(page, "device_type_id").editingFinished.emit()
    assert [line(page, name).text() for name in ("maker", "model", "u_height")] == ["Inspur", "NF5280", "2"]


def test_a_unit_is_moved_by_keyboard(qtbot: QtBot, rack: RackPage, desk: Desk, here: Site) -> None:
    qtbot.keyClick(rack.front, Qt.Key.Key_Down)
    for _ in range(3):
        qtbot.keyClick(rack.front, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert rack.front.lifted == 11.5
    qtbot.keyClick(rack.front, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.read(cmdb.rack, here.rack).units[0].u_bottom == 11.5, timeout=WAIT_MS)


def test_a_unit_is_moved_by_mouse(qtbot: QtBot, rack: RackPage, desk: Desk, here: Site) -> None:
    box = rack.front._box(rack.front._rack.units[0])  # type: ignore[union-attr]
    start = box.center().toPoint()
    qtbot.mousePress(rack.front, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(rack.front, (QPointF(start) - QPointF(0, 200)).toPoint())
    qtbot.mouseRelease(rack.front, Qt.MouseButton.LeftButton, pos=start)
    qtbot.waitUntil(lambda: desk.read(cmdb.rack, here.rack).units[0].u_bottom == 20, timeout=WAIT_MS)


def test_an_overlap_is_refused_in_words_and_nothing_moves(qtbot: QtBot, rack: RackPage, desk: Desk, here: Site) -> None:
    unit = rack.front._rack.units[0]  # type: ignore[union-attr]
    rack.front.dropped.emit(unit, 2.0)
    qtbot.waitUntil(lambda: "下" in rack.banners.text("error"), timeout=WAIT_MS)
    assert desk.read(cmdb.rack, here.rack).units[0].u_bottom == 10


def test_a_sheet_is_seen_before_it_is_imported(qtbot: QtBot, context: Context, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, ("名称", "类别", "管理IP"), [("甲", "交换机", "127.0.0.1"), ("乙", "交换机", "坏")])
    dialog = ImportDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.look_at(path)
    qtbot.waitUntil(lambda: dialog.table.rows.rowCount() == 2, timeout=WAIT_MS)
    assert desk.read(cmdb.size) == 0
    dialog.main_button.click()
    qtbot.waitUntil(lambda: bool(dialog.banners.text("report")), timeout=WAIT_MS)
    assert desk.read(cmdb.size) == 1
    failed = tmp_path / "failed.xlsx"
    dialog._save_refused(str(failed))
    qtbot.waitUntil(lambda: bool(dialog.banners.text("saved")), timeout=WAIT_MS)
    assert read_rows(failed)[1][0] == "乙"


def test_relations_and_history_stand_in_their_tabs(qtbot: QtBot, page: CiPage, desk: Desk) -> None:
    first, second = ci(desk, "甲"), ci(desk, "乙")
    desk.do(cmdb.relate, uuid.uuid4(), first, RelationKind.DEPENDS_ON, second)
    opened(qtbot, page, first)
    qtbot.waitUntil(lambda: page.relations.table.rows.rowCount() == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.history.table.rows.rowCount() >= 4, timeout=WAIT_MS)
