"""What the doctor looks at in the database: revision, trail, copies, the collector's beat, the server's clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from app import copies, devices
from app.cli.doctor_server import server_findings
from app.cli.finding import Finding, Mark
from app.database import Database, cli_identity
from app.desk import Desk
from app.shared import fingerprints
from app.times import age
from app.words import tr
from models.triggers import expected_triggers, trigger_names

BEAT_IS_OLD = timedelta(minutes=2)
CLOCKS_APART = timedelta(seconds=60)


def database_findings(database: Database, seat: str) -> Iterator[Finding]:
    """Yield how an open database stands, a shared one's server too as seen from `seat`."""
    desk = database.desk(cli_identity(), "doctor")
    yield _server(database)
    yield from _inside(database)
    yield _clock(desk)
    if database.is_embedded:
        yield _copies(desk)
    else:
        yield from server_findings(database, seat)
        yield from _rules(desk)
    yield _collector(desk)


def _server(database: Database) -> Finding:
    if database.is_embedded:
        return Finding(Mark.OK, tr("Database"), str(database.path))
    with database.engine.connect() as connection:
        version = connection.scalar(text("SHOW server_version"))
    return Finding(Mark.OK, tr("Database"), f"PostgreSQL {version}")


def _inside(database: Database) -> Iterator[Finding]:
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        missing = expected_triggers() - trigger_names(connection)
    yield Finding(Mark.OK, tr("Database revision"), str(revision))
    what = tr("Audit triggers")
    if missing:
        detail = tr("{n} are gone: {names}", n=len(missing), names=", ".join(sorted(missing)[:3]))
        yield Finding(Mark.MISSING, what, detail, tr("restore a good copy, and find out who removed them"))
    else:
        yield Finding(Mark.OK, what, str(len(expected_triggers())))


def _rules(desk: Desk) -> Iterator[Finding]:
    """Yield what was changed of rules and logins past the program, one line for all of it."""
    found = desk.read(lambda tx: list(fingerprints.findings(tx)))
    advice = tr("undo it, or run 'watchroom init' as a superuser if it was meant")
    detail = found[0].what if found else ""
    yield Finding(Mark.MISSING if found else Mark.OK, tr("Rules of the database"), detail, advice)


def _clock(desk: Desk) -> Finding:
    apart = abs(desk.read(lambda tx: tx.now) - datetime.now(UTC))
    detail = tr("{n} s apart from this machine's", n=round(apart.total_seconds()))
    is_good = apart <= CLOCKS_APART
    return Finding(Mark.OK if is_good else Mark.MISSING, tr("Database clock"), detail, tr("set both clocks by NTP"))


def _copies(desk: Desk) -> Finding:
    health = desk.read(copies.health)
    what, advice = tr("Nightly copy"), tr("choose a second folder in the settings, under “Copies”")
    if health.newest_good is None:
        return Finding(Mark.NOTE, what, tr("none was made yet"), advice)
    detail = tr("made {age} ago: {path}", age=_age(desk, health.newest_good.made_at), path=health.newest_good.path)
    return Finding(Mark.MISSING if health.is_stale else Mark.OK, what, detail, advice)


def _collector(desk: Desk) -> Finding:
    what, advice = tr("Collector"), "watchroom collect"
    found = desk.read(devices.collectors)
    if not found:
        return Finding(Mark.NOTE, what, tr("none has run yet"), advice)
    newest = found[0]
    detail = tr("{name} wrote {age} ago", name=newest.name, age=_age(desk, newest.beat_at))
    if newest.age_s > BEAT_IS_OLD.total_seconds():
        return Finding(Mark.MISSING, what, detail, advice)
    return Finding(Mark.NOTE if newest.trouble else Mark.OK, what, newest.trouble or detail)


def _age(desk: Desk, when: datetime) -> str:
    return age(when, desk.read(lambda tx: tx.now))
