"""Certificates' numbers: kept sealed by this database's key, shown masked (SECURITY 8)."""

from dataclasses import replace

from app.access.entry import MemberEntry
from app.desk import Tx
from app.secret_box import box_of
from app.secrets import SecretBox, mask_number
from app.text import clean_line

KEYS = "keys"


def sealed(tx: Tx, members: tuple[MemberEntry, ...]) -> tuple[MemberEntry, ...]:
    """Return the members with their numbers sealed and masked; nobody's number is left in the open.

    Raises Refused or NotSaved when the key can't be read or made.
    """
    if not any(member.certificate_number for member in members):
        return members
    box = box_of(tx)
    return tuple(_sealed(box, member) for member in members)


def _sealed(box: SecretBox, member: MemberEntry) -> MemberEntry:
    number = clean_line(member.certificate_number).replace(" ", "")[:60]
    if not number:
        return replace(member, certificate_number="")
    return replace(
        member, sealed_certificate=box.seal(number), certificate_mask=mask_number(number), certificate_number=""
    )
