"""What this seat remembers of its windows: column widths, layouts, choices. One small JSON file per
person.
"""

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

WRITE_AFTER_MS = 800


class Memory(QObject):
    """Values by key, written to `path` a moment after the last change; without a path they live in memory
    only.
    """

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._values: dict[str, Any] = _read(path)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_AFTER_MS)
        self._timer.timeout.connect(self.write)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value kept under `key`, as JSON gives it back."""
        return self._values.get(key, default)

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value under `key`."""
        if self._values.get(key) != value:
            self._values[key] = value
            self._timer.start()

    def forget(self, start: str) -> None:
        """Drop every key that starts with `start`."""
        for key in [key for key in self._values if key.startswith(start)]:
            del self._values[key]
            self._timer.start()

    def write(self) -> None:
        """Write the file now; a file that can't be written costs only the memory."""
        self._timer.stop()
        if self._path is None:
            return
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(self._values, ensure_ascii=False, indent=1), encoding="utf-8")
            os.replace(part, self._path)  # noqa: PTH105
        except OSError:
            return


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
