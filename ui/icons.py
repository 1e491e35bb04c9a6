"""The bundled SVG icons (Material Design Icons) in the theme's colours, by what they stand for."""

from math import ceil

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QIcon, QImageReader, QPixmap

from resources import SHIPPED
from ui.theme import Theme

FILES = {
    "board": "view-dashboard",
    "queue": "bell-ring",
    "tree": "file-tree",
    "inspector": "information",
    "access": "door-open",
    "backups": "backup-restore",
    "shift": "account-group",
    "inspections": "clipboard-check",
    "reports": "file-document",
    "ci": "cube-outline",
    "config": "lan",
    "rack": "table",
    "shutdown": "power",
}


class Icons:
    """Pixmaps of icons by name: a panel's name or an icon file's, made once per size, colour and scale."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._pixmaps: dict[tuple[str, int, str, float], QPixmap] = {}

    def pixmap(self, name: str, size: int = 16, token: str = "secondary", scale: float = 1.0) -> QPixmap:
        """Return the icon, `size` logical pixels wide; an empty pixmap for a name without a file."""
        colour = self._theme.colour(token).name()
        key = (name, size, colour, scale)
        made = self._pixmaps.get(key)
        if made is None:
            made = self._pixmaps[key] = _draw(FILES.get(name, name), ceil(size * scale), colour)
            made.setDevicePixelRatio(scale)
        return made

    def icon(self, name: str, size: int = 16, token: str = "secondary") -> QIcon:
        return QIcon(self.pixmap(name, size, token, 2.0))


def _draw(file: str, pixels: int, colour: str) -> QPixmap:
    source = SHIPPED / "icons" / f"{file}.svg"
    empty = QPixmap(pixels, pixels)
    empty.fill(Qt.GlobalColor.transparent)
    if not source.is_file():
        return empty
    text = source.read_text(encoding="utf-8").replace("<path ", f'<path fill="{colour}" ', 1)
    buffer = QBuffer()
    buffer.setData(QByteArray(text.encode()))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    reader.setScaledSize(QSize(pixels, pixels))
    image = reader.read()
    return empty if image.isNull() else QPixmap.fromImage(image)
