"""What a device may answer: words in GBK, tags, control characters; it is read, cleaned and shown letter by letter."""

import asyncio
import bz2
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from app.board_row import BoardRow
from app.collector.probe_report import report
from app.collector.probes.snmp.client import Credentials
from models.enums import State
from tests.collector.snmpsim_server import OWN, SnmpSim, packaged_recordings
from tests.hostile.strings import FIXED
from ui.board_surface import BoardSurface
from ui.labels import PlainLabel, plain_tooltip
from ui.theme import Theme

DESCR = "1.3.6.1.2.1.1.1.0"
IN_GBK = "netmanage"
TAGS = '<h1>x</h1><img src="/etc/passwd"><table><tr><td>y</td></tr></table>'


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpSim]:
    recordings = [OWN / "watched.snmprec", *(path for name, path in packaged_recordings().items() if name == IN_GBK)]
    with SnmpSim(tmp_path_factory.mktemp("agent"), recordings) as running:
        yield running


def descr_of(agent: SnmpSim, community: str = "watched") -> str:
    document = asyncio.run(report("127.0.0.1", agent.port, Credentials(community=community)))
    system = document["system"]
    assert isinstance(system, dict)
    return str(system["descr"])


def wait_for(agent: SnmpSim, content: bytes, expected: str) -> None:
    """The agent looks at its recordings now and then: ask until the edited one is answered."""
    agent.edit("watched", DESCR, f"4x|{content.hex()}")
    for _ in range(50):
        if descr_of(agent) == expected:
            return
    assert descr_of(agent) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("核心交换机 样机".encode("gbk"), "核心交换机 样机"),
        (TAGS.encode(), TAGS),
        (b"a\x00b\x1b[31mred", "ab[31mred"),
        ("\u202egnp.exe\u202c".encode(), "gnp.exe"),
        (b"\xff\xfe\xfd\x80", None),
    ],
    ids=["gbk", "tags", "control", "bidi", "noise"],
)
def test_a_description_is_read_whatever_it_holds(agent: SnmpSim, content: bytes, expected: str | None) -> None:
    if expected is None:
        agent.edit("watched", DESCR, f"4x|{content.hex()}")
        assert descr_of(agent).isprintable()
    else:
        wait_for(agent, content, expected)


def test_a_recorded_description_in_gbk_is_read(agent: SnmpSim) -> None:
    if IN_GBK not in agent.names:
        pytest.skip("the package snmpsim-data is not installed")
    path = packaged_recordings()[IN_GBK]
    data = bz2.decompress(path.read_bytes()) if path.suffix == ".bz2" else path.read_bytes()
    assert b"\xd6\xd0".hex().encode() in data or b"\xd6\xd0" in data
    assert "中文" in descr_of(agent, IN_GBK)


def board_row(text: str) -> BoardRow:
    now = datetime.now(UTC)
    return BoardRow(1, text, "switch", text, (), State.WARNING, now, text, text, now, 60, search=text, address=text)


@pytest.mark.parametrize("text", FIXED, ids=range(len(FIXED)))
def test_no_text_is_taken_for_rich_text_by_a_tooltip(qtbot: QtBot, text: str) -> None:
    document = QTextDocument()
    document.setHtml(plain_tooltip(text))
    shown = document.toPlainText()
    assert "<" not in text[:700] or shown.count("<") == text[:800].count("<")
    assert "\ufffc" not in shown, "an image was made"
    assert len(shown) <= 801


@pytest.mark.parametrize("text", FIXED, ids=range(len(FIXED)))
def test_the_board_paints_and_tells_a_device_of_hostile_words(qtbot: QtBot, text: str) -> None:
    theme = Theme("dark")
    surface = BoardSurface(theme)
    qtbot.addWidget(surface)
    surface.resize(600, 300)
    surface.set_rows([board_row(text)])
    surface.show()
    qtbot.waitExposed(surface)
    box = surface.board.cell_box(0)
    qtbot.mouseMove(surface.viewport(), QPoint(box[0] + 8, box[1] + 8))
    assert not surface.grab().isNull()
    assert "<img" not in surface.viewport().toolTip()


def test_a_label_shows_tags_as_they_are(qtbot: QtBot) -> None:
    label = PlainLabel(TAGS)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == TAGS
