"""Colours, sizes and fonts: tokens from `resources/theme.json` become one palette and one style sheet.

No other module of `ui` writes a colour, a size of type or a font name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from models.enums import State
from resources import SHIPPED
from ui.marks import Marks

CHOICES = ("system", "dark", "light")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme's values as they stand in `theme.json`; `colours` by token name."""

    name: str
    colours: Mapping[str, str]
    sizes: Mapping[str, int]
    fonts: Mapping[str, int]
    family: str
    shade_percent: int
    _made: dict[str, QColor] = field(default_factory=dict, compare=False, repr=False)

    def colour(self, name: str) -> QColor:
        """Return a token's colour; raises KeyError for a token that theme.json lacks."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = QColor(self.colours[name])
        return made

    def shade(self, name: str) -> QColor:
        """Return the surface tinted with a token's colour, for banners and marked rows."""
        over, under, part = self.colour(name), self.colour("surface"), self.shade_percent / 100
        return QColor(
            *(
                round(a * part + b * (1 - part))
                for a, b in zip(over.getRgb()[:3], under.getRgb()[:3], strict=True)  # type: ignore[index]
            )
        )


def load_tokens() -> dict[str, Tokens]:
    """Return the themes of `theme.json` by name."""
    text = (SHIPPED / "theme.json").read_text(encoding="utf-8")
    read = json.loads(text)
    return {name: _tokens(name, read) for name in ("dark", "light")}


def _tokens(name: str, read: dict[str, dict[str, object]]) -> Tokens:
    colours = {key: value for key, value in read[name].items() if isinstance(value, str)}
    fonts = {key: value for key, value in read["font"].items() if isinstance(value, int)}
    sizes = {key: value for key, value in read["size"].items() if isinstance(value, int)}
    shade = read[name]["shade"]
    return Tokens(name, colours, sizes, fonts, str(read["font"]["family"]), int(str(shade)))


class Theme(QObject):
    """The theme in force. `changed` follows each switch, after palette and style sheet are in place."""

    changed = Signal()

    def __init__(self, choice: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = load_tokens()
        self._choice = choice
        self._fonts: dict[tuple[str, bool], QFont] = {}
        self._marks = Marks()
        self.is_still = False
        """Whether the system asks for less motion: then nothing fades."""
        self.tokens = self._themes[self._wanted()]
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def choice(self) -> str:
        """`system`, `dark` or `light`."""
        return self._choice

    @property
    def is_dark(self) -> bool:
        return self.tokens.name == "dark"

    def choose(self, choice: str) -> None:
        """Make `choice` (one of CHOICES) the theme from now on."""
        self._choice = choice
        self._switch()

    def apply(self) -> None:
        """Give the application the palette, the style sheet and the font of the theme in force."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            # Qt would style anew whatever it once styled, also widgets that ended since, and crash: it forgets them so.
            app.setStyleSheet("")
            app.setFont(self.font("text"))
            app.setPalette(palette(self.tokens))
            self._marks.write(self.tokens.name, self.tokens.colours)
            app.setStyleSheet(style_sheet(self.tokens))

    def colour(self, name: str) -> QColor:
        return self.tokens.colour(name)

    def state_colour(self, state: State) -> QColor:
        return self.tokens.colour(state.value)

    def size(self, name: str) -> int:
        return self.tokens.sizes[name]

    def font(self, role: str = "text", bold: bool = False) -> QFont:
        """Return the font of a role of theme.json (text, secondary, small, title, figure, wall), digits
        tabular.
        """
        made = self._fonts.get((role, bold))
        if made is None:
            made = QFont(self.tokens.family)
            made.setPixelSize(self.tokens.fonts[role])
            made.setBold(bold)
            made.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[role, bold] = made
        return made

    def _wanted(self) -> str:
        if self._choice in self._themes:
            return self._choice
        scheme = QGuiApplication.styleHints().colorScheme()
        return "light" if scheme is Qt.ColorScheme.Light else "dark"

    def _follow_system(self) -> None:
        if self._choice == "system":
            self._switch()

    def _switch(self) -> None:
        wanted = self._themes[self._wanted()]
        if wanted is not self.tokens:
            self.tokens = wanted
            self.apply()
            self.changed.emit()


def palette(tokens: Tokens) -> QPalette:
    """Return the Fusion palette of a theme, disabled texts included."""
    made = QPalette()
    role = QPalette.ColorRole
    for name, roles in {
        "window": (role.Window, role.Base),
        "surface": (role.AlternateBase,),
        "raised": (role.Button, role.ToolTipBase, role.Midlight),
        "hair": (role.Mid, role.Dark, role.Light),
        "text": (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText),
        "secondary": (role.PlaceholderText,),
        "accent": (role.Highlight, role.Link, role.LinkVisited, role.Accent),
        "on_accent": (role.HighlightedText,),
    }.items():
        for each in roles:
            made.setColor(each, tokens.colour(name))
    for each in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, each, tokens.colour("disabled"))
    return made


def style_sheet(tokens: Tokens) -> str:
    """Return the one style sheet, its `$names` filled in from the tokens."""
    text = (SHIPPED / "styles" / "watchroom.qss").read_text(encoding="utf-8")
    values: dict[str, str] = {"theme": tokens.name, **tokens.colours}
    values |= {name: str(size) for name, size in tokens.sizes.items()}
    values |= {f"{name}_px": str(size) for name, size in tokens.fonts.items()}
    values |= {f"shade_{name}": tokens.shade(name).name() for name in ("accent", "warning", "critical")}
    return Template(text).substitute(values)
