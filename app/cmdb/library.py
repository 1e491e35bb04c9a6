"""Keeping the device types of a library: the same content again changes nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.desk import Desk, ReadTx, Tx, command
from app.importers import device_types as files
from app.importers.report import ImportReport, Progress, Refusal
from app.permissions import Permission
from app.words import tr
from models.cmdb import DeviceType

BATCH = 250
COLUMNS = ("maker", "model", "part_number", "u_height", "is_full_depth", "content_hash")


def import_device_types(desk: Desk, progress: Progress, folder: Path, *, dry_run: bool = False) -> ImportReport:
    """Take every device type below `folder`; module types are left alone and counted.

    Each batch is kept by itself, so that stopping keeps what was read until then. Raises BadInput when `folder` is
    no library.
    """
    library = files.find(folder)
    hashes = desk.read(known_hashes)
    added = changed = unchanged = 0
    refusals: list[Refusal] = []

    def tell(done: int, of: int) -> None:
        progress.progress(done / of if of else 1.0, tr("{done} of {of} device types", done=done, of=of))

    records = files.read(library, hashes, tell)
    while batch := list(islice(records, BATCH)):
        refusals += [Refusal(0, each.reason, each.file) for each in batch if isinstance(each, files.RefusedType)]
        types = [each for each in batch if isinstance(each, files.DeviceTypeRecord)]
        new = desk.read(count_new, types) if dry_run else desk.do(keep, types) if types else 0
        added, changed = added + new, changed + len(types) - new
        unchanged += sum(isinstance(each, files.UnchangedType) for each in batch)
    return ImportReport(
        read=len(library.files),
        added=added,
        changed=changed,
        unchanged=unchanged,
        refused=len(refusals),
        left_alone=library.module_types,
        refusals=tuple(refusals),
        is_dry_run=dry_run,
    )


def known_hashes(tx: ReadTx) -> frozenset[str]:
    """Return the content hashes of all device types."""
    return frozenset(tx.session.scalars(select(DeviceType.content_hash)))


def count_new(tx: ReadTx, records: Sequence[files.DeviceTypeRecord]) -> int:
    """Return how many of these device types are not there yet."""
    return len(records) - len(_present(tx, records))


@command(Permission.CMDB_EDIT)
def keep(tx: Tx, records: Sequence[files.DeviceTypeRecord]) -> int:
    """Insert or change these device types by their slugs; return how many are new."""
    present = _present(tx, records)
    for record in records:
        values = _values(record)
        row = present.get(record.slug)
        if row is None:
            tx.session.add(DeviceType(slug=record.slug, **values))
        else:
            for name, value in values.items():
                setattr(row, name, value)
    tx.session.flush()
    return len(records) - len(present)


def _present(tx: ReadTx, records: Sequence[files.DeviceTypeRecord]) -> dict[str, DeviceType]:
    slugs = [record.slug for record in records]
    return {row.slug: row for row in tx.session.scalars(select(DeviceType).where(DeviceType.slug.in_(slugs)))}


def _values(record: files.DeviceTypeRecord) -> dict[str, Any]:
    facts = asdict(record)
    values = {name: facts.pop(name) for name in COLUMNS}
    del facts["slug"]
    return {**values, "details": {name: value for name, value in facts.items() if value not in (None, "", ())}}
