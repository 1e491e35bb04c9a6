"""What the program brings along is there, can be read, and travels with an installation."""

import subprocess
import sys
from importlib import resources as packaged
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from ui.icons import FILES

ROOT = Path(__file__).resolve().parent.parent
ICONS = sorted((ROOT / "resources" / "icons").glob("*.svg"))
RARE_NAMES = "䶮㛃𬭎"


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_the_fonts_can_be_printed_with_and_hold_rare_names(weight: str) -> None:
    font = TTFont(weight, str(packaged.files("resources") / "fonts" / f"NotoSansSC-{weight}.ttf"))
    missing = [sign for sign in RARE_NAMES + "值守巡检℃℉Ω±−×" if ord(sign) not in font.face.charToGlyph]
    assert missing == []


def test_each_icon_is_one_shape_that_takes_a_colour() -> None:
    for icon in ICONS:
        if icon.stem != "watchroom":
            root = ElementTree.fromstring(icon.read_text(encoding="utf-8"))
            assert root.get("viewBox") == "0 0 24 24", icon.name
            assert len(root) == 1 and "fill" not in root[0].attrib, icon.name


def test_each_panel_has_its_icon() -> None:
    assert set(FILES.values()) - {icon.stem for icon in ICONS} == set()


def test_a_built_wheel_carries_everything_but_the_tests(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("*.whl")
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    bundled = (ROOT / "resources").rglob("*")
    expected = {path.relative_to(ROOT).as_posix() for path in bundled if path.is_file() and path.suffix != ".pyc"}
    assert expected - names == set()
    assert {name.split("/")[0] for name in names} == {"app", "ui", "models", "resources"}
