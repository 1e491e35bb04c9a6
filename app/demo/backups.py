"""Eighteen backup plans with two years of nightly runs, their signed daily checks and restore tests."""

import random
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.demo.people import People
from app.demo.scene import Row, Scene, at, local_day, weighted, words
from app.demo.site import Site
from app.signatures import digest
from models.backups import BackupCheck, BackupPlan, BackupRun, RestoreTest
from models.enums import BackupContent, BackupFormat, BackupResult
from models.people import Signature

GOOD = (BackupResult.OK, BackupResult.WARNING, BackupResult.LATE)
FAILED_TODAY = "文件共享-2"
_RESULTS = (
    (BackupResult.OK, 97.0),
    (BackupResult.WARNING, 1.2),
    (BackupResult.FAILED, 1.0),
    (BackupResult.LATE, 0.5),
    (BackupResult.MISSING, 0.3),
)
_MESSAGES = {
    BackupResult.WARNING: "3 个文件被占用，已跳过",
    BackupResult.FAILED: "目标空间不足，作业中止",
    BackupResult.LATE: "等待上一作业结束，推迟开始",
}
_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as its runs need it: when it falls due each night, and how much it keeps."""

    id: int
    key: uuid.UUID
    name: str
    host: str
    format: BackupFormat
    hour: int
    minute: int
    gigabytes: float


def plan(scene: Scene, site: Site) -> list[Plan]:
    """Write the plans and return them."""
    told = words("words")["plans"]
    rows = [_plan_row(scene, site, *one) for one in told]
    ids = scene.add_keyed(BackupPlan, rows)
    return [
        Plan(one, row["key"], row["name"], row["host"], row["format"], int(due[:2]), int(due[3:]), gigabytes)
        for one, row, (_, _, _, _, due, gigabytes, *_) in zip(ids, rows, told, strict=True)
    ]


def write(scene: Scene, plans: list[Plan], people: People) -> None:
    """Write the runs that were due until the moment, the daily checks and the restore tests."""
    draw = scene.draw("backups")
    runs = [_run(scene, draw, one, day) for day in scene.days for one in plans if _due(one, day) < scene.moment]
    scene.add(BackupRun, runs)
    _check_days(scene, draw, people, runs)
    _test_restores(scene, draw, people, plans)


def _plan_row(
    scene: Scene,
    site: Site,
    name: str,
    host: str,
    content: str,
    tool: str,
    due: str,
    _gigabytes: float,
    medium: str,
    importance: str,
) -> Row:
    hour, minute = map(int, due.split(":"))
    return {
        "key": scene.key("plan", name),
        "name": name,
        "ci_id": site.cis[host],
        "content": BackupContent(content),
        "format": BackupFormat(tool),
        "job": name,
        "host": host,
        "rule": "FREQ=DAILY",
        "starts_at": at(scene.days[0], hour, minute),
        "grace_minutes": 120,
        "medium": medium,
        "retention_days": 30,
        "importance": importance,
        "approved_by": "项目经理丁",
        "restore_test_days": 365,
    }


def _due(one: Plan, day: date) -> datetime:
    return at(day, one.hour, one.minute)


def _run(scene: Scene, draw: random.Random, one: Plan, day: date) -> Row:
    due = _due(one, day)
    result = weighted(draw, _RESULTS)
    if one.name == FAILED_TODAY and scene.moment - due < timedelta(days=1):
        result = BackupResult.FAILED
    grown = 0.6 + 0.4 * (day - scene.days[0]).days / len(scene.days)
    size = round(one.gigabytes * grown * draw.uniform(0.97, 1.03) * _GB)
    started = due + timedelta(seconds=draw.randint(1, 50), minutes=150 if result is BackupResult.LATE else 0)
    ended = started + timedelta(seconds=round(size / 90_000_000) + draw.randint(20, 200))
    if result is not BackupResult.MISSING and ended > scene.moment:
        result = BackupResult.RUNNING
    is_there, is_over = result is not BackupResult.MISSING, result is not BackupResult.RUNNING
    return {
        "key": uuid.uuid5(one.key, due.isoformat()),
        "plan_id": one.id,
        "job": one.name,
        "host": one.host,
        "format": one.format,
        "expected_at": due,
        "happened_at": due,
        "started_at": started if is_there else None,
        "ended_at": ended if is_there and is_over else None,
        "result": result,
        "size_bytes": size if result in GOOD else None,
        "files": draw.randint(200, 90_000) if result in GOOD else None,
        "message": _MESSAGES.get(result, ""),
    }


def _check_days(scene: Scene, draw: random.Random, people: People, runs: list[Row]) -> None:
    """Sign every day's runs the next morning; the last night waits for its check."""
    by_day: dict[date, list[Row]] = defaultdict(list)
    for run in runs:
        by_day[local_day(run["expected_at"])].append(run)
    checks: list[Row] = []
    for day, of_day in list(by_day.items())[:-1]:
        good = sum(run["result"] in GOOD for run in of_day)
        note = "" if good == len(of_day) else "已通知系统组补做"
        checks.append(
            {
                "key": scene.key("check", day),
                "day": day,
                "person_id": draw.choice(people.operators),
                "expected": len(of_day),
                "succeeded": good,
                "note": note,
                "happened_at": at(day + timedelta(days=1), 8, 40),
            }
        )
    kept = [check for check in checks if check["happened_at"] < scene.moment]
    ids = scene.add_keyed(BackupCheck, kept)
    scene.add(Signature, [_signature(one, check) for one, check in zip(ids, kept, strict=True)])


def _signature(check_id: int, check: Row) -> Row:
    content = {name: check[name] for name in ("day", "expected", "succeeded", "note")}
    return {
        "subject": "backup_check",
        "subject_id": check_id,
        "role": "checker",
        "person_id": check["person_id"],
        "signed_at": check["happened_at"],
        "digest": digest(content),
    }


def _test_restores(scene: Scene, draw: random.Random, people: People, plans: list[Plan]) -> None:
    """Try a restore of each plan every 300 days or so; two plans were forgotten this year."""
    rows = []
    for place, one in enumerate(plans):
        ago = draw.randint(20, 200) if place > 1 else 420
        while ago < len(scene.days):
            when = scene.moment - timedelta(days=ago)
            rows.append(
                {
                    "key": scene.key("restore", one.name, ago),
                    "plan_id": one.id,
                    "succeeded": draw.random() > 0.04,
                    "duration_minutes": draw.randint(8, 190),
                    "person_id": draw.choice(people.engineers),
                    "note": "抽取一份恢复到测试环境，校验一致",
                    "happened_at": when,
                }
            )
            ago += draw.randint(240, 340)
    scene.add(RestoreTest, rows)
