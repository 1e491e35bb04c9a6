"""Rules for people's passwords (REQUIREMENTS H2, SECURITY 4); pure functions over hashes and times."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import BadInput
from app.pinyin import search_text
from app.words import tr

SHORTEST, LONGEST = 8, 128
REMEMBERED = 5
LIFE = timedelta(days=90)
TEMPORARY_LIFE = timedelta(days=1)
WARNED_BEFORE = timedelta(days=14)

_NAME_BYTES = 4  # four letters or two hanzi: less occurs by chance


class Weakness(Enum):
    """Why a password is refused."""

    TOO_SHORT = auto()
    TOO_LONG = auto()
    NO_DIGIT = auto()
    NO_LETTER = auto()
    NAMES_ITS_OWNER = auto()
    USED_BEFORE = auto()

    @property
    def sentence(self) -> str:
        match self:
            case Weakness.TOO_SHORT:
                return tr("The password needs {n} characters or more.", n=SHORTEST)
            case Weakness.TOO_LONG:
                return tr("The password may have {n} characters at most.", n=LONGEST)
            case Weakness.NO_DIGIT:
                return tr("The password needs a digit.")
            case Weakness.NO_LETTER:
                return tr("The password needs a letter.")
            case Weakness.NAMES_ITS_OWNER:
                return tr("The password may not contain your name or login.")
            case Weakness.USED_BEFORE:
                return tr("The password was one of your last {n}.", n=REMEMBERED)


class Age(Enum):
    """Where a password stands in its life."""

    FRESH = auto()
    ENDS_SOON = auto()
    TEMPORARY = auto()
    EXPIRED = auto()


@dataclass(frozen=True, slots=True)
class Standing:
    """How old a password is at a moment: `must_change` before any work, `days_left` for the warning."""

    age: Age
    ends_at: datetime
    days_left: int

    @property
    def must_change(self) -> bool:
        return self.age in (Age.TEMPORARY, Age.EXPIRED)


def hash_password(password: str) -> str:
    """Return the argon2id hash (19 MiB, 2 passes) that is stored; takes some 50 ms, so off the GUI thread."""
    return _hasher().hash(_normal(password))


def is_password(stored: str, password: str) -> bool:
    """Return whether `password` is the one that was hashed; a damaged hash fits none."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher().verify(stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def weaknesses(password: str, name: str, login: str, last_hashes: Sequence[str]) -> list[Weakness]:
    """Return every reason to refuse `password`, none for a good one; `last_hashes` are newest first."""
    password = _normal(password)
    rules = {
        Weakness.TOO_SHORT: len(password) < SHORTEST,
        Weakness.TOO_LONG: len(password) > LONGEST,
        Weakness.NO_DIGIT: not any(char.isdigit() for char in password),
        Weakness.NO_LETTER: not any(char.isalpha() for char in password),
        Weakness.NAMES_ITS_OWNER: _names_owner(password, name, login),
    }
    found = [weakness for weakness, applies in rules.items() if applies]
    if not found and any(is_password(stored, password) for stored in last_hashes[:REMEMBERED]):
        found.append(Weakness.USED_BEFORE)
    return found


def refuse_weak(password: str, name: str, login: str, last_hashes: Sequence[str]) -> None:
    """Raise BadInput for the field `password` with a sentence for each weakness, which never quotes it."""
    found = weaknesses(password, name, login, last_hashes)
    if found:
        raise BadInput(" ".join(weakness.sentence for weakness in found), field="password")


def standing(set_at: datetime, is_temporary: bool, now: datetime) -> Standing:
    """Return where a password set at `set_at` stands at `now`."""
    ends_at = set_at + (TEMPORARY_LIFE if is_temporary else LIFE)
    days_left = max(0, (ends_at - now).days)
    if now >= ends_at:
        return Standing(Age.EXPIRED, ends_at, 0)
    if is_temporary:
        return Standing(Age.TEMPORARY, ends_at, days_left)
    ends_soon = now >= ends_at - WARNED_BEFORE
    return Standing(Age.ENDS_SOON if ends_soon else Age.FRESH, ends_at, days_left)


def _names_owner(password: str, name: str, login: str) -> bool:
    """Return whether the owner's login or name, also as pinyin, is `password` or a good part of it."""
    lowered = password.casefold()
    return any(part in lowered for part in _owner_parts(name, login)) or lowered in (
        name.casefold(),
        login.casefold(),
    )


def _owner_parts(name: str, login: str) -> Iterable[str]:
    spelled = search_text(name).split() if name else []
    return (part for part in (login.casefold(), *spelled) if len(part.encode()) >= _NAME_BYTES)


def _normal(password: str) -> str:
    """Return one spelling for what two input methods may write in two ways."""
    return unicodedata.normalize("NFC", password)


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
