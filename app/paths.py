"""Folders of the program on this machine; what an embedded database may lie on, and who holds it."""

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from app.errors import NotSaved, Refused
from app.words import tr

APP = "watchroom"
HOME_VARIABLE = "WATCHROOM_HOME"

_NETWORK_TYPES = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "davfs"),
    *(
        "fuse.sshfs",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.ceph",
        "fuse.smbnetfs",
    ),
    *("fuse.gvfsd-fuse", "fuse.vmhgfs-fuse", "vboxsf", "beegfs", "gpfs", "ocfs2", "gfs2"),
}
_OCTAL = re.compile(r"\\([0-7]{3})")
_MEGABYTE = 1_000_000


def data_dir() -> Path:
    """Return the folder of the embedded database, made if it is missing."""
    return _folder("data", platformdirs.user_data_path)


def config_dir() -> Path:
    """Return the folder of settings and keys, made if it is missing."""
    return _folder("config", platformdirs.user_config_path)


def cache_dir() -> Path:
    """Return the folder of what can be made anew, made if it is missing."""
    return _folder("cache", platformdirs.user_cache_path)


def log_dir() -> Path:
    """Return the folder of log files, made if it is missing."""
    return _folder("log", platformdirs.user_log_path)


def database_file() -> Path:
    """Return where the embedded database lies unless `--db` says otherwise."""
    return data_dir() / "watchroom.db"


def refuse_network_share(path: Path) -> None:
    """Raise Refused when `path` lies on a network share: SQLite's locks and log fail there (DESIGN 4)."""
    kind = network_kind(path)
    if kind:
        raise Refused(
            tr(
                "{path} lies on a network share ({kind}), where an embedded database gets damaged. "
                "Nothing was written. Choose a folder of this machine, or let the workstations share a "
                "PostgreSQL database: "
                "watchroom --db postgresql://…",
                path=path,
                kind=kind,
            )
        )


def network_kind(path: Path, mounts: str | None = None) -> str:
    """Return the kind of network file system that `path` lies on, "" for a local one.

    `mounts` stands for the text of /proc/mounts.
    """
    if mounts is None:
        if sys.platform == "win32":
            return _windows_network_kind(path)
        try:
            mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return ""
    kind = _mounted_kind(path, mounts)
    return kind if kind in _NETWORK_TYPES else ""


def refuse_full_disk(folder: Path, needed_bytes: int) -> None:
    """Raise NotSaved when fewer than `needed_bytes` are free where `folder` lies."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise NotSaved(
            tr(
                "{folder} has only {free} MB left, {needed} MB are needed. Make room and try again.",
                folder=folder,
                free=free // _MEGABYTE,
                needed=-(-needed_bytes // _MEGABYTE),
            )
        )


@contextlib.contextmanager
def lock_file(path: Path, what: str) -> Iterator[None]:
    """Hold `path` for this process alone while the body runs; the lock ends with the process however it dies.

    Raises Refused naming `what` and the holder's process number; a lock in use is never waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotSaved(
            tr("the file {path} can't be written: {reason}", path=path, reason=error.strerror or error)
        ) from error
    try:
        if not _try_lock(descriptor):
            raise Refused(
                tr(
                    "{what} is already in use by the process {pid} on this machine. Close that one first.",
                    what=what,
                    pid=holder(path) or "?",
                )
            )
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """Return the number of the process that last took the lock at `path`, None when it can't be told."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def folder_in(parent: Path, name: str) -> Path:
    """Return the folder `name` in `parent`, made for its owner alone if it is missing. Raises NotSaved."""
    return _made(parent / name)


def _folder(name: str, of_user: Callable[..., Path]) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    return _made(Path(home) / name if home else of_user(APP, appauthor=False))


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotSaved(
            tr("the folder {folder} can't be made: {reason}", folder=folder, reason=error.strerror or error)
        ) from error
    return folder


def _mounted_kind(path: Path, mounts: str) -> str:
    """Return the type of the innermost mount above `path`; of two on one place the later one counts."""
    place = os.path.realpath(path)
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mounted = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
        inside = mounted == "/" or place == mounted or place.startswith(mounted + "/")
        if inside and len(mounted) >= len(best):
            best, kind = mounted, fields[2]
    return kind


if sys.platform == "win32":
    import ctypes
    import msvcrt

    _WINDOWS_REMOTE_DRIVE = 4
    _LOCKED_BYTE = 1_000_000

    def _windows_network_kind(path: Path) -> str:
        drive = Path(os.path.realpath(path)).drive
        if drive.startswith("\\\\"):
            return "UNC"
        remote = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _WINDOWS_REMOTE_DRIVE
        return drive if remote else ""

    def _try_lock(descriptor: int) -> bool:
        """Lock a byte behind the text, because Windows lets nobody read a locked one."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
