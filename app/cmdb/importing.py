"""Configuration items from an Excel or CSV sheet: planned whole, then kept batch by batch (REQUIREMENTS D2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from app.ci_classes import catalogue
from app.ci_words import field_label
from app.cmdb.cells import attribute_heading, key_heading
from app.cmdb.commands import add, change, draft_of
from app.cmdb.known import read_known
from app.cmdb.places import create_place, every_place
from app.cmdb.planning import NEW_RACK_U, Action, Entry, Plan, known_place, plan
from app.cmdb.rows import PlaceDraft
from app.desk import Desk, ReadTx, Tx, command
from app.errors import Conflict, Refused
from app.importers.report import ImportReport, Progress, Refusal
from app.importers.sheet_map import SheetMap, recognise
from app.permissions import Permission
from app.sheets import Value, read_rows, write_csv, write_xlsx
from app.words import tr
from models.cmdb import Ci
from models.enums import CheckKind, PlaceKind
from models.monitoring import Check

BATCH = 100
PING_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """A device sheet that was read, and what its import would do."""

    rows: Sequence[Sequence[Value]]
    map: SheetMap
    plan: Plan


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What will become of one row: its action (None: refused) and why, or which fields change."""

    id: int
    row: int
    what: str
    action: Action | None
    detail: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one batch."""

    added: int
    changed: int
    refusals: tuple[Refusal, ...]


def import_devices(
    desk: Desk, progress: Progress, path: Path, *, dry_run: bool = False, failed_file: Path | None = None
) -> ImportReport:
    """Import the configuration items of a sheet; each row that can't be taken is refused with its number and reason.

    Rows are found again by their record key, asset code, or class and name; an empty cell changes nothing. With
    `failed_file` the refused rows are written there with their reasons. Raises BadInput when `path` is no such sheet.
    """
    sheet = read_sheet(desk, progress, path)
    if dry_run:
        report = _report(sheet.plan, sheet.plan.refusals, dry_run=True)
        return _with_failed_rows(report, sheet, sheet.plan.refusals, failed_file)
    return keep_sheet(desk, progress, sheet, failed_file)


def read_sheet(desk: Desk, progress: Progress, path: Path) -> Sheet:
    """Return what an import of the sheet would do; nothing is written. Raises BadInput."""
    progress.progress(0.0, tr("Reading the sheet"))
    rows = read_rows(path)
    found = recognise(rows)
    planned = plan(rows, found, desk.read(read_known), progress)
    return Sheet(rows, found, replace(planned, unknown_headings=_unknown(found)))


def keep_sheet(desk: Desk, progress: Progress, sheet: Sheet, failed_file: Path | None = None) -> ImportReport:
    """Do what the plan says. Stopping keeps the batches until then; importing again goes on from there."""
    planned = sheet.plan
    places = desk.do(make_places, planned.new_places) if planned.new_places else {}
    refusals = list(planned.refusals)
    added = changed = 0
    for entries, done, of in _batches([e for e in planned.entries if e.action is not Action.KEEP]):
        progress.progress(done / of, tr("{done} of {of} rows kept", done=done, of=of))
        kept = desk.do(keep_rows, entries, places)
        added, changed = added + kept.added, changed + kept.changed
        refusals += kept.refusals
    missed = {refusal.row for refusal in refusals}
    linked = [entry for entry in planned.entries if entry.parent is not None and entry.row not in missed]
    for entries, _, _ in _batches(linked):
        refusals += desk.do(link_parents, entries)
    report = _report(planned, sorted(refusals, key=lambda refusal: refusal.row), added=added, changed=changed)
    return _with_failed_rows(report, sheet, refusals, failed_file)


def preview(sheet: Sheet, at_most: int) -> list[PreviewRow]:
    """Return what will become of the rows, the refused ones first, at most `at_most`."""
    rows = [PreviewRow(each.row, each.row, each.what, None, each.reason) for each in sheet.plan.refusals]
    told = {Action.ADD: 0, Action.CHANGE: 1, Action.KEEP: 2}
    for entry in sorted(sheet.plan.entries, key=lambda entry: (told[entry.action], entry.row)):
        fields = ", ".join(field_label(name, entry.draft.class_name) for name in entry.changed)
        rows.append(PreviewRow(entry.row, entry.row, entry.draft.name, entry.action, fields))
    return rows[:at_most]


@command(Permission.CMDB_EDIT)
def make_places(tx: Tx, wanted: Sequence[tuple[tuple[str, ...], PlaceKind]]) -> dict[tuple[str, ...], int]:
    """Make the places of a plan, outer ones first; return the ids of all, by path."""
    made: dict[tuple[str, ...], int] = {}
    for path, kind in sorted(wanted, key=lambda each: len(each[0])):
        parent = made.get(path[:-1]) or _innermost(tx, path[:-1])
        height = NEW_RACK_U if kind is PlaceKind.RACK else None
        made[path] = create_place(tx, uuid4(), PlaceDraft(kind, path[-1], parent, height))
    return made


@command(Permission.CMDB_EDIT)
def keep_rows(tx: Tx, entries: Sequence[Entry], places: Mapping[tuple[str, ...], int]) -> Kept:
    """Add or change the records of these rows; one that can't be kept costs only itself."""
    added = changed = 0
    refusals: list[Refusal] = []
    for entry in entries:
        try:
            with tx.session.begin_nested():
                _keep(tx, entry, places)
        except (Refused, Conflict) as error:
            refusals.append(Refusal(entry.row, error.sentence(), entry.draft.name))
            continue
        added += entry.action is Action.ADD
        changed += entry.action is Action.CHANGE
    return Kept(added, changed, tuple(refusals))


@command(Permission.CMDB_EDIT)
def link_parents(tx: Tx, entries: Sequence[Entry]) -> tuple[Refusal, ...]:
    """Set the devices through which these records are reached; return the rows where that can't be."""
    wanted = {entry.key for entry in entries} | {entry.parent for entry in entries}
    rows = {row.key: row for row in tx.session.scalars(select(Ci).where(Ci.key.in_(wanted)))}
    refusals = []
    for entry in entries:
        row, parent = rows.get(entry.key), rows.get(entry.parent) if entry.parent else None
        try:
            if row is None or parent is None:
                raise Refused(tr("The device through which it is reached was refused."))
            with tx.session.begin_nested():
                change(tx, tx.get(Ci, row.id, row.version), replace(draft_of(row), parent_id=parent.id))
        except (Refused, Conflict) as error:
            refusals.append(Refusal(entry.row, error.sentence(), entry.draft.name))
    return tuple(refusals)


def _keep(tx: Tx, entry: Entry, places: Mapping[tuple[str, ...], int]) -> None:
    draft = replace(entry.draft, place_id=places[entry.new_place]) if entry.new_place else entry.draft
    if entry.item is None:
        _watch(tx, add(tx, entry.key, draft), draft.address)
    elif entry.changed != ("parent_id",) or entry.new_place:
        change(tx, tx.get(Ci, entry.item.id, entry.item.version), draft)


def _watch(tx: Tx, ci_id: int, address: str) -> None:
    """Ping a new device that has an address, so that what a sheet brings is on the board."""
    if address:
        tx.add(Check(ci_id=ci_id, kind=CheckKind.ICMP, address=address, interval_s=PING_EVERY_S))


def _innermost(tx: ReadTx, path: tuple[str, ...]) -> int | None:
    """Return the place that is there already under this path; other places may stand between its names."""
    return known_place(every_place(tx), path) if path else None


def _batches(entries: Sequence[Entry]) -> Iterable[tuple[Sequence[Entry], int, int]]:
    for start in range(0, len(entries), BATCH):
        yield entries[start : start + BATCH], start, len(entries)


def _report(
    planned: Plan, refusals: Sequence[Refusal], *, added: int = -1, changed: int = -1, dry_run: bool = False
) -> ImportReport:
    if dry_run:
        added = sum(entry.action is Action.ADD for entry in planned.entries)
        changed = sum(entry.action is Action.CHANGE for entry in planned.entries)
    refused = len({refusal.row for refusal in refusals})
    return ImportReport(
        read=planned.rows,
        added=added,
        changed=changed,
        unchanged=planned.rows - added - changed - refused,
        refused=refused,
        refusals=tuple(refusals),
        is_dry_run=dry_run,
    )


def _with_failed_rows(
    report: ImportReport, sheet: Sheet, refusals: Iterable[Refusal], path: Path | None
) -> ImportReport:
    if path is None or not report.refused:
        return report
    save_refused(sheet, refusals, path)
    return replace(report, failed_file=path)


def save_refused(sheet: Sheet, refusals: Iterable[Refusal], path: Path) -> None:
    """Write the refused rows as they stood, with number and reason, to be mended and imported again."""
    headings = [str(value or "") for value in sheet.rows[sheet.map.row]]
    columns = [*headings, tr("Row"), tr("Reason", context="import")]
    rows = [[*_padded(sheet.rows[refusal.row - 1], len(headings)), refusal.row, refusal.reason] for refusal in refusals]
    if path.suffix.lower() == ".xlsx":
        write_xlsx(path, tr("Refused rows"), columns, rows)
    else:
        write_csv(path, columns, rows)


def _padded(row: Sequence[Value], width: int) -> list[Value]:
    return [*row[:width], *[None] * (width - len(row))]


def _unknown(found: SheetMap) -> tuple[str, ...]:
    """Return the headings that are neither a field nor an attribute of any class."""
    own = {key_heading().casefold(), tr("Row").casefold(), tr("Reason", context="import").casefold()}
    for kind in catalogue().classes.values():
        for attribute in kind.attributes:
            names = (attribute_heading(attribute), attribute.name, attribute.en, attribute.zh_cn)
            own |= {name.casefold() for name in names}
    return tuple(heading for heading in found.others if heading.casefold() not in own)
