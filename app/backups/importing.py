"""`watchroom import backups`: the tools' own outputs, a file or a folder of them."""

from pathlib import Path

from app.backups.runs import Taken, take_reported
from app.desk import Desk
from app.importers.detect import read_runs
from app.importers.report import ImportReport, Progress, Refusal, Unwatched
from models.enums import BackupFormat

BATCH = 200


def import_runs(
    desk: Desk,
    path: Path,
    format: BackupFormat | None = None,
    *,
    is_dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take in the runs that a file or folder shows; files that can't be read are refused, the others kept.

    A run that fits no plan is kept as unplanned. Stopping between two batches keeps those before.
    Raises BadInput when `path` is not there.
    """
    waits = progress or Unwatched()
    waits.progress(0.0)
    found = read_runs(path, format)
    refusals = tuple(Refusal(0, refused.reason, refused.name) for refused in found.refused)
    read = len(found.records) + len(refusals)
    if is_dry_run:
        return ImportReport(
            read=read, added=len(found.records), refused=len(refusals), left_alone=found.empty, refusals=refusals,
            is_dry_run=True,
        )  # fmt: skip
    done = dict.fromkeys(Taken, 0)
    for start in range(0, len(found.records), BATCH):
        waits.progress(start / len(found.records))
        for what, n in desk.do(take_reported, found.records[start : start + BATCH]).items():
            done[what] += n
    return ImportReport(
        read=read, added=done[Taken.ADDED], changed=done[Taken.CHANGED], unchanged=done[Taken.UNCHANGED],
        refused=len(refusals), left_alone=found.empty, refusals=refusals,
    )  # fmt: skip
