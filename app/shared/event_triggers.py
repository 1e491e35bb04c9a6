"""Event triggers: each statement that makes, alters or drops something in the database leaves an entry (SECURITY)."""

from app.shared.statements import SAFE_PATH

UPGRADING = "SELECT set_config('watchroom.upgrade', 'on', true)"
"""Said by whoever renews tables and rules in one transaction, where the trail's own triggers come and go; the
fingerprints taken at its end are its entry."""
_QUIET = "IF current_setting('watchroom.upgrade', true) = 'on' THEN RETURN; END IF;"
_NOTE = "INSERT INTO public.act (kind, text, at) VALUES ('schema', left(words, 400), clock_timestamp());"

_MADE = f"""
CREATE OR REPLACE FUNCTION public.watchroom_note_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER {SAFE_PATH} AS $body$
DECLARE words text;
BEGIN
  {_QUIET}
  FOR words IN SELECT command_tag || ' ' || coalesce(object_identity, '') FROM pg_event_trigger_ddl_commands()
    WHERE schema_name IS DISTINCT FROM 'pg_temp' LOOP
    {_NOTE}
  END LOOP;
END $body$"""
_DROPPED = f"""
CREATE OR REPLACE FUNCTION public.watchroom_note_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER {SAFE_PATH} AS $body$
DECLARE words text;
BEGIN
  {_QUIET}
  FOR words IN SELECT TG_TAG || ' ' || object_identity FROM pg_event_trigger_dropped_objects()
    WHERE original AND NOT is_temporary LOOP
    {_NOTE}
  END LOOP;
END $body$"""


def statements() -> list[str]:
    """Return what makes both, so that they work under session_replication_role too."""
    return [
        *(_MADE, _DROPPED),
        "REVOKE ALL ON FUNCTION public.watchroom_note_ddl(), public.watchroom_note_drop() FROM PUBLIC",
        "DROP EVENT TRIGGER IF EXISTS watchroom_ddl",
        "DROP EVENT TRIGGER IF EXISTS watchroom_drop",
        "CREATE EVENT TRIGGER watchroom_ddl ON ddl_command_end EXECUTE FUNCTION public.watchroom_note_ddl()",
        "CREATE EVENT TRIGGER watchroom_drop ON sql_drop EXECUTE FUNCTION public.watchroom_note_drop()",
        "ALTER EVENT TRIGGER watchroom_ddl ENABLE ALWAYS",
        "ALTER EVENT TRIGGER watchroom_drop ENABLE ALWAYS",
    ]
