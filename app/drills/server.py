"""PostgreSQL's own backups: a base backup with what it needs to start, and starting one on a socket of its own."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, text

from app import connecting
from app.errors import NotSaved, Refused
from app.words import tr

PATTERN = "watchroom-base-*"
BINARIES_VARIABLE = "WATCHROOM_PG_BIN"
"""Names the folder of the server's programs where they are not in the usual places."""
URL_VARIABLE = "WATCHROOM_BACKUP_DB"
"""Names the database as the backup login; its password lies in the account's pgpass file."""
LONGEST_S = 6 * 3600
STARTS_WITHIN_S = 600
LOOKS_S = 0.2
DATA = "data"
"""The data folder's name below the folder of a server that is tried."""
_PLACES = ("/usr/lib/postgresql/{version}/bin", "/usr/pgsql-{version}/bin", "C:/Program Files/PostgreSQL/{version}/bin")
_ACCOUNTS = ("postgres", "nobody")
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
hba_file = '{folder}/hba.conf'
ident_file = '{folder}/ident.conf'
ssl = off
archive_mode = off
logging_collector = off
shared_buffers = '64MB'
max_connections = 20
fsync = off
"""


@dataclass(frozen=True, slots=True)
class Replay:
    """What follows a base backup: the folder of the archived WAL, and the moment at which it ends (None: all of it)."""

    wal: Path
    until: datetime | None = None

    @property
    def settings(self) -> str:
        """Return the server's settings, which bring it to that moment and open it there on a new time line."""
        lines = f"restore_command = 'cp \"{self.wal}/%f\" \"%p\"'\nrecovery_target_action = 'promote'\n"
        lines += "hot_standby = off\n"  # a standby would want as many connections as the server had
        if self.until is not None:
            lines += f"recovery_target_time = '{self.until.isoformat()}'\n"
        return lines


def backup_url(url: URL) -> URL:
    """Return what a base backup connects as: the backup login that the environment names, else who is connected."""
    named = os.environ.get(URL_VARIABLE)
    return connecting.parsed(named) if named else url


def base_backup(url: URL, folder: Path, now: datetime, keep: int) -> Path:
    """Back the whole server up into a new folder below `folder`, check it, keep the newest `keep`; return the folder.

    Raises Refused without the server's programs or for a backup that is not whole, NotSaved when it can't be written.
    """
    target = folder / f"watchroom-base-{now.astimezone():%Y%m%d-%H%M%S}"
    draft = target.with_name(f"{target.name}.part")
    programs = _programs(_server_version(url))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise NotSaved(tr("no copy in {folder}: {reason}", folder=folder, reason=error.strerror)) from error
    line = [programs / "pg_basebackup", "-D", draft, "-d", _plain(url), "-X", "stream", "-c", "fast", "--no-password"]
    done = _run(line, environment={"PGPASSWORD": url.password} if url.password else {})
    if done.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise NotSaved(tr("no copy in {folder}: {reason}", folder=folder, reason=_last_line(done)))
    check_backup(draft)
    draft.replace(target)
    for old in sorted(folder.glob(PATTERN), reverse=True)[max(1, keep) :]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def check_backup(backup: Path) -> None:
    """Hold every file of a base backup against its manifest. Raises Refused when one is missing or was changed."""
    done = _run([_programs(_version_of(backup)) / "pg_verifybackup", "--exit-on-error", backup])
    if done.returncode:
        raise Refused(tr("The copy {path} is not whole: {trouble}", path=backup, trouble=_last_line(done)))


@contextlib.contextmanager
def running(backup: Path, folder: Path, database: str, replay: Replay | None = None) -> Iterator[str]:
    """Start a copy of a base backup below `folder`, reachable only over a socket there; yield its superuser's URL.

    With `replay` it has come to that moment first. Raises Refused when the backup is not whole or does not start.
    """
    check_backup(backup)
    programs, data = _programs(_version_of(backup)), folder / DATA
    shutil.copytree(backup, data)
    settings = _SETTINGS.format(folder=folder) + (replay.settings if replay else "")
    (folder / "drill.conf").write_text(settings, encoding="utf-8")
    if replay is not None:
        (data / "recovery.signal").touch()
    (folder / "hba.conf").write_text("local all all trust\n", encoding="utf-8")
    (folder / "ident.conf").touch()
    (data / "postgresql.auto.conf").write_text("", encoding="utf-8")
    (data / "postmaster.pid").unlink(missing_ok=True)
    data.chmod(0o700)
    account = _account()
    _hand_over(folder, account)
    options = ["-D", data, "-w", "-t", str(STARTS_WITHIN_S), "-l", folder / "start.log"]
    chosen = f"-c config_file={folder / 'drill.conf'}"
    begun = _run([programs / "pg_ctl", *options, "-o", chosen, "start"], account)
    if begun.returncode:
        raise Refused(tr("it does not start: {reason}", reason=_start_trouble(folder / "start.log", begun)))
    try:
        url = _after_replay(folder, database) if replay else _superuser(folder, database)
        yield url.render_as_string(hide_password=False)
    finally:
        _run([programs / "pg_ctl", "-D", data, "-w", "-m", "fast" if replay else "immediate", "stop"], account)


def _after_replay(folder: Path, database: str) -> URL:
    """Return the superuser's URL once the WAL is replayed and the server opens. Raises Refused when it never does."""
    deadline = time.monotonic() + LONGEST_S
    while True:
        try:
            return _superuser(folder, database)
        except Refused:
            has_ended = not (folder / DATA / "postmaster.pid").exists()
            if has_ended or time.monotonic() > deadline:
                raise Refused(tr("it does not start: {reason}", reason=_telling_line(folder / "start.log"))) from None
        time.sleep(LOOKS_S)


def _superuser(folder: Path, database: str) -> URL:
    """Return the URL of a role that may read everything."""
    plain = URL.create("postgresql+psycopg", database=database, query={"host": str(folder)})
    for name in ("postgres", "watchroom_backup"):
        engine = create_engine(plain.set(username=name))
        try:
            with engine.connect() as connection:
                found = connection.scalar(
                    text("SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY oid LIMIT 1")
                )
                return plain.set(username=found)
        except Exception as error:  # the next name may be known there
            trouble = error
        finally:
            engine.dispose()
    raise Refused(tr("it does not start: {reason}", reason=str(trouble).splitlines()[0]))


def _server_version(url: URL) -> str:
    engine = connecting.server_engine(url)
    try:
        with engine.connect() as connection:
            return str(int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000)
    finally:
        engine.dispose()


def _version_of(backup: Path) -> str:
    try:
        return (backup / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError as error:
        raise Refused(tr("The copy {path} is not whole: {trouble}", path=backup, trouble=error.strerror)) from error


def _programs(version: str) -> Path:
    """Return the folder of the programs of a server's version. Raises Refused when they are not on this machine."""
    named = os.environ.get(BINARIES_VARIABLE)
    found = [Path(named)] if named else [Path(place.format(version=version)) for place in _PLACES]
    on_path = shutil.which("pg_verifybackup")
    found += [Path(on_path).resolve().parent] if on_path else []
    for folder in found:
        if (folder / "pg_verifybackup").exists() or (folder / "pg_verifybackup.exe").exists():
            return folder
    raise Refused(
        tr(
            "The programs of PostgreSQL {version} are not on this machine. Install the server's package (its service"
            " may stay off), or name their folder in {variable}.",
            version=version,
            variable=BINARIES_VARIABLE,
        )
    )


def _account() -> dict[str, Any]:
    """Return whose account the server runs under: this one, or another for root, whom the server refuses."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}
    raise Refused(tr("PostgreSQL does not run as root, and there is no account 'postgres' to run it."))


def _hand_over(folder: Path, account: dict[str, Any]) -> None:
    if account and os.name != "nt":
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account["user"], account["group"])


def _run(
    line: Sequence[object], account: dict[str, Any] | None = None, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    words = [str(word) for word in line]
    known = {**os.environ, "LC_ALL": "C", **(environment or {})}
    return subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env=known, cwd="/" if os.name != "nt" else None, timeout=LONGEST_S, check=False, **(account or {}),
    )  # fmt: skip


def _plain(url: URL) -> str:
    """Return libpq's form of a URL without its password, which others could read in the list of processes."""
    return connecting.without_password(url, url.username).render_as_string(hide_password=False)


def _last_line(done: "subprocess.CompletedProcess[str]") -> str:
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else str(done.returncode)


def _start_trouble(log: Path, begun: "subprocess.CompletedProcess[str]") -> str:
    return _telling_line(log) or _last_line(begun)


def _telling_line(log: Path) -> str:
    """Return the last line of a start's log that says what went wrong, else its last one."""
    try:
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return (telling or lines or [""])[-1]
