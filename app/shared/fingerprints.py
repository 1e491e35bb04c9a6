"""Fingerprints of the database's catalog: taken when rules are made, compared by `verify` and by the collector.

What changes tables, triggers, functions, policies, grants, roles or settings past `watchroom init` shows as a
difference, even where it leaves no trace in the log (a DO block). The baseline lies in a schema only a superuser
writes; its sum stands in the audit trail, so that a baseline written anew without an entry is found too.
"""

from collections.abc import Iterator

from sqlalchemy import text

from app.audit_checks import Finding
from app.desk import ReadTx
from app.shared.roles import PEOPLE, SEALER, SERVICES, group_of
from app.shared.statements import SAFE_PATH, function, literal
from app.words import tr
from models.enums import Post

PRIVATE = "watchroom_private"
KIND = "fingerprints"
"""The kind of the act that says which baseline holds from then on."""
_CHANGES = "watchroom_fingerprint_changes()"
_STRANGERS = "watchroom_role_strangers()"
_CALLERS = (SERVICES["collector"], SEALER, group_of(Post.AUDITOR))

_OURS = f"n.nspname IN ('public', '{PRIVATE}')"
_TABLES = f"""
SELECT 'table ' || n.nspname || '.' || c.relname,
  concat_ws(chr(10), c.relkind::text, r.rolname, c.relrowsecurity::text, c.relforcerowsecurity::text,
    (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attgenerated, a.attidentity, pg_get_expr(d.adbin, d.adrelid)), chr(10) ORDER BY a.attnum)
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    (SELECT string_agg(k.conname || ' ' || k.convalidated || ' ' || pg_get_constraintdef(k.oid), chr(10)
      ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid),
    (SELECT string_agg(pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid, chr(10)
      ORDER BY i.indexrelid::regclass::text) FROM pg_index i WHERE i.indrelid = c.oid),
    (SELECT string_agg(pg_get_ruledef(w.oid) || ' ' || w.ev_enabled::text, chr(10) ORDER BY w.rulename)
      FROM pg_rewrite w WHERE w.ev_class = c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"""
_TRIGGERS = f"""
SELECT 'triggers of ' || n.nspname || '.' || c.relname,
  string_agg(CASE WHEN t.tgisinternal THEN t.tgtype || ' ' || t.tgfoid::regproc::text ||
      coalesce((SELECT ' ' || conname FROM pg_constraint k WHERE k.oid = t.tgconstraint), '')
    ELSE t.tgname::text END
    || ' ' || t.tgenabled::text || CASE WHEN t.tgisinternal THEN '' ELSE pg_get_triggerdef(t.oid) END, chr(10)
    ORDER BY t.tgisinternal, CASE WHEN NOT t.tgisinternal THEN t.tgname::text END, t.tgtype, t.tgfoid::regproc::text,
      (SELECT conname FROM pg_constraint k WHERE k.oid = t.tgconstraint))
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} GROUP BY n.nspname, c.relname"""
_POLICIES = f"""
SELECT 'policies of ' || n.nspname || '.' || c.relname,
  string_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive,
    (SELECT string_agg(coalesce(r.rolname, 'public'), ',' ORDER BY r.rolname)
      FROM unnest(p.polroles) AS one LEFT JOIN pg_roles r ON r.oid = one),
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), chr(10) ORDER BY p.polname)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} GROUP BY n.nspname, c.relname"""
_GRANTS = f"""
SELECT 'grants of ' || n.nspname || '.' || c.relname,
  concat_ws(chr(10), (SELECT string_agg(e::text, ' ' ORDER BY e::text) FROM unnest(c.relacl) AS e),
    (SELECT string_agg(a.attname || ' ' || e::text, ' ' ORDER BY a.attname, e::text)
      FROM pg_attribute a, unnest(a.attacl) AS e WHERE a.attrelid = c.oid AND a.attnum > 0))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"""
_FUNCTIONS = f"""
SELECT 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  concat_ws(chr(10), r.rolname, CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END,
    (SELECT string_agg(e::text, ' ' ORDER BY e::text) FROM unnest(p.proacl) AS e))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner WHERE {_OURS}"""
_SCHEMAS = """
SELECT 'schema ' || n.nspname, r.rolname || ' ' || coalesce(n.nspacl::text, '')
FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname !~ '^pg_(temp|toast)'"""
_DATABASE = """
SELECT 'database', concat_ws(chr(10), r.rolname, d.datacl::text,
  (SELECT string_agg(s.setrole::regrole::text || ' ' || s.setconfig::text, chr(10)
    ORDER BY s.setrole, s.setconfig::text) FROM pg_db_role_setting s WHERE s.setdatabase IN (0, d.oid)),
  (SELECT string_agg(parname || ' ' || paracl::text, chr(10) ORDER BY parname) FROM pg_parameter_acl),
  (SELECT string_agg(defaclobjtype::text || ' ' || defaclrole::regrole::text || ' ' || defaclacl::text, chr(10)
    ORDER BY defaclobjtype, defaclrole) FROM pg_default_acl))
FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = current_database()"""
_EVENT_TRIGGERS = """
SELECT 'event trigger ' || evtname, concat_ws(' ', evtevent, evtenabled, evtfoid::regproc, evttags::text)
FROM pg_event_trigger"""
_EXTENSIONS = "SELECT 'extension ' || extname, extversion FROM pg_extension"
_ROLES = f"""
SELECT 'role ' || a.rolname, concat_ws(' ', a.rolsuper, a.rolinherit, a.rolcreaterole, a.rolcreatedb, a.rolcanlogin,
  a.rolreplication, a.rolbypassrls, a.rolconnlimit, a.rolvaliduntil,
  encode(sha256(convert_to(a.rolpassword, 'UTF8')), 'hex'),
  (SELECT string_agg(g.rolname::text || ' ' || m.admin_option, ',' ORDER BY g.rolname)
    FROM pg_auth_members m JOIN pg_authid g ON g.oid = m.roleid WHERE m.member = a.oid))
FROM pg_authid a WHERE a.rolname !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_authid g
  ON g.oid = m.roleid WHERE m.member = a.oid AND g.rolname = {literal(PEOPLE)})"""
_EVERYTHING = (
    *(_TABLES, _TRIGGERS, _POLICIES, _GRANTS, _FUNCTIONS, _SCHEMAS, _DATABASE, _EVENT_TRIGGERS, _EXTENSIONS, _ROLES),
)
_SUM = (
    "SELECT encode(sha256(convert_to(coalesce(string_agg(object || ' ' || digest, chr(10) ORDER BY object), ''),"
    f" 'UTF8')), 'hex') FROM {PRIVATE}.fingerprint"
)

_NOW = f"""
CREATE OR REPLACE FUNCTION {PRIVATE}.fingerprints_now() RETURNS TABLE (object text, digest text)
LANGUAGE sql STABLE {SAFE_PATH} SET timezone = 'UTC' AS $body$
SELECT found.object, left(encode(sha256(convert_to(coalesce(found.words, ''), 'UTF8')), 'hex'), 32)
FROM ({" UNION ALL ".join(_EVERYTHING)}) AS found (object, words) $body$"""

_TAKE = f"""
CREATE OR REPLACE FUNCTION {PRIVATE}.take_fingerprints() RETURNS void LANGUAGE plpgsql {SAFE_PATH} AS $body$
BEGIN
  DELETE FROM {PRIVATE}.fingerprint;
  INSERT INTO {PRIVATE}.fingerprint SELECT * FROM {PRIVATE}.fingerprints_now();
  INSERT INTO public.act (kind, text, at) VALUES ({literal(KIND)}, ({_SUM}), clock_timestamp());
END $body$"""

_COMPARE = function(
    "watchroom_fingerprint_changes() RETURNS TABLE (object text, what text)",
    f"""
SELECT coalesce(held.object, now.object),
  CASE WHEN held.object IS NULL THEN 'added' WHEN now.object IS NULL THEN 'gone' ELSE 'changed' END
FROM {PRIVATE}.fingerprint held FULL JOIN {PRIVATE}.fingerprints_now() now ON now.object = held.object
WHERE held.digest IS DISTINCT FROM now.digest
UNION ALL SELECT 'fingerprints', 'changed' WHERE ({_SUM}) IS DISTINCT FROM
  (SELECT text FROM public.act WHERE kind = {literal(KIND)} ORDER BY id DESC LIMIT 1)
ORDER BY 1""",
    language="sql",
    kind="STABLE",
)

_ROLE_STRANGERS = function(
    "watchroom_role_strangers() RETURNS SETOF text",
    f"""
SELECT a.rolname::text FROM pg_authid a JOIN pg_auth_members own ON own.member = a.oid
  JOIN pg_authid people ON people.oid = own.roleid AND people.rolname = {literal(PEOPLE)}
WHERE a.rolsuper OR a.rolcreaterole OR a.rolcreatedb OR a.rolreplication OR a.rolbypassrls OR own.admin_option
  OR ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_authid g ON g.oid = m.roleid
      WHERE m.member = a.oid AND NOT m.admin_option AND g.rolname <> {literal(PEOPLE)} ORDER BY 1)
    <> ARRAY(SELECT 'watchroom_' || h.post FROM public.person p JOIN public.person_post h ON h.person_id = p.id
      WHERE p.login = a.rolname AND p.is_active AND h.ended_at IS NULL ORDER BY 1)
  OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = a.oid AND m.admin_option)""",
    language="sql",
    kind="STABLE",
)


def statements() -> list[str]:
    """Return what makes the baseline's place and the functions that compare; `take` closes the making of rules."""
    callers = ", ".join(_CALLERS)
    made = [
        f"CREATE SCHEMA IF NOT EXISTS {PRIVATE}",
        f"REVOKE ALL ON SCHEMA {PRIVATE} FROM PUBLIC",
        f"CREATE TABLE IF NOT EXISTS {PRIVATE}.fingerprint (object text PRIMARY KEY, digest text NOT NULL)",
        *(_NOW, _TAKE, _COMPARE, _ROLE_STRANGERS),
    ]
    for name in (_CHANGES, _STRANGERS):
        made.append(f"REVOKE ALL ON FUNCTION public.{name} FROM PUBLIC")
        made.append(f"GRANT EXECUTE ON FUNCTION public.{name} TO {callers}")
    return made


TAKE = f"SELECT {PRIVATE}.take_fingerprints()"
"""Makes what holds now the baseline, with an entry in the trail; the last statement of whoever changes rules."""


def findings(tx: ReadTx) -> Iterator[Finding]:
    """Yield what differs from the baseline and whose login was changed past the program.

    Nothing on a database without the rules of a shared one, or for a sign-in that may not compare.
    """
    if tx.is_sqlite:
        return
    may = "SELECT has_function_privilege(to_regprocedure(:name), 'EXECUTE')"
    is_allowed = tx.connection.scalar(text(may), {"name": f"public.{_CHANGES}"})
    if is_allowed is None and _was_taken(tx):
        yield Finding(0, tr("the function {name} was changed", name=_CHANGES))
    if not is_allowed:
        return
    for name, what in tx.connection.exec_driver_sql(f"SELECT object, what FROM public.{_CHANGES}"):
        yield Finding(0, _told(name, what))
    for (login,) in tx.connection.exec_driver_sql(f"SELECT * FROM public.{_STRANGERS}"):
        yield Finding(0, tr("the rights of the login {login} are not those of its posts", login=login))
    yield from _passwords(tx)


def _passwords(tx: ReadTx) -> Iterator[Finding]:
    name = "public.watchroom_password_strangers()"
    may = text("SELECT has_function_privilege(to_regprocedure(:name), 'EXECUTE')")
    if tx.connection.scalar(may, {"name": name}):
        for (login,) in tx.connection.exec_driver_sql(f"SELECT * FROM {name}"):
            yield Finding(0, tr("the password of {login} was changed past the program", login=login))


def _was_taken(tx: ReadTx) -> bool:
    return bool(tx.connection.scalar(text("SELECT EXISTS (SELECT FROM act WHERE kind = :kind)"), {"kind": KIND}))


def _told(name: str, what: str) -> str:
    if what == "added":
        return tr("in the database's rules {name} was added past the program", name=name)
    if what == "gone":
        return tr("of the database's rules {name} is gone", name=name)
    return tr("in the database's rules {name} was changed past the program", name=name)
