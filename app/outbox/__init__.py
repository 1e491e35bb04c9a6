"""Away and back: what is entered while the database is away, kept on this machine and sent once (SECURITY 7)."""

from app.late import late
from app.outbox.entry import Entry, EntryState, Kept, Waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from app.outbox.keeping import do_or_keep, keep
    from app.outbox.sending import Sent, discard, send, try_again
    from app.outbox.store import Outbox, open_outbox
    from app.outbox.words import Side, content, sides, title
else:
    __getattr__ = late(
        "app.outbox",
        keeping=("do_or_keep", "keep"),
        sending=("Sent", "discard", "send", "try_again"),
        store=("Outbox", "open_outbox"),
        words=("Side", "content", "sides", "title"),
    )

__all__ = [
    "Entry",
    "EntryState",
    "Kept",
    "Outbox",
    "Sent",
    "Side",
    "Waiting",
    "content",
    "discard",
    "do_or_keep",
    "keep",
    "open_outbox",
    "send",
    "sides",
    "title",
    "try_again",
]
