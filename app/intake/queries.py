"""What the pages of the device log ask: messages by page, rules and their try-out, who sends, who may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from app import settings
from app.collector.intake.message import Message
from app.collector.intake.rules import Rule, match, shipped
from app.collector.intake.set_up import NAMES, rule_of
from app.desk import ReadTx
from app.paging import PAGE, capped_count
from app.settings import SettingRow
from app.text import LIKE_ESCAPE, like_pattern
from models.cmdb import Ci
from models.enums import MessageKind
from models.intake import DeviceLog, IntakeRule, IntakeSource, IntakeToken, IntakeUser
from models.monitoring import CollectorBeat

LOOKED_THROUGH = 200_000
"""A search over all devices goes through this many of the newest messages; over one device through all of its own."""
TRIED = 2_000
AT_WORK = timedelta(minutes=1)
TRIED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class LogRow:
    """One message of the device log."""

    id: int
    received_at: datetime
    kind: MessageKind
    level: int
    source: str
    ci_id: int | None
    device: str
    host: str
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as its list shows it; `id` None for a shipped one that nobody changed."""

    id: int | None
    version: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class TokenRow:
    id: int
    version: int
    name: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PersonOfV3:
    """A user of SNMPv3, without the passwords."""

    id: int
    version: int
    name: str
    auth: str
    priv: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What came from one address since it was first heard, and what of it was dropped at the limit."""

    address: str
    device: str
    received: int
    dropped: int
    last_at: datetime
    dropped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule would make of a recent message."""

    row: LogRow
    is_clear: bool
    title: str

    @property
    def id(self) -> int:
        return self.row.id


def page(
    tx: ReadTx,
    ci_id: int | None = None,
    text: str = "",
    chip: str = "",
    *,
    after: LogRow | None = None,
    backwards: bool = False,
    limit: int = PAGE,
) -> list[LogRow]:
    """Return the `limit` messages after (with `backwards`: before) the row `after`, newest first.

    `chip` is a MessageKind's value, "bad" (error and worse), or "". Each word of `text` is looked for in text, tag,
    host and address.
    """
    query = _rows().where(*_conditions(tx, ci_id, text, chip))
    if after is not None:
        query = query.where(DeviceLog.id > after.id if backwards else DeviceLog.id < after.id)
    query = query.order_by(DeviceLog.id if backwards else DeviceLog.id.desc()).limit(limit)
    found = [_row(row) for row in tx.session.execute(query)]
    return found[::-1] if backwards else found


def count(tx: ReadTx, ci_id: int | None = None, text: str = "", chip: str = "") -> int:
    """Return how many messages there are, counted up to COUNT_LIMIT."""
    return capped_count(tx, select(DeviceLog.id).where(*_conditions(tx, ci_id, text, chip)))


def rules(tx: ReadTx) -> list[RuleRow]:
    """Return a site's own rules and the shipped ones that none of them hides."""
    query = select(IntakeRule).where(IntakeRule.voided_at.is_(None)).order_by(IntakeRule.id)
    own = [RuleRow(row.id, row.version, rule_of(row)) for row in tx.session.scalars(query)]
    named = {row.rule.name for row in own}
    return [*own, *(RuleRow(None, 0, rule) for rule in shipped() if rule.name not in named)]


def try_rule(tx: ReadTx, rule: Rule) -> list[Tried]:
    """Return what a rule would make of the TRIED newest messages, newest first, at most TRIED_SHOWN."""
    found: list[Tried] = []
    for row in tx.session.execute(_rows().order_by(DeviceLog.id.desc()).limit(TRIED)):
        shown = _row(row)
        made = match(rule, _message(shown))
        if made is not None:
            found.append(Tried(shown, made.is_clear, made.title))
        if len(found) >= TRIED_SHOWN:
            break
    return found


def senders(tx: ReadTx) -> tuple[list[TokenRow], list[PersonOfV3]]:
    """Return who may send: tokens of the webhooks, users of SNMPv3."""
    tokens = select(IntakeToken).where(IntakeToken.voided_at.is_(None)).order_by(IntakeToken.id)
    users = select(IntakeUser).where(IntakeUser.voided_at.is_(None)).order_by(IntakeUser.id)
    return (
        [TokenRow(row.id, row.version, row.name, row.made_at) for row in tx.session.scalars(tokens)],
        [PersonOfV3(row.id, row.version, row.name, row.auth, row.priv) for row in tx.session.scalars(users)],
    )


def troubles(tx: ReadTx) -> list[str]:
    """Return what the collectors at work say is wrong, each sentence once: a port that they were refused, too."""
    query = select(CollectorBeat.trouble).where(CollectorBeat.beat_at > tx.now - AT_WORK, CollectorBeat.trouble != "")
    return list(dict.fromkeys(tx.session.scalars(query.order_by(CollectorBeat.name))))


def sources(tx: ReadTx) -> list[SourceRow]:
    """Return who has sent, whoever lost messages first, at most PAGE."""
    name = select(func.min(Ci.name)).where(Ci.address == IntakeSource.address, Ci.voided_at.is_(None))
    query = select(IntakeSource, name.scalar_subquery()).order_by(
        IntakeSource.dropped.desc(), IntakeSource.last_at.desc()
    )
    return [
        SourceRow(row.address, device or "", row.received, row.dropped, row.last_at, row.dropped_at)
        for row, device in tx.session.execute(query.limit(PAGE))
    ]


def standing(tx: ReadTx) -> dict[str, SettingRow]:
    """Return what is set up of the receivers, by the setting's name without its "intake."."""
    return {name: settings.row(tx, f"intake.{name}") for name in NAMES}


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        DeviceLog.id,
        DeviceLog.received_at,
        DeviceLog.kind,
        DeviceLog.level,
        DeviceLog.source,
        DeviceLog.ci_id,
        func.coalesce(Ci.name, ""),
        DeviceLog.host,
        DeviceLog.tag,
        DeviceLog.text,
    ).outerjoin(Ci, Ci.id == DeviceLog.ci_id)


def _row(found: Iterable[object]) -> LogRow:
    return LogRow(*found)  # type: ignore[arg-type]  # the columns of _rows, in order


def _conditions(tx: ReadTx, ci_id: int | None, text: str, chip: str) -> list[ColumnElement[bool]]:
    words = text.split()[:6]
    found = [
        or_(
            *(
                column.ilike(like_pattern(word), escape=LIKE_ESCAPE)
                for column in (DeviceLog.text, DeviceLog.tag, DeviceLog.host, DeviceLog.source)
            )
        )
        for word in words
    ]
    if ci_id is not None:
        found.append(DeviceLog.ci_id == ci_id)
    elif words:
        newest = tx.session.scalar(select(func.max(DeviceLog.id))) or 0
        found.append(DeviceLog.id > newest - LOOKED_THROUGH)
    if chip == "bad":
        found.append(DeviceLog.level <= 3)
    elif chip:
        found.append(DeviceLog.kind == MessageKind(chip))
    return found


def _message(row: LogRow) -> Message:
    """Return a message of the log as a rule sees it: a trap's variables are the lines of its text."""
    lines = (line.partition(" = ") for line in row.text.split("\n")) if row.kind in _TRAPS else ()
    values = {oid: value for oid, mark, value in lines if mark}
    return Message(row.kind, row.level, row.tag, row.text, row.host, values=values)


_TRAPS = (MessageKind.TRAP, MessageKind.INFORM)
