"""`watchroom init --db postgresql://…`: a shared database, its rules, its services' connection files, who begins."""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import URL

from app import connecting
from app.cli.session import seat_name
from app.database import cli_identity, open_database
from app.desk import Desk
from app.errors import NotSaved
from app.paths import config_dir, folder_in
from app.shared.setting_up import Secret, set_up
from app.words import tr


def init_shared(options: argparse.Namespace, fill: Callable[[Desk, argparse.Namespace], None]) -> int:
    """Set a shared database up or bring it up to this program; say the new passwords once. Raises Refused."""
    url = connecting.parsed(options.db)
    engine = connecting.server_engine(url)
    try:
        made = set_up(engine, options.seats, options.administrator)
    finally:
        engine.dispose()
    for path in write_connections(url, made.services):
        print(tr("Connection of the service {name}, for its machine only: {path}", name=path.stem, path=path))
    opened = open_database(options.db)
    try:
        fill(opened.desk(cli_identity(), seat_name(options)), options)
    finally:
        opened.engine.dispose()
    if made.administrator is not None:
        print(
            tr(
                "Administrator: {login}, temporary password {password} (said this once, it holds a day)",
                login=made.administrator.login,
                password=made.administrator.password,
            )
        )
    print(tr("The database is ready: {url}", url=url.render_as_string(hide_password=True)))
    return 0


def write_connections(url: URL, services: Iterable[Secret]) -> list[Path]:
    """Write each service's URL into a file that only this account reads; return the files. Raises NotSaved."""
    folder = folder_in(config_dir(), "services")
    paths = []
    for service in services:
        path = folder / f"{service.login}.url"
        own = url.set(drivername="postgresql", username=service.login, password=service.password)
        try:
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(own.render_as_string(hide_password=False) + "\n")
        except OSError as error:
            raise NotSaved(tr("can't write {path}: {reason}", path=path, reason=error.strerror)) from error
        paths.append(path)
    return paths
