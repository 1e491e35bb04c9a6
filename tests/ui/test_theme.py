"""The colours can be read and told apart, also with each of the three kinds of colour blindness."""

from itertools import combinations

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from models.enums import State
from ui.theme import Theme, Tokens, load_tokens, palette, style_sheet
from ui.veil import Veil

LEAST_CONTRAST = 4.5
LEAST_DISTANCE = 10.0
BACKGROUNDS = ("window", "surface", "raised")
# Machado, Oliveira and Fernandes 2009, severity 1.0
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
Linear = tuple[float, ...]


def linear(colour: QColor) -> Linear:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def luminance(colour: QColor) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.1, 1.4.3."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(seen: Linear) -> Linear:
    red, green, blue = (min(1.0, max(0.0, part)) for part in seen)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen_with(blindness: str, colour: QColor) -> Linear:
    parts = linear(colour)
    return tuple(sum(a * b for a, b in zip(row, parts, strict=True)) for row in BLINDNESS[blindness])


@pytest.fixture(params=["dark", "light"])
def tokens(request: pytest.FixtureRequest) -> Tokens:
    return load_tokens()[request.param]


@pytest.mark.parametrize("background", [*BACKGROUNDS, "selection"])
def test_texts_can_be_read_on_every_background(tokens: Tokens, background: str) -> None:
    found = {
        name: contrast(tokens.colour(name), tokens.colour(background))
        for name in ("text", "secondary", *(state.value for state in State))
    }
    assert {name: ratio for name, ratio in found.items() if ratio < LEAST_CONTRAST} == {}


def test_the_main_button_can_be_read(tokens: Tokens) -> None:
    assert contrast(tokens.colour("on_accent"), tokens.colour("accent")) >= LEAST_CONTRAST


@pytest.mark.parametrize("name", ["accent", "warning", "critical"])
def test_a_banner_can_be_read_on_its_own_shade(tokens: Tokens, name: str) -> None:
    assert contrast(tokens.colour(name), tokens.shade(name)) >= LEAST_CONTRAST


@pytest.mark.parametrize("blindness", list(BLINDNESS))
def test_states_can_be_told_apart(tokens: Tokens, blindness: str) -> None:
    labs = {state: lab(seen_with(blindness, tokens.colour(state.value))) for state in State}
    near = {
        (one.value, other.value): round(distance, 1)
        for one, other in combinations(State, 2)
        if (distance := sum((a - b) ** 2 for a, b in zip(labs[one], labs[other], strict=True)) ** 0.5) < LEAST_DISTANCE
    }
    assert near == {}


def test_the_style_sheet_leaves_no_name_unfilled(tokens: Tokens) -> None:
    assert "$" not in style_sheet(tokens)


def test_both_themes_have_the_same_tokens() -> None:
    themes = load_tokens()
    assert themes["dark"].colours.keys() == themes["light"].colours.keys()


def test_disabled_text_is_greyer_than_text(qapp: QApplication, tokens: Tokens) -> None:
    made = palette(tokens)
    greyed = made.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert greyed == tokens.colour("disabled") != tokens.colour("text")


def test_a_system_that_says_nothing_gets_the_dark_theme(qapp: QApplication) -> None:
    assert Theme("system").is_dark


def test_switching_tells_once_and_changes_the_palette(qapp: QApplication) -> None:
    theme, told = Theme("dark"), []
    theme.changed.connect(lambda: told.append(theme.is_dark))
    theme.choose("light")
    theme.choose("light")
    assert told == [False]
    assert qapp.palette().color(QPalette.ColorRole.Window) == theme.colour("window")


def test_a_veil_leaves_the_themes_own_colours_as_they_are(qtbot: QtBot) -> None:
    theme = Theme("dark")
    under = QWidget()
    qtbot.addWidget(under)
    veil = Veil(theme, under)
    veil.lower_over()
    veil.grab()
    assert theme.colour("surface").alpha() == 255
