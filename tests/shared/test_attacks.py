"""Attacks with raw psycopg on a shared database: none gets through (SECURITY, R4)."""

import json

import pytest

from app.trials import r4
from app.trials.attacks import ATTACKS, FOR_EVERYBODY, Attack
from app.trials.logins import Site
from tests.shared.logins import site

__all__ = ["site"]


@pytest.fixture(scope="module")
def marks(site: Site) -> dict[str, int]:
    return r4.marks(site)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "_"))
def test_an_attack_does_not_get_through(site: Site, marks: dict[str, int], attack: Attack) -> None:
    assert r4.verdict(site, marks, attack) == ""


def test_what_nobody_may_do_nobody_does(site: Site, marks: dict[str, int]) -> None:
    tried = list(r4.everybodys())
    assert len(tried) + len(ATTACKS) >= 300
    through = {f"{each.name} as {each.letter}": told for each in tried if (told := r4.verdict(site, marks, each))}
    assert not through


def test_the_superuser_whom_no_rule_binds_gets_through(site: Site, marks: dict[str, int]) -> None:
    through = [each.name for each in FOR_EVERYBODY if _as_superuser(site, marks, each)]
    assert len(through) > len(FOR_EVERYBODY) / 2


def _as_superuser(site: Site, marks: dict[str, int], attack: Attack) -> str:
    """Let the owner's connection stand in for the attacker's."""
    own = Site(site.url, site.owner, connections={attack.letter: site.owner})
    return r4.verdict(own, marks, attack)


def test_every_attack_has_its_own_name() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names)) >= 40, json.dumps(sorted({n for n in names if names.count(n) > 1}))
