"""Online copies of the database, and restoring one: made while people work, checked, fourteen kept.

A copy lies in the chosen second folder as `watchroom-20261123-021000.db` with the keys of its trail and of the devices'
secrets beside it (0600), so that another machine can verify it and go on with it.
"""

import contextlib
import os
import shutil
import sqlite3
import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select

from app import audit
from app.database import Database, audit_key, cli_identity, open_database
from app.desk import Desk, ReadTx, Tx, command
from app.errors import BadInput, NotAllowed, NotSaved, Refused, WatchroomError
from app.paths import config_dir
from app.permissions import Permission
from app.secrets import key_file
from app.words import label, tr
from models.backups import DatabaseCopy

PATTERN = "watchroom-*.db"
SECRETS = ".secrets"
STALE_AFTER = timedelta(hours=26)
PAGES_A_STEP = 2_000


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One copy that was tried."""

    id: int
    made_at: datetime
    path: str
    size_bytes: int
    is_good: bool
    detail: str


@dataclass(frozen=True, slots=True)
class CopyHealth:
    """The newest good copy, and whether it is older than STALE_AFTER (the red banner)."""

    newest_good: CopyRow | None
    newest: CopyRow | None
    is_stale: bool


def copies(tx: ReadTx, limit: int = 50) -> list[CopyRow]:
    """Return the copies, newest first."""
    found = tx.session.scalars(select(DatabaseCopy).order_by(DatabaseCopy.id.desc()).limit(limit))
    return [CopyRow(c.id, c.made_at, c.path, c.size_bytes, c.is_good, c.detail) for c in found]


def health(tx: ReadTx) -> CopyHealth:
    """Return how the copies stand now."""
    rows = copies(tx)
    good = next((row for row in rows if row.is_good), None)
    return CopyHealth(good, rows[0] if rows else None, good is None or tx.now - good.made_at > STALE_AFTER)


def is_due(tx: ReadTx, at: time) -> bool:
    """Tell whether the copy of the newest local `at` that has passed is still to be made."""
    now = tx.now.astimezone()
    last = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if last > now:
        last -= timedelta(days=1)
    rows = copies(tx, limit=1)
    return not rows or rows[0].made_at < last


@command(Permission.COPY)
def record_copy(tx: Tx, path: str, size_bytes: int, is_good: bool, detail: str) -> None:
    """Keep what became of a copy."""
    tx.add(DatabaseCopy(made_at=tx.now, path=path, size_bytes=size_bytes, is_good=is_good, detail=detail))


def make_copy(database: Database, folder: Path, now: datetime, keep: int = 14) -> Path:
    """Copy the open embedded database into `folder`, check the copy, keep the newest `keep`; return its file.

    Raises Refused for a shared database or a copy that is not whole, NotSaved when the folder can't be written.
    """
    source = database.path
    if source is None or database.audit_key is None:
        raise Refused(tr("Copies of a shared database are made by its server."))
    target = folder / f"watchroom-{now.astimezone():%Y%m%d-%H%M%S}.db"
    draft = target.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(source, draft)
        _write_key(target.with_suffix(".key"), database.audit_key)
        _take_secrets(_secrets_key(database.uuid), target.with_suffix(SECRETS))
        draft.replace(target)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise NotSaved(tr("no copy in {folder}: {reason}", folder=folder, reason=error)) from error
    trouble = check_copy(target)
    if trouble:
        target.replace(target.with_suffix(".bad"))
        raise Refused(tr("The copy {path} is not whole: {trouble}", path=target, trouble=trouble))
    _keep_newest(folder, keep)
    return target


def copy_now(desk: Desk, folder: str, keep: int) -> Path:
    """Copy the database that `desk` works on into `folder` at once, keep what became of it, and return the file.

    Of a shared database it is a base backup of the whole server. Raises NotAllowed, Refused or NotSaved; a failure is
    recorded too.
    """
    if not desk.identity.may(Permission.COPY):
        raise NotAllowed(label(Permission.COPY))
    database = open_database(desk.engine.url.render_as_string(hide_password=False))
    try:
        made = _make(database, Path(folder), desk.read(lambda tx: tx.now), keep)
    except WatchroomError as error:
        desk.do(record_copy, folder, 0, False, error.sentence())
        raise
    finally:
        database.engine.dispose()
    desk.do(record_copy, str(made), size_of(made), True, "")
    return made


def _make(database: Database, folder: Path, now: datetime, keep: int) -> Path:
    if database.is_embedded:
        return make_copy(database, folder, now, keep)
    from app.drills.server import backup_url, base_backup

    return base_backup(backup_url(database.engine.url), folder, now, keep)


def size_of(copy: Path) -> int:
    """Return how many bytes a copy takes, a file or a folder of files."""
    files = copy.rglob("*") if copy.is_dir() else (copy,)
    return sum(one.stat().st_size for one in files if one.is_file())


def check_copy(path: Path) -> str:
    """Return what is wrong with a copy: its pages, its audit trail; "" when it is whole."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
            answer = raw.execute("PRAGMA integrity_check(5)").fetchall()
        if answer != [("ok",)]:
            return "; ".join(str(line[0]) for line in answer)
        opened = open_database(f"sqlite:///{path}")
    except (sqlite3.Error, WatchroomError) as error:
        return str(error)
    try:
        broken = audit.first_broken(opened.desk(cli_identity(), "copy").read(audit.verify))
        return broken.what if broken else ""
    finally:
        opened.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def restore(copy: Path, target: Path) -> Path:
    """Put a checked copy in the place of the database `target`, which no program may hold; return where the old went.

    The old database is kept beside it. The restored one gets a new epoch, so that every client loads anew.
    Raises BadInput for a copy that is not whole (nothing was changed).
    """
    key = copy.with_suffix(".key")
    trouble = _adopt_key(copy, key) or check_copy(copy)
    if trouble:
        raise BadInput(tr("This copy can't be restored: {trouble} Nothing was changed.", trouble=trouble))
    draft = target.with_suffix(".restoring")
    aside = target.with_name(f"{target.stem}-before-{datetime.now():%Y%m%d-%H%M%S}.db")
    try:
        shutil.copyfile(copy, draft)
        draft.chmod(0o600)
        _draw_epoch(draft)
        if target.exists():
            _copy(target, aside)
        for suffix in ("-wal", "-shm"):
            Path(f"{target}{suffix}").unlink(missing_ok=True)
        draft.replace(target)
    except (OSError, sqlite3.Error) as error:
        draft.unlink(missing_ok=True)
        raise NotSaved(tr("not restored, the present database is untouched: {reason}", reason=error)) from error
    return aside


def _copy(source: Path, target: Path) -> None:
    """Copy page by page through SQLite's own backup, while others read and write."""
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(descriptor)
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reading,
        contextlib.closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing, pages=PAGES_A_STEP)
        writing.execute("PRAGMA journal_mode = DELETE")
        writing.execute("PRAGMA synchronous = FULL")
        writing.commit()
    with target.open("rb+") as stream:
        os.fsync(stream.fileno())


def _draw_epoch(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (uuid.uuid4().hex,))


def _write_key(path: Path, key: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as stream:
        stream.write(key.hex())


def _adopt_key(copy: Path, key: Path) -> str:
    """Give this machine the trail's key that lies beside a copy, where it has none; return what is wrong."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as raw:
            row = raw.execute("SELECT value FROM meta WHERE name = 'uuid'").fetchone()
    except sqlite3.Error as error:
        return tr("it is not a Watchroom database ({reason}).", reason=error)
    if row is None:
        return tr("it is not a Watchroom database ({reason}).", reason="meta")
    held = config_dir() / "keys" / f"{row[0]}.key"
    if not held.exists():
        if not key.exists():
            return tr("the key {path} is missing.", path=key)
        audit_key(row[0])
        _write_key(held, bytes.fromhex(key.read_text(encoding="ascii").strip()))
    if not _secrets_key(row[0]).exists():
        _take_secrets(copy.with_suffix(SECRETS), _secrets_key(row[0]))
    return ""


def _secrets_key(database_uuid: str) -> Path:
    return key_file(config_dir(), database_uuid)


def _take_secrets(source: Path, target: Path) -> None:
    """Copy the key of the devices' secrets, where one was ever made."""
    if source.exists():
        target.unlink(missing_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as stream:
            stream.write(source.read_bytes())


def _keep_newest(folder: Path, keep: int) -> None:
    for old in sorted(folder.glob(PATTERN), reverse=True)[max(1, keep) :]:
        for path in (old, old.with_suffix(".key"), old.with_suffix(SECRETS)):
            path.unlink(missing_ok=True)
