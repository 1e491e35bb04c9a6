"""`watchroom import`, `export` and `stats` from end to end."""

import csv
import json
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from app.sheets import read_rows, write_csv
from app.times import today
from tests.cli.runs import run_here

BAD = 10_000


def test_ten_thousand_bad_rows_are_refused_and_kept_in_a_file(empty: Path, tmp_path: Path) -> None:
    sheet, failed = tmp_path / "devices.csv", tmp_path / "failed.csv"
    rows = [[f"good-{n}", "server", "127.0.0.1"] for n in range(5)]
    rows += [[f"bad-{n}", "spaceship", "not an address"] for n in range(BAD)]
    write_csv(sheet, ["name", "class", "address"], rows)
    ran = run_here(empty, "import", "devices", sheet, "--failed", failed)
    assert ran.code == 1
    assert ran.last == f"Read {BAD + 5}: added 5, changed 0, unchanged 0, refused {BAD}."
    assert len(ran.err.splitlines()) < 30
    assert len(read_rows(failed)) == BAD + 1


def test_a_dry_run_writes_nothing(empty: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "devices.csv"
    write_csv(sheet, ["name", "class", "address"], [["one", "server", "127.0.0.1"]])
    assert "would add 1" in run_here(empty, "import", "devices", sheet, "--dry-run").last
    assert "added 1" in run_here(empty, "import", "devices", sheet).last
    assert "unchanged 1" in run_here(empty, "import", "devices", sheet).last


def test_exported_devices_import_unchanged(demo_home: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "devices.csv"
    assert run_here(demo_home, "export", "devices", sheet).code == 0
    ran = run_here(demo_home, "import", "devices", sheet, "--dry-run")
    assert ran.code == 0, ran.err
    assert "would add 0, change 0," in ran.last


@pytest.mark.slow
def test_a_device_type_library_twice_changes_nothing(empty: Path, tmp_path: Path, test_data: Path) -> None:
    (archive,) = (test_data / "devicetypes").glob("*.tar.xz")
    library = tmp_path / "library"
    with tarfile.open(archive) as packed:
        packed.extractall(library, filter="data")
    first = run_here(empty, "import", "device-types", library)
    again = run_here(empty, "import", "device-types", library)
    assert again.code == 0
    assert "added 0, changed 0," in again.last, (first.last, again.last)


def test_backups_twice_are_the_same_runs(empty: Path, test_data: Path) -> None:
    payloads = test_data / "payloads"
    if not payloads.is_dir():
        pytest.skip("no payloads in the test data")
    first = run_here(empty, "import", "backups", payloads)
    again = run_here(empty, "import", "backups", payloads)
    assert "added 0, changed 0," in again.last, (first.last, again.last)


def test_past_visits_twice_are_the_same_visits(demo_home: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "visits.csv"
    heads = ["编号", "入场时间", "离场时间", "机房", "单位", "人员", "事由", "批准", "陪同"]
    good = [
        "旧-1",
        "2020-03-01 09:10",
        "2020-03-01 10:00",
        "一号机房",
        "示例公司",
        "来访甲、来访乙",
        "检修",
        "主管丙（口头）",
        "演示员甲",
    ]
    unknown_room = [*good[:3], "三号机房", *good[4:]]
    write_csv(sheet, heads, [good, unknown_room, [*good[:1], "昨天", *good[2:]]])
    first = run_here(demo_home, "import", "visitors", sheet, language="zh_CN")
    assert first.code == 1
    assert "第 3 行" in first.err and "三号机房" in first.err
    write_csv(sheet, heads, [good])
    again = run_here(demo_home, "import", "visitors", sheet)
    assert (again.code, again.last) == (0, "Read 1: added 0, changed 0, unchanged 1, refused 0.")


def test_past_incidents_twice_are_the_same_incidents(empty: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "incidents.csv"
    write_csv(sheet, ["编号", "发生时间", "内容"], [["1", "2020-01-02 03:04", "交换机中断"]])
    assert "added 1" in run_here(empty, "import", "incidents", sheet).last
    assert "unchanged 1" in run_here(empty, "import", "incidents", sheet).last


@pytest.mark.parametrize(
    ("arguments", "name", "begins"),
    [
        (("inspection",), "round.pdf", b"%PDF"),
        (("inspection",), "round.xlsx", b"PK"),
        (("incident",), "incident.pdf", b"%PDF"),
        (("handover",), "handover.pdf", b"%PDF"),
        (("devices",), "devices.xlsx", b"PK"),
        (("ledger", "visitors"), "visits.pdf", b"%PDF"),
        (("ledger", "visitors"), "visits.csv", b"\xef\xbb\xbf"),
        (("ledger", "incidents"), "incidents.xlsx", b"PK"),
    ],
)
def test_records_leave_as_the_files_ending_says(
    demo_home: Path, tmp_path: Path, arguments: tuple[str, ...], name: str, begins: bytes
) -> None:
    ran = run_here(demo_home, "export", *arguments, tmp_path / name)
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert name in ran.last


@pytest.mark.parametrize(
    "arguments",
    [
        ("incident", "E-19990101-001", "x.pdf"),
        ("incident", "x.docx"),
        ("handover", "H-1", "x.pdf"),
        ("ledger", "x.pdf"),
        ("ledger", "visitors-2026-13", "x.pdf"),
        ("ledger", "visitors-2026-10", "x.docx"),
        ("inspection", "XJ-1", "x.pdf"),
        ("devices", "missing-folder/x.csv"),
    ],
)
def test_what_can_not_be_exported_is_one_line_and_exit_code_2(
    demo_home: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    *first, name = arguments
    ran = run_here(demo_home, "export", *first, tmp_path / name)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.strip().splitlines()) == 1
    assert not (tmp_path / name).exists()


def test_a_ledger_reads_as_a_sheet(demo_home: Path, tmp_path: Path) -> None:
    month = (today() - timedelta(days=1)).strftime("%Y-%m")
    path = tmp_path / "incidents.csv"
    assert run_here(demo_home, "export", "ledger", f"incidents-{month}", path, language="zh_CN").code == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) > 1
    assert all(row[0].startswith("E-") for row in rows[1:])


def test_figures_are_one_json_document(demo_home: Path) -> None:
    last = today() - timedelta(days=1)
    ran = run_here(demo_home, "stats", "--from", str(last - timedelta(days=30)), "--to", str(last), "--json")
    found = json.loads(ran.out)
    assert found["incidents"]["total"] == sum(found["incidents"]["by_source"].values())
    assert 0.9 < found["incidents"]["acknowledged_in_time_share"] <= 1
    assert found["backups"]["succeeded_share"] > 0.95
    assert found["visits"]["visits"] > 10
    assert found["inspections"]["done"] > 30


def test_figures_are_told_in_chinese(demo_home: Path) -> None:
    last = today() - timedelta(days=1)
    ran = run_here(demo_home, "stats", "--from", str(last - timedelta(days=30)), "--to", str(last), language="zh_CN")
    assert "事件：" in ran.out and "按时确认率" in ran.out and "机房出入" in ran.out
