"""`watchroom collect` and `watchroom probe`."""

import argparse
import asyncio
import gc
import json
import logging
import sys

from app import chores, words
from app.cli import session
from app.cli.probe_otherwise import ask_otherwise, is_otherwise
from app.cli.probe_table import table
from app.collector.probe_report import report
from app.collector.probes.snmp.client import BadAnswer, Credentials, NoAnswer
from app.collector.probes.snmp.probe import SNMP_PORT, numeric_address
from app.collector.process import collect as run_collector
from app.errors import BadInput
from app.words import tr

OUT_OF_REACH = 3
SHORTEST_LEASE_S = 2.0
SAMPLES_A_COLLECTION = 50_000
"""New objects between two collections: a second's figures wait for the next batch and are no garbage yet."""


def collect(options: argparse.Namespace) -> int:
    """Run the collector until it is stopped, for some seconds, or once."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with session.database(options, create=options.child, service="collector") as opened:
        words.set_language(options.lang or words.language())
        gc.freeze()  # what was loaded stays for good: no collection looks through it again
        gc.set_threshold(SAMPLES_A_COLLECTION)
        run_collector(
            opened,
            seconds=options.seconds,
            once=options.once,
            chores=chores.of(opened),
            parent=sys.stdin.buffer if options.child else None,
            name=session.seat_name(options),
            lease_s=max(SHORTEST_LEASE_S, options.lease),
        )
    return 0


def probe(options: argparse.Namespace) -> int:
    """Print what can be read from a device, as tables or as one JSON document; return 3 when nothing can."""
    if is_otherwise(options):
        found = ask_otherwise(options, *_where(options.host))
        if isinstance(found, str):
            return _out_of_reach(found)
        print(json.dumps(found, ensure_ascii=False, indent=2) if options.json else table(found))
        return 0
    return _probe_snmp(options)


def _probe_snmp(options: argparse.Namespace) -> int:
    host, port = _where(options.host)
    port = port or SNMP_PORT
    credentials = _credentials(options)
    try:
        found = asyncio.run(_ask(host, port, credentials))
    except NoAnswer:
        return _out_of_reach(tr("{host} gave no SNMP answer: check address, community and that SNMP is on.", host=host))
    except BadAnswer as error:
        return _out_of_reach(tr("The SNMP answer of {host} can't be read: {detail}", host=host, detail=error))
    except OSError as error:
        return _out_of_reach(tr("{host} is out of reach: {detail}", host=host, detail=error.strerror or error))
    except ValueError as error:
        raise BadInput(tr("The SNMP settings don't fit together: {detail}", detail=error)) from error
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print(table(found))
    return 0


async def _ask(host: str, port: int, credentials: Credentials) -> dict[str, object]:
    return await report(await numeric_address(host), port, credentials)


def _out_of_reach(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return OUT_OF_REACH


def _where(text: str) -> tuple[str, int]:
    """Return host and port of "host", "host:1161", "2001:db8::1" or "[2001:db8::1]:1161". Raises BadInput."""
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 65_536)):
        raise BadInput(tr("This is no host or host:port: {text}", text=text))
    return host, int(port or 0)


def _credentials(options: argparse.Namespace) -> Credentials:
    """Return how to be let in. Raises BadInput for a protocol without a password, or without a user."""
    if not options.v3:
        if options.auth or options.priv:
            raise BadInput(tr("--auth and --priv go with --v3 USER."))
        return Credentials(community=options.community)
    auth, auth_key = _protocol(options.auth, "--auth")
    priv, priv_key = _protocol(options.priv, "--priv")
    return Credentials("3", user=options.v3, auth=auth, priv=priv, auth_key=auth_key, priv_key=priv_key)


def _protocol(text: str, option: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if text and not (name and colon and password):
        raise BadInput(tr("{option} takes PROTOCOL:PASSWORD, for example SHA:secret.", option=option))
    return name.upper(), password
