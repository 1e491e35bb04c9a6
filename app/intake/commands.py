"""Setting up the intake: rules, tokens of the webhooks, users of SNMPv3, receivers."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from app import settings
from app.collector.intake.rules import Rule
from app.collector.intake.usm import AUTHS, PRIVS
from app.desk import Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.secret_box import box_of
from app.text import clean_line
from app.words import tr
from models.intake import IntakeRule, IntakeToken, IntakeUser

SHORTEST_TOKEN = 20
SHORTEST_PASSWORD = 8


@command(Permission.DEVICE_CONFIGURE)
def save_rule(tx: Tx, key: uuid.UUID, row_id: int | None, version: int, rule: Rule) -> int:
    """Add a rule or change the row `row_id`, and return its id. Raises BadInput or Conflict.

    One that is named like a shipped rule stands before that.
    """
    name = clean_line(rule.name)
    if not name:
        raise BadInput(tr("Give the rule a name."), "name")
    if not (rule.tag.strip() or rule.text.strip()):
        raise BadInput(tr("Say which messages it is for: by their OID or program, or by their text."), "text")
    made = tx.already(IntakeRule, key)
    if made is not None:
        return made.id
    row = IntakeRule(key=key) if row_id is None else tx.get(IntakeRule, row_id, version)
    row.name, row.severity, row.is_enabled = name, rule.severity, rule.is_enabled
    row.tag, row.text = clean_line(rule.tag), clean_line(rule.text)
    row.clear_tag, row.clear_text = clean_line(rule.clear_tag), clean_line(rule.clear_text)
    row.fingerprint, row.title = clean_line(rule.fingerprint), clean_line(rule.title)
    return tx.add(row).id


@command(Permission.DEVICE_CONFIGURE)
def void_rule(tx: Tx, row_id: int, version: int) -> None:
    """Take a rule out of force; a shipped one of its name holds again. Raises Conflict."""
    tx.get(IntakeRule, row_id, version).voided_at = tx.now


@command(Permission.DEVICE_CONFIGURE)
def add_token(tx: Tx, key: uuid.UUID, name: str, token: str) -> int:
    """Let whoever shows `token` call the webhooks; only its digest is kept. Raises BadInput for a short one."""
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise BadInput(tr("A token has {n} letters and digits at least.", n=SHORTEST_TOKEN), "token")
    if not clean_line(name):
        raise BadInput(tr("Which system is this token for?"), "name")
    made = tx.already(IntakeToken, key)
    if made is not None:
        return made.id
    digest = hashlib.sha256(token.encode()).hexdigest()
    return tx.add(IntakeToken(key=key, name=clean_line(name), digest=digest, made_at=tx.now)).id


@command(Permission.DEVICE_CONFIGURE)
def void_token(tx: Tx, row_id: int, version: int) -> None:
    """Let nobody in with this token any more. Raises Conflict."""
    tx.get(IntakeToken, row_id, version).voided_at = tx.now


@command(Permission.DEVICE_CONFIGURE)
def add_user(
    tx: Tx, key: uuid.UUID, name: str, auth: str = "", auth_key: str = "", priv: str = "", priv_key: str = ""
) -> int:
    """Take notifications of a user of SNMPv3; the passwords are sealed with this machine's key. Raises BadInput."""
    if not clean_line(name, 32):
        raise BadInput(tr("Give the user's name."), "name")
    if auth not in ("", *AUTHS) or priv not in ("", *PRIVS) or (priv and not auth):
        raise BadInput(tr("Encryption needs authentication too."), "auth")
    for field, protocol, password in (("auth_key", auth, auth_key), ("priv_key", priv, priv_key)):
        if protocol and len(password) < SHORTEST_PASSWORD:
            raise BadInput(tr("The password has {n} characters at least.", n=SHORTEST_PASSWORD), field)
    made = tx.already(IntakeUser, key)
    if made is not None:
        return made.id
    sealed = box_of(tx).seal(f"{auth_key}\n{priv_key}").encode("ascii") if auth else None
    return tx.add(IntakeUser(key=key, name=clean_line(name, 32), auth=auth, priv=priv, secret=sealed)).id


@command(Permission.DEVICE_CONFIGURE)
def void_user(tx: Tx, row_id: int, version: int) -> None:
    """Take no more notifications of this user. Raises Conflict."""
    tx.get(IntakeUser, row_id, version).voided_at = tx.now


@command(Permission.SETTINGS)
def set_up(tx: Tx, values: Mapping[str, Any], versions: Mapping[str, int]) -> None:
    """Say where is listened: settings named without their "intake.". Raises BadInput or Conflict."""
    for name in ("trap_port", "syslog_port", "webhook_port"):
        if not 0 <= int(values.get(name, 0)) <= 65_535:
            raise BadInput(tr("A port is a number up to 65535; 0 turns a receiver off."), name)
    named = {f"intake.{name}": value for name, value in values.items()}
    settings.put_many(tx, named, {f"intake.{name}": version for name, version in versions.items()})
