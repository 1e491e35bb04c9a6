"""`watchroom init` and `watchroom verify`."""

import argparse
from datetime import date

from app import audit, seals
from app.cli import session
from app.database import default_url
from app.desk import Desk
from app.times import parse_day, today
from app.words import tr, trn


def init(options: argparse.Namespace) -> int:
    """Create or upgrade the database, a shared one with its rules; with --demo fill it, and seal the trail."""
    if not (options.db or default_url()).startswith("sqlite"):
        from app.cli.setting_up import init_shared

        return init_shared(options, fill_and_seal)
    with session.desk(options, create=True) as desk:
        fill_and_seal(desk, options)
        print(tr("The database is ready: {url}", url=desk.engine.url.render_as_string(hide_password=True)))
    return 0


def fill_and_seal(desk: Desk, options: argparse.Namespace) -> None:
    """Fill the database with the demo site where `--demo` asks for it, and seal the trail."""
    if options.demo:
        from app import demo

        last: date = parse_day(options.until) if options.until else today()
        print(demo.fill(desk, seed=options.seed, last_day=last).sentence())
    while desk.do(audit.seal):
        pass


def verify(options: argparse.Namespace) -> int:
    """Check the audit trail; print the first broken entry and return 1 when it is not whole."""
    with session.database(options) as opened:
        desk = session.desk_of(options, opened)
        verdict = desk.read(audit.verify, seals.remembered(opened.uuid))
        broken = audit.first_broken(verdict)
        if broken is None:
            seals.remember(opened.uuid, verdict.last_seal, verdict.last_digest)
            print(
                tr(
                    "The audit trail is whole: {entries} entries under {seals} seals, {unsealed} not sealed yet.",
                    entries=verdict.entries,
                    seals=verdict.seals,
                    unsealed=verdict.unsealed,
                )
            )
            if verdict.unchecked:
                tables = ", ".join(verdict.unchecked)
                print(tr("Rows not compared, since this sign-in does not see all of them: {tables}", tables=tables))
            return 0
        found = trn("{n} finding", "{n} findings", len(verdict.findings))
        print(
            tr("NOT whole, {found}. First broken entry {id}: {what}", found=found, id=broken.entry_id, what=broken.what)
        )
    return 1
