"""Whether the system asks for less motion: GNOME's and Windows' own switches."""

import shutil
import sys

from PySide6.QtCore import QObject, QProcess

from ui.theme import Theme

SWITCH = ("get", "org.gnome.desktop.interface", "enable-animations")
_CLIENT_AREA_ANIMATION = 0x1042


class Motion(QObject):
    """Asks the system once and tells the theme; a system that does not say is taken to allow motion."""

    def __init__(self, theme: Theme, parent: QObject | None = None, asked: str | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._program = shutil.which("gsettings") or "" if asked is None else asked
        self._process = QProcess(self)
        self._process.finished.connect(lambda *_end: self._take())

    def ask(self) -> None:
        if sys.platform == "win32":
            self._theme.is_still = not _windows_animates()
        elif self._program:
            self._process.start(self._program, SWITCH)

    def _take(self) -> None:
        self._theme.is_still = bytes(self._process.readAllStandardOutput().data()).strip() == b"false"


def _windows_animates() -> bool:
    import ctypes

    is_on = ctypes.c_int(1)
    ctypes.windll.user32.SystemParametersInfoW(_CLIENT_AREA_ANIMATION, 0, ctypes.byref(is_on), 0)  # type: ignore[attr-defined, unused-ignore]
    return bool(is_on.value)
