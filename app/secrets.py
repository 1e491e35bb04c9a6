"""Devices' secrets at rest, opened by the collector's key alone, and what people see instead (SECURITY 8)."""

import os
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from app.errors import NotSaved, Refused
from app.filenames import safe_name
from app.words import tr

MASK = "****"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SecretBox:
    """Seals and opens texts with one key; a sealed text tells nothing, not even whether two are equal."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """Return the text. Raises Refused when it was sealed with another key or was changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Refused(
                tr("A device's secret can't be opened with this machine's key. Enter the secret again.")
            ) from None


def open_box(folder: Path, database: str) -> SecretBox:
    """Return the box of `database`, whose key lies in `folder` and is made at the first use.

    Raises Refused for a key file that others may read or that is damaged, NotSaved when none can be made.
    """
    path = folder / safe_name(f"secrets-{database}", ".key")
    key = _read_key(path) or _make_key(path)
    try:
        return SecretBox(key)
    except ValueError:
        raise Refused(
            tr(
                "The key file {path} is damaged. Put it back from a copy; without it secrets stay shut.",
                path=path,
            )
        ) from None


def mask(secret: str) -> str:
    """Return what people see of a secret: that there is one."""
    return MASK if secret else ""


def mask_number(number: str, head: int = 4, tail: int = 4) -> str:
    """Return a certificate's or telephone's number as "1101**********1234"; of a short one less is shown."""
    if len(number) <= head + tail:
        head, tail = len(number) // 4, len(number) // 4
    hidden = len(number) - head - tail
    return number[:head] + "*" * hidden + number[len(number) - tail :]


def _read_key(path: Path) -> bytes | None:
    try:
        mode = path.stat().st_mode
        key = path.read_bytes().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(
            tr("The key file {path} can't be read: {reason}", path=path, reason=error.strerror or error)
        ) from error
    if os.name != "nt" and mode & _OTHERS:
        raise Refused(
            tr("The key file {path} can be read by others. Close it first: chmod 600 {path}", path=path)
        )
    return key


def _make_key(path: Path) -> bytes:
    """Write a new key; when another process was first, return that one's."""
    key = Fernet.generate_key()
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read_key(path) or key
    except OSError as error:
        raise NotSaved(
            tr("the key file {path} can't be made: {reason}", path=path, reason=error.strerror or error)
        ) from error
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key)
        stream.flush()
        os.fsync(descriptor)
    return key
