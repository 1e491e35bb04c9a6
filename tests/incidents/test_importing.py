"""Incidents of an older register, from a sheet."""

from datetime import date
from pathlib import Path

import pytest

from app import incidents
from app.desk import Desk
from app.errors import BadInput
from app.incidents.importing import import_incidents
from app.sheets import read_rows, write_csv
from models.enums import Grade, IncidentState, Source
from tests.incidents.rooms import ci, one

HEADS = ["事件编号", "发生时间", "来源", "级别", "设备", "故障现象", "原因", "解决办法", "解决时间"]
ROWS = [
    [
        "G-1",
        "2025-03-01 09:20",
        "telephone",
        "III",
        "核心交换机-1",
        "端口闪断",
        "光模块老化",
        "更换",
        "2025-03-01 11:00",
    ],
    ["G-2", "2025/3/5 8:00", "", "", "", "打印机卡纸", "", "", ""],
    ["G-3", "yesterday", "", "", "", "时间不对", "", "", ""],
    ["G-4", "2025-03-06 08:00", "", "", "", "", "", "", ""],
]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    write_csv(path, HEADS, ROWS)
    return path


def test_good_rows_are_kept_and_bad_ones_refused_with_their_numbers(desk: Desk, sheet: Path, tmp_path: Path) -> None:
    device = ci(desk)
    failed = tmp_path / "failed.csv"
    report = import_incidents(desk, sheet, failed_file=failed)
    assert (report.read, report.added, report.unchanged, report.refused) == (4, 2, 0, 2)
    assert [refusal.row for refusal in report.refusals] == [4, 5]
    assert [line[5] for line in read_rows(failed)[1:]] == ["时间不对", None]
    first = desk.read(incidents.ledger, date(2025, 3, 1))[0]
    found = one(desk, first.id)
    assert (found.row.ci_id, found.row.grade, found.row.source) == (device, Grade.III, Source.TELEPHONE)
    assert (found.row.state, found.cause, found.solution) == (IncidentState.CLOSED, "光模块老化", "更换")


def test_the_same_sheet_twice_changes_nothing(desk: Desk, sheet: Path) -> None:
    import_incidents(desk, sheet)
    again = import_incidents(desk, sheet)
    assert (again.added, again.unchanged, again.refused) == (0, 2, 2)
    assert desk.read(incidents.count, "all") == 2


def test_a_dry_run_writes_nothing(desk: Desk, sheet: Path) -> None:
    report = import_incidents(desk, sheet, is_dry_run=True)
    assert (report.added, report.is_dry_run) == (2, True)
    assert desk.read(incidents.count, "all") == 0


def test_a_sheet_without_our_headings_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    write_csv(path, ["a", "b"], [["1", "2"]])
    with pytest.raises(BadInput):
        import_incidents(desk, path)
