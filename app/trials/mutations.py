"""What a superuser can do to the trail and to the rules that keep it, each kind with what is drawn at random (R5).

Each is SQL that really changes something; the trial runs it in a transaction, verifies there, and rolls it back.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

UNSEEN = "SET LOCAL session_replication_role = replica"
"""Lets no trigger of the trail fire, as somebody would begin who wants to leave no entry."""
SILENT = "SELECT set_config('watchroom.upgrade', 'on', true)"
"""Lets the event triggers say nothing, as somebody would who has read the program."""
ROLES = ("watchroom_operator", "watchroom_engineer", "watchroom_clerk", "watchroom_desk", "public")
HASH = (
    "encode(sha256(convert_to(array_to_string(ARRAY[id::text, to_char(at AT TIME ZONE 'UTC',"
    " 'YYYY-MM-DD HH24:MI:SS.US'), person, seat, command, reason, table_name, row_key, old, new, transaction_id::text],"
    " chr(31), chr(30)), 'UTF8')), 'hex')"
)
"""An entry's hash, which a superuser can compute as well as the trigger does."""
_COLUMNS = {
    "at": "at + interval '1 second'",
    "person": "person || 'x'",
    "seat": "seat || 'x'",
    "command": "command || ' '",
    "reason": "reason || 'x'",
    "table_name": "table_name || '_'",
    "row_key": "row_key || '0'",
    "old": "coalesce(old || ' ', '')",
    "new": "replace(new, '}', ', \"x\": 1}')",
    "transaction_id": "transaction_id + 1",
    "hash": "reverse(hash)",
}
_SEAL_COLUMNS = {
    "first_id": "first_id + 1",
    "last_id": "last_id - 1",
    "count": "count + 1",
    "digest": "reverse(digest)",
    "hash": "reverse(hash)",
    "sealed_at": "sealed_at + interval '1 second'",
}


@dataclass(frozen=True, slots=True)
class Site:
    """What can be drawn from: ids of entries and seals, tables with a text column, triggers, functions, policies."""

    entries: Sequence[int]
    sealed: Sequence[int]
    seals: Sequence[int]
    filled: Sequence[tuple[str, str]]
    tables: Sequence[str]
    triggers: Sequence[tuple[str, str]]
    functions: Sequence[str]
    policies: Sequence[tuple[str, str]]
    grants: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mutation: its name, whether triggers are off for it, and what draws its statements."""

    name: str
    draw: Callable[[random.Random, Site], list[str]]
    unseen: bool = False

    def statements(self, chance: random.Random, site: Site) -> list[str]:
        return [UNSEEN if self.unseen else SILENT, *self.draw(chance, site)]


def survey(connection: Connection) -> Site:
    """Return what a database has to mutate."""

    def asked(query: str) -> list[Any]:
        return [tuple(row) if len(row) > 1 else row[0] for row in connection.execute(text(query))]

    sealed = asked(
        "SELECT id FROM audit_entry WHERE transaction_id <= (SELECT max(last_id) FROM audit_seal) ORDER BY id"
    )
    triggers = asked(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND starts_with(tgname, 'watch')"
    )
    return Site(
        entries=asked("SELECT id FROM audit_entry ORDER BY id"),
        sealed=sealed,
        seals=asked("SELECT id FROM audit_seal ORDER BY id"),
        filled=[("person", "name"), ("contact", "name"), ("setting", "name"), ("act", "text")],
        tables=asked("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"),
        triggers=triggers,
        functions=asked(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
        ),
        policies=asked("SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' AND cmd = 'SELECT'"),
        grants=asked(
            "SELECT DISTINCT privilege_type, table_name, grantee FROM information_schema.role_table_grants"
            " WHERE table_schema = 'public' AND starts_with(grantee, 'watchroom_') AND grantee <> 'watchroom_owner'"
        ),
    )


def kinds() -> tuple[Kind, ...]:
    """Return every kind, in a fixed order."""
    return (*_on_entries(), *_on_seals(), *_on_rows(), *_on_triggers(), *_on_rights(), *_on_roles(), *_on_the_watch())


def _on_entries() -> tuple[Kind, ...]:
    def changed(chance: random.Random, site: Site) -> list[str]:
        column = chance.choice(list(_COLUMNS))
        return [f"UPDATE audit_entry SET {column} = {_COLUMNS[column]} WHERE id = {chance.choice(site.entries)}"]

    def rehashed(chance: random.Random, site: Site) -> list[str]:
        column = chance.choice(["person", "seat", "command", "reason", "at"])
        row = chance.choice(site.sealed)
        return [
            f"UPDATE audit_entry SET {column} = {_COLUMNS[column]} WHERE id = {row}",
            f"UPDATE audit_entry SET hash = {HASH} WHERE id = {row}",
        ]

    def swapped(chance: random.Random, site: Site) -> list[str]:
        one, other = chance.sample(list(site.entries), 2)
        return [
            f"UPDATE audit_entry SET id = 0 WHERE id = {one}",
            f"UPDATE audit_entry SET id = {one} WHERE id = {other}",
            f"UPDATE audit_entry SET id = {other} WHERE id = 0",
        ]

    def added(chance: random.Random, site: Site) -> list[str]:
        """Copy an entry to the end with a hash that is right, as if the same had been done once more."""
        return [
            "INSERT INTO audit_entry SELECT (SELECT max(id) + 1 FROM audit_entry), at, person, seat, command, reason,"
            " table_name, row_key, old, new, pg_current_xact_id()::text::bigint, hash FROM audit_entry"
            f" WHERE id = {chance.choice(site.entries)}",
            f"UPDATE audit_entry SET hash = {HASH} WHERE id = (SELECT max(id) FROM audit_entry)",
        ]

    def backdated(chance: random.Random, site: Site) -> list[str]:
        """Do the same within a transaction that is sealed already."""
        place = chance.choice(site.sealed)
        return [
            "INSERT INTO audit_entry SELECT (SELECT max(id) + 1 FROM audit_entry), at, person, seat, command, reason,"
            f" 'act', '9999', NULL, '{{}}', transaction_id, hash FROM audit_entry WHERE id = {place}",
            f"UPDATE audit_entry SET hash = {HASH} WHERE id = (SELECT max(id) FROM audit_entry)",
        ]

    def cut(chance: random.Random, site: Site) -> list[str]:
        first = chance.choice(site.entries)
        return [f"DELETE FROM audit_entry WHERE id >= {first}"]

    def cut_with_seals(chance: random.Random, site: Site) -> list[str]:
        first = chance.choice(site.seals)
        last = f"(SELECT coalesce(max(last_id), 0) FROM audit_seal WHERE id < {first})"
        return [
            f"DELETE FROM audit_entry WHERE transaction_id > {last}",
            f"DELETE FROM audit_seal WHERE id >= {first}",
        ]

    return (
        Kind("an entry changed", changed, unseen=True),
        Kind("a sealed entry changed, its hash made anew", rehashed, unseen=True),
        Kind(
            "an entry deleted", lambda c, s: [f"DELETE FROM audit_entry WHERE id = {c.choice(s.entries)}"], unseen=True
        ),
        Kind("two entries swapped", swapped, unseen=True),
        Kind("an entry added at the end", added, unseen=True),
        Kind("an entry added under a seal", backdated, unseen=True),
        Kind("the end cut off", cut, unseen=True),
        Kind("the end cut off with its seals", cut_with_seals, unseen=True),
        Kind("the trail emptied", lambda c, s: ["TRUNCATE audit_entry"], unseen=True),
    )


def _on_seals() -> tuple[Kind, ...]:
    def changed(chance: random.Random, site: Site) -> list[str]:
        column = chance.choice(list(_SEAL_COLUMNS))
        return [f"UPDATE audit_seal SET {column} = {_SEAL_COLUMNS[column]} WHERE id = {chance.choice(site.seals)}"]

    forged = (
        "INSERT INTO audit_seal (first_id, last_id, count, digest, sealed_at, hash)"
        " SELECT last_id + 1, last_id + 1, 1, md5(digest), sealed_at, hash FROM audit_seal ORDER BY id DESC LIMIT 1"
    )
    return (
        Kind("a seal changed", changed, unseen=True),
        Kind("a seal deleted", lambda c, s: [f"DELETE FROM audit_seal WHERE id = {c.choice(s.seals)}"], unseen=True),
        Kind("a seal forged", lambda c, s: [forged], unseen=True),
    )


def _on_rows() -> tuple[Kind, ...]:
    def changed(chance: random.Random, site: Site) -> list[str]:
        table, column = chance.choice(site.filled)
        return [f"UPDATE {table} SET {column} = {column} || 'x' WHERE id = {_some_row(table, chance)}"]

    def deleted(chance: random.Random, site: Site) -> list[str]:
        table, _ = chance.choice(site.filled)
        return [f"DELETE FROM {table} WHERE id = {_some_row(table, chance)}"]

    def with_entry(chance: random.Random, site: Site) -> list[str]:
        """Change a row, and its newest entry to match, with a right hash; what no seal covers yet could not be told."""
        row = (
            "(SELECT row_key::bigint FROM audit_entry WHERE table_name = 'contact' GROUP BY row_key"
            f" HAVING max(id) <= {max(site.sealed)} ORDER BY md5(row_key || '{chance.random()}') LIMIT 1)"
        )
        newest = (
            "(SELECT e.id FROM audit_entry e JOIN contact c ON e.row_key = c.id::text AND c.unit = 'forged'"
            " WHERE e.table_name = 'contact' ORDER BY e.id DESC LIMIT 1)"
        )
        return [
            f"UPDATE contact SET unit = 'forged' WHERE id = {row}",
            "UPDATE audit_entry SET new = (SELECT to_jsonb(c)::text FROM contact c WHERE c.unit = 'forged')"
            f" WHERE id = {newest}",
            f"UPDATE audit_entry SET hash = {HASH} WHERE id = {newest}",
        ]

    added = "INSERT INTO act (kind, text, at) VALUES ('export', 'nobody saw it', now())"
    return (
        Kind("a row changed with the triggers off", changed, unseen=True),
        Kind("a row deleted with the triggers off", deleted, unseen=True),
        Kind("a row added with the triggers off", lambda c, s: [added], unseen=True),
        Kind("a row changed and its entry too", with_entry, unseen=True),
    )


def _some_row(table: str, chance: random.Random) -> str:
    return f"(SELECT id FROM {table} ORDER BY md5(id::text || '{chance.random()}') LIMIT 1)"


def _on_function(template: str) -> Callable[[random.Random, Site], list[str]]:
    """Return what puts one of the functions into `template`."""
    return lambda chance, site: [template.format(chance.choice(site.functions))]


def _on_triggers() -> tuple[Kind, ...]:
    def on(template: str) -> Callable[[random.Random, Site], list[str]]:
        def draw(chance: random.Random, site: Site) -> list[str]:
            name, table = chance.choice(site.triggers)
            return [template.format(name=f'"{name}"', table=table)]

        return draw

    def replaced(chance: random.Random, site: Site) -> list[str]:
        name, table = chance.choice([one for one in site.triggers if one[0].endswith("_insert")])
        deaf = f"AFTER INSERT ON {table} FOR EACH ROW WHEN (false) EXECUTE FUNCTION watchroom_refuse()"
        return [f'CREATE OR REPLACE TRIGGER "{name}" {deaf}']

    def swallowed(chance: random.Random, site: Site) -> list[str]:
        table = chance.choice(["audit_entry", "audit_seal", "sign_in", "act"])
        return [f"CREATE RULE nothing AS ON INSERT TO {table} DO INSTEAD NOTHING"]

    empty = "BEGIN RETURN NULL; END"
    head = "FUNCTION {} RETURNS trigger LANGUAGE plpgsql AS $$ {} $$"
    return (
        Kind("a trigger dropped", on("DROP TRIGGER {name} ON {table}")),
        Kind("a trigger switched off", on("ALTER TABLE {table} DISABLE TRIGGER {name}")),
        Kind("a trigger for replicas only", on("ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}")),
        Kind("a trigger renamed", on("ALTER TRIGGER {name} ON {table} RENAME TO quiet")),
        Kind("a trigger that never fires put in its place", replaced),
        Kind("a rule that swallows rows", swallowed),
        Kind(
            "the trail's function emptied",
            lambda c, s: [f"CREATE OR REPLACE {head.format('watchroom_audit()', empty)}"],
        ),
        Kind(
            "the refusing function emptied",
            lambda c, s: [f"CREATE OR REPLACE {head.format('watchroom_refuse()', 'BEGIN RETURN OLD; END')}"],
        ),
        Kind("a function's path changed", _on_function("ALTER FUNCTION {} SET search_path = pg_temp")),
        Kind("a function's owner changed", _on_function("ALTER FUNCTION {} OWNER TO watchroom_clerk")),
        Kind("a function dropped", _on_function("DROP FUNCTION {} CASCADE")),
        Kind("a function added", lambda c, s: [f"CREATE {head.format(f'helpful_{c.randrange(99)}()', empty)}"]),
    )


def _on_rights() -> tuple[Kind, ...]:
    def policy(template: str) -> Callable[[random.Random, Site], list[str]]:
        def draw(chance: random.Random, site: Site) -> list[str]:
            name, table = chance.choice(site.policies)
            return [template.format(name=f'"{name}"', table=f'"{table}"', role=chance.choice(ROLES))]

        return draw

    def granted(chance: random.Random, site: Site) -> list[str]:
        verb = chance.choice(["TRUNCATE", "TRIGGER", "REFERENCES"])
        return [f'GRANT {verb} ON "{chance.choice(site.tables)}" TO {chance.choice(ROLES)}']

    def revoked(chance: random.Random, site: Site) -> list[str]:
        verb, table, role = chance.choice(site.grants)
        return [f'REVOKE {verb} ON "{table}" FROM {role}']

    def column(chance: random.Random, site: Site) -> list[str]:
        return [f"GRANT UPDATE (hash) ON {chance.choice(['audit_entry', 'password'])} TO {chance.choice(ROLES)}"]

    def table(template: str) -> Callable[[random.Random, Site], list[str]]:
        return lambda chance, site: [template.format(table=f'"{chance.choice(site.tables)}"')]

    return (
        Kind("a policy dropped", policy("DROP POLICY {name} ON {table}")),
        Kind("a policy opened", policy("ALTER POLICY {name} ON {table} TO {role} USING (1 = 1)")),
        Kind("a policy added", policy("CREATE POLICY also ON {table} FOR ALL TO {role} USING (true)")),
        Kind("row-level security off", table("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")),
        Kind("a right granted", granted),
        Kind("a right revoked", revoked),
        Kind("a right on a column granted", column),
        Kind("a function opened", _on_function("GRANT EXECUTE ON FUNCTION {} TO pg_monitor")),
        Kind("a column added", table("ALTER TABLE {table} ADD COLUMN extra text")),
        Kind("a table's owner changed", table("ALTER TABLE {table} OWNER TO watchroom_clerk")),
        Kind("making tables allowed", lambda c, s: [f"GRANT CREATE ON SCHEMA public TO {c.choice(ROLES)}"]),
    )


def _on_roles() -> tuple[Kind, ...]:
    def group(chance: random.Random, site: Site) -> list[str]:
        one, other = chance.sample(ROLES[:-1], 2)
        return [f"GRANT {one} TO {other}"]

    def power(chance: random.Random, site: Site) -> list[str]:
        what = chance.choice(["SUPERUSER", "CREATEROLE", "BYPASSRLS", "LOGIN", "PASSWORD 'guest-2026-x'"])
        return [f"ALTER ROLE {chance.choice(ROLES[:-1])} {what}"]

    return (
        Kind("a group given to another", group),
        Kind("a group given power", power),
        Kind("a role made", lambda c, s: [f"CREATE ROLE ghost LOGIN {c.choice(['', 'SUPERUSER'])}"]),
        Kind("a role's setting", lambda c, s: [f"ALTER ROLE {c.choice(ROLES[:-1])} SET row_security = off"]),
        Kind(
            "a parameter opened",
            lambda c, s: [f"GRANT SET ON PARAMETER session_replication_role TO {c.choice(ROLES)}"],
        ),
    )


def _on_the_watch() -> tuple[Kind, ...]:
    """What watches the rules is itself watched."""

    def baseline(chance: random.Random, site: Site) -> list[str]:
        return [
            f'GRANT TRUNCATE ON "{chance.choice(site.tables)}" TO watchroom_clerk',
            "DELETE FROM watchroom_private.fingerprint",
            "INSERT INTO watchroom_private.fingerprint SELECT * FROM watchroom_private.fingerprints_now()",
        ]

    def event(template: str) -> Callable[[random.Random, Site], list[str]]:
        return lambda chance, site: [template.format(chance.choice(["watchroom_ddl", "watchroom_drop"]))]

    return (
        Kind("an event trigger switched off", event("ALTER EVENT TRIGGER {} DISABLE")),
        Kind("an event trigger dropped", event("DROP EVENT TRIGGER {}")),
        Kind("the baseline made to match", baseline),
        Kind("the comparison dropped", lambda c, s: ["DROP FUNCTION watchroom_fingerprint_changes()"]),
    )
