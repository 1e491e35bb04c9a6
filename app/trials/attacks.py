"""What somebody with a real login and psql might try. Each attack says as whom, what, and how the database answers.

It is beaten when a statement is refused; where the database may silently put right what was claimed, `harmless` asks
what was stored.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attack:
    """Statements as one login; the attack is beaten when they fail, or else when `harmless` answers true."""

    name: str
    letter: str
    statements: tuple[str, ...]
    harmless: str = ""


def _attack(name: str, letter: str, *statements: str, harmless: str = "") -> Attack:
    return Attack(name, letter, statements, harmless)


ON_TRIGGERS = (
    _attack("switch a trigger off", "O", "ALTER TABLE incident DISABLE TRIGGER ALL"),
    _attack("drop a trigger", "O", "DROP TRIGGER watch_incident_update ON incident"),
    _attack("session_replication_role", "M", "SET session_replication_role = replica"),
    _attack("replication role by set_config", "M", "SELECT set_config('session_replication_role', 'replica', false)"),
    _attack("replace the audit function", "M", "CREATE OR REPLACE FUNCTION watchroom_audit() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"),
    _attack("drop the audit function", "M", "DROP FUNCTION watchroom_audit() CASCADE"),
    _attack("alter a function's owner", "X", "ALTER FUNCTION watchroom_me() OWNER TO t_administrator"),
    _attack("an event trigger of one's own", "X", "CREATE EVENT TRIGGER mine ON ddl_command_end"
            " EXECUTE FUNCTION watchroom_stamp()"),
    _attack("a rule instead of an update", "O", "CREATE RULE r AS ON UPDATE TO incident DO INSTEAD NOTHING"),
    _attack("a trigger of one's own", "O", "CREATE TRIGGER mine BEFORE INSERT ON incident FOR EACH ROW"
            " EXECUTE FUNCTION watchroom_stamp()"),
)  # fmt: skip
ON_ROLES = (
    _attack("set role to the owner", "M", "SET ROLE watchroom_owner"),
    _attack("set role to the superuser", "M", "SET ROLE postgres"),
    _attack("set role to another post", "C", "SET ROLE watchroom_manager"),
    _attack("set session authorization", "X", "SET SESSION AUTHORIZATION postgres"),
    _attack("grant oneself a post", "X", "GRANT watchroom_manager TO t_administrator"),
    _attack("grant oneself the owner", "M", "GRANT watchroom_owner TO t_manager"),
    _attack("a role with rights", "X", "CREATE ROLE mine SUPERUSER LOGIN"),
    _attack("a role at all", "X", "CREATE ROLE mine LOGIN"),
    _attack("raise oneself", "X", "ALTER ROLE t_administrator SUPERUSER"),
    _attack("CREATEROLE for oneself", "X", "ALTER ROLE t_administrator CREATEROLE"),
    _attack("BYPASSRLS for oneself", "A", "ALTER ROLE t_auditor BYPASSRLS"),
    _attack("another one's password", "X", "ALTER ROLE t_manager PASSWORD 'x'"),
    _attack("a service's password", "X", "ALTER ROLE collector PASSWORD 'x'"),
    _attack("drop a colleague's login", "X", "DROP ROLE t_manager"),
    _attack("own posts by the function", "X", "SELECT watchroom_hold_posts(watchroom_me(), ARRAY['manager'])"),
    _attack("administrator and manager together", "X",
            "SELECT watchroom_hold_posts({M}, ARRAY['manager', 'administrator'])"),
    _attack("a service's post for a person", "X", "SELECT watchroom_hold_posts({M}, ARRAY['collector'])"),
    _attack("the owner's role for a person", "X", "SELECT watchroom_hold_posts({M}, ARRAY['owner'])"),
    _attack("posts by a manager", "M", "SELECT watchroom_hold_posts({M}, ARRAY['auditor'])"),
    _attack("posts by the table", "X", "INSERT INTO person_post (person_id, post) VALUES ({X}, 'manager')"),
    _attack("a person who is the superuser", "X", "INSERT INTO person (key, name, login, search)"
            " VALUES (gen_random_uuid(), 'p', 'postgres', '')",
            "SELECT watchroom_hold_posts(id, ARRAY['manager']) FROM person WHERE login = 'postgres'"),
    _attack("a person who is a service", "X", "INSERT INTO person (key, name, login, search)"
            " VALUES (gen_random_uuid(), 'p', 'collector', '')",
            "SELECT watchroom_give_password(id, 'abcdefg1') FROM person WHERE login = 'collector'"),
    _attack("a login with SQL in its name", "X", "INSERT INTO person (key, name, login, search)"
            " VALUES (gen_random_uuid(), 'p', 'x\" superuser; --', '')",
            "SELECT watchroom_hold_posts(id, ARRAY['clerk']) FROM person WHERE name = 'p'",
            harmless="SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolsuper AND rolname <> 'postgres')"),
    _attack("rename a login", "X", "UPDATE person SET login = 'postgres' WHERE id = {M}"),
    _attack("a password for another by his own function", "M", "SELECT watchroom_give_password({X}, 'abcdefg1')"),
    _attack("give oneself a password", "X", "SELECT watchroom_give_password({X}, 'abcdefg1')"),
    _attack("keep a password directly", "X", "SELECT watchroom_keep_password({M}, 'abcdefg1', false)"),
    _attack("lock a colleague", "M", "SELECT watchroom_lock_login('t_operator', '')"),
    _attack("lock the superuser", "X", "SELECT watchroom_lock_login('postgres', '')",
            harmless="SELECT rolvaliduntil IS NULL FROM pg_roles WHERE rolname = 'postgres'"),
    _attack("lock a service", "X", "SELECT watchroom_lock_login('collector', '')",
            harmless="SELECT rolvaliduntil IS NULL FROM pg_roles WHERE rolname = 'collector'"),
    _attack("end one's own account", "X", "UPDATE person SET is_active = false WHERE id = {X}"),
)  # fmt: skip
ON_FILES = (
    _attack("COPY PROGRAM", "M", "COPY incident TO PROGRAM 'cat'"),
    _attack("COPY FROM PROGRAM", "M", "COPY setting FROM PROGRAM 'echo'"),
    _attack("COPY to a file", "M", "COPY incident TO '/tmp/stolen'"),
    _attack("COPY from a file", "X", "COPY setting FROM '/etc/passwd'"),
    _attack("pg_read_file", "X", "SELECT pg_read_file('/etc/passwd')"),
    _attack("pg_read_binary_file", "A", "SELECT pg_read_binary_file('PG_VERSION')"),
    _attack("pg_ls_dir", "X", "SELECT pg_ls_dir('/')"),
    _attack("pg_stat_file", "X", "SELECT pg_stat_file('PG_VERSION')"),
    _attack("lo_import", "O", "SELECT lo_import('/etc/passwd')"),
    _attack("lo_export", "O", "SELECT lo_export(1, '/tmp/x')"),
    _attack("large objects", "O", "SELECT lo_create(0)"),
    _attack("large object from bytes", "O", "SELECT lo_from_bytea(0, 'x')"),
    _attack("an extension", "X", "DO $d$ BEGIN EXECUTE 'CREATE EXTENSION ' || (SELECT quote_ident(name) FROM"
            " pg_available_extensions WHERE installed_version IS NULL LIMIT 1); END $d$"),
    _attack("an untrusted language", "X", "CREATE LANGUAGE mine HANDLER plpgsql_call_handler"),
    _attack("a foreign data wrapper", "X", "CREATE FOREIGN DATA WRAPPER w"),
    _attack("a C function", "M", "CREATE FUNCTION system(cstring) RETURNS int AS 'libc.so.6' LANGUAGE c"),
    _attack("load a library", "M", "LOAD '/tmp/x.so'"),
    _attack("the server's settings", "X", "SET log_min_messages = 'panic'"),
    _attack("the database's settings", "X", "DO $d$ BEGIN EXECUTE 'ALTER DATABASE ' || quote_ident(current_database())"
            " || ' SET search_path = x'; END $d$"),
    _attack("reload the server", "X", "SELECT 1 / (SELECT pg_reload_conf()::int)"),
    _attack("rotate the log", "X", "SELECT 1 / pg_rotate_logfile()::int"),
    _attack("the log's directory", "X", "SELECT * FROM pg_ls_logdir()"),
    _attack("the hba rules", "X", "SELECT * FROM pg_hba_file_rules"),
    _attack("end others' sessions", "X", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'postgres'"),
    _attack("cancel others' work", "O", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename ="
            " 'postgres'"),
    _attack("subscribe to another server", "M", "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p"
            " WITH (connect = false)"),
    _attack("publish the tables", "M", "CREATE PUBLICATION p FOR TABLE incident"),
    _attack("a replication slot", "M", "SELECT pg_create_physical_replication_slot('s')"),
)  # fmt: skip
ON_SECRETS = (
    _attack("pg_authid", "X", "SELECT rolpassword FROM pg_authid"),
    _attack("pg_shadow", "X", "SELECT passwd FROM pg_shadow"),
    _attack("our own verifiers", "X", "SELECT hash FROM password"),
    _attack("our own verifiers as a row", "A", "SELECT p FROM password p"),
    _attack("our own verifiers as JSON", "S", "SELECT to_jsonb(p) FROM password p"),
    _attack("a verifier of a guess", "O", "SELECT watchroom_verifier('guess', '\\x00', 1)"),
    _attack("the trail's old values as administrator", "X", "SELECT old FROM audit_entry"),
    _attack("the trail's new values as administrator", "X", "SELECT new FROM audit_entry"),
    _attack("others' statements", "X", "SELECT 1 / count(*) FROM pg_stat_activity WHERE usename = 'postgres'"
            " AND query <> '<insufficient privilege>'"),
    _attack("statistics of a table", "X", "SELECT 1 / count(*) FROM pg_stats WHERE tablename = 'visit_member'"),
    _attack("visitors as administrator", "X", "SELECT 1 / count(*) FROM visit_member"),
    _attack("visitors on the wall", "W", "SELECT 1 / count(*) FROM visit_member"),
    _attack("row security off", "X", "SET row_security = off", "SELECT * FROM visit_member"),
    _attack("a leaky function in a condition", "X", "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE plpgsql"
            " COST 0.0001 AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'"),
    _attack("a view past the policies", "X", "CREATE VIEW v AS SELECT * FROM visit_member"),
    _attack("the strangers' list as a manager", "M", "SELECT * FROM watchroom_password_strangers()"),
)  # fmt: skip
ON_NAMES = (
    _attack("a function in public", "M", "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql"
            " AS 'SELECT timestamptz ''2020-01-01'''"),
    _attack("a table in public", "M", "CREATE TABLE public.mine (id int)"),
    _attack("a schema of one's own", "M", "CREATE SCHEMA mine"),
    _attack("a temporary table before ours", "O", "CREATE TEMP TABLE person (id bigint, login text)"),
    _attack("a temporary function", "O", "CREATE FUNCTION pg_temp.session_user() RETURNS text LANGUAGE sql AS"
            " 'SELECT 1'"),
    _attack("the collector's temporary table", "K", "CREATE TEMP TABLE system_right (person_id bigint)",
            "SET search_path = pg_temp, public", harmless="SELECT true"),
    _attack("an operator", "O", "CREATE OPERATOR public.= (LEFTARG = bigint, RIGHTARG = text, FUNCTION = texteq)"),
    _attack("a cast", "O", "CREATE CAST (text AS bigint) WITH INOUT"),
    _attack("a type", "O", "CREATE TYPE public.mine AS ENUM ('a')"),
    _attack("alter a table", "M", "ALTER TABLE incident ADD COLUMN x int"),
    _attack("drop a table", "M", "DROP TABLE audit_entry"),
    _attack("row security off for a table", "M", "ALTER TABLE incident DISABLE ROW LEVEL SECURITY"),
    _attack("a policy of one's own", "M", "CREATE POLICY p ON incident USING (true)"),
    _attack("drop a policy", "M", "DROP POLICY watchroom_read ON visit"),
    _attack("DDL in a DO block", "M", "DO 'BEGIN ALTER TABLE incident DISABLE TRIGGER ALL; END'"),
    _attack("a comment on a table", "M", "COMMENT ON TABLE incident IS 'x'"),
    _attack("an index", "M", "CREATE INDEX ON incident (title)"),
    _attack("a materialised view", "M", "CREATE MATERIALIZED VIEW v AS SELECT 1"),
    _attack("default privileges of the owner", "M", "ALTER DEFAULT PRIVILEGES FOR ROLE watchroom_owner GRANT"
            " ALL ON TABLES"
            " TO PUBLIC"),
    _attack("grant one's own table on", "M", "GRANT INSERT ON incident TO t_clerk",
            harmless="SELECT NOT has_table_privilege('t_clerk', 'incident', 'INSERT')"),
    _attack("a lock on a table", "C", "LOCK TABLE incident IN ACCESS EXCLUSIVE MODE"),
)  # fmt: skip
ON_RECORDS = (
    _attack("an author by set_config", "O", "SELECT set_config('watchroom.person', 't_manager', false)",
            "INSERT INTO act (kind, text, at) VALUES ('export', 'attack 1', now())",
            harmless="SELECT person = 't_operator' FROM audit_entry WHERE table_name = 'act' ORDER BY id DESC LIMIT 1"),
    _attack("an author in the row", "O", "INSERT INTO shift_log_entry (key, kind, text, person_id)"
            " VALUES (gen_random_uuid(), 'note', 'attack 2', {M})",
            harmless="SELECT person_id = {O} FROM shift_log_entry WHERE text = 'attack 2'"),
    _attack("back-dating recorded_at", "O", "INSERT INTO shift_log_entry (key, kind, text, person_id, recorded_at)"
            " VALUES (gen_random_uuid(), 'note', 'attack 3', {O}, '2020-01-01')",
            harmless="SELECT recorded_at > now() - interval '1 hour' FROM shift_log_entry WHERE text = 'attack 3'"),
    _attack("back-dating an act", "O", "INSERT INTO act (kind, text, at) VALUES ('export', 'attack 4', '2020-01-01')",
            harmless="SELECT at > now() - interval '1 hour' FROM act WHERE text = 'attack 4'"),
    _attack("recorded_at afterwards", "O", "UPDATE shift_log_entry SET recorded_at = '2020-01-01'"),
    _attack("a number afterwards", "O", "UPDATE incident SET number = 'E-1'"),
    _attack("somebody else's line", "E", "UPDATE shift_log_entry SET text = 'x' WHERE id = {line}"),
    _attack("a voided line", "O", "UPDATE shift_log_entry SET text = 'x' WHERE id = {voided}"),
    _attack("delete a line", "M", "DELETE FROM shift_log_entry"),
    _attack("delete by an upsert's way", "M", "MERGE INTO shift_log_entry s USING (SELECT 1) t ON true WHEN MATCHED"
            " THEN DELETE"),
    _attack("replace an append-only row", "O", "INSERT INTO act (id, kind, text, at) SELECT id, kind, 'x', at FROM act"
            " LIMIT 1 ON CONFLICT (id) DO UPDATE SET text = 'x'"),
    _attack("acknowledge in another's name", "O", "UPDATE incident SET acknowledged_by = {M} WHERE id = {incident}"),
    _attack("resolve in another's name", "O", "UPDATE incident SET resolved_by = {M} WHERE id = {incident}"),
    _attack("close without resolving", "O", "UPDATE incident SET state = 'closed' WHERE id = {incident}"),
    _attack("resolve without a cause", "O", "UPDATE incident SET state = 'resolved' WHERE id = {incident}"),
    _attack("close grade I without its review", "O",
            "UPDATE incident SET state = 'resolved', cause = 'c', solution = 's' WHERE id = {incident}",
            "UPDATE incident SET state = 'closed' WHERE id = {incident}"),
    _attack("close as an engineer", "E",
            "UPDATE incident SET state = 'resolved', cause = 'c', solution = 's' WHERE id = {incident}",
            "UPDATE incident SET state = 'closed' WHERE id = {incident}"),
    _attack("an incident that begins closed", "E", "INSERT INTO incident (key, number, state, grade, source, priority,"
            " title, description, caller, acknowledge_due_at) VALUES (gen_random_uuid(), 'E-y', 'closed', 'I',"
            " 'operator',"
            " 'normal', 't', '', '', now())"),
    _attack("a graded incident that begins closed", "O", "INSERT INTO incident (key, number, state, grade, source,"
            " priority, title, description, caller, acknowledge_due_at)"
            " VALUES (gen_random_uuid(), 'E-z', 'closed', 'I', 'operator', 'normal', 't', '', '', now())"),
    _attack("the review away after closing", "O", "UPDATE incident SET review = 'r' WHERE id = {closed}",
            "UPDATE incident SET review = '' WHERE id = {closed}"),
    _attack("the review of a closed one as an engineer", "E", "UPDATE incident SET review = 'r' WHERE id = {closed}"),
    _attack("a worse grade after closing", "O", "UPDATE incident SET grade = 'II' WHERE id = {closed}"),
    _attack("reopen as an engineer", "E", "UPDATE incident SET state = 'new' WHERE id = {closed}"),
    _attack("a number given out twice", "O", "UPDATE counter SET last = 0"),
    _attack("a number far ahead", "O", "INSERT INTO counter (name, last) VALUES ('E-99', 9999)"),
    _attack("the trail by hand", "M", "INSERT INTO audit_entry (id, at, person, seat, command, reason,"
            " table_name, row_key,"
            " new, hash) VALUES (999999, now(), 'x', 'x', 'x', '', 'x', '1', '{{}}', 'x')"),
    _attack("the trail afterwards", "A", "UPDATE audit_entry SET person = 'x'"),
    _attack("the trail away", "S", "DELETE FROM audit_entry"),
    _attack("a seal by an operator", "O", "INSERT INTO audit_seal (first_id, last_id, count, digest, sealed_at, hash)"
            " VALUES (1, 1, 1, 'x', now(), 'x')"),
    _attack("a seal afterwards", "S", "UPDATE audit_seal SET digest = 'x'"),
    _attack("another epoch", "X", "UPDATE meta SET value = 'x'"),
    _attack("another revision", "X", "UPDATE alembic_version SET version_num = '0001'"),
    _attack("the trail's numbers", "O", "SELECT nextval('audit_entry_id_seq')"),
    _attack("back the numbers", "O", "SELECT setval('incident_id_seq', 1)"),
    _attack("somebody else's preferences", "O", "INSERT INTO preference (person_id, name, value) VALUES ({M},"
            " 'x', '{{}}')"),
    _attack("a forged sign-in", "O", "INSERT INTO sign_in (login, at, seat, succeeded, reason)"
            " VALUES ('t_manager', now(), '', true, '')"),
    _attack("a lock of one's own making", "X", "INSERT INTO login_lock (login, locked_at, reason)"
            " VALUES ('t_manager', now(), '')"),
    _attack("a person who never was active", "X", "INSERT INTO person (key, name, search, is_active)"
            " VALUES (gen_random_uuid(), 'p', '', false)"),
)  # fmt: skip
ON_TWO = (
    _attack("sign a round as another inspector", "O", "UPDATE inspection SET state = 'signed_once', inspector_id = {E}"
            " WHERE id = {draft}"),
    _attack("witness one's own round", "O", "UPDATE inspection SET state = 'signed_once', inspector_id = {O} WHERE"
            " id = {draft}", "UPDATE inspection SET state = 'signed', witness_id = {O} WHERE id = {draft}"),
    _attack("witness in another's name", "O", "UPDATE inspection SET state = 'signed_once', inspector_id = {O} WHERE"
            " id = {draft}", "UPDATE inspection SET state = 'signed', witness_id = {E} WHERE id = {draft}"),
    _attack("both in one statement", "E", "UPDATE inspection SET state = 'signed', inspector_id = {O}, witness_id = {E}"
            " WHERE id = {draft}"),
    _attack("from draft to signed", "E", "UPDATE inspection SET state = 'signed', witness_id = {E} WHERE id = {draft}"),
    _attack("a round that begins signed", "O", "INSERT INTO inspection (key, number, template, template_version, state,"
            " inspector_id, witness_id) VALUES (gen_random_uuid(), 'XJ-x', 't', 1, 'signed', {O}, {E})"),
    _attack("become the inspector of a signed-once round", "O", "UPDATE inspection SET inspector_id = {O} WHERE"
            " id = {once}", "UPDATE inspection SET state = 'signed', witness_id = {E} WHERE id = {once}"),
    _attack("change a signed round", "O", "UPDATE inspection SET opinion = 'x' WHERE id = {signed}"),
    _attack("a signed round back to a draft", "O", "UPDATE inspection SET state = 'draft' WHERE id = {signed}"),
    _attack("a value of a signed round", "C", "UPDATE inspection_value SET value = 'x' WHERE inspection_id = {signed}"),
    _attack("a new value in a signed round", "C", "INSERT INTO inspection_value (inspection_id, item, value,"
            " note, limits)"
            " VALUES ({signed}, 'new', '1', '', '{{}}')"),
    _attack("a signature for another", "O", "INSERT INTO signature (subject, subject_id, role, person_id, signed_at,"
            " digest) VALUES ('inspection', {draft}, 'witness', {E}, now(), 'x')"),
    _attack("an attestation by the table", "O", "INSERT INTO attestation (person_id, purpose, at)"
            " VALUES ({E}, 'inspection:{draft}', now())"),
    _attack("an attestation for oneself", "O", "SELECT watchroom_attest('inspection:{draft}')",
            "UPDATE inspection SET state = 'signed_once', inspector_id = {O} WHERE id = {draft}",
            "UPDATE inspection SET state = 'signed', witness_id = {O} WHERE id = {draft}"),
    _attack("the check itself", "O", "SELECT watchroom_is_attested({E}, 'inspection:{draft}')"),
    _attack("take over from oneself", "O", "UPDATE handover SET state = 'signed', to_person_id = {O} WHERE id ="
            " {offered}"),
    _attack("sign a hand-over for another", "O", "UPDATE handover SET state = 'signed', to_person_id = {D} WHERE"
            " id = {offered}"),
    _attack("offer in another's name", "O", "INSERT INTO handover (key, number, state, from_person_id, items)"
            " VALUES (gen_random_uuid(), 'H-x', 'offered', {E}, '[]')",
            harmless="SELECT from_person_id = {O} FROM handover WHERE number = 'H-x'"),
    _attack("a hand-over that begins signed", "O", "INSERT INTO handover (key, number, state, from_person_id,"
            " to_person_id,"
            " items) VALUES (gen_random_uuid(), 'H-y', 'signed', {O}, {E}, '[]')"),
    _attack("items of an offered hand-over", "O", "UPDATE handover SET items = '[]' WHERE id = {offered}"),
    _attack("the daily check in another's name", "O", "INSERT INTO backup_check (key, day, person_id, expected,"
            " succeeded,"
            " note) VALUES (gen_random_uuid(), '2026-01-01', {E}, 0, 0, 'attack 5')",
            harmless="SELECT person_id = {O} FROM backup_check WHERE note = 'attack 5'"),
)  # fmt: skip
ON_RIGHTS = (
    _attack("give oneself a system", "M", "INSERT INTO system_right (key, person_id, system_id, reason)"
            " VALUES (gen_random_uuid(), {M}, 1, 'x')"),
    _attack("a right by an administrator", "X", "INSERT INTO system_right (key, person_id, system_id, reason)"
            " VALUES (gen_random_uuid(), {O}, 1, 'x')"),
    _attack("a right of the person who has it", "O", "UPDATE system_right SET end_reason = 'x'"),
    _attack("put off a right's end", "M", "UPDATE system_right SET expires_at = NULL"),
    _attack("turn a right to another person", "M", "UPDATE system_right SET person_id = {O}"),
    _attack("a right away", "M", "DELETE FROM system_right"),
    _attack("a review by a manager", "M", "INSERT INTO trail_review (key, from_at, to_at, last_id, entries, opinion)"
            " VALUES (gen_random_uuid(), '2026-01-01', '2026-02-01', 1, 1, 'x')"),
    _attack("a review in another's name", "A", "INSERT INTO trail_review (key, from_at, to_at, last_id, entries,"
            " opinion, person_id) VALUES (gen_random_uuid(), '2026-01-01', '2026-02-01', 1, 1, 'attack 6', {M})",
            harmless="SELECT person_id = {A} FROM trail_review WHERE opinion = 'attack 6'"),
    _attack("a review of long ago", "A", "INSERT INTO trail_review (key, from_at, to_at, last_id, entries, opinion,"
            " recorded_at, person_id) VALUES (gen_random_uuid(), '2026-01-01', '2026-02-01', 1, 1, 'attack 7',"
            " '2026-02-01', {A})",
            harmless="SELECT recorded_at > now() - interval '1 day' FROM trail_review WHERE opinion = 'attack 7'"),
    _attack("a review afterwards", "A", "UPDATE trail_review SET opinion = 'x'"),
    _attack("a review away", "A", "DELETE FROM trail_review"),
)  # fmt: skip

ATTACKS = (*ON_TRIGGERS, *ON_ROLES, *ON_FILES, *ON_SECRETS, *ON_NAMES, *ON_RECORDS, *ON_TWO, *ON_RIGHTS)
FOR_EVERYBODY = tuple(each for each in (*ON_TRIGGERS, *ON_NAMES) if not each.harmless and "emporary" not in each.name)
"""What no login may do, whichever its post; only the collector may make temporary tables."""
