"""What a receiver makes of one message, whatever it came by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.enums import MessageKind, Severity

TEXT = 4_000
TAG = 120
HOST = 120
WORST_LEVEL, MILDEST_LEVEL, NOTICE = 0, 7, 5


@dataclass(frozen=True, slots=True)
class Alert:
    """What another monitor says of one of its causes.

    `episode` sorts by time: of two with one cause the greater is the newer, so that a replay is known.
    """

    cause: str
    episode: str
    is_resolved: bool
    severity: Severity
    title: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in clean text. `places` name the device, the likeliest first: addresses and host names.

    `values` are a trap's variables by OID; `alert` is set where another monitor judged already.
    """

    kind: MessageKind
    level: int = NOTICE
    tag: str = ""
    text: str = ""
    host: str = ""
    places: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    alert: Alert | None = None
