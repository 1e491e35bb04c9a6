"""Policies of reachability: what must be reached from the collector and what must not (REQUIREMENTS A4).

A policy is a check of its device, so that it is scheduled, judged and alarmed as every other check is.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app import devices
from app.collector.memory import Answer, checks_from_json
from app.desk import ReadTx, Tx, command
from app.errors import BadInput, NotFound
from app.permissions import Permission
from app.text import clean_line
from app.words import tr
from models.cmdb import Ci
from models.enums import CheckKind
from models.monitoring import Check, DeviceState

KINDS = (CheckKind.MUST_REACH, CheckKind.MUST_NOT_REACH)
DOUBTS = 1
"""How often a breach is looked at again before it is told."""


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy as the list shows it. `holds` is None until it was tried; `trouble` is the breach."""

    id: int
    version: int
    ci_id: int
    ci_name: str
    name: str
    kind: CheckKind
    address: str
    port: int | None
    interval_s: int
    is_enabled: bool
    holds: bool | None
    trouble: str

    @property
    def target(self) -> str:
        return f"{self.address}:{self.port}" if self.port else self.address


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What a person says of a policy; without a port it is a ping."""

    name: str
    kind: CheckKind
    address: str
    port: int | None = None
    interval_s: int = 60
    is_enabled: bool = True


def policies(tx: ReadTx) -> list[PolicyRow]:
    """Return every policy by name, those of void devices left out."""
    query = (
        select(Check, Ci.name, DeviceState.judge)
        .join(Ci, Ci.id == Check.ci_id)
        .outerjoin(DeviceState, DeviceState.ci_id == Check.ci_id)
        .where(Check.kind.in_(KINDS), Ci.voided_at.is_(None))
    )
    rows = [_row(check, name, judge or {}) for check, name, judge in tx.session.execute(query)]
    return sorted(rows, key=lambda row: (row.name, row.id))


@command(Permission.DEVICE_CONFIGURE)
def add(tx: Tx, key: uuid.UUID, ci_id: int, draft: PolicyDraft) -> int:
    """Set up a policy about a device and return its id. Raises BadInput."""
    draft = _checked(draft)
    return devices.add_check(
        tx, key, ci_id, draft.kind, draft.address, port=draft.port, params={"name": draft.name},
        interval_s=draft.interval_s, retries=DOUBTS,
    )  # fmt: skip


@command(Permission.DEVICE_CONFIGURE)
def edit(tx: Tx, policy_id: int, version: int, draft: PolicyDraft) -> None:
    """Change a policy or switch it off; its kind stays. Raises BadInput, NotFound or Conflict."""
    if tx.find(Check, policy_id).kind not in KINDS:
        raise NotFound(tr("policy"), policy_id)
    draft = _checked(draft)
    devices.edit_check(
        tx, policy_id, version, draft.address, port=draft.port, params={"name": draft.name}, secret=None,
        interval_s=draft.interval_s, retries=DOUBTS, is_enabled=draft.is_enabled,
    )  # fmt: skip


def _checked(draft: PolicyDraft) -> PolicyDraft:
    name = clean_line(draft.name, 120)
    if not name:
        raise BadInput(tr("Give the policy a name: its incident will bear it."), "name")
    if draft.kind not in KINDS:
        raise BadInput(tr("Say what the policy asks for."), "kind")
    return replace(draft, name=name)


def _row(check: Check, ci_name: str, judge: Mapping[str, Any]) -> PolicyRow:
    memory = checks_from_json(judge).get(check.id)
    holds: bool | None = None
    if memory is not None and memory.is_settled and check.is_enabled:
        holds = memory.answer.held == Answer.GOOD
    trouble = memory.trouble if memory is not None and holds is False else ""
    return PolicyRow(
        check.id, check.version, check.ci_id, ci_name, check.params.get("name", ""), check.kind, check.address,
        check.port, check.interval_s, check.is_enabled, holds, trouble,
    )  # fmt: skip
