"""R6: what random actions in the window did stands in the trail: each write, sign-in, refusal and saved file.

The trail is held against what does not come from it: the rows themselves, the chain from each entry's old state to
the next one's, and what was counted at the window.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, text

from app import audit
from app.desk import Desk, ReadTx

ACTIONS = 2_000
CONTROL_ACTIONS = 200

_BROKEN = text(
    "SELECT table_name, row_key, id FROM (SELECT id, table_name, row_key, old,"
    " lag(new) OVER (PARTITION BY table_name, row_key ORDER BY id) AS was FROM audit_entry) AS steps"
    " WHERE old IS NOT was"
)
_COUNTS = {
    "sign-ins": "SELECT count(*) FROM audit_entry WHERE table_name = 'sign_in'",
    "refusals": "SELECT count(*) FROM audit_entry JOIN act ON CAST(act.id AS text) = row_key"
    " WHERE table_name = 'act' AND kind = 'refused'",
    "saved files": "SELECT count(*) FROM audit_entry JOIN act ON CAST(act.id AS text) = row_key"
    " WHERE table_name = 'act' AND kind = 'export'",
}
_TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted at the window: attempts to sign in, commands that were refused, files that were saved."""

    sign_ins: int
    refusals: int
    files: int

    def since(self, before: "Seen") -> "Seen":
        return Seen(self.sign_ins - before.sign_ins, self.refusals - before.refusals, self.files - before.files)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `actions` left: entries of the trail, and what of theirs it does not explain; a control has some.

    `crashes` are tracebacks of the window itself: an action that raised has failed the trial too.
    """

    name: str
    actions: int
    entries: int
    seen: Seen
    missing: tuple[str, ...]
    crashes: tuple[str, ...] = ()
    is_control: bool = False

    @property
    def passed(self) -> bool:
        return not self.crashes and bool(self.missing) is self.is_control and (self.is_control or self.entries > 0)


@dataclass(frozen=True, slots=True)
class Before:
    """How long the trail was, and how many of each kind it held, before the first action."""

    entries: int
    counts: dict[str, int]


def look(desk: Desk) -> Before:
    """Count the trail's entries before the actions."""
    return desk.read(lambda tx: Before(_count(tx, "SELECT count(*) FROM audit_entry"), _counts(tx)))


def judge(desk: Desk, before: Before, seen: Seen) -> tuple[int, tuple[str, ...]]:
    """Hold the trail against the rows and what was `seen` since `before`; return its new entries and what it lacks."""

    def query(tx: ReadTx) -> tuple[int, tuple[str, ...]]:
        entries = _count(tx, "SELECT count(*) FROM audit_entry") - before.entries
        return entries, (*_unexplained(tx), *_uncounted(_counts(tx), before.counts, seen))

    return desk.read(query)


@contextmanager
def unwatched(engine: Engine) -> Iterator[None]:
    """Take all triggers from the SQLite database meanwhile: what is done inside leaves no entry."""
    with engine.begin() as connection:
        triggers = connection.execute(_TRIGGERS).all()
        for trigger in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{trigger.name}"')
    try:
        yield
    finally:
        with engine.begin() as connection:
            for trigger in triggers:
                connection.exec_driver_sql(trigger.sql)


def _unexplained(tx: ReadTx) -> Iterator[str]:
    """Yield the rows that differ from their newest entry, and the entries that do not begin where the last ended."""
    for finding in audit.verify(tx).findings:
        yield f"entry {finding.entry_id}: {finding.what}"
    for row in tx.connection.execute(_BROKEN):
        yield f"{row.table_name} {row.row_key}: a change before entry {row.id} is missing"


def _uncounted(now: dict[str, int], before: dict[str, int], seen: Seen) -> Iterator[str]:
    for what, count in (("sign-ins", seen.sign_ins), ("refusals", seen.refusals), ("saved files", seen.files)):
        entered = now[what] - before[what]
        if entered != count:
            yield f"{what}: {count} seen, {entered} entered"


def _counts(tx: ReadTx) -> dict[str, int]:
    return {what: _count(tx, statement) for what, statement in _COUNTS.items()}


def _count(tx: ReadTx, statement: str) -> int:
    return int(tx.connection.execute(text(statement)).scalar_one())
