"""What people set up of the intake, as a collector reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import settings
from app.collector.intake.rules import Rule
from app.collector.intake.usm import User
from app.database import Database
from app.desk import ReadTx
from app.errors import Refused
from app.paths import config_dir
from app.secrets import open_box
from models.intake import IntakeRule, IntakeToken, IntakeUser

NAMES = ("on", "address", "trap_port", "syslog_port", "webhook_port", "per_second", "keep_days", "certificate", "key")


@dataclass(frozen=True, slots=True)
class SetUp:
    """The receivers, the site's own rules, the digests of the tokens, and the users of SNMPv3."""

    is_on: bool = False
    address: str = "0.0.0.0"
    trap_port: int = 162
    syslog_port: int = 514
    webhook_port: int = 8162
    per_second: int = 1_000
    keep_days: int = 90
    certificate: str = ""
    key: str = ""
    rules: Sequence[Rule] = ()
    tokens: frozenset[str] = frozenset()
    users: Sequence[User] = ()

    @property
    def listening(self) -> object:
        """What has to be opened anew when it changes."""
        ports = (self.trap_port, self.syslog_port, self.webhook_port)
        return self.is_on, self.address, ports, self.per_second, self.certificate, self.key


def load(tx: ReadTx, database: Database) -> SetUp:
    """Return what is set up now; the secret of a user that can't be opened here leaves that user out."""
    found: dict[str, Any] = {name: settings.get(tx, f"intake.{name}") for name in NAMES}
    found["is_on"] = found.pop("on")
    return SetUp(**found, rules=own_rules(tx), tokens=_tokens(tx), users=_users(tx, database))


def own_rules(tx: ReadTx) -> list[Rule]:
    """Return the rules that people set, the oldest first."""
    query = select(IntakeRule).where(IntakeRule.voided_at.is_(None)).order_by(IntakeRule.id)
    return [rule_of(row) for row in tx.session.scalars(query)]


def rule_of(row: IntakeRule) -> Rule:
    return Rule(
        row.name,
        row.tag,
        row.text,
        row.clear_tag,
        row.clear_text,
        row.fingerprint,
        row.severity,
        row.title,
        row.is_enabled,
    )


def _tokens(tx: ReadTx) -> frozenset[str]:
    return frozenset(tx.session.scalars(select(IntakeToken.digest).where(IntakeToken.voided_at.is_(None))))


def _users(tx: ReadTx, database: Database) -> list[User]:
    rows = list(tx.session.scalars(select(IntakeUser).where(IntakeUser.voided_at.is_(None))))
    if not rows:
        return []
    box = open_box(config_dir(), database.uuid)
    found: list[User] = []
    for row in rows:
        try:
            opened = box.open(row.secret.decode("ascii")) if row.secret else ""
        except Refused:
            continue
        auth_key, _, priv_key = opened.partition("\n")
        found.append(User(row.name, row.auth, auth_key, row.priv, priv_key))
    return found
