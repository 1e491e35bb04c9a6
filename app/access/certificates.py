"""Certificates' numbers: kept sealed by this database's key, shown masked (SECURITY 8)."""

import uuid
from dataclasses import replace

from sqlalchemy import select

from app.access.entry import MemberEntry
from app.desk import Tx
from app.paths import config_dir
from app.secrets import SecretBox, mask_number, open_box
from app.text import clean_line
from models.audit import Meta

KEYS = "keys"


def sealed(tx: Tx, members: tuple[MemberEntry, ...]) -> tuple[MemberEntry, ...]:
    """Return the members with their numbers sealed and masked; nobody's number is left in the open.

    Raises Refused or NotSaved when the key can't be read or made.
    """
    if not any(member.certificate_number for member in members):
        return members
    box = _box(tx)
    return tuple(_sealed(box, member) for member in members)


def _sealed(box: SecretBox, member: MemberEntry) -> MemberEntry:
    number = clean_line(member.certificate_number).replace(" ", "")[:60]
    if not number:
        return replace(member, certificate_number="")
    return replace(
        member, sealed_certificate=box.seal(number), certificate_mask=mask_number(number), certificate_number=""
    )


def _box(tx: Tx) -> SecretBox:
    folder = config_dir() / KEYS
    folder.mkdir(mode=0o700, exist_ok=True)
    database = tx.session.scalar(select(Meta.value).where(Meta.name == "uuid")) or uuid.UUID(int=0).hex
    return open_box(folder, database)
