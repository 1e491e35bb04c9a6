"""Devices' secrets at rest, opened by the collector's key alone, and what people see instead (SECURITY 8)."""

from pathlib import Path

from app.errors import Refused
from app.filenames import safe_name
from app.keyfiles import damaged, held_or_made
from app.words import tr

MASK = "****"


class SecretBox:
    """Seals and opens texts with one key; a sealed text tells nothing, not even whether two are equal."""

    def __init__(self, key: bytes) -> None:
        from cryptography.fernet import Fernet

        self._fernet = Fernet(key)

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """Return the text. Raises Refused when it was sealed with another key or was changed."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Refused(
                tr("A device's secret can't be opened with this machine's key. Enter the secret again.")
            ) from None


def key_file(folder: Path, database: str) -> Path:
    """Return where the key of a database's secrets lies; whoever holds the file can open them."""
    return folder / safe_name(f"secrets-{database}", ".key")


def open_box(folder: Path, database: str) -> SecretBox:
    """Return the box of `database`, whose key lies in `folder` and is made at the first use.

    Raises Refused for a key file that others may read or that is damaged, NotSaved when none can be made.
    """
    from cryptography.fernet import Fernet

    path = key_file(folder, database)
    try:
        return SecretBox(held_or_made(path, Fernet.generate_key))
    except ValueError:
        raise damaged(path) from None


def mask(secret: str) -> str:
    """Return what people see of a secret: that there is one."""
    return MASK if secret else ""


def mask_number(number: str, head: int = 4, tail: int = 4) -> str:
    """Return a certificate's or telephone's number as "1101**********1234"; of a short one less is shown."""
    if len(number) <= head + tail:
        head, tail = len(number) // 4, len(number) // 4
    hidden = len(number) - head - tail
    return number[:head] + "*" * hidden + number[len(number) - tail :]
