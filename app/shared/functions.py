"""Functions that the policies and guards ask: who is connected, what it may do, which systems it sees, who attested.

They are owned by the NOLOGIN owner of the tables, whom row-level security does not bind; each reads one narrow thing.
"""

from app.ci_classes import SERVICE
from app.permissions import MATRIX, Permission
from app.shared.roles import group_of
from app.shared.statements import function, literal
from models.cmdb import Relation
from models.enums import RelationKind

ATTESTED_FOR = "2 minutes"
_PARTS = (RelationKind.PART_OF, RelationKind.RUNS_ON, RelationKind.DEPENDS_ON)
"""What a system is made of, as `app.cmdb.service_graph` shows it."""

ASKED_BY_ALL = (
    "watchroom_me()",
    "watchroom_sees_all()",
    "watchroom_my_cis(boolean)",
    "watchroom_my_series(boolean)",
    "watchroom_may(text)",
)
"""Called within policies, so every group may call them; each answers about the caller only."""

SIGNED_BY_PEOPLE = ("watchroom_attest(text)",)
INTERNAL = ("watchroom_speaks_for_others()", "watchroom_is_attested(bigint, text)")

_ME = function(
    "watchroom_me() RETURNS bigint",
    "SELECT id FROM public.person WHERE login = session_user::text",
    language="sql",
    kind="STABLE",
)
_SPEAKS_FOR_OTHERS = function(
    "watchroom_speaks_for_others() RETURNS boolean",
    "SELECT current_setting('is_superuser') = 'on'",
    language="sql",
    kind="STABLE",
)

_SEES_ALL = function(
    "watchroom_sees_all() RETURNS boolean",
    "SELECT NOT EXISTS (SELECT FROM public.system_right WHERE person_id = public.watchroom_me() AND ended_at IS NULL)",
    language="sql",
    kind="STABLE",
)

_MY_CIS = function(
    "watchroom_my_cis(writes boolean) RETURNS bigint[]",
    f"""
WITH RECURSIVE granted AS (
  SELECT r.system_id AS id FROM public.system_right r JOIN public.ci c ON c.id = r.system_id
  WHERE r.person_id = public.watchroom_me() AND r.ended_at IS NULL AND c.class_name = {literal(SERVICE)}
    AND (r.may_write OR NOT writes) AND r.seat IN ('', public.watchroom_seat())
    AND (r.expires_at IS NULL OR r.expires_at > statement_timestamp())
), edges AS (
  SELECT CASE WHEN kind = {literal(RelationKind.PART_OF)} THEN target_id ELSE source_id END AS above,
    CASE WHEN kind = {literal(RelationKind.PART_OF)} THEN source_id ELSE target_id END AS below
  FROM public.{Relation.__tablename__}
  WHERE ended_at IS NULL AND kind IN ({", ".join(literal(kind) for kind in _PARTS)})
), mine AS (
  SELECT id FROM granted UNION SELECT e.below FROM mine m JOIN edges e ON e.above = m.id
)
SELECT coalesce(array_agg(id), '{{}}') FROM mine""",
    language="sql",
    kind="STABLE",
)
_MY_SERIES = function(
    "watchroom_my_series(writes boolean) RETURNS integer[]",
    "SELECT coalesce(array_agg(id::int), '{}') FROM public.history_series"
    " WHERE ci_id = ANY (public.watchroom_my_cis(writes))",
    language="sql",
    kind="STABLE",
)

_ATTEST = function(
    "watchroom_attest(purpose text) RETURNS bigint",
    """
DECLARE made bigint;
BEGIN
  IF public.watchroom_me() IS NULL THEN
    RAISE EXCEPTION 'watchroom: only a person signs';
  END IF;
  INSERT INTO public.attestation (person_id, purpose, at)
  VALUES (public.watchroom_me(), left(purpose, 80), clock_timestamp()) RETURNING id INTO made;
  RETURN made;
END""",
)
_IS_ATTESTED = function(
    "watchroom_is_attested(who bigint, what text) RETURNS boolean",
    f"""
DECLARE found_id bigint;
BEGIN
  IF who = public.watchroom_me() THEN RETURN true; END IF;
  PERFORM FROM public.attestation WHERE person_id = who AND purpose = what
    AND used_in = pg_current_xact_id()::text::bigint;
  IF FOUND THEN RETURN true; END IF;
  SELECT id INTO found_id FROM public.attestation WHERE person_id = who AND purpose = what AND used_in IS NULL
    AND at > clock_timestamp() - interval '{ATTESTED_FOR}' ORDER BY id DESC LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE public.attestation SET used_in = pg_current_xact_id()::text::bigint WHERE id = found_id;
  RETURN true;
END""",
)


def statements() -> list[str]:
    """Return what makes the functions, in the order in which they need one another."""
    return [_ME, _SPEAKS_FOR_OTHERS, _may(), _SEES_ALL, _MY_CIS, _MY_SERIES, _ATTEST, _IS_ATTESTED]


def _may() -> str:
    """Return the function that tells whether the session's login may do something, out of the role matrix."""
    cases = []
    for permission in Permission:
        holders = [post for post, granted in MATRIX.items() if permission in granted]
        held = " OR ".join(f"pg_has_role(session_user, {literal(group_of(post))}, 'MEMBER')" for post in holders)
        cases.append(f"WHEN {literal(permission)} THEN {held or 'false'}")
    body = f"SELECT CASE permission {' '.join(cases)} ELSE false END"
    return function("watchroom_may(permission text) RETURNS boolean", body, language="sql", kind="STABLE")
