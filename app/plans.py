"""What plans of every subject have in common: entered once, changed by version, ended with a reason, due by a rule."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from dateutil.rrule import rrulestr

from app.desk import Tx
from app.errors import BadInput
from app.text import clean_line
from app.words import tr

E = TypeVar("E")
Fill = Callable[[Any, E], None]
LONGEST_RULE = 200
LONGEST_REASON = 250


def add(tx: Tx, model: Any, key: uuid.UUID, entry: E, fill: Fill[E]) -> int:
    """Enter a plan and return its id; the same key twice is one plan. Raises what `fill` finds wrong."""
    made = tx.already(model, key)
    if made is None:
        made = model(key=key)
        fill(made, entry)
        tx.add(made)
    return int(made.id)


def edit(tx: Tx, model: Any, plan_id: int, version: int, entry: E, fill: Fill[E]) -> None:
    """Change a plan; what was expected by it already stays. Raises Conflict, and what `fill` finds wrong."""
    fill(tx.get(model, plan_id, version), entry)


def end(tx: Tx, model: Any, plan_id: int, version: int, reason: str) -> None:
    """End a plan, with the reason; what came of it stays. Raises BadInput or Conflict."""
    plan = tx.get(model, plan_id, version)
    words = clean_line(reason)[:LONGEST_REASON]
    if not words:
        raise BadInput(tr("Say why the plan ends."), "reason")
    plan.voided_at, plan.void_reason, plan.is_enabled = tx.now, words, False


def checked_rule(rule: str, sentence: str) -> str:
    """Return a rule as it is kept. Raises BadInput with `sentence` for one that can't be read."""
    try:
        rrulestr(rule, dtstart=datetime(2026, 1, 1))
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(sentence, "rule") from error
    return rule[:LONGEST_RULE]
