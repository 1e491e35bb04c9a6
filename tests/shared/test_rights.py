"""Post x table x verb with raw psycopg, held against a table written by hand (SECURITY: the oracle).

The expectations below are not derived from the code: they say who of the desk reads, adds and changes what.
O operator, E engineer, D service desk, R room manager, C clerk, M project manager, A auditor, X administrator;
K collector, W wall, S sealer, B backup.
"""

import json
from typing import Any

import pytest
from psycopg import sql

from app.trials.logins import POSTS, SERVICES, Site
from models.schema import metadata
from tests.shared.logins import site

__all__ = ["site"]

LETTERS = "".join((*POSTS, *SERVICES))
DESK, NOT_WALL, ALL = "OEDRCMAKWS", "OEDRCMAKS", "OEDRCMAXKWS"
ACTING, PEOPLE = "OEDRCMAXKW", "OEDRCMAX"

EXPECTED: dict[str, tuple[str, str, str]] = {
    # table: (who reads its rows, who adds rows, who changes some column)
    "person": (ALL, "X", "X"),
    "person_post": (ALL, "", ""),
    "password": (ALL, "", ""),
    "sign_in": (ALL, "K", ""),
    "act": (ALL, ACTING, ""),
    "setting": (ALL, "MX", "MX"),
    "preference": ("KS", PEOPLE, PEOPLE),
    "contact": (NOT_WALL, "M", "M"),
    "attachment": (NOT_WALL, "OERCM", ""),
    "signature": (NOT_WALL, "OEDRMK", ""),
    "incident": (DESK, "OEDRMK", "OEDRMK"),
    "incident_event": (DESK, "OEDRMK", ""),
    "notification": (NOT_WALL, "OEDM", ""),
    "work_order": (DESK, "OEDRCM", "OEDM"),
    "counter": (ALL, "OEDRCMK", "OEDRCMK"),
    "roster_entry": (DESK, "M", "M"),
    "shift_log_entry": (NOT_WALL, "OEDRMK", "OEDRMK"),
    "handover": (DESK, "OEDRMK", "OEDRMK"),
    "template_change": (NOT_WALL, "RM", "RM"),
    "inspection_plan": (DESK, "RM", "RM"),
    "inspection": (DESK, "OEDRCMK", "OERCM"),
    "inspection_value": (NOT_WALL, "OERCM", "OEDRCM"),
    "backup_plan": (DESK, "EMK", "EM"),
    "backup_run": (DESK, "OEMK", "OEMK"),
    "restore_test": (NOT_WALL, "OEMK", ""),
    "backup_check": (DESK, "OEMK", ""),
    "database_copy": (ALL, "XK", ""),
    "visit": (NOT_WALL, "OERM", "OERM"),
    "visit_member": (NOT_WALL, "OERM", "OERM"),
    "visit_item": (NOT_WALL, "OERM", ""),
    "operation": (NOT_WALL, "OERM", ""),
    "audit_entry": (ALL, "", ""),
    "audit_seal": (ALL, "XKS", ""),
    "meta": (ALL, "", ""),
    "alembic_version": (ALL, "", ""),
    "place": (DESK, "ERM", "ERM"),
    "device_type": (DESK, "ERM", "ERM"),
    "relation": (DESK, "ERM", "ERM"),
    "ci": (DESK, "ERM", "ERM"),
    "check_item": (DESK, "ERM", "ERM"),
    "threshold": (DESK, "EM", "EM"),
    "maintenance": (DESK, "OEM", "OEM"),
    "device_state": (DESK, "K", "K"),
    "device_beat": (DESK, "K", "K"),
    "state_change": (DESK, "K", ""),
    "collector_beat": (DESK, "K", "K"),
    "collector_roster": (NOT_WALL, "K", "K"),
    "collector_lease": (NOT_WALL, "K", "K"),
    "check_request": (DESK, "OEMK", "K"),
    "history_series": (DESK, "K", "K"),
    "history_fresh": (DESK, "K", "K"),
    "history_packed_hour": (DESK, "K", "K"),
    "history_rollup_5m": (DESK, "K", "K"),
    "history_rollup_1h": (DESK, "K", "K"),
    "seat": (ALL, ACTING, ACTING),
    "receipt": (ALL, ACTING, ""),
    "attestation": (NOT_WALL, "", ""),
    "login_lock": (ALL, "", ""),
    "system_right": (NOT_WALL, "M", "M"),
    "trail_review": (NOT_WALL, "A", ""),
    "device_log": (NOT_WALL, "K", ""),
    "intake_alert": (NOT_WALL, "K", "K"),
    "intake_mark": (NOT_WALL, "K", "K"),
    "intake_source": (NOT_WALL, "K", "K"),
    "intake_rule": (NOT_WALL, "EM", "EM"),
    "intake_token": (NOT_WALL, "EM", "EM"),
    "intake_user": (NOT_WALL, "EM", "EM"),
    "neighbours": (NOT_WALL, "K", "K"),
    "difference": (NOT_WALL, "K", "OEDRMK"),
    "moved_trail": (ALL, "", ""),
    "moved_seal": (ALL, "", ""),
    "moved_table": (ALL, "", ""),
}
DROPPED_BY_THE_COLLECTOR = {
    *("history_fresh", "history_packed_hour", "history_rollup_5m", "history_rollup_1h"),
    "device_log",
}
NEVER_CHANGED = {"id", "key", "number", "recorded_at", "digest", "sha256", "from_person_id", "registered_by"}
"""Columns that no post and no service changes in any table."""
FROZEN = {"person": {"login"}, "visit_member": {"name", "certificate_cipher", "certificate"}, "attachment": {"content"}}
OWN_ROW = {"preference": "INSERT INTO preference (person_id, name, value) VALUES (watchroom_me(), 'x', '{}')"}


@pytest.fixture(scope="module", autouse=True)
def one_row_each(site: Site) -> None:
    """Put a row into every table, past all rules, so that reading can be told from not seeing."""
    for name, table in metadata.tables.items():
        values = {c.name: _value(c) for c in table.columns if not (c.primary_key and c.autoincrement is True)}
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
            sql.Identifier(name),
            sql.SQL(", ").join(sql.Identifier(column) for column in values),
            sql.SQL(", ").join(sql.Placeholder() for _ in values),
        )
        with site.owner.transaction():
            site.owner.execute("SET LOCAL session_replication_role = replica")
            site.owner.execute(statement, list(values.values()))


def test_the_expectations_name_every_table() -> None:
    assert set(EXPECTED) == {*metadata.tables, "alembic_version"}


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("table", sorted(EXPECTED))
def test_a_post_does_in_a_table_what_is_expected_and_nothing_else(site: Site, table: str, letter: str) -> None:
    reads, adds, changes = EXPECTED[table]
    columns = metadata.tables[table].columns.keys() if table in metadata.tables else ["version_num"]
    tried = {
        "reads": f"SELECT 1 / (SELECT count(*) FROM {table})",
        "adds": OWN_ROW.get(table, f"INSERT INTO {table} DEFAULT VALUES"),
        "deletes": f"DELETE FROM {table} WHERE false",
        "truncates": f"TRUNCATE {table} CASCADE",
        **{f"changes {name}": f'UPDATE {table} SET "{name}" = NULL WHERE false' for name in columns},
    }
    may = _may(site, letter, tried)
    changed = {name for name in columns if f"changes {name}" in may}
    assert ("reads" in may) == (letter in reads), "reads"
    assert ("adds" in may) == (letter in adds), "adds"
    assert bool(changed) == (letter in changes), "changes"
    assert not changed & (NEVER_CHANGED | FROZEN.get(table, set())), "frozen columns"
    assert ("deletes" in may) == (letter == "K" and table in DROPPED_BY_THE_COLLECTOR), "deletes"
    assert "truncates" not in may


def _may(site: Site, letter: str, tried: dict[str, str]) -> set[str]:
    """Return the names of the statements that are let through; that a row itself is no good does not count."""
    attempts = ""
    for name, statement in tried.items():
        note = f"said := said || {sql.Literal(name).as_string()}::text;"
        attempts += (
            f"BEGIN EXECUTE $try${statement}$try$; {note}"
            " EXCEPTION WHEN insufficient_privilege OR division_by_zero THEN NULL;"
            f" WHEN integrity_constraint_violation OR raise_exception THEN {note} END;\n"
        )
    block = f"DO $do$ DECLARE said text[] := ARRAY[]::text[]; BEGIN {attempts}"
    with site.trying(letter) as connection:
        connection.execute(f"{block} PERFORM set_config('oracle.said', array_to_json(said)::text, true); END $do$")
        found: Any = connection.execute("SELECT current_setting('oracle.said')").fetchone()
    return set(json.loads(found[0]))


def _value(column: Any) -> Any:
    kinds: dict[type, Any] = {int: 1, str: "x", bool: True, float: 1.0, bytes: b"x", dict: "{}", list: "[]"}
    name = type(column.type).__name__
    if name in ("UtcDateTime", "Date"):
        return "2026-11-23"
    if name == "Uuid":
        return "00000000-0000-0000-0000-000000000001"
    if name == "JSON":
        return "{}"
    if column.name in ("at", "hour", "newest"):
        return 1_700_000_000
    try:
        return kinds[column.type.python_type]
    except (NotImplementedError, KeyError):
        return "x"
