"""`watchroom`, `watchroom shot` and the tour without a display: the only place where `app` opens the window."""

import argparse
import contextlib
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app import words
from app.cli.session import seat_name
from app.errors import BadInput, Refused, WatchroomError
from app.paths import config_dir, database_file, lock_file
from app.words import tr

HANDS_OVER_WITHIN_S = 20.0


def open_desktop(options: argparse.Namespace) -> int:
    """Open the window on the database that the options name, the embedded one when none."""
    if options.offscreen_tour:
        return _tour(options)
    if not has_display():
        raise Refused(tr("There is no display. Pictures without one: watchroom shot DIR"))
    gc.disable()  # nothing is garbage yet, and the window collects by itself (`ui.tidy`)
    from ui.main import Start, run

    if not options.lang:
        words.set_language(kept_language() or words.language())
    url = options.db or f"sqlite:///{database_file()}"
    is_embedded = url.startswith("sqlite:///")
    start = Start(
        url,
        seat_name(options),
        options.theme or "",
        options.perspective or "duty",
        options.user or "",
        collects=is_embedded,
        is_display=options.perspective == "wall" and not options.user,
    )
    if not is_embedded:
        return run(start)
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with _held(path, patiently=bool(options.restore)):
        return run(start._replace(notice=_restored(Path(options.restore), path)) if options.restore else start)


def kept_language() -> str:
    """Return the language that the unit's settings asked of this seat, "" when they leave it to the system."""
    try:
        kept = json.loads((config_dir() / "window.json").read_text(encoding="utf-8")).get("language", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return kept if kept in words.LANGUAGES else ""


@contextlib.contextmanager
def _held(path: Path, *, patiently: bool) -> Iterator[None]:
    """Hold the lock of the one desktop on an embedded database. Raises Refused when another one has it.

    `patiently` waits for the program that started this one to end.
    """
    until = time.monotonic() + (HANDS_OVER_WITHIN_S if patiently else 0)
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(
                    lock_file(path.with_name(f"{path.name}.desktop"), tr("The desktop on {path}", path=path))
                )
                break
            except Refused:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.2)
        yield


def _restored(copy: Path, target: Path) -> str:
    """Put a copy in the database's place; return what the window says first, also when it could not be done."""
    from app import copies

    try:
        aside = copies.restore(copy, target)
    except WatchroomError as error:
        return error.sentence()
    return tr("Restored from {copy}. The database that was is kept as {aside}.", copy=copy, aside=aside)


def shot(options: argparse.Namespace) -> int:
    """Draw window, docks, pages and dialogs to PNG files in a folder."""
    from ui.shot import Wanted, draw

    width, _, height = options.size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise BadInput(tr("A size is written as 1920x1080."))
    os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    folder = Path(options.folder)
    with demo_site(options.db) as url:
        drawn = draw(Wanted(folder, url, (int(width), int(height)), options.theme or "dark"))
    print(tr("{n} pictures in {folder}", n=drawn, folder=folder))
    return 0


@contextlib.contextmanager
def demo_site(url: str | None) -> Iterator[str]:
    """Yield `url`, or a demo site of its own that is gone afterwards when none is named."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="watchroom-demo-") as folder:
        made = f"sqlite:///{Path(folder) / 'demo.db'}"
        fill_demo(made)
        yield made


def fill_demo(url: str) -> None:
    """Make a demo database at `url`, whose last day is today."""
    from app import demo
    from app.database import cli_identity, open_database
    from app.times import today

    database = open_database(url, create=True)
    try:
        demo.fill(database.desk(cli_identity(), "A1"), seed=7, last_day=today())
    finally:
        database.engine.dispose()


def has_display() -> bool:
    """Tell whether a window can be shown here."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "vnc"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _tour(options: argparse.Namespace) -> int:
    from ui.tour import go

    folder = Path(options.offscreen_tour)
    drawn = go(folder, options.theme or "dark")
    print(tr("{n} pictures and an inspection on paper in {folder}", n=drawn, folder=folder.resolve()))
    return 0
