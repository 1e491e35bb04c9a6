"""Backup tools' real outputs become runs; what is damaged is refused with its line."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.importers.detect import guess, parse, read_runs
from app.importers.records import BackupRunRecord, Source, each_run_once
from models.enums import BackupFormat, BackupResult

DATA = Path(os.environ.get("WATCHROOM_TEST_DATA", Path(__file__).parents[3] / "shared/data")) / "payloads"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the test data is not at {DATA}")
WRITTEN = datetime(2026, 11, 23, 16, 31, tzinfo=UTC)
OK, WARNING, FAILED = BackupResult.OK, BackupResult.WARNING, BackupResult.FAILED


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tools ran on a machine in UTC and write local times."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def runs(name: str, log: str = "") -> list[BackupRunRecord]:
    path = DATA / name
    return parse(path.read_bytes(), Source(path.name, WRITTEN), log=(DATA / log).read_bytes() if log else b"")


def at(hour: int, minute: int, second: int, microsecond: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, second, microsecond, tzinfo=UTC)


def test_a_restic_run_and_its_snapshot_are_one_run() -> None:
    (run,) = runs("restic/backup.jsonl")
    snapshots = runs("restic/snapshots.json")
    assert (run.result, run.size_bytes, run.files, run.is_time_guessed) == (OK, 3_471_642, 22, True)
    assert run.external_id == snapshots[0].external_id
    for order in ([run, *snapshots], [*snapshots, run]):
        both = next(found for found in each_run_once(order) if found.external_id == run.external_id)
        assert (both.host, both.job, both.size_bytes, both.files) == ("vm", "/srv/ops/src", 3_471_642, 22)
        assert both.started_at == at(16, 30, 51, 425_084)
        assert not both.is_time_guessed


def test_a_restic_run_that_only_complained_failed() -> None:
    (run,) = runs("restic/fail.stderr")
    assert (run.result, run.job, run.ended_at) == (FAILED, "fail", WRITTEN)
    assert "all target directories/files do not exist" in run.message
    assert runs("restic/fail.stderr") == [run]


def test_a_restic_run_with_unreadable_files_has_a_warning() -> None:
    error = b'{"message_type":"error","error":{"message":"permission denied"},"item":"/root/x"}\n'
    (run,) = parse(error + (DATA / "restic/backup2.jsonl").read_bytes(), Source("x", WRITTEN))
    assert (run.result, run.message) == (WARNING, "/root/x permission denied")


def test_a_restic_run_without_a_summary_failed() -> None:
    first_line = (DATA / "restic/backup.jsonl").read_bytes().splitlines()[0]
    (run,) = parse(first_line, Source("x", WRITTEN))
    assert run.result is FAILED


def test_a_borg_archive_is_the_same_run_in_create_and_list() -> None:
    (run,) = runs("borg/create.json")
    assert (run.job, run.result, run.size_bytes, run.files) == ("job", OK, 3_472_165, 23)
    assert run.started_at == at(16, 30, 57)
    listed = runs("borg/list.json")
    assert [found.job for found in listed] == ["job", "b2"]
    assert run.external_id == listed[0].external_id


def test_a_borg_run_takes_its_warnings_from_the_log_beside_it() -> None:
    (run,) = runs("borg/create_warn.json", log="borg/create_warn.log.jsonl")
    assert run.result is WARNING
    assert "No such file" in run.message
    assert run.merged(runs("borg/list.json")[1]).result is WARNING


def test_a_borg_run_that_left_only_a_log_failed() -> None:
    (run,) = runs("borg/create_fail.log.jsonl")
    assert (run.result, run.message) == (FAILED, "Archive b2 already exists")
    assert run.started_at == at(16, 31, 0, 855_043)


BACULA = ["job_reports.log", "catalog_Job.csv", "catalog_Log.csv", "bconsole_list.txt"]


@pytest.mark.parametrize("name", BACULA)
def test_each_view_of_bacula_shows_the_same_three_backups_and_no_restore(name: str) -> None:
    found = {run.external_id: run for run in runs(f"bacula/{name}")}
    assert list(found) == [
        "bacula:db-nightly:1:2026-11-23 16:37:42",
        "bacula:db-nightly:2:2026-11-23 16:37:45",
        "bacula:dead-client:4:2026-11-23 16:37:49",
    ]
    first, second, dead = found.values()
    assert (first.result, second.result, dead.result) == (OK, OK, FAILED)
    assert (first.job, first.size_bytes, first.files) == ("db-nightly", 3_471_647, 27)
    assert first.started_at == at(16, 37, 42)


def test_a_failed_bacula_job_says_why() -> None:
    dead = runs("bacula/job_reports.log")[-1]
    assert dead.host == "fd-dead"
    assert dead.ended_at == at(16, 40, 49)
    assert "Unable to connect to Client" in dead.message


@pytest.mark.parametrize("name", ["info.json", "info.txt", "main-backup.log"])
def test_each_view_of_pgbackrest_shows_the_same_two_backups(name: str) -> None:
    full, incremental = runs(f"pgbackrest/{name}")
    assert full.external_id == "pgbackrest:main:20261123-163631F"
    assert incremental.external_id == "pgbackrest:main:20261123-163631F_20261123-163634I"
    assert full.job == "main"
    assert full.result is incremental.result is OK
    assert full.size_bytes == pytest.approx(23_213_864, rel=0.01)
    assert abs((full.started_at or WRITTEN) - at(16, 36, 31)).total_seconds() < 1


def test_a_pgbackrest_run_that_was_aborted_or_killed_failed() -> None:
    log = (DATA / "pgbackrest/main-backup.log").read_text()
    aborted = log.replace("completed successfully (3658ms)", "aborted with exception [082]")
    assert parse(aborted.encode(), Source("x"))[1].result is FAILED
    first, second = log.split("\n\n")
    killed = "\n".join(first.splitlines()[:4]) + "\n\n" + second
    assert [run.result for run in parse(killed.encode(), Source("x"))] == [FAILED, OK]


def test_a_pgbackrest_run_that_has_not_ended_is_left_for_the_next_import() -> None:
    lines = (DATA / "pgbackrest/main-backup.log").read_text().splitlines()
    assert len(parse("\n".join(lines[:-1]).encode(), Source("x"))) == 1


@pytest.mark.parametrize(("tool", "count"), [("restic", 3), ("borg", 3), ("bacula", 3), ("pgbackrest", 2)])
def test_a_folder_gives_each_run_once_and_says_what_it_could_not_read(tool: str, count: int) -> None:
    read = read_runs(DATA / tool)
    assert len(read.records) == count
    assert {run.format for run in read.records} == {BackupFormat(tool)}
    assert all(refused.reason for refused in read.refused)
    assert {run.external_id for run in read_runs(DATA / tool).records} == {run.external_id for run in read.records}


def test_either_of_two_files_of_a_run_gives_the_same_run() -> None:
    for one, other in [
        ("create_warn.json", "create_warn.log.jsonl"),
        ("create_fail.json", "create_fail.log.jsonl"),
    ]:
        assert read_runs(DATA / "borg" / one).records == read_runs(DATA / "borg" / other).records
    assert read_runs(DATA / "restic/fail.jsonl").records == read_runs(DATA / "restic/fail.stderr").records


def test_garbage_is_refused_with_its_line() -> None:
    lines = (DATA / "restic/backup.jsonl").read_bytes().splitlines()
    with pytest.raises(BadInput, match="2"):
        parse(lines[0] + b"\n{broken\n" + lines[-1], Source("x"), BackupFormat.RESTIC)
    for data in (b"", b"\n\n", b"hello", b"\x00\xff" * 50, b'{"a":' * 100_000):
        with pytest.raises(BadInput):
            parse(data, Source("x"))


def test_a_year_that_the_databases_refuse_is_refused_here() -> None:
    text = (DATA / "bacula/catalog_Job.csv").read_text().replace("2026-11-23 16:37:42", "9999-11-23 16:37:42")
    with pytest.raises(BadInput, match="9999"):
        parse(text.encode(), Source("x"))


SAMPLES = [
    *("restic/backup.jsonl", "restic/snapshots.json", "restic/fail.stderr", "borg/create_warn.json"),
    *("borg/create_warn.log.jsonl", "borg/list.json", "pgbackrest/info.json", "pgbackrest/info.txt"),
    *("pgbackrest/main-backup.log", *(f"bacula/{name}" for name in BACULA)),
]
NASTY = [
    None,
    -1,
    1e308,
    10**30,
    True,
    "",
    "\0",
    "x" * 5_000,
    [],
    {},
    [1],
    "9999-12-31",
    "2026-13-99",
    1e-9,
    [[]],
]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
def test_no_damaged_output_raises_anything_but_bad_input(name: str, data: st.DataObject) -> None:
    content = bytearray((DATA / name).read_bytes())
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    survives(bytes(content), BackupFormat(name.split("/")[0]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.parametrize("name", [name for name in SAMPLES if name.endswith(".json")])
@given(data=st.data())
def test_no_value_of_a_wrong_kind_raises_anything_but_bad_input(name: str, data: st.DataObject) -> None:
    document = json.loads((DATA / name).read_bytes())
    place = document
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            place[key] = data.draw(st.sampled_from(NASTY))
            break
        place = place[key]
    survives(json.dumps(document).encode(), BackupFormat(name.split("/")[0]))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_at_all_raise_anything_but_bad_input(content: bytes) -> None:
    for tool in (None, *list(BackupFormat)):
        survives(content, tool)


def survives(content: bytes, tool: BackupFormat | None) -> None:
    """Parse `content`; what comes out must fit the columns of the ledger."""
    try:
        found = parse(content, Source("x.json", WRITTEN), tool)
        guess(content)
    except BadInput:
        return
    for run in found:
        assert len(run.external_id) <= 200
        assert len(run.job) <= 250
        assert run.size_bytes is None or 0 <= run.size_bytes < 2**63
        for when in (run.started_at, run.ended_at):
            assert when is None or 2000 <= when.year <= 2100
