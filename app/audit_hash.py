"""The hash of an audit entry, shared by the triggers' functions and by verification."""

import hashlib
import hmac

from models.triggers import SEPARATOR


def entry_hash(key: bytes | None, *fields: object) -> str:
    """Return the hash over an entry's fields: keyed on SQLite, plain SHA-256 on PostgreSQL (`key` None)."""
    message = SEPARATOR.join("" if field is None else str(field) for field in fields).encode("utf-8", "surrogatepass")
    if key is None:
        return hashlib.sha256(message).hexdigest()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def fingerprint(key: bytes) -> str:
    """Return what tells a key from others and tells nothing of it: kept in the database that it belongs to."""
    return hmac.new(key, b"watchroom audit key", hashlib.sha256).hexdigest()[:32]
