"""Row-level security: who reads which table, and which systems a narrowed person sees in it (SECURITY 2).

What a policy asks of the rights data it asks once a statement, in a sub-select whose array has the key's own type.
"""

from app.shared.rights import DROPPED_BY_THE_COLLECTOR, reads, writes_of
from app.shared.roles import SEALER, SERVICES, group_of
from models.enums import Post
from models.schema import metadata

_OF_A_CI = {
    "ci": "id",
    "incident": "ci_id",
    "check_item": "ci_id",
    "threshold": "ci_id",
    "maintenance": "ci_id",
    "device_state": "ci_id",
    "device_beat": "ci_id",
    "state_change": "ci_id",
    "device_log": "ci_id",
    "check_request": "ci_id",
    "work_order": "ci_id",
    "backup_plan": "ci_id",
    "operation": "ci_id",
    "history_series": "ci_id",
}
_OF_A_PARENT = {
    "incident_event": ("incident", "incident_id"),
    "notification": ("incident", "incident_id"),
    "backup_run": ("backup_plan", "plan_id"),
    "restore_test": ("backup_plan", "plan_id"),
}
_OF_A_SERIES = tuple(name for name, table in metadata.tables.items() if "series_id" in table.columns)
_TRAIL_OF = ("ci", "incident", "check_item", "threshold", "maintenance", "work_order", "backup_plan", "operation")

_SEES_ALL = "(SELECT public.watchroom_sees_all())"


def statements() -> list[str]:
    """Return what drops our policies and makes them anew, for every table."""
    made: list[str] = [_DROP_OURS]
    for name in (*metadata.tables, "alembic_version"):
        made.append(f'ALTER TABLE public."{name}" ENABLE ROW LEVEL SECURITY')
        made += _of_table(name)
    return made


_DROP_OURS = """
DO $do$
DECLARE one record;
BEGIN
  FOR one IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' AND policyname LIKE 'watchroom%'
  LOOP
    EXECUTE format('DROP POLICY %I ON public.%I', one.policyname, one.tablename);
  END LOOP;
END $do$"""


def _of_table(name: str) -> list[str]:
    readers = [group_of(post) for post in Post if reads(post, name)]
    adders = [group_of(post) for post in Post if (write := writes_of(post).get(name)) and write.adds]
    changers = [group_of(post) for post in Post if (write := writes_of(post).get(name)) and write.changes]
    seen, written = _condition(name, writes=False), _condition(name, writes=True)
    made = [_policy("read", name, "SELECT", [*readers, SEALER], f"USING ({seen})")]
    if adders or name == "audit_seal":
        keepers = [SEALER] if name == "audit_seal" else []
        made.append(_policy("add", name, "INSERT", [*adders, *keepers], f"WITH CHECK ({written})"))
    if changers:
        made.append(_policy("change", name, "UPDATE", changers, f"USING ({written}) WITH CHECK ({written})"))
    if name in DROPPED_BY_THE_COLLECTOR:
        made.append(_policy("drop", name, "DELETE", [SERVICES["collector"]], "USING (true)"))
    return made


def _policy(kind: str, table: str, verb: str, roles: list[str], rule: str) -> str:
    return f'CREATE POLICY watchroom_{kind} ON public."{table}" FOR {verb} TO {", ".join(roles)} {rule}'


def _condition(name: str, *, writes: bool) -> str:
    if name in _OF_A_CI:
        return _in_my_systems(_OF_A_CI[name], writes)
    if name in _OF_A_PARENT:
        parent, column = _OF_A_PARENT[name]
        seen = f'SELECT p.id FROM public."{parent}" p WHERE p.id = {column}'
        return f"{_SEES_ALL} OR {column} IS NULL OR {column} IN ({seen})"
    if name in _OF_A_SERIES:
        mine = f"(SELECT public.watchroom_my_series({_sql(writes)}))::integer[]"
        return f"{_SEES_ALL} OR series_id = ANY ({mine})"
    if name == "relation":
        return f"({_in_my_systems('source_id', writes)}) AND ({_in_my_systems('target_id', writes)})"
    if name == "preference":
        return "person_id = (SELECT public.watchroom_me())"
    if name == "system_right":
        return f"{_SEES_ALL} OR person_id = (SELECT public.watchroom_me())"
    if name == "audit_entry":
        return _trail()
    return "true"


def _in_my_systems(column: str, writes: bool) -> str:
    mine = f"(SELECT public.watchroom_my_cis({_sql(writes)}))::bigint[]"
    null = "" if column in ("id", "source_id", "target_id") else f" OR {column} IS NULL"
    return f"{_SEES_ALL} OR {column} = ANY ({mine}){null}"


def _trail() -> str:
    """Let a narrowed person read of the trail what the policy of the row's own table lets through."""
    cases = " ".join(
        f"WHEN '{name}' THEN EXISTS (SELECT FROM public.{name} t WHERE t.id = row_key::bigint)" for name in _TRAIL_OF
    )
    return f"{_SEES_ALL} OR CASE table_name {cases} ELSE table_name NOT IN ('incident_event', 'notification') END"


def _sql(flag: bool) -> str:
    return "true" if flag else "false"
