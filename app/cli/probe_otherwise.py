"""`watchroom probe` by other ways than SNMP: the same document."""

import argparse
import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from app.collector.probe_report import Document, document
from app.collector.probes import mysql, oracle, postgresql
from app.collector.probes.ipmi import IpmiReader
from app.collector.probes.modbus import ModbusReader
from app.collector.probes.modbus_map import load_file
from app.collector.probes.nut import NutReader
from app.collector.probes.polled import NotServing, Reader
from app.collector.probes.rabbitmq import RabbitReader
from app.collector.probes.redfish.reader import RedfishReader
from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.sql import Connect, SqlReader
from app.collector.probes.tomcat import TomcatReader
from app.collector.probes.weblogic import WebLogicReader
from app.collector.samples import Target
from app.errors import BadInput
from app.words import tr
from models.enums import CheckKind

TIMEOUT_S = 10.0
BUDGET_S = 150.0
MIDDLEWARE: Mapping[str, tuple[CheckKind, Callable[[], Reader]]] = {
    "tomcat": (CheckKind.TOMCAT, TomcatReader),
    "rabbitmq": (CheckKind.RABBITMQ, RabbitReader),
    "weblogic": (CheckKind.WEBLOGIC, WebLogicReader),
}
"""By the option that asks for it."""
DATABASES: Mapping[str, tuple[CheckKind, Connect]] = {
    "postgresql": (CheckKind.POSTGRESQL, postgresql.connect),
    "mysql": (CheckKind.MYSQL, mysql.connect),
    "oracle": (CheckKind.ORACLE, oracle.connect),
}


def is_otherwise(options: argparse.Namespace) -> bool:
    """Tell whether another way than SNMP is asked for."""
    is_flagged = any(getattr(options, name) for name in ("redfish", "ipmi", "modbus", *MIDDLEWARE, *DATABASES))
    return is_flagged or options.nut is not None


def ask_otherwise(options: argparse.Namespace, host: str, port: int) -> Document | str:
    """Return the document, or the sentence that says why there is none. Raises BadInput for impossible settings."""
    kind, reader, params, secret = _way(options)
    target = Target(0, 0, kind, host, port, params, secret, timeout_s=TIMEOUT_S)
    try:
        return document(asyncio.run(asyncio.wait_for(reader.read(target), BUDGET_S)))
    except (NoAnswer, TimeoutError):
        return tr("{host} gave no answer: check the address and the port.", host=host)
    except (BadAnswer, NotServing) as error:
        return tr("{host} answers, but can't be read: {detail}", host=host, detail=error)
    except OSError as error:
        return tr("{host} is out of reach: {detail}", host=host, detail=error.strerror or error)
    except ValueError as error:
        raise BadInput(tr("These settings don't fit together: {detail}", detail=error)) from error


def _way(options: argparse.Namespace) -> tuple[CheckKind, Reader, dict[str, str], str]:
    """Return the kind of check, who reads it, its settings and its secret."""
    user, _, password = options.login.partition(":")
    for name, (kind, reader) in MIDDLEWARE.items():
        if getattr(options, name):
            return kind, reader(), {"user": user, "scheme": "https" if options.https else "http"}, password
    for name, (kind, connect) in DATABASES.items():
        if getattr(options, name):
            params = {"user": user, "database": options.database, "tls": "require" if options.https else ""}
            return kind, SqlReader(connect), params, password
    if options.redfish:
        params = {"user": user, "scheme": "http" if options.http else "https"}
        return CheckKind.REDFISH, RedfishReader(), params, password
    if options.ipmi:
        return CheckKind.IPMI, IpmiReader(), {"user": user}, password
    if options.modbus:
        name = str(options.modbus)
        known = load_file(Path(name)) if name.endswith(".toml") else None
        return CheckKind.MODBUS, ModbusReader(known), {"map": name}, ""
    return CheckKind.NUT, NutReader(), {"ups": options.nut}, ""
