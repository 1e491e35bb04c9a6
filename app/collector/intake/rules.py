"""Which messages open an incident and which clear it: patterns that take no longer than the text is long."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.collector.intake.message import Message
from app.words import tr
from models.enums import Severity

_LINK_DOWN, _LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
_COLD_START, _REFUSED = "1.3.6.1.6.3.1.1.5.1", "1.3.6.1.6.3.1.1.5.5"
_IF_INDEX, _IF_DESCR, _IF_NAME = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.31.1.1.1.1"
_NAMES = (_IF_NAME, _IF_DESCR, _IF_INDEX)


@dataclass(frozen=True, slots=True)
class Rule:
    """What opens an incident, and what clears it (both patterns empty: nothing does).

    A pattern is alternatives parted by "|", in which "*" stands for any text; upper and lower case are one. An empty
    one fits everything. `fingerprint` names what parts the causes of one device from each other, parted by blanks: an
    OID (the values below it), `host`, `tag`, or the number of a "*" of the text's pattern.
    """

    name: str
    tag: str = ""
    text: str = ""
    clear_tag: str = ""
    clear_text: str = ""
    fingerprint: str = ""
    severity: Severity = Severity.WARNING
    title: str = ""
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule makes of a message: `place` (a device's number or an address) is put into `cause` by `cause_of`."""

    rule: Rule
    is_clear: bool
    fingerprint: str
    title: str

    def cause_of(self, place: str) -> str:
        """Return the key of the one incident that this belongs to."""
        digest = hashlib.sha256(self.fingerprint.encode("utf-8", "replace")).hexdigest()[:24]
        name = hashlib.sha256(self.rule.name.encode("utf-8", "replace")).hexdigest()[:12]
        return f"message:{name}:{place}:{digest}"


def shipped() -> tuple[Rule, ...]:
    """Return the rules that hold as long as nobody set one of the same name."""
    return (
        Rule("link", _LINK_DOWN, "", _LINK_UP, "", _IF_INDEX, Severity.WARNING, tr("Interface down: {name}")),
        Rule("restart", _COLD_START, severity=Severity.WARNING, title=tr("The device has restarted")),
        Rule("refused", _REFUSED, severity=Severity.WARNING, title=tr("SNMP access with a wrong password")),
        Rule(
            "ups", "1.3.6.1.2.1.33.2.1|1.3.6.1.2.1.33.2.0.1|1.3.6.1.4.1.318.0.5", "",
            "1.3.6.1.2.1.33.2.4|1.3.6.1.2.1.33.2.0.4|1.3.6.1.4.1.318.0.9", "",
            "", Severity.CRITICAL, tr("UPS on battery"),
        ),
        Rule(
            "ups-log", "", "*on battery*", "", "*power restored*|*on line power*|*on utility power*",
            "", Severity.CRITICAL, tr("UPS on battery"),
        ),
    )  # fmt: skip


def in_force(own: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the enabled rules, a site's own before the shipped ones, of which it hides those of the same name."""
    named = {rule.name for rule in own}
    rules = (*own, *(rule for rule in shipped() if rule.name not in named))
    return tuple(rule for rule in rules if rule.is_enabled)


def first_match(rules: Sequence[Rule], message: Message) -> Match | None:
    """Return what the first rule that fits makes of a message, None when none fits."""
    return next((found for rule in rules if (found := match(rule, message)) is not None), None)


def match(rule: Rule, message: Message) -> Match | None:
    """Return what a rule makes of a message; None when neither of its patterns fits."""
    for is_clear, tag, text in ((False, rule.tag, rule.text), (True, rule.clear_tag, rule.clear_text)):
        if not (tag or text) or (tag and captured(tag, message.tag) is None):
            continue
        stars = captured(text, message.text) if text else ()
        if stars is not None:
            return Match(rule, is_clear, _fingerprint(rule, message, stars), _title(rule, message))
    return None


def captured(pattern: str, text: str) -> tuple[str, ...] | None:
    """Return what the "*" of the first alternative that fits stand for, None when none fits."""
    folded = text.casefold()
    for alternative in pattern.casefold().split("|"):
        stars = _captured(alternative.strip(), folded)
        if stars is not None:
            return stars
    return None


def _captured(pattern: str, text: str) -> tuple[str, ...] | None:
    parts = pattern.split("*")
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return () if text == pattern else None
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return None
    place, end = len(first), len(text) - len(last)
    stars: list[str] = []
    for part in parts[1:-1]:
        found = text.find(part, place, end)
        if found < 0:
            return None
        stars.append(text[place:found])
        place = found + len(part)
    return (*stars, text[place:end])


def _fingerprint(rule: Rule, message: Message, stars: Sequence[str]) -> str:
    found: list[str] = []
    for item in rule.fingerprint.split():
        if item.isdecimal() and len(item) < 4:
            found.append(stars[int(item) - 1] if 0 < int(item) <= len(stars) else "")
        elif item in ("host", "tag"):
            found.append(message.host if item == "host" else message.tag)
        else:
            found += [value for oid, value in message.values.items() if _is_below(oid, item)]
    return "\x1f".join(found)


def _title(rule: Rule, message: Message) -> str:
    name = next((value for wanted in _NAMES for oid, value in message.values.items() if _is_below(oid, wanted)), "")
    line = message.text.partition("\n")[0]
    title = rule.title or "{text}"
    return title.replace("{name}", name).replace("{tag}", message.tag).replace("{text}", line) or message.tag


def _is_below(oid: str, prefix: str) -> bool:
    return oid == prefix or oid.startswith(prefix + ".")
