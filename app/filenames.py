"""Files that the program writes for people: names made from free text, contents whole or not there at all."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from app.errors import NotSaved
from app.text import clean_line
from app.words import tr

NAME_BYTES = 180

_FORBIDDEN = r'[<>:"/\\|?*\x00-\x1f]'
_RESERVED = r"(?i:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?"


def safe_name(text: str, ending: str = "") -> str:
    """Return a file name made from `text` that Windows and Linux both take; Chinese is kept.

    At most NAME_BYTES bytes with `ending` (".pdf"), never empty, hidden, a path or a Windows device's name.
    """
    name = re.sub(_FORBIDDEN, "_", clean_line(text, 2 * NAME_BYTES)).strip(" .")
    name = _within_bytes(name, NAME_BYTES - len(ending.encode())).strip(" .")
    if not name or re.fullmatch(_RESERVED, name):
        name = f"_{name}"
    return name + ending


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a file beside `path` to write; when the body ends well it is synced and takes `path`'s place.

    Whatever happens, `path` holds its old content or the whole new one. Raises NotSaved on a full disk, a
    read-only folder or a file that another program holds open.
    """
    draft = path.with_name(f".{os.urandom(6).hex()}.part")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield draft
        _sync(draft)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise NotSaved(tr("{path} was not written: {reason}", path=path, reason=error.strerror or error)) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """Make `path` hold `data`, whole. Raises NotSaved as `replacing` does."""
    with replacing(path) as draft:
        draft.write_bytes(data)


def _within_bytes(name: str, limit: int) -> str:
    return name.encode()[:limit].decode(errors="ignore")


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
