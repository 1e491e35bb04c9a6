"""Files that belong to records: photographs of a round, a written approval."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.text import clean_line
from app.words import tr
from models.people import Attachment

LARGEST = 12_000_000
MEDIA = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"%PDF": "application/pdf"}


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file without its content."""

    id: int
    item: str
    name: str
    media_type: str
    size_bytes: int
    recorded_at: datetime


@command(Permission.INSPECTION_FILL)
def attach(tx: Tx, key: uuid.UUID, subject: str, subject_id: int, item: str, name: str, content: bytes) -> int:
    """Attach a picture or PDF to a record and return its id. Raises BadInput for another kind or too large a file."""
    made = tx.already(Attachment, key)
    if made:
        return made.id
    media = next((kind for start, kind in MEDIA.items() if content.startswith(start)), None)
    if media is None:
        raise BadInput(tr("Only JPEG, PNG and PDF files can be attached."), "file")
    if len(content) > LARGEST:
        raise BadInput(tr("The file is larger than {n} MB.", n=LARGEST // 1_000_000), "file")
    row = Attachment(
        key=key, subject=subject, subject_id=subject_id, item=item, name=clean_line(name)[:200] or "file",
        media_type=media, sha256=hashlib.sha256(content).hexdigest(), content=content, recorded_at=tx.now,
    )  # fmt: skip
    return tx.add(row).id


def attachments(tx: ReadTx, subject: str, subject_id: int) -> list[AttachmentRow]:
    """Return a record's files, oldest first."""
    found = tx.session.scalars(
        select(Attachment)
        .where(Attachment.subject == subject, Attachment.subject_id == subject_id)
        .order_by(Attachment.id)
    )
    return [AttachmentRow(a.id, a.item, a.name, a.media_type, len(a.content), a.recorded_at) for a in found]


def content(tx: ReadTx, attachment_id: int) -> bytes:
    """Return a file's bytes, b"" when there is none."""
    return tx.session.scalar(select(Attachment.content).where(Attachment.id == attachment_id)) or b""
