"""The command line's grammar; what runs is named as `module:function` and loaded only then."""

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from app.version import VERSION
from app.words import LANGUAGES, tr

PERSPECTIVES = ("duty", "desk", "room", "inspection", "manage", "wall")
IMPORTS = ("devices", "device-types", "backups", "visitors", "incidents")
EXPORTS = ("inspection", "incident", "handover", "devices", "ledger")
FORMATS = ("restic", "borg", "bacula", "pgbackrest")

_Verb = Callable[[str, str, str], argparse.ArgumentParser]


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options; wrong usage ends the program with code 2 and one line."""
    return _parser().parse_args(argv)


class _Parser(argparse.ArgumentParser):
    """Says wrong usage in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, tr("watchroom: {message}; see watchroom --help", message=message) + "\n")


def _parser() -> argparse.ArgumentParser:
    shared = _shared_options()
    parser = _Parser(
        prog="watchroom", parents=[shared], description=tr("The desktop program of an IT operations center.")
    )
    parser.add_argument("--version", action="version", version=f"watchroom {VERSION}")
    parser.add_argument("--perspective", choices=PERSPECTIVES, help=tr("the perspective to start with"))
    parser.add_argument("--restore", metavar="COPY", help=argparse.SUPPRESS)
    parser.add_argument("--offscreen-tour", metavar="DIR", help=argparse.SUPPRESS)
    parser.set_defaults(run="app.cli.desktop:open_desktop")
    verbs = parser.add_subparsers(title=tr("commands"), metavar="COMMAND", dest="command")

    def verb(name: str, run: str, text: str) -> argparse.ArgumentParser:
        # the options that every command shares keep what stood before the command's name
        made = verbs.add_parser(name, parents=[_shared_options(argparse.SUPPRESS)], help=text, description=text)
        made.set_defaults(run=f"app.cli.{run}")
        return made

    _upkeep(verb)
    _watching(verb)
    _records(verb)
    return parser


def _shared_options(default: object = None) -> _Parser:
    shared = _Parser(add_help=False)
    shared.add_argument("--db", metavar="URL", default=default, help=tr("the database, as an SQLAlchemy URL"))
    text = tr("a seat's connection file: database, seat name, TLS")
    shared.add_argument("--connection", metavar="FILE", default=default, help=text)
    shared.add_argument("--user", metavar="NAME", default=default, help=tr("sign in as this person"))
    shared.add_argument("--seat", metavar="NAME", default=default, help=tr("the name of this seat"))
    shared.add_argument("--lang", choices=LANGUAGES, default=default, help=tr("the language"))
    shared.add_argument("--theme", choices=("light", "dark"), default=default, help=tr("the theme"))
    return shared


def _upkeep(verb: _Verb) -> None:
    init = verb("init", "upkeep:init", tr("create or upgrade the database"))
    init.add_argument("--demo", action="store_true", help=tr("add a demo site with two years of records"))
    init.add_argument("--seed", type=int, default=7, help=tr("draw the demo site from this number"))
    init.add_argument("--until", metavar="DATE", help=tr("the demo's last day (today when left out)"))
    init.add_argument("--seats", type=int, default=10, help=tr("how many seats will share it (10 when left out)"))
    init.add_argument(
        "--administrator", metavar="LOGIN", default="administrator", help=tr("who manages the accounts of a shared one")
    )
    move = verb("move", "moving:move", tr("carry an embedded database over into a shared one"))
    move.add_argument("--to", required=True, metavar="URL", help=tr("the shared database, as its server's superuser"))
    move.add_argument("--seats", type=int, default=10, help=tr("how many seats will share it (10 when left out)"))
    move.add_argument("--passwords", metavar="FILE", help=tr("write the new temporary passwords to this file"))
    verb("verify", "upkeep:verify", tr("check the audit trail"))
    verb("backup", "backing:backup", tr("copy the database, or a shared one's whole server, into the chosen folder"))
    drill = verb("drill", "backing:drill", tr("restore the newest copy to try it, and record what became of it"))
    drill.add_argument("path", nargs="?", metavar="COPY", help=tr("another copy than the newest good one"))
    drill.add_argument("--scratch", metavar="DIR", help=tr("restore it in this folder (a temporary one when left out)"))
    recover = verb("recover", "backing:recover", tr("make a data folder as a shared database's server was at a moment"))
    recover.add_argument("copy", metavar="COPY", help=tr("a base backup from before that moment"))
    recover.add_argument("--wal", required=True, metavar="DIR", help=tr("the archived WAL"))
    recover.add_argument("--to", required=True, metavar="DIR", help=tr("the new data folder"))
    recover.add_argument("--until", metavar="TIME", help=tr("the moment (the archive's end when left out)"))
    recover.add_argument(
        "--name", default="watchroom", metavar="DATABASE", help=tr("the database's name on the server")
    )
    verb("doctor", "doctor:report", tr("what is missing on this machine, and how to get it"))
    trials = verb("trials", "trials:run", tr("the long reliability trials, each with its control"))
    trials.add_argument("name", nargs="?", metavar="NAME", help="R1 | R2 | R3 | R4 | R5 | R6 | R7 | R8")
    trials.add_argument("--rounds", type=int, help=tr("how many rounds"))
    shot = verb("shot", "desktop:shot", tr("draw window, docks, pages and dialogs to PNG without a screen"))
    shot.add_argument("folder", metavar="DIR")
    shot.add_argument("--size", default="1920x1080", metavar="WxH")
    shot.add_argument("--scale", type=float, default=1.0)


def _watching(verb: _Verb) -> None:
    collect = verb("collect", "watching:collect", tr("run the collector"))
    how_long = collect.add_mutually_exclusive_group()
    how_long.add_argument("--once", action="store_true", help=tr("check everything once"))
    how_long.add_argument("--for", dest="seconds", type=float, metavar="SECONDS", help=tr("stop after this time"))
    text = tr("on a shared database, keep this collector's devices so long without a write (15 when left out)")
    collect.add_argument("--lease", type=float, default=15.0, metavar="SECONDS", help=text)
    collect.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    probe = verb("probe", "watching:probe", tr("what can be read from a device"))
    probe.add_argument("host", metavar="HOST[:PORT]")
    probe.add_argument("--community", default="public")
    probe.add_argument("--v3", metavar="USER", help=tr("SNMP v3 with this user"))
    probe.add_argument("--auth", metavar="PROTOCOL:PASSWORD", default="")
    probe.add_argument("--priv", metavar="PROTOCOL:PASSWORD", default="")
    way = probe.add_mutually_exclusive_group()
    way.add_argument("--redfish", action="store_true", help=tr("ask by Redfish; --login takes USER:PASSWORD"))
    way.add_argument("--ipmi", action="store_true", help=tr("ask by IPMI; --login takes USER:PASSWORD"))
    way.add_argument("--nut", metavar="UPS", nargs="?", const="", help=tr("ask a NUT server for this UPS or its first"))
    way.add_argument("--modbus", metavar="MAP", help=tr("ask by Modbus TCP with this register map or .toml file"))
    way.add_argument("--tomcat", action="store_true", help=tr("ask Tomcat's manager; --login takes USER:PASSWORD"))
    way.add_argument("--rabbitmq", action="store_true", help=tr("ask RabbitMQ's management; --login likewise"))
    way.add_argument(
        "--weblogic", action="store_true", help=tr("ask WebLogic's administration server; --login likewise")
    )
    way.add_argument("--postgresql", action="store_true", help=tr("ask a PostgreSQL server; --login likewise"))
    way.add_argument("--mysql", action="store_true", help=tr("ask a MySQL or MariaDB server; --login likewise"))
    way.add_argument("--oracle", action="store_true", help=tr("ask an Oracle server; --login likewise"))
    probe.add_argument("--database", metavar="NAME", default="", help=tr("the database, of Oracle the service"))
    probe.add_argument("--https", action="store_true", help=tr("databases and middleware by TLS only"))
    probe.add_argument("--login", metavar="USER:PASSWORD", default="")
    probe.add_argument("--http", action="store_true", help=tr("Redfish without TLS"))
    probe.add_argument("--json", action="store_true", help=tr("print one JSON document"))


def _records(verb: _Verb) -> None:
    take = verb("import", "records:import_records", tr("take records in from files"))
    take.add_argument("kind", choices=IMPORTS, metavar="KIND", help=" | ".join(IMPORTS))
    take.add_argument("path", metavar="PATH")
    take.add_argument("--format", choices=FORMATS)
    take.add_argument("--dry-run", action="store_true", help=tr("only say what would happen"))
    take.add_argument("--failed", metavar="FILE", help=tr("write the refused rows to this file"))
    give = verb("export", "records:export_records", tr("write a record or ledger to .pdf, .xlsx or .csv"))
    give.add_argument("kind", choices=EXPORTS, metavar="KIND", help=" | ".join(EXPORTS))
    give.add_argument("id", nargs="?", metavar="ID", help=tr("number or period; the latest when left out"))
    give.add_argument("file", metavar="FILE")
    stats = verb("stats", "records:stats", tr("figures of a period"))
    stats.add_argument("--from", dest="first", required=True, metavar="DATE")
    stats.add_argument("--to", dest="last", required=True, metavar="DATE")
    stats.add_argument("--json", action="store_true", help=tr("print one JSON document"))
