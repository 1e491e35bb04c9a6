"""Triggers that stamp author and time, and that hold the two-person steps and frozen records (SECURITY 3).

They bind everybody but a superuser's session (`watchroom init`, `watchroom move`), which the trail shows as such.
"""

from dataclasses import dataclass

from app.ci_classes import SERVICE
from app.shared.statements import function, literal
from models.enums import HandoverState, IncidentState, InspectionState
from models.schema import metadata


@dataclass(frozen=True, slots=True)
class Stamp:
    """Columns that the database fills in by itself at an INSERT: the moment, and the person who is connected."""

    times: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


_AUTHORS = {
    "incident_event": ("person_id",),
    "notification": ("person_id",),
    "shift_log_entry": ("person_id",),
    "visit": ("registered_by",),
    "restore_test": ("person_id",),
    "backup_check": ("person_id",),
    "maintenance": ("person_id",),
    "handover": ("from_person_id",),
    "inspection": ("inspector_id",),
    "trail_review": ("person_id",),
}
_TIMES = {"act": ("at",), "signature": ("signed_at",), "check_request": ("asked_at",)}
_KEEPS_NOBODY = frozenset({"inspection", "visit", "incident_event", "notification", "shift_log_entry", "restore_test"})
"""Tables whose rows may be without an author: nothing is filled in where the program names nobody."""


def stamps() -> dict[str, Stamp]:
    """Return what is stamped, by table: `recorded_at` wherever there is one."""
    found = {}
    for name, table in metadata.tables.items():
        times = (*_TIMES.get(name, ()), *(("recorded_at",) if "recorded_at" in table.columns else ()))
        if times or name in _AUTHORS:
            found[name] = Stamp(times, _AUTHORS.get(name, ()))
    return found


_STAMP = function(
    "watchroom_stamp() RETURNS trigger",
    """
DECLARE
  said jsonb := '{}';
  given jsonb;
  name text;
BEGIN
  IF public.watchroom_speaks_for_others() THEN RETURN NEW; END IF;
  FOREACH name IN ARRAY TG_ARGV[0]::text[] LOOP
    said := said || jsonb_build_object(name, clock_timestamp());
  END LOOP;
  IF TG_ARGV[1] <> '{}' THEN
    given := to_jsonb(NEW);
    FOREACH name IN ARRAY TG_ARGV[1]::text[] LOOP
      IF TG_ARGV[2] = 'always' OR given ->> name IS NOT NULL THEN
        said := said || jsonb_build_object(name, public.watchroom_me());
      END IF;
    END LOOP;
  END IF;
  RETURN jsonb_populate_record(NEW, said);
END""",
)

_SIGNATURE = function(
    "watchroom_guard_signature() RETURNS trigger",
    """
BEGIN
  IF NOT public.watchroom_speaks_for_others()
    AND NOT coalesce(public.watchroom_is_attested(NEW.person_id, NEW.subject || ':' || NEW.subject_id), false) THEN
    RAISE EXCEPTION 'watchroom: nobody signs for another person';
  END IF;
  RETURN NEW;
END""",
)

_GRADED = ", ".join(literal(grade) for grade in ("I", "II", "III"))
_ENDED = f"{literal(IncidentState.CLOSED)}, {literal(IncidentState.NOISE)}"
_INCIDENT = function(
    "watchroom_guard_incident() RETURNS trigger",
    f"""
DECLARE before_state text := '';
BEGIN
  IF public.watchroom_speaks_for_others() THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' THEN
    before_state := OLD.state;
    IF NEW.acknowledged_by IS NOT NULL AND NEW.acknowledged_by IS DISTINCT FROM OLD.acknowledged_by
      AND NEW.acknowledged_by IS DISTINCT FROM public.watchroom_me()
      OR NEW.resolved_by IS NOT NULL AND NEW.resolved_by IS DISTINCT FROM OLD.resolved_by
      AND NEW.resolved_by IS DISTINCT FROM public.watchroom_me() THEN
      RAISE EXCEPTION 'watchroom: nobody acknowledges or resolves in the name of another person';
    END IF;
  ELSIF coalesce(NEW.acknowledged_by, NEW.resolved_by) IS NOT NULL THEN
    IF NEW.acknowledged_by IS NOT NULL THEN NEW.acknowledged_by := public.watchroom_me(); END IF;
    IF NEW.resolved_by IS NOT NULL THEN NEW.resolved_by := public.watchroom_me(); END IF;
  END IF;
  IF NEW.state <> before_state AND (NEW.state = {literal(IncidentState.CLOSED)} OR before_state IN ({_ENDED}))
    AND NOT public.watchroom_may('incident_close') THEN
    RAISE EXCEPTION 'watchroom: this post does not close or reopen incidents';
  END IF;
  IF NEW.state = {literal(IncidentState.RESOLVED)} AND '' IN (NEW.cause, NEW.solution) THEN
    RAISE EXCEPTION 'watchroom: an incident is resolved with its cause and solution';
  END IF;
  IF NEW.state = {literal(IncidentState.CLOSED)} AND before_state NOT IN ('', {literal(IncidentState.CLOSED)})
    AND NOT EXISTS (SELECT FROM public.audit_entry WHERE table_name = 'incident' AND row_key = OLD.id::text
      AND audit_entry.old IS NULL AND transaction_id = pg_current_xact_id()::text::bigint) THEN
    IF before_state <> {literal(IncidentState.RESOLVED)} THEN
      RAISE EXCEPTION 'watchroom: an incident is closed only after it is resolved';
    END IF;
    IF NEW.grade IN ({_GRADED}) AND NEW.review = '' THEN
      RAISE EXCEPTION 'watchroom: an incident of this grade is closed only with its review';
    END IF;
  END IF;
  IF NEW.state = {literal(IncidentState.CLOSED)} AND NEW.grade IN ({_GRADED}) AND NEW.review = '' AND (before_state = ''
    OR before_state = NEW.state AND (NEW.grade, NEW.review) IS DISTINCT FROM (OLD.grade, OLD.review)) THEN
    RAISE EXCEPTION 'watchroom: an incident of this grade is closed only with its review';
  END IF;
  IF before_state = {literal(IncidentState.CLOSED)} AND NEW.state = before_state AND (NEW.cause, NEW.solution,
    NEW.grade, NEW.review, NEW.resolved_at, NEW.closed_at) IS DISTINCT FROM (OLD.cause, OLD.solution, OLD.grade,
    OLD.review, OLD.resolved_at, OLD.closed_at) AND NOT public.watchroom_may('incident_close') THEN
    RAISE EXCEPTION 'watchroom: a closed incident stays as it is until it is reopened';
  END IF;
  RETURN NEW;
END""",
)

_OPEN_ROUND = f"{literal(InspectionState.DUE)}, {literal(InspectionState.DRAFT)}"
_INSPECTION = function(
    "watchroom_guard_inspection() RETURNS trigger",
    f"""
BEGIN
  IF public.watchroom_speaks_for_others() THEN RETURN NEW; END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state NOT IN ({_OPEN_ROUND}) OR NEW.witness_id IS NOT NULL THEN
      RAISE EXCEPTION 'watchroom: a round begins unsigned';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.inspector_id IS DISTINCT FROM OLD.inspector_id AND NEW.inspector_id IS DISTINCT FROM public.watchroom_me() THEN
    RAISE EXCEPTION 'watchroom: nobody signs for another person';
  END IF;
  IF OLD.state IN ('signed', 'corrected', 'void') THEN
    IF (OLD.state, NEW.state) NOT IN (('signed', 'corrected'), ('signed', 'void'), ('corrected', 'signed')) OR
      to_jsonb(NEW) - ARRAY['state', 'version', 'voided_at', 'void_reason']
      <> to_jsonb(OLD) - ARRAY['state', 'version', 'voided_at', 'void_reason'] THEN
      RAISE EXCEPTION 'watchroom: a signed round never changes, a correction is a new one';
    END IF;
  ELSIF NEW.state IN ('signed', 'corrected') THEN
    IF NEW.state = 'corrected' OR OLD.state <> 'signed_once' OR NEW.witness_id IS NULL
      OR OLD.inspector_id IS NULL OR NEW.inspector_id IS DISTINCT FROM OLD.inspector_id
      OR NEW.witness_id = NEW.inspector_id
      OR NOT public.watchroom_is_attested(NEW.witness_id, 'inspection:' || NEW.id) THEN
      RAISE EXCEPTION 'watchroom: two people sign a round, each with the own password';
    END IF;
  ELSIF NEW.witness_id IS NOT NULL THEN
    RAISE EXCEPTION 'watchroom: the witness signs last';
  ELSIF NEW.state = 'signed_once' AND NEW.inspector_id IS NULL THEN
    RAISE EXCEPTION 'watchroom: the inspector signs first';
  ELSIF NEW.state = 'signed_once' AND OLD.state <> 'signed_once'
    AND NEW.inspector_id IS DISTINCT FROM public.watchroom_me() THEN
    RAISE EXCEPTION 'watchroom: nobody signs for another person';
  END IF;
  RETURN NEW;
END""",
)

_VALUE = function(
    "watchroom_guard_inspection_value() RETURNS trigger",
    f"""
BEGIN
  IF public.watchroom_speaks_for_others() THEN RETURN NEW; END IF;
  PERFORM FROM public.inspection WHERE id = NEW.inspection_id AND state IN ({_OPEN_ROUND}) FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'watchroom: a signed round never changes, a correction is a new one';
  END IF;
  RETURN NEW;
END""",
)

_HANDOVER = function(
    "watchroom_guard_handover() RETURNS trigger",
    f"""
BEGIN
  IF public.watchroom_speaks_for_others() THEN RETURN NEW; END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state NOT IN ({literal(HandoverState.DRAFT)}, {literal(HandoverState.OFFERED)}) OR NEW.signed_at IS NOT NULL
    THEN
      RAISE EXCEPTION 'watchroom: the next shift signs a hand-over';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state = {literal(HandoverState.SIGNED)} THEN
    RAISE EXCEPTION 'watchroom: a signed hand-over never changes';
  END IF;
  IF NEW.state = {literal(HandoverState.SIGNED)} THEN
    IF NEW.to_person_id IS NULL OR NEW.to_person_id = OLD.from_person_id
      OR NOT public.watchroom_is_attested(NEW.to_person_id, 'handover:' || NEW.id) THEN
      RAISE EXCEPTION 'watchroom: the next shift signs with its own password';
    END IF;
    NEW.signed_at := clock_timestamp();
  END IF;
  RETURN NEW;
END""",
)

_COUNTER = function(
    "watchroom_guard_counter() RETURNS trigger",
    """
BEGIN
  IF NOT public.watchroom_speaks_for_others() AND NEW.last <> coalesce(OLD.last, 0) + 1 THEN
    RAISE EXCEPTION 'watchroom: numbers are given out one by one';
  END IF;
  RETURN NEW;
END""",
)

_PERSON = function(
    "watchroom_guard_person() RETURNS trigger",
    """
BEGIN
  IF NOT public.watchroom_speaks_for_others() AND NEW.is_active IS DISTINCT FROM true THEN
    RAISE EXCEPTION 'watchroom: a person begins as an active one';
  END IF;
  RETURN NEW;
END""",
)

_SHIFT_LOG = function(
    "watchroom_guard_shift_log() RETURNS trigger",
    """
BEGIN
  IF NOT public.watchroom_speaks_for_others() AND (OLD.voided_at IS NOT NULL OR
    NEW.text <> OLD.text AND OLD.person_id IS DISTINCT FROM public.watchroom_me()) THEN
    RAISE EXCEPTION 'watchroom: only the writer corrects a line, and a voided one stays as it is';
  END IF;
  RETURN NEW;
END""",
)

_VOIDED = function(
    "watchroom_guard_voided() RETURNS trigger",
    """
BEGIN
  IF NOT public.watchroom_speaks_for_others() AND OLD.voided_at IS NOT NULL THEN
    RAISE EXCEPTION 'watchroom: a voided row stays as it is';
  END IF;
  RETURN NEW;
END""",
)

_SYSTEM_RIGHT = function(
    "watchroom_guard_system_right() RETURNS trigger",
    f"""
BEGIN
  IF public.watchroom_speaks_for_others() THEN RETURN NEW; END IF;
  IF NEW.person_id = public.watchroom_me() THEN
    RAISE EXCEPTION 'watchroom: nobody sets which systems he himself sees';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.ended_at IS NOT NULL THEN
      RAISE EXCEPTION 'watchroom: a right that was withdrawn stays as it is';
    END IF;
    NEW.ended_at := clock_timestamp();
  ELSIF NEW.ended_at IS NOT NULL OR NEW.expires_at <= clock_timestamp() OR NEW.reason = '' THEN
    RAISE EXCEPTION 'watchroom: a right begins in force, with its reason';
  ELSIF NOT EXISTS (SELECT FROM public.ci WHERE id = NEW.system_id AND class_name = {literal(SERVICE)}
    AND voided_at IS NULL) THEN
    RAISE EXCEPTION 'watchroom: a right is one on a business service';
  END IF;
  RETURN NEW;
END""",
)

_GUARDS = (
    ("signature", "INSERT", "watchroom_guard_signature"),
    ("incident", "INSERT OR UPDATE", "watchroom_guard_incident"),
    ("inspection", "INSERT OR UPDATE", "watchroom_guard_inspection"),
    ("inspection_value", "INSERT OR UPDATE", "watchroom_guard_inspection_value"),
    ("handover", "INSERT OR UPDATE", "watchroom_guard_handover"),
    ("counter", "INSERT OR UPDATE", "watchroom_guard_counter"),
    ("person", "INSERT", "watchroom_guard_person"),
    ("system_right", "INSERT OR UPDATE", "watchroom_guard_system_right"),
    ("shift_log_entry", "UPDATE", "watchroom_guard_shift_log"),
    ("visit", "UPDATE", "watchroom_guard_voided"),
    ("backup_plan", "UPDATE", "watchroom_guard_voided"),
    ("inspection_plan", "UPDATE", "watchroom_guard_voided"),
    ("roster_entry", "UPDATE", "watchroom_guard_voided"),
)


def statements() -> list[str]:
    """Return what makes the functions and their triggers, after those that are there."""
    made = [_STAMP, _SIGNATURE, _INCIDENT, _INSPECTION, _VALUE, _HANDOVER, _COUNTER, _PERSON]
    made += [_SYSTEM_RIGHT, _SHIFT_LOG, _VOIDED]
    for table, stamp in stamps().items():
        when = "where_given" if table in _KEEPS_NOBODY else "always"
        arguments = f"'{{{','.join(stamp.times)}}}', '{{{','.join(stamp.authors)}}}', '{when}'"
        made += _trigger("a_stamp", table, "INSERT", f"watchroom_stamp({arguments})")
    for table, event, name in _GUARDS:
        made += _trigger("b_guard", table, event, f"{name}()")
    return made


def guard_functions() -> tuple[str, ...]:
    """Return the signatures of the trigger functions."""
    return ("watchroom_stamp()", *dict.fromkeys(f"{name}()" for _table, _event, name in _GUARDS))


def _trigger(prefix: str, table: str, event: str, call: str) -> list[str]:
    name = f"watchroom_{prefix}"
    return [
        f'DROP TRIGGER IF EXISTS {name} ON public."{table}"',
        f'CREATE TRIGGER {name} BEFORE {event} ON public."{table}" FOR EACH ROW EXECUTE FUNCTION public.{call}',
    ]
