"""Visits of an older register, from an Excel or CSV sheet: the headings of our own ledger, or of others' lists."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select

from app.access.commands import register_past
from app.access.entry import ItemEntry, MemberEntry, VisitEntry, cleaned
from app.desk import Desk, ReadTx, Tx, command
from app.errors import BadInput
from app.importers import past_sheet
from app.importers.past_sheet import Cells
from app.importers.report import ImportReport, Progress, Unwatched
from app.permissions import Permission
from app.sheets import as_text, read_rows
from app.text import clean, clean_line
from app.words import label, tr
from models.access import Visit
from models.cmdb import Place
from models.enums import Approval, Direction, PlaceKind

BATCH = 100
REQUIRED = ("people", "entered_at", "purpose")
OURS = uuid.UUID("b7c9d1de-3f83-4d37-8a60-1b8d2c0f7a52")
_NAMES = re.compile(r"[,，、;；/]|\s{2,}|\n")
_APPROVED = re.compile(r"(.*?)[（(](.+?)[）)]\s*$")
_HEADINGS = {
    "number": "编号 登记编号 序号 number no id",
    "entered_at": "入场 进入时间 入场时间 进场时间 进入 时间 entered entry timein",
    "left_at": "离场 离开时间 离场时间 出场时间 离开 left exit timeout",
    "room": "机房 进入机房 机房名称 machineroom room",
    "unit": "单位 来访单位 所属单位 unit company organisation organization",
    "people": "人员 来访人员 姓名 来访人 people visitor visitors name names",
    "headcount": "人数 numberofpeople people# count",
    "purpose": "事由 来访事由 进入事由 工作内容 purpose reason",
    "items": "携带物品 物品 carrieditems items",
    "approver": "批准 批准人 审批人 approvedby approver",
    "escort": "陪同 陪同人 陪同人员 escort",
    "remarks": "备注 说明 remarks note notes",
}


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A row of the sheet that can be taken; its entry's key is the same whenever the same row is read."""

    row: int
    entry: VisitEntry
    left_at: datetime | None


def import_visits(
    desk: Desk,
    path: Path,
    *,
    is_dry_run: bool = False,
    failed_file: Path | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a sheet of past visits; the same row twice is one visit, one that can't be taken is refused.

    Rooms are found by name; with one machine room no column is needed. Raises BadInput when `path` is no sheet with
    columns for people, entry and purpose.
    """
    waits = progress or Unwatched()
    rows = read_rows(path)
    found = past_sheet.recognise(rows, _HEADINGS, REQUIRED)
    if found is None:
        raise BadInput(
            tr(
                "No row of headings was found. Columns must be called “People”, “Entered” and “Purpose”.",
                context="visit",
            )
        )
    heading, columns = found
    good, refusals = past_sheet.read(rows, heading, columns, "people", partial(_past, desk.read(_rooms)))
    there = desk.read(past_sheet.count_known, Visit, [each.entry.key for each in good])
    added = len(good) - there
    if not is_dry_run:
        for start in range(0, len(good), BATCH):
            waits.progress(start / len(good))
            desk.do(take_past, good[start : start + BATCH])
    if failed_file is not None and refusals:
        past_sheet.write_failed(failed_file, rows, heading, refusals)
    return ImportReport(
        read=len(good) + len(refusals),
        added=added,
        unchanged=there,
        refused=len(refusals),
        refusals=tuple(refusals),
        failed_file=failed_file if refusals else None,
        is_dry_run=is_dry_run,
    )


@command(Permission.VISIT_REGISTER)
def take_past(tx: Tx, found: Sequence[PastVisit]) -> None:
    """Enter visits of an older register as ended ones; those that are there already stay as they are."""
    for past in found:
        register_past(tx, past.entry, past.left_at)


def _rooms(tx: ReadTx) -> dict[str, int]:
    query = select(Place.name, Place.id).where(Place.kind == PlaceKind.ROOM, Place.voided_at.is_(None))
    return dict(iter(tx.session.execute(query.order_by(Place.id.desc()))))


def _past(rooms: Mapping[str, int], row: int, cells: Cells) -> PastVisit:
    texts = {field: clean(as_text(cell)).strip().removeprefix("—") for field, cell in cells.items()}
    entered, left = past_sheet.moment(cells["entered_at"]), past_sheet.moment(cells.get("left_at"))
    if entered is None:
        raise BadInput(tr("The row has no time of entry."))
    if entered > datetime.now(UTC) or (left and left > datetime.now(UTC)):
        raise BadInput(tr("This time lies in the future."))
    if left is not None and left < entered:
        raise BadInput(tr("The exit lies before the entry."))
    names = [name for name in map(clean_line, _NAMES.split(texts["people"])) if name]
    approver, approval = _approval(texts.get("approver", ""))
    entry = VisitEntry(
        key=uuid.uuid5(OURS, f"{texts.get('number') or texts['people']}\n{entered.isoformat()}"),
        room_id=_room(texts.get("room", ""), rooms),
        purpose=texts["purpose"],
        members=tuple(MemberEntry(name) for name in names),
        unit=texts.get("unit", ""),
        headcount=_count(texts.get("headcount", "")),
        approver=approver,
        approval=approval,
        escort=texts.get("escort", ""),
        happened_at=entered,
        remarks=texts.get("remarks", ""),
        items=tuple(ItemEntry(Direction.IN, item) for item in _NAMES.split(texts.get("items", "")) if item.strip()),
    )
    return PastVisit(row, replace(cleaned(entry), key=entry.key), left)


def _room(name: str, rooms: Mapping[str, int]) -> int:
    found = rooms.get(clean_line(name))
    if found is None and not name and len(rooms) == 1:
        found = next(iter(rooms.values()))
    if found is None:
        raise BadInput(tr("There is no machine room called “{name}”.", name=clean_line(name, 40)))
    return found


def _count(text: str) -> int:
    if not text:
        return 0
    if not text.isdecimal():
        raise BadInput(tr("“{text}” is no number of people.", text=clean_line(text, 40)))
    return int(text)


def _approval(text: str) -> tuple[str, Approval | None]:
    """Return who approved and how, out of "王某（书面）"; an approval without a word for it was written."""
    match = _APPROVED.fullmatch(clean_line(text))
    if match is None:
        return clean_line(text), Approval.WRITTEN if text else None
    oral = {Approval.ORAL.value, Approval.ORAL.label.casefold(), label(Approval.ORAL).casefold(), "口头"}
    return match[1].strip(), Approval.ORAL if match[2].strip().casefold() in oral else Approval.WRITTEN
