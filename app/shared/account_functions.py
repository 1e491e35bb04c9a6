"""Functions that make and change logins. They alone run with a superuser's rights, so each does one narrow thing.

Nobody holds CREATEROLE: the administrator may only call these, and they touch only logins that are people's. A password
comes as a bound parameter and leaves as a SCRAM verifier computed here, so no statement that a log could keep holds it.
"""

from app.passwords import LIFE, LONGEST, REMEMBERED, SHORTEST, TEMPORARY_LIFE
from app.permissions import LONELY, PEOPLES_POSTS
from app.shared.roles import PEOPLE, group_of
from app.shared.statements import function, literal

WEAK = "WR001"
"""The SQLSTATE of a refused password; its message lists names of `app.passwords.Weakness`."""
ROUNDS = 4096
LOCKED_FOR = "15 minutes"

CALLED_BY_PEOPLE = ("watchroom_set_password(text)", "watchroom_sign_in()")
CALLED_BY_ADMINISTRATORS = (
    "watchroom_hold_posts(bigint, text[])",
    "watchroom_give_password(bigint, text)",
    "watchroom_lock_login(text, text)",
    "watchroom_unlock_login(text)",
)
CALLED_BY_SERVICES = ("watchroom_lock_login(text, text)", "watchroom_unlock_due()", "watchroom_password_strangers()")
INTERNAL = (
    "watchroom_hmac(bytea, bytea)",
    "watchroom_verifier(text, bytea, integer)",
    "watchroom_refuse_weak(bigint, text)",
    "watchroom_keep_password(bigint, text, boolean)",
    "watchroom_open_until(text)",
    "watchroom_is_peoples(text)",
    "watchroom_follow_person()",
)

_LIFE = f"interval '{LIFE.days} days'"
_TEMPORARY = f"interval '{TEMPORARY_LIFE.days} days'"
_SHUT = "2000-01-01 00:00:00+00"
"""A login whose password ended then is shut: the server gives the same answer as to a wrong password."""

_HMAC = function(
    "watchroom_hmac(secret bytea, message bytea) RETURNS bytea",
    """
DECLARE
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
  IF length(secret) > 64 THEN secret := sha256(secret); END IF;
  FOR place IN 0 .. length(secret) - 1 LOOP
    inner_pad := set_byte(inner_pad, place, get_byte(secret, place) # 54);
    outer_pad := set_byte(outer_pad, place, get_byte(secret, place) # 92);
  END LOOP;
  IF message IS NULL THEN RETURN inner_pad || outer_pad; END IF;
  RETURN sha256(outer_pad || sha256(inner_pad || message));
END""",
    kind="IMMUTABLE",
)

_VERIFIER = function(
    "watchroom_verifier(password text, salt bytea, rounds integer) RETURNS text",
    """
DECLARE
  secret bytea := convert_to(normalize(password, NFKC), 'UTF8');
  pads bytea := public.watchroom_hmac(secret, NULL);
  inner_pad bytea := substring(pads from 1 for 64);
  outer_pad bytea := substring(pads from 65);
  turn bytea := sha256(outer_pad || sha256(inner_pad || salt || decode('00000001', 'hex')));
  mixed bit(256) := ('x' || encode(turn, 'hex'))::bit(256);
  salted bytea := decode(repeat('00', 32), 'hex');
BEGIN
  FOR round IN 2 .. rounds LOOP
    turn := sha256(outer_pad || sha256(inner_pad || turn));
    mixed := mixed # ('x' || encode(turn, 'hex'))::bit(256);
  END LOOP;
  FOR place IN 0 .. 31 LOOP
    salted := set_byte(salted, place, substring(mixed from place * 8 + 1 for 8)::integer);
  END LOOP;
  RETURN 'SCRAM-SHA-256$' || rounds || ':' || encode(salt, 'base64') || '$'
    || encode(sha256(public.watchroom_hmac(salted, convert_to('Client Key', 'UTF8'))), 'base64') || ':'
    || encode(public.watchroom_hmac(salted, convert_to('Server Key', 'UTF8')), 'base64');
END""",
    kind="IMMUTABLE",
)

_REFUSE_WEAK = function(
    "watchroom_refuse_weak(whose bigint, password text) RETURNS void",
    f"""
DECLARE
  who public.person;
  found text[] := '{{}}';
  part text;
  lowered text := lower(password);
  held text;
  pieces text[];
BEGIN
  SELECT * INTO STRICT who FROM public.person WHERE id = whose;
  IF length(password) < {SHORTEST} THEN found := found || 'TOO_SHORT'::text; END IF;
  IF length(password) > {LONGEST} THEN found := found || 'TOO_LONG'::text; END IF;
  IF password !~ '[[:digit:]]' THEN found := found || 'NO_DIGIT'::text; END IF;
  IF password !~ '[[:alpha:]]' THEN found := found || 'NO_LETTER'::text; END IF;
  FOREACH part IN ARRAY string_to_array(lower(who.search), ' ') || lower(who.login) LOOP
    IF (octet_length(part) >= 4 AND position(part in lowered) > 0) OR lowered IN (lower(who.name), lower(who.login))
    THEN
      found := found || 'NAMES_ITS_OWNER'::text;
      EXIT;
    END IF;
  END LOOP;
  IF found = '{{}}' THEN
    FOR held IN SELECT hash FROM public.password WHERE person_id = whose ORDER BY id DESC LIMIT {REMEMBERED} LOOP
      pieces := regexp_match(held, '^SCRAM-SHA-256\\$([0-9]+):([^$]+)\\$');
      IF pieces IS NOT NULL AND
        public.watchroom_verifier(password, decode(pieces[2], 'base64'), pieces[1]::integer) = held THEN
        found := found || 'USED_BEFORE'::text;
        EXIT;
      END IF;
    END LOOP;
  END IF;
  IF found <> '{{}}' THEN
    RAISE EXCEPTION USING ERRCODE = '{WEAK}', MESSAGE = 'watchroom-weak ' || array_to_string(found, ' ');
  END IF;
END""",
)

_OPEN_UNTIL = function(
    "watchroom_open_until(whose text) RETURNS timestamptz",
    f"""
  SELECT CASE
    WHEN NOT p.is_active THEN timestamptz '{_SHUT}'
    WHEN EXISTS (SELECT FROM public.login_lock l WHERE l.login = $1 AND l.ended_at IS NULL)
      THEN timestamptz '{_SHUT}'
    ELSE h.set_at + CASE WHEN h.is_temporary THEN {_TEMPORARY} ELSE {_LIFE} END END
  FROM public.person p JOIN public.password h ON h.person_id = p.id WHERE p.login = $1 ORDER BY h.id DESC LIMIT 1""",
    language="sql",
)

_KEEP_PASSWORD = function(
    "watchroom_keep_password(whose bigint, password text, temporary boolean) RETURNS void",
    f"""
DECLARE
  who public.person;
  held text;
BEGIN
  SELECT * INTO STRICT who FROM public.person WHERE id = whose FOR UPDATE;
  PERFORM public.watchroom_refuse_weak(whose, password);
  held := public.watchroom_verifier(password, uuid_send(gen_random_uuid()), {ROUNDS});
  INSERT INTO public.password (person_id, hash, set_at, is_temporary)
  VALUES (whose, held, clock_timestamp(), temporary);
  EXECUTE format('ALTER ROLE %I PASSWORD %L VALID UNTIL %L', who.login, held, public.watchroom_open_until(who.login));
END""",
)

_SET_PASSWORD = function(
    "watchroom_set_password(password text) RETURNS void",
    """
BEGIN
  IF public.watchroom_me() IS NULL OR NOT public.watchroom_is_peoples(session_user::text) THEN
    RAISE EXCEPTION 'watchroom: this identity has no password of a person';
  END IF;
  PERFORM public.watchroom_keep_password(public.watchroom_me(), password, false);
END""",
)

_GIVE_PASSWORD = function(
    "watchroom_give_password(whose bigint, password text) RETURNS void",
    """
DECLARE name text := (SELECT login FROM public.person WHERE id = whose);
BEGIN
  IF whose = public.watchroom_me() THEN
    RAISE EXCEPTION 'watchroom: one''s own password is changed, not given';
  END IF;
  IF name IS NULL OR NOT public.watchroom_is_peoples(name) THEN
    RAISE EXCEPTION 'watchroom: this person does not sign in';
  END IF;
  PERFORM public.watchroom_keep_password(whose, password, true);
END""",
)

_IS_PEOPLES = function(
    "watchroom_is_peoples(name text) RETURNS boolean",
    f"""
  SELECT EXISTS (
    SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
    WHERE r.rolname = name AND g.rolname = {literal(PEOPLE)}
      AND NOT (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls))""",
    language="sql",
    kind="STABLE",
)

_HOLD_POSTS = function(
    "watchroom_hold_posts(whose bigint, posts text[]) RETURNS void",
    f"""
DECLARE
  who public.person;
  wanted text[] := ARRAY(SELECT DISTINCT unnest(posts));
  held text[] := ARRAY(SELECT post FROM public.person_post WHERE person_id = whose AND ended_at IS NULL);
  groups text[] := ARRAY[{", ".join(literal(group_of(post)) for post in PEOPLES_POSTS)}];
  name text;
BEGIN
  SELECT * INTO STRICT who FROM public.person WHERE id = whose FOR UPDATE;
  IF NOT who.is_active THEN wanted := '{{}}'; END IF;
  IF NOT ARRAY(SELECT 'watchroom_' || unnest(wanted)) <@ groups THEN
    RAISE EXCEPTION 'watchroom: this is not a post for people';
  END IF;
  IF cardinality(wanted) > 1 AND wanted && ARRAY[{", ".join(literal(post) for post in LONELY)}] THEN
    RAISE EXCEPTION 'watchroom: administrator and auditor go with no other post';
  END IF;
  IF whose = public.watchroom_me() AND NOT (wanted <@ held AND held <@ wanted) THEN
    RAISE EXCEPTION 'watchroom: nobody changes his own posts';
  END IF;
  UPDATE public.person_post SET ended_at = clock_timestamp()
  WHERE person_id = whose AND ended_at IS NULL AND post <> ALL (wanted);
  INSERT INTO public.person_post (person_id, post)
  SELECT whose, each FROM unnest(wanted) AS each WHERE each <> ALL (held) ORDER BY each;
  IF who.login IS NULL THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = who.login) THEN
    IF octet_length(who.login) > 63 OR who.login ~ '^(pg_|watchroom)' OR who.login <> lower(who.login)
      OR who.login IN ('public', 'none', 'user', 'current_user', 'session_user', 'current_role') THEN
      RAISE EXCEPTION 'watchroom: this name can''t be used to sign in';
    END IF;
    EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', who.login);
    EXECUTE format('GRANT {PEOPLE} TO %I', who.login);
  ELSIF NOT public.watchroom_is_peoples(who.login) THEN
    RAISE EXCEPTION 'watchroom: this name belongs to the server';
  END IF;
  FOREACH name IN ARRAY groups LOOP
    IF name = ANY (ARRAY(SELECT 'watchroom_' || unnest(wanted))) THEN
      EXECUTE format('GRANT %I TO %I', name, who.login);
    ELSIF pg_has_role(who.login, name, 'MEMBER') THEN
      EXECUTE format('REVOKE %I FROM %I', name, who.login);
    END IF;
  END LOOP;
END""",
)

_FOLLOW_PERSON = function(
    "watchroom_follow_person() RETURNS trigger",
    f"""
BEGIN
  IF NEW.login IS DISTINCT FROM OLD.login AND session_user::text IN (SELECT r.rolname FROM pg_roles r
    WHERE NOT r.rolsuper) THEN
    RAISE EXCEPTION 'watchroom: a name to sign in with never changes';
  END IF;
  IF NEW.is_active = OLD.is_active OR NEW.login IS NULL OR NOT public.watchroom_is_peoples(NEW.login) THEN
    RETURN NULL;
  END IF;
  IF NEW.is_active THEN
    EXECUTE format('ALTER ROLE %I VALID UNTIL %L', NEW.login,
      coalesce(public.watchroom_open_until(NEW.login), timestamptz '{_SHUT}'));
  ELSE
    IF NEW.id = public.watchroom_me() THEN
      RAISE EXCEPTION 'watchroom: nobody ends his own account';
    END IF;
    PERFORM public.watchroom_hold_posts(NEW.id, '{{}}');
    EXECUTE format('ALTER ROLE %I VALID UNTIL %L', NEW.login, timestamptz '{_SHUT}');
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = NEW.login;
  END IF;
  RETURN NULL;
END""",
)

_LOCK_LOGIN = function(
    "watchroom_lock_login(name text, why text) RETURNS boolean",
    f"""
BEGIN
  IF NOT public.watchroom_is_peoples(name) OR name = session_user::text THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('watchroom_lock ' || name));
  IF EXISTS (SELECT FROM public.login_lock WHERE login = name AND ended_at IS NULL) THEN RETURN false; END IF;
  INSERT INTO public.login_lock (login, locked_at, reason) VALUES (name, clock_timestamp(), left(why, 250));
  EXECUTE format('ALTER ROLE %I VALID UNTIL %L', name, timestamptz '{_SHUT}');
  RETURN true;
END""",
)

_UNLOCK_LOGIN = function(
    "watchroom_unlock_login(name text) RETURNS boolean",
    f"""
BEGIN
  IF NOT public.watchroom_is_peoples(name) THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('watchroom_lock ' || name));
  UPDATE public.login_lock SET ended_at = clock_timestamp() WHERE login = name AND ended_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  EXECUTE format('ALTER ROLE %I VALID UNTIL %L', name,
    coalesce(public.watchroom_open_until(name), timestamptz '{_SHUT}'));
  RETURN true;
END""",
)

_UNLOCK_DUE = function(
    "watchroom_unlock_due() RETURNS integer",
    f"""
DECLARE
  name text;
  opened integer := 0;
BEGIN
  FOR name IN SELECT login FROM public.login_lock WHERE ended_at IS NULL
    AND locked_at < clock_timestamp() - interval '{LOCKED_FOR}' LOOP
    IF public.watchroom_unlock_login(name) THEN opened := opened + 1; END IF;
  END LOOP;
  RETURN opened;
END""",
)

_PASSWORD_STRANGERS = function(
    "watchroom_password_strangers() RETURNS SETOF text",
    """
  SELECT p.login::text FROM public.person p JOIN pg_authid a ON a.rolname = p.login
  WHERE public.watchroom_is_peoples(p.login) AND a.rolpassword IS DISTINCT FROM
    (SELECT h.hash FROM public.password h WHERE h.person_id = p.id ORDER BY h.id DESC LIMIT 1)""",
    language="sql",
)

_SIGN_IN = function(
    "watchroom_sign_in(OUT person_id bigint, OUT set_at timestamptz, OUT is_temporary boolean)",
    """
BEGIN
  person_id := public.watchroom_me();
  IF person_id IS NULL THEN
    RAISE EXCEPTION 'watchroom: this login is nobody of the desk';
  END IF;
  INSERT INTO public.sign_in (login, person_id, at, seat, succeeded, reason)
  VALUES (session_user::text, person_id, clock_timestamp(), public.watchroom_seat(), true, '');
  SELECT h.set_at, h.is_temporary INTO set_at, is_temporary FROM public.password h
  WHERE h.person_id = watchroom_sign_in.person_id ORDER BY h.id DESC LIMIT 1;
END""",
)


def statements() -> list[str]:
    """Return what makes the functions, in the order in which they need one another."""
    return [
        *(_HMAC, _VERIFIER, _REFUSE_WEAK, _OPEN_UNTIL, _KEEP_PASSWORD, _IS_PEOPLES, _SET_PASSWORD, _GIVE_PASSWORD),
        *(_HOLD_POSTS, _FOLLOW_PERSON, _LOCK_LOGIN, _UNLOCK_LOGIN, _UNLOCK_DUE, _PASSWORD_STRANGERS, _SIGN_IN),
        "DROP TRIGGER IF EXISTS watchroom_c_follow ON public.person",
        "CREATE TRIGGER watchroom_c_follow AFTER UPDATE OF is_active, login ON public.person"
        " FOR EACH ROW EXECUTE FUNCTION public.watchroom_follow_person()",
    ]


def names() -> tuple[str, ...]:
    """Return the signatures of all of them."""
    return (*INTERNAL, *dict.fromkeys((*CALLED_BY_PEOPLE, *CALLED_BY_ADMINISTRATORS, *CALLED_BY_SERVICES)))
