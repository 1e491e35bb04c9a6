"""Signatures under records: a person, a role, and a digest of what was signed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.desk import ReadTx, Tx
from models.people import Person, Signature


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """Who signed, as what, when; `digest` is over the content at that time."""

    role: str
    person_id: int
    person: str
    signed_at: datetime
    digest: str


def digest(content: Any) -> str:
    """Return the digest of a record's content (anything that JSON can hold; times and enums as text)."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sign(tx: Tx, subject: str, subject_id: int, role: str, person_id: int, content: Any) -> None:
    """Put a person's signature under a record; the caller has checked who that person is."""
    tx.add(
        Signature(
            subject=subject, subject_id=subject_id, role=role, person_id=person_id, signed_at=tx.now,
            digest=digest(content),
        )
    )  # fmt: skip


def signatures(tx: ReadTx, subject: str, subject_id: int) -> list[SignatureRow]:
    """Return a record's signatures in the order they were given."""
    query = (
        select(Signature.role, Signature.person_id, Person.name, Signature.signed_at, Signature.digest)
        .join(Person, Person.id == Signature.person_id)
        .where(Signature.subject == subject, Signature.subject_id == subject_id)
        .order_by(Signature.id)
    )
    return [SignatureRow(*row) for row in tx.session.execute(query)]
