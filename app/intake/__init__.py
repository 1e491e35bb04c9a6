"""The device log and what people set up of it: queries and commands (issue A2, B3)."""

from app.collector.intake.rules import Rule
from app.intake.commands import (
    add_token,
    add_user,
    save_rule,
    set_up,
    void_rule,
    void_token,
    void_user,
)
from app.intake.queries import (
    LogRow,
    PersonOfV3,
    RuleRow,
    SourceRow,
    TokenRow,
    Tried,
    count,
    page,
    rules,
    senders,
    sources,
    standing,
    troubles,
    try_rule,
)

__all__ = [
    "LogRow",
    "PersonOfV3",
    "Rule",
    "RuleRow",
    "SourceRow",
    "TokenRow",
    "Tried",
    "add_token",
    "add_user",
    "count",
    "page",
    "rules",
    "save_rule",
    "senders",
    "set_up",
    "sources",
    "standing",
    "troubles",
    "try_rule",
    "void_rule",
    "void_token",
    "void_user",
]
