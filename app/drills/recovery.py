"""A shared database brought back to a moment: a base backup and the archived WAL behind it, proved before it serves."""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.database import open_database
from app.drills.drilling import SPARE_BYTES, look_at
from app.drills.server import DATA, Replay, running
from app.errors import BadInput, NotSaved
from app.paths import refuse_full_disk
from app.words import tr

AUTO_SETTINGS = "postgresql.auto.conf"


@dataclass(frozen=True, slots=True)
class Recovered:
    """A data folder that can be started, and what was found in it."""

    folder: Path
    note: str


def recover(
    backup: Path, wal: Path, target: Path, until: datetime | None = None, database: str = "watchroom"
) -> Recovered:
    """Make `target` a data folder as the server was at `until` (the archive's end when left out); `backup` stays.

    It was started on a socket of its own, counted and verified. Its time line is a new one, so that every seat that was
    connected before loads anew. Raises BadInput, Refused when a file is damaged or missing, or NotSaved.
    """
    if target.exists():
        raise BadInput(tr("{path} is there already: name a folder that is not.", path=target))
    if not wal.is_dir():
        raise BadInput(tr("There is no folder {folder}.", folder=wal))
    if not (backup / "backup_manifest").is_file():
        raise BadInput(tr("{path} is no base backup.", path=backup))
    scratch = target.with_name(f".{target.name}.recovering")
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True, mode=0o700)
        size = sum(one.stat().st_size for one in backup.rglob("*") if one.is_file())
        refuse_full_disk(scratch, size + SPARE_BYTES)
        with running(backup, scratch, database, Replay(wal.resolve(), until)) as url:
            note = look_at(lambda: open_database(url))
        _settle(backup, scratch / DATA)
        (scratch / DATA).replace(target)
    except OSError as error:
        raise NotSaved(tr("no copy in {folder}: {reason}", folder=target, reason=error.strerror)) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Recovered(target, note)


def _settle(backup: Path, data: Path) -> None:
    """Give the data folder back the settings that the server had, owned like the rest."""
    owner = data.stat()
    shutil.copyfile(backup / AUTO_SETTINGS, data / AUTO_SETTINGS)
    if os.name != "nt":
        os.chown(data / AUTO_SETTINGS, owner.st_uid, owner.st_gid)
