"""The hash of an audit entry, shared by the triggers' functions and by verification."""

import hashlib
import hmac
from collections.abc import Iterable

from models.triggers import ABSENT, SEPARATOR


def entry_hash(key: bytes | None, *fields: object) -> str:
    """Return the hash over an entry's fields: keyed on SQLite, plain SHA-256 on PostgreSQL (`key` None)."""
    absent = "" if key else ABSENT
    message = SEPARATOR.join(absent if field is None else str(field) for field in fields)
    return _digest(key, message.encode("utf-8", "surrogatepass"))


def chained(previous: str, hashes: Iterable[str]) -> str:
    """Return the digest of a seal over `hashes` in their order, after the seal whose digest is `previous`."""
    digest = hashlib.sha256(previous.encode())
    for value in hashes:
        digest.update(value.encode())
    return digest.hexdigest()


def _digest(key: bytes | None, message: bytes) -> str:
    if key is None:
        return hashlib.sha256(message).hexdigest()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def fingerprint(key: bytes) -> str:
    """Return what tells a key from others and tells nothing of it: kept in the database that it belongs to."""
    return hmac.new(key, b"watchroom audit key", hashlib.sha256).hexdigest()[:32]
