"""Key files beside the settings: made once and whole, readable by their owner alone."""

import contextlib
import os
import stat
import uuid
from collections.abc import Callable
from pathlib import Path

from app.errors import NotSaved, Refused
from app.words import tr

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def held_or_made(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of the key file `path`, which is written with what `make` gives where it is missing.

    Of two processes that make it at once both return the same: a file appears under its name when it is whole.
    Raises Refused for a file that others may read or that can't be read, NotSaved when none can be made.
    """
    return _read(path) or _make(path, make())


def damaged(path: Path) -> Refused:
    """Return the error of a key file whose content is no key."""
    return Refused(
        tr("The key file {path} is damaged. Put it back from a copy; without it secrets stay shut.", path=path)
    )


def _read(path: Path) -> bytes | None:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(
            tr("The key file {path} can't be read: {reason}", path=path, reason=error.strerror or error)
        ) from error
    if os.name != "nt" and mode & _OTHERS:
        raise Refused(tr("The key file {path} can be read by others. Close it first: chmod 600 {path}", path=path))
    if not content:
        raise damaged(path)
    return content


def _make(path: Path, content: bytes) -> bytes:
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise NotSaved(
            tr("the key file {path} can't be made: {reason}", path=path, reason=error.strerror or error)
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return _read(path) or content
