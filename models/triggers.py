"""The triggers of the audit trail, made anew at the end of every migration, on both databases (DESIGN 3).

On SQLite they call functions that only the program registers on its connections (`watchroom_who` and the like, and
`watchroom_hash`, which is keyed), so a foreign program's write is refused. On PostgreSQL one function serves all.
"""

from sqlalchemy import Connection, LargeBinary, Table, text

from models.schema import audited_tables, metadata

SEPARATOR = "\x1f"
ABSENT = "\x1e"
"""Stands for NULL in what is hashed on PostgreSQL, where no text of an entry holds either sign."""
SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def secret_columns(table: Table) -> list[str]:
    """Return the columns whose values the trail keeps only as digests, in the table's order."""
    return [c.name for c in table.columns if c.info.get("secret") or isinstance(c.type, LargeBinary)]


def key_column(table: Table) -> str:
    return next(iter(table.primary_key.columns)).name


def create_triggers(connection: Connection) -> None:
    """Drop the trail's triggers and create them anew for every table of the models that the database has."""
    for statement in statements(connection):
        connection.exec_driver_sql(statement)


def statements(connection: Connection) -> list[str]:
    """Return what makes the trail's functions and triggers, in order; a percent sign is doubled for PostgreSQL."""
    return _sqlite_statements() if connection.dialect.name == "sqlite" else _postgresql_statements()


def trigger_names(connection: Connection) -> set[str]:
    """Return the names of the trail's triggers that the database has."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return {name for (name,) in connection.execute(text(query)) if name.startswith("watch_")}


def expected_triggers() -> set[str]:
    """Return the names that `create_triggers` makes, the same on both databases."""
    names = {f"watch_{table.name}_{event}" for table in audited_tables() for event in ("insert", "update")}
    names |= {f"watch_{table.name}_keep" for table in _kept_tables()}
    return names | {f"watch_{table.name}_fixed" for table in _fixed_tables()}


def sqlite_row_json(table: Table, row: str) -> str:
    """Return the SQL expression of a row's JSON as the trail keeps it; `row` is NEW, OLD or the table's name."""
    secret = set(secret_columns(table))
    pairs = [
        f"'{c.name}', watchroom_digest({row}.\"{c.name}\")" if c.name in secret else f"'{c.name}', {row}.\"{c.name}\""
        for c in table.columns
    ]
    return f"json_object({', '.join(pairs)})"


def postgresql_row_json(table: Table, row: str) -> str:
    """The same on PostgreSQL."""
    names = ", ".join(f"'{name}'" for name in secret_columns(table))
    return f"watchroom_plain(to_jsonb({row}), ARRAY[{names}]::text[])::text"


def _kept_tables() -> list[Table]:
    """No row of these is ever deleted."""
    return [*audited_tables(), *(t for t in metadata.sorted_tables if t.name in _TRAIL or _is_append_only(t))]


def _fixed_tables() -> list[Table]:
    """No row of these is ever changed."""
    return [t for t in metadata.sorted_tables if t.name in _TRAIL or _is_append_only(t)]


_TRAIL = ("audit_entry", "audit_seal")


def _is_append_only(table: Table) -> bool:
    return bool(table.info.get("append_only"))


def _sqlite_statements() -> list[str]:
    statements = [f'DROP TRIGGER IF EXISTS "{name}"' for name in sorted(expected_triggers())]
    for table in audited_tables():
        new, old = sqlite_row_json(table, "NEW"), sqlite_row_json(table, "OLD")
        changed = " OR ".join(f'OLD."{c.name}" IS NOT NEW."{c.name}"' for c in table.columns)
        statements.append(_sqlite_audit(table, "insert", "", "NULL", new))
        statements.append(_sqlite_audit(table, "update", f"WHEN {changed}", old, new))
    for table in {t.name: t for t in _kept_tables()}.values():
        statements.append(_sqlite_refusal(table, "keep", "DELETE", "a row of this table is never deleted"))
    for table in _fixed_tables():
        statements.append(_sqlite_refusal(table, "fixed", "UPDATE", "a row of this table is never changed"))
    return statements


def _sqlite_audit(table: Table, event: str, when: str, old: str, new: str) -> str:
    key = f'CAST(NEW."{key_column(table)}" AS TEXT)'
    return f"""
CREATE TRIGGER "watch_{table.name}_{event}" AFTER {event.upper()} ON "{table.name}" {when} BEGIN
  INSERT INTO audit_entry (id, at, person, seat, command, reason, table_name, row_key, old, new, hash)
  SELECT e.id, e.at, e.person, e.seat, e.command, e.reason, '{table.name}', e.row_key, e.old, e.new,
    watchroom_hash(e.id, e.at, e.person, e.seat, e.command, e.reason, '{table.name}', e.row_key, e.old, e.new)
  FROM (SELECT (SELECT coalesce(max(id), 0) + 1 FROM audit_entry) AS id, {SQLITE_NOW} AS at,
    watchroom_who('person') AS person, watchroom_who('seat') AS seat, watchroom_who('command') AS command,
    watchroom_who('reason') AS reason, {key} AS row_key, {old} AS old, {new} AS new) AS e;
END"""


def _sqlite_refusal(table: Table, name: str, event: str, message: str) -> str:
    return (
        f'CREATE TRIGGER "watch_{table.name}_{name}" BEFORE {event} ON "{table.name}" '
        f"BEGIN SELECT RAISE(ABORT, 'watchroom: {message}'); END"
    )


# Run by exec_driver_sql, whose driver reads %% as one percent sign. A row's JSON is made under the same settings
# whoever writes it; `app.audit_checks` reads rows under them. watchroom_audit sets no search_path, which would cost
# half its time: it names the schema of all that is ours, and nobody may make a function that comes before pg_catalog's.
_POSTGRESQL_FUNCTIONS = (
    r"""
CREATE OR REPLACE FUNCTION watchroom_plain(record jsonb, secrets text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY secrets LOOP
    IF record ->> name IS NOT NULL THEN
      record := jsonb_set(record, ARRAY[name],
        to_jsonb(left(encode(sha256(convert_to(record ->> name, 'UTF8')), 'hex'), 32)));
    END IF;
  END LOOP;
  RETURN record;
END $$""",
    r"""
CREATE OR REPLACE FUNCTION watchroom_setting(name text) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT translate(coalesce(current_setting('watchroom.' || name, true), ''), chr(30) || chr(31), '  ') $$""",
    r"""
CREATE OR REPLACE FUNCTION watchroom_person() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN current_setting('is_superuser') = 'on'
  THEN coalesce(nullif(public.watchroom_setting('person'), ''), session_user::text) ELSE session_user::text END $$""",
    r"""
CREATE OR REPLACE FUNCTION watchroom_seat() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(CASE WHEN current_setting('ssl') = 'on' THEN (SELECT substring(ssl_client_dn from 'CN=([^,/]+)')
  FROM pg_stat_get_activity(pg_backend_pid())) END, left(public.watchroom_setting('seat'), 80)) $$""",
    r"""
CREATE OR REPLACE FUNCTION watchroom_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  entry public.audit_entry%%ROWTYPE;
  after jsonb;
  zone text := current_setting('TimeZone');
  bytes text := current_setting('bytea_output');
  digits text := current_setting('extra_float_digits');
  is_plain boolean := zone IN ('UTC', 'Etc/UTC') AND bytes = 'hex' AND digits = '1';
BEGIN
  IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN RETURN NULL; END IF;
  IF NOT is_plain THEN
    PERFORM set_config('TimeZone', 'UTC', true), set_config('bytea_output', 'hex', true),
      set_config('extra_float_digits', '1', true);
  END IF;
  after := to_jsonb(NEW);
  IF TG_ARGV[1] = '{}' THEN
    IF TG_OP = 'UPDATE' THEN entry.old := to_jsonb(OLD)::text; END IF;
    entry.new := after::text;
  ELSE
    IF TG_OP = 'UPDATE' THEN entry.old := public.watchroom_plain(to_jsonb(OLD), TG_ARGV[1]::text[])::text; END IF;
    entry.new := public.watchroom_plain(after, TG_ARGV[1]::text[])::text;
  END IF;
  entry.row_key := after ->> TG_ARGV[0];
  IF NOT is_plain THEN
    PERFORM set_config('TimeZone', zone, true), set_config('bytea_output', bytes, true),
      set_config('extra_float_digits', digits, true);
  END IF;
  entry.id := nextval('public.audit_entry_id_seq');
  entry.at := clock_timestamp();
  entry.person := public.watchroom_person();
  entry.seat := CASE WHEN current_setting('ssl') = 'on' THEN public.watchroom_seat()
    ELSE left(public.watchroom_setting('seat'), 80) END;
  entry.command := coalesce(nullif(public.watchroom_setting('command'), ''), 'direct edit');
  entry.reason := public.watchroom_setting('reason');
  entry.table_name := TG_TABLE_NAME;
  entry.transaction_id := pg_current_xact_id()::text::bigint;
  entry.hash := encode(sha256(convert_to(array_to_string(ARRAY[entry.id::text,
    to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), entry.person, entry.seat, entry.command,
    entry.reason, entry.table_name, entry.row_key, entry.old, entry.new, entry.transaction_id::text],
    chr(31), chr(30)), 'UTF8')), 'hex');
  INSERT INTO public.audit_entry VALUES (entry.*);
  IF public.watchroom_setting('wakes_later') = '' THEN PERFORM pg_notify('watchroom', ''); END IF;
  RETURN NULL;
END $$""",
    r"""
CREATE OR REPLACE FUNCTION watchroom_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'watchroom: a row of this table is never %%', TG_ARGV[0]; END $$""",
)


def _postgresql_statements() -> list[str]:
    statements = list(_POSTGRESQL_FUNCTIONS)
    for table in audited_tables():
        secrets = "{" + ",".join(secret_columns(table)) + "}"
        for event in ("insert", "update"):
            statements += _postgresql_trigger(
                table, event, f"AFTER {event.upper()}", f"watchroom_audit('{key_column(table)}', '{secrets}')"
            )
    for table in {t.name: t for t in _kept_tables()}.values():
        statements += _postgresql_trigger(table, "keep", "BEFORE DELETE", "watchroom_refuse('deleted')")
    for table in _fixed_tables():
        statements += _postgresql_trigger(table, "fixed", "BEFORE UPDATE", "watchroom_refuse('changed')")
    return statements


def _postgresql_trigger(table: Table, name: str, event: str, function: str) -> list[str]:
    trigger = f'"watch_{table.name}_{name}"'
    return [
        f'DROP TRIGGER IF EXISTS {trigger} ON "{table.name}"',
        f'CREATE TRIGGER {trigger} {event} ON "{table.name}" FOR EACH ROW EXECUTE FUNCTION {function}',
    ]
