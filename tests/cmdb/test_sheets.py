"""Configuration items from sheets and back into sheets."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import cmdb, contacts
from app.cmdb.exporting import device_table
from app.desk import Desk, ReadTx
from app.errors import BadInput
from app.importers.report import Unwatched
from app.sheets import read_rows, write_csv, write_xlsx
from app.words import set_language
from models.cmdb import Ci
from models.enums import CiState, RelationKind
from tests.cmdb.samples import ci, site
from tests.databases import trail_findings

HEAD = ("名称", "类别", "管理IP", "序列号", "所在位置", "起始U位", "U高", "内存 (GB)")


def sheet(path: Path, *rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> Path:
    (write_csv(path, head, rows) if path.suffix == ".csv" else write_xlsx(path, "设备", head, rows))
    return path


def everything(tx: ReadTx) -> list[tuple[Any, ...]]:
    columns = (Ci.key, Ci.class_name, Ci.name, Ci.place_id, Ci.u_bottom, Ci.parent_id, Ci.attributes, Ci.version)
    return [tuple(row) for row in tx.session.execute(select(*columns).order_by(Ci.key))]


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_sheet_is_taken_and_taken_again_changes_nothing(desk: Desk, tmp_path: Path, ending: str) -> None:
    path = sheet(
        tmp_path / f"设备{ending}",
        ("核心交换机-1", "交换机", "127.0.1.10", "SN-1", "示例信息中心/一号机房/A 列/A01", 40, 1, None),
        ("财务数据库-1", "server", "127.0.1.20", "SN-2", "示例信息中心/一号机房/A 列/A01", 10.5, 1.5, 256),
    )
    first = cmdb.import_devices(desk, Unwatched(), path)
    assert (first.read, first.added, first.refused) == (2, 2, 0)
    rows = desk.read(everything)
    again = cmdb.import_devices(desk, Unwatched(), path)
    assert (again.added, again.changed, again.unchanged, again.refused) == (0, 0, 2, 0)
    assert again.sentence() == "Read 2: added 0, changed 0, unchanged 2, refused 0."
    assert desk.read(everything) == rows
    assert [choice.title for choice in desk.read(cmdb.place_choices)][-1] == "示例信息中心 / 一号机房 / A 列 / A01"


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.csv", ("甲", "交换机", "127.0.0.1"), ("乙", "不存在的类", "127.0.0.2"))
    report = cmdb.import_devices(desk, Unwatched(), path, dry_run=True)
    assert (report.added, report.refused, report.is_dry_run) == (1, 1, True)
    assert desk.read(cmdb.size) == 0


def test_a_refused_row_says_its_number_and_reason_and_can_be_mended(desk: Desk, tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.xlsx",
        ("甲", "交换机", "10.0.0.999"),
        ("", "交换机", "127.0.0.2"),
        ("丙", "服务器", "127.0.0.3", "", "机房/柜", 10, 2),
        ("丁", "服务器", "127.0.0.4", "", "机房/柜", 11, 2),
        ("戊", "服务器", "127.0.0.5", "", "机房/柜", 12, 2),
    )
    failed = tmp_path / "failed.xlsx"
    report = cmdb.import_devices(desk, Unwatched(), path, failed_file=failed)
    assert [refusal.row for refusal in report.refusals] == [2, 3, 5]
    assert "10.0.0.999" in report.refusals[0].reason
    assert "丙" in report.refusals[2].reason
    assert (report.added, report.refused) == (2, 3)
    rows = read_rows(failed)
    assert rows[0][-2:] == ["Row", "Reason"]
    assert [row[0] for row in rows[1:]] == ["甲", None, "丁"]
    mended = cmdb.import_devices(desk, Unwatched(), failed)
    assert mended.refused == 3


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_the_export_reads_back_unchanged(desk: Desk, tmp_path: Path, ending: str, language: str) -> None:
    here = site(desk)
    contact = desk.do(contacts.add, uuid.uuid4(), contacts.ContactDraft("来访乙", unit="示例网络公司"))
    switch = ci(desk, "核心交换机-1", "switch", code="00123", place_id=here.rack, u_bottom=40, attributes={"ports": 48})
    ci(desk, "同名", "server", parent_id=switch, owner_id=desk.identity.id, maintainer_id=contact)
    ci(
        desk,
        "同名",
        "server",
        parent_id=switch,
        u_height=2.5,
        note="=1+1\n第二行",
        attributes={"raid": "raid6", "user": "x"},
    )
    ci(desk, "@office", "other", attributes={"subclass": "杂"})
    ci(desk, "终端-1", "terminal", attributes={"user": "演示员乙", "signature_date": "2026-11-01", "memory_gb": 8.0})
    before = desk.read(everything)
    set_language(language)
    path = tmp_path / f"out{ending}"
    assert cmdb.export_devices(desk, Unwatched(), path) == 5
    report = cmdb.import_devices(desk, Unwatched(), path)
    assert (report.unchanged, report.added, report.changed, report.refusals) == (5, 0, 0, ())
    assert desk.read(everything) == before


def test_an_export_fills_an_empty_database(desk: Desk, tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.csv",
        ("财务-应用", "应用系统", None, None, None, None, None, None),
        ("门户-01", "服务器", "127.0.0.8", None, "机房甲/柜01", 3, 2, 64),
    )
    cmdb.import_devices(desk, Unwatched(), path)
    table = desk.read(device_table)
    assert len(table.rows) == 2
    assert table.rows[1][table.columns.index("Place")] == "机房甲 / 柜01"


def test_parents_may_stand_below_their_children(desk: Desk, tmp_path: Path) -> None:
    head = ("Name", "Class", "Parent")
    path = sheet(
        tmp_path / "a.csv", ("web", "server", "core"), ("core", "switch", ""), ("lost", "server", "gone"), head=head
    )
    report = cmdb.import_devices(desk, Unwatched(), path)
    assert (report.added, report.refused) == (2, 1)
    web = desk.read(cmdb.search, "web")[0].id
    assert desk.read(cmdb.detail, web).parent_name == "core"
    assert cmdb.import_devices(desk, Unwatched(), path).unchanged == 2


def test_an_empty_cell_changes_nothing_and_another_value_does(desk: Desk, tmp_path: Path) -> None:
    item = ci(desk, "甲", "switch", serial="SN-1", address="127.0.0.1", state=CiState.STANDBY)
    path = sheet(tmp_path / "a.csv", ("甲", "交换机", None, "SN-2"))
    report = cmdb.import_devices(desk, Unwatched(), path)
    assert (report.changed, report.added) == (1, 0)
    draft = desk.read(cmdb.detail, item).draft
    assert (draft.serial, draft.address, draft.state) == ("SN-2", "127.0.0.1", CiState.STANDBY)


def test_one_name_twice_is_refused_until_a_code_tells_them_apart(desk: Desk, tmp_path: Path) -> None:
    ci(desk, "同名", "switch")
    ci(desk, "同名", "switch")
    report = cmdb.import_devices(desk, Unwatched(), sheet(tmp_path / "a.csv", ("同名", "交换机", "127.0.0.1")))
    assert (report.refused, report.changed) == (1, 0)


def test_the_same_record_twice_in_a_sheet_is_refused_once(desk: Desk, tmp_path: Path) -> None:
    ci(desk, "甲", "switch")
    path = sheet(tmp_path / "a.csv", ("甲", "交换机", "127.0.0.1"), ("甲", "交换机", "127.0.0.2"))
    report = cmdb.import_devices(desk, Unwatched(), path)
    assert (report.changed, report.refused) == (1, 1)


def test_ten_thousand_bad_rows_end_in_a_file(desk: Desk, tmp_path: Path) -> None:
    rows = ((f"设备{n}", "交换机", f"300.0.0.{n}") for n in range(10_000))
    path, failed = sheet(tmp_path / "bad.csv", *rows), tmp_path / "failed.csv"
    report = cmdb.import_devices(desk, Unwatched(), path, failed_file=failed)
    assert (report.read, report.refused, report.added) == (10_000, 10_000, 0)
    assert len(read_rows(failed)) == 10_001


def test_a_sheet_without_headings_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        cmdb.import_devices(desk, Unwatched(), sheet(tmp_path / "a.csv", (1, 2), head=("x", "y")))


def test_an_import_leaves_a_whole_trail(desk: Desk, tmp_path: Path) -> None:
    ci(desk, "前", "switch")
    cmdb.import_devices(
        desk, Unwatched(), sheet(tmp_path / "a.csv", ("前", "交换机", "127.0.0.9"), ("后", "交换机", ""))
    )
    desk.do(cmdb.relate, uuid.uuid4(), 1, RelationKind.CONNECTS_TO, 2)
    assert trail_findings(desk) == []
