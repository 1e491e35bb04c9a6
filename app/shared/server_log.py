"""What the server refused: read from its JSON log by one narrow function, entered in the trail by the collector.

A refused statement rolls back with all it would have written, so only the server's log knows of it. Failures to sign in
are counted here too: five in 15 minutes lock the login.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from app.desk import Tx, command
from app.people import FAILURES, LOCKED_FOR
from app.permissions import Permission
from app.shared.fingerprints import PRIVATE
from app.shared.roles import SEALER, SERVICES
from app.shared.statements import function
from app.text import clean_line
from app.words import tr
from models.people import Act, SignIn

OUR_PROGRAM = "watchroom"
CHUNK_BYTES = 1_000_000
CHUNKS_A_CALL = 4
_SIGN_IN_FAILED = ("28P01", "28000")
_UNREADABLE = "unreadable"
_NAME = "watchroom_new_refusals()"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal of the server's log. `is_locked` when the login's password had ended."""

    at: datetime | None
    login: str
    address: str
    program: str
    state: str
    words: str
    is_locked: bool


_NEW_REFUSALS = function(
    f"{_NAME[:-2]}(OUT at timestamptz, OUT login text, OUT address text, OUT program text, OUT state text,"
    " OUT words text, OUT is_locked boolean) RETURNS SETOF record",
    f"""
DECLARE
  place {PRIVATE}.log_place;
  one record;
  folder text := current_setting('log_directory');
  zone text := current_setting('log_timezone');
  bytes bytea;
  lines text;
  line text;
  said jsonb;
  whole integer;
  left_over integer := {CHUNKS_A_CALL};
BEGIN
  BEGIN
    PERFORM pg_ls_logdir();
  EXCEPTION WHEN undefined_file OR wrong_object_type THEN
    RETURN;
  END;
  SELECT * INTO place FROM {PRIVATE}.log_place FOR UPDATE;
  FOR one IN SELECT f.name, f.size FROM pg_ls_logdir() f WHERE f.name LIKE '%.json' AND f.name >= place.file
    ORDER BY f.name LOOP
    IF one.name <> place.file OR one.size < place.offset_bytes THEN
      place.file := one.name;
      place.offset_bytes := 0;
    END IF;
    WHILE place.offset_bytes < one.size AND left_over > 0 LOOP
      left_over := left_over - 1;
      bytes := pg_read_binary_file(folder || '/' || one.name, place.offset_bytes, {CHUNK_BYTES}, true);
      BEGIN
        lines := convert_from(bytes, 'LATIN1');
      EXCEPTION WHEN OTHERS THEN
        lines := '';
      END;
      whole := length(lines) - position(E'\\n' in reverse(lines)) + 1;
      IF position(E'\\n' in lines) = 0 THEN
        EXIT WHEN length(bytes) < {CHUNK_BYTES};
        whole := length(bytes);
      END IF;
      place.offset_bytes := place.offset_bytes + whole;
      FOREACH line IN ARRAY string_to_array(left(lines, whole), E'\\n') LOOP
        CONTINUE WHEN line !~ '"error_severity":"(ERROR|FATAL)"';
        BEGIN
          said := convert_from(convert_to(line, 'LATIN1'), 'UTF8')::jsonb;
          CONTINUE WHEN said ->> 'dbname' IS DISTINCT FROM current_database();
          state := said ->> 'state_code';
          CONTINUE WHEN state NOT IN ('28P01', '28000', '42501', 'P0001')
            OR (state = 'P0001' AND said ->> 'message' NOT LIKE 'watchroom:%');
          at := left(said ->> 'timestamp', 23)::timestamp AT TIME ZONE zone;
          login := coalesce(said ->> 'user', '');
          address := coalesce(said ->> 'remote_host', '');
          program := coalesce(said ->> 'application_name', '');
          words := left(said ->> 'message', 250);
          is_locked := coalesce(said ->> 'detail' LIKE '%expired password%', false);
        EXCEPTION WHEN OTHERS THEN
          at := NULL; login := ''; address := ''; program := ''; words := ''; is_locked := false;
          state := '{_UNREADABLE}';
        END;
        RETURN NEXT;
      END LOOP;
    END LOOP;
  END LOOP;
  UPDATE {PRIVATE}.log_place SET file = place.file, offset_bytes = place.offset_bytes;
END""",
)


def statements() -> list[str]:
    """Return what makes the function and the place up to where the log was read; it begins with what comes now."""
    return [
        f"CREATE TABLE IF NOT EXISTS {PRIVATE}.log_place"
        " (is_it boolean PRIMARY KEY DEFAULT true CHECK (is_it), file text NOT NULL, offset_bytes bigint NOT NULL)",
        f"INSERT INTO {PRIVATE}.log_place (file, offset_bytes) VALUES ('', 0) ON CONFLICT DO NOTHING",
        "DO $do$ DECLARE newest record; BEGIN"
        " SELECT name, size INTO newest FROM pg_ls_logdir() WHERE name LIKE '%.json' ORDER BY name DESC LIMIT 1;"
        f" IF FOUND THEN UPDATE {PRIVATE}.log_place SET file = newest.name, offset_bytes = newest.size WHERE file = '';"
        " END IF; EXCEPTION WHEN undefined_file OR wrong_object_type THEN NULL; END $do$",
        _NEW_REFUSALS,
        f"REVOKE ALL ON FUNCTION public.{_NAME} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION public.{_NAME} TO {SERVICES['collector']}, {SEALER}",
    ]


@command(Permission.WATCH)
def enter_refusals(tx: Tx) -> int:
    """Enter what the server refused since the last call, lock who failed too often, and return how many were entered.

    What was read and its entries are one transaction: nothing is entered twice and nothing is left out.
    """
    names = "SELECT at, login, address, program, state, words, is_locked"
    found = [Refusal(*row) for row in tx.connection.exec_driver_sql(f"{names} FROM public.{_NAME}")]
    tx.session.add_all(Act(kind=_kind(one), text=_sentence(one)[:400], at=tx.now) for one in found)
    failures = [one for one in found if one.state in _SIGN_IN_FAILED and one.login]
    for one in failures:
        reason = "locked" if one.is_locked else ""
        tx.session.add(SignIn(login=one.login[:80], at=tx.now, seat=one.address, succeeded=False, reason=reason))
    tx.session.flush()
    for login in Counter(one.login for one in failures):
        if _fails_too_often(tx, login):
            why = tr("{n} failures to sign in within {minutes} minutes", n=FAILURES, minutes=LOCKED_FOR.seconds // 60)
            lock = text("SELECT public.watchroom_lock_login(:login, :why)")
            tx.connection.execute(lock, {"login": login, "why": why})
    return len(found)


@command(Permission.WATCH)
def unlock_due(tx: Tx) -> int:
    """Open the logins whose lock has lasted its time, and return how many."""
    return tx.connection.scalar(text("SELECT public.watchroom_unlock_due()")) or 0


def _fails_too_often(tx: Tx, login: str) -> bool:
    since = tx.now - LOCKED_FOR
    good = select(func.max(SignIn.at)).where(SignIn.login == login, SignIn.succeeded, SignIn.at > since)
    last = tx.session.scalar(good) or since
    failed = select(func.count(SignIn.id)).where(
        SignIn.login == login, ~SignIn.succeeded, SignIn.reason == "", SignIn.at > last
    )
    return (tx.session.scalar(failed) or 0) >= FAILURES


def _kind(one: Refusal) -> str:
    if one.state in _SIGN_IN_FAILED:
        return "sign-in failed"
    if one.state == _UNREADABLE:
        return _UNREADABLE
    return "refused" if one.program.startswith(OUR_PROGRAM) else "direct edit"


def _sentence(one: Refusal) -> str:
    """Return "jia, 10.0.0.7, psql, 08:15:02Z: permission denied for table incident"."""
    when = f"{one.at:%H:%M:%SZ}" if one.at else ""
    who = ", ".join(part for part in (one.login, one.address, one.program, when) if part)
    return clean_line(f"{who}: {one.words}")
