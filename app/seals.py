"""What this machine remembers of seals that it verified, so that a trail cut short is noticed here (DESIGN 3)."""

import json
from pathlib import Path

from app.filenames import write_file
from app.paths import config_dir


def remembered(database_uuid: str) -> tuple[int, str]:
    """Return the newest seal verified here, (0, "") when none was."""
    held = _read().get(database_uuid)
    return (held[0], held[1]) if held else (0, "")


def remember(database_uuid: str, seal: int, digest: str) -> None:
    """Keep a seal that was just verified."""
    if not seal:
        return
    held = _read()
    held[database_uuid] = (seal, digest)
    write_file(_file(), json.dumps(held).encode())


def _file() -> Path:
    return config_dir() / "seals.json"


def _read() -> dict[str, tuple[int, str]]:
    try:
        held = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}
