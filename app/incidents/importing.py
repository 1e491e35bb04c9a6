"""Incidents of an older register, from an Excel or CSV sheet: the headings of our own ledger, or of others' lists."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.desk import Desk, Tx, command
from app.errors import BadInput
from app.importers import past_sheet
from app.importers.past_sheet import Cells
from app.importers.report import ImportReport, Progress, Unwatched
from app.incidents.changing import log, stop_clock
from app.incidents.opening import IncidentDraft, create
from app.permissions import Permission
from app.sheets import as_text, read_rows
from app.text import clean, clean_line
from app.words import label, tr
from models.cmdb import Ci
from models.enums import EventKind, Grade, IncidentState, Source
from models.incidents import Incident

BATCH = 100
REQUIRED = ("title", "happened_at")
OURS = uuid.UUID("6f0c1c1e-6a2f-4c39-9a5e-2f4f3f0d7b11")
_HEADINGS = {
    "number": "编号 事件编号 序号 number no id",
    "title": "内容 事件 现象 故障现象 故障描述 标题 content title symptom subject summary",
    "happened_at": "发生 发生时间 时间 日期 happened happenedat time date opened",
    "resolved_at": "解决时间 恢复时间 处理完成时间 resolvedat resolved closed",
    "source": "来源 source",
    "grade": "级别 等级 事件级别 grade level",
    "ci": "设备 设备名称 配置项 device ci host",
    "caller": "来电人 报障人 报告人 caller reporter",
    "cause": "原因 原因分析 故障原因 cause",
    "solution": "解决办法 解决方法 处理结果 原因与解决办法 solution causeandsolution result",
}


@dataclass(frozen=True, slots=True)
class PastIncident:
    """A row of the sheet that can be taken. `key` is the same whenever the same row is read."""

    row: int
    key: uuid.UUID
    draft: IncidentDraft
    ci_name: str
    resolved_at: datetime | None
    cause: str
    solution: str


@command(Permission.INCIDENT_CLOSE)
def take_past(tx: Tx, found: Sequence[PastIncident]) -> int:
    """Enter incidents of an older register as ended ones and return how many were new."""
    return sum(_take(tx, each) for each in found)


def import_incidents(
    desk: Desk,
    path: Path,
    *,
    is_dry_run: bool = False,
    failed_file: Path | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a sheet of past incidents; the same row twice is one incident, one that can't be taken is refused.

    Raises BadInput when `path` is no sheet with a column for content and one for the time.
    """
    waits = progress or Unwatched()
    rows = read_rows(path)
    found = past_sheet.recognise(rows, _HEADINGS, REQUIRED)
    if found is None:
        raise BadInput(tr("No row of headings was found. One column must be called “Content”, another “Happened at”."))
    heading, columns = found
    take = partial(_past, _by_words(Grade), _by_words(Source))
    good, refusals = past_sheet.read(rows, heading, columns, "title", take)
    there = 0
    if is_dry_run:
        there = desk.read(past_sheet.count_known, Incident, [each.key for each in good])
        added = len(good) - there
    else:
        added = 0
        for start in range(0, len(good), BATCH):
            waits.progress(start / len(good))
            added += desk.do(take_past, good[start : start + BATCH])
    if failed_file is not None and refusals:
        past_sheet.write_failed(failed_file, rows, heading, refusals)
    return ImportReport(
        read=len(good) + len(refusals),
        added=added,
        unchanged=len(good) - added,
        refused=len(refusals),
        refusals=tuple(refusals),
        failed_file=failed_file if refusals else None,
        is_dry_run=is_dry_run,
    )


def _take(tx: Tx, past: PastIncident) -> bool:
    if tx.already(Incident, past.key) is not None:
        return False
    incident = create(tx, past.draft, past.key)
    if past.ci_name:
        incident.ci_id = tx.session.scalar(
            select(Ci.id).where(Ci.name == past.ci_name, Ci.voided_at.is_(None)).order_by(Ci.id)
        )
        incident.search = f"{incident.search} {past.ci_name.casefold()}"[:500]
    stop_clock(tx, incident, tr("from an older register"))
    incident.answered_at = None
    incident.state = IncidentState.CLOSED
    incident.cause, incident.solution = past.cause, past.solution
    incident.resolved_at = incident.closed_at = past.resolved_at or incident.happened_at
    log(tx, incident, EventKind.NOTE, tr("from an older register"), happened_at=incident.happened_at)
    return True


def _past(grades: Mapping[str, Grade], sources: Mapping[str, Source], row: int, cells: Cells) -> PastIncident:
    texts = {field: clean(as_text(cell)) for field, cell in cells.items()}
    title = clean_line(texts["title"], 250)
    if not title:
        raise BadInput(tr("The row has no content."))
    happened_at = past_sheet.moment(cells["happened_at"])
    if happened_at is None:
        raise BadInput(tr("The row has no time."))
    if happened_at > datetime.now(UTC):
        raise BadInput(tr("This time lies in the future."))
    draft = IncidentDraft(
        title=title,
        source=sources.get(texts.get("source", "").casefold(), Source.OPERATOR),
        grade=grades.get(texts.get("grade", "").casefold(), Grade.IV),
        happened_at=happened_at,
        caller=texts.get("caller", ""),
    )
    named = texts.get("number") or title
    return PastIncident(
        row=row,
        key=uuid.uuid5(OURS, f"{named}\n{happened_at.isoformat()}"),
        draft=draft,
        ci_name=clean_line(texts.get("ci", ""), 120).removeprefix("—"),
        resolved_at=past_sheet.moment(cells.get("resolved_at")),
        cause=texts.get("cause", ""),
        solution=texts.get("solution", ""),
    )


def _by_words(kind: type[Grade] | type[Source]) -> dict[str, Any]:
    """Return the members by their values and by their labels."""
    found: dict[str, Any] = {member.value.casefold(): member for member in kind}
    found |= {member.label.casefold(): member for member in kind}
    return found | {label(member).casefold(): member for member in kind}
