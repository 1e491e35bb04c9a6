"""Starting at log-in, as an option of this account: a desktop entry on Linux, a Run value on Windows."""

import contextlib
import os
import shlex
import sys
from pathlib import Path

from app.errors import NotSaved
from app.filenames import write_file
from app.words import tr

_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_NAME = "Watchroom"


def is_on() -> bool:
    """Tell whether the program starts at log-in."""
    if sys.platform == "win32":
        return _windows_value() is not None
    return _entry().exists()


def turn(is_wanted: bool) -> None:
    """Make the program start at log-in, or no longer. Raises NotSaved."""
    if sys.platform == "win32":
        _turn_on_windows(is_wanted)
    elif is_wanted:
        _make_folder()
        write_file(_entry(), _desktop_entry().encode())
    else:
        _entry().unlink(missing_ok=True)


def command() -> list[str]:
    """Return the command that starts the desktop of this installation."""
    return [sys.executable, "-m", "app"]


def _entry() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "autostart" / "watchroom.desktop"


def _make_folder() -> None:
    try:
        _entry().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotSaved(tr("can't write {path}: {reason}", path=_entry(), reason=error.strerror)) from error


def _desktop_entry() -> str:
    lines = ("[Desktop Entry]", "Type=Application", f"Name={_NAME}", f"Exec={shlex.join(command())}", "Terminal=false")
    return "\n".join((*lines, ""))


def _windows_value() -> str | None:
    if sys.platform != "win32":
        return None
    import winreg

    with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
        return str(winreg.QueryValueEx(key, _NAME)[0])
    return None


def _turn_on_windows(is_wanted: bool) -> None:
    if sys.platform != "win32":
        return
    import subprocess
    import winreg

    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN_KEY, 0, winreg.KEY_SET_VALUE) as key:
        if is_wanted:
            winreg.SetValueEx(key, _NAME, 0, winreg.REG_SZ, subprocess.list2cmdline(command()))
        else:
            with contextlib.suppress(FileNotFoundError):
                winreg.DeleteValue(key, _NAME)
