"""Finding devices: what is meant, what is found, and that nothing is added before a person says so."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import cmdb, devices, discovery
from app.desk import Desk
from app.discovery import Choice, Found, Search
from app.errors import BadInput
from app.sheets import write_csv, write_xlsx
from models.enums import CheckKind
from tests.collector.snmpsim_server import OWN, SnmpSim
from ui.commands import Commands
from ui.context import Context
from ui.icons import Icons
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.pages.discovery import DiscoveryPage
from ui.shapes import Shapes
from ui.theme import Theme
from ui.work import Work

PATIENCE_MS = 20_000
LOOPBACKS = "127.0.0.1-20"


class Stopped(Exception):
    """What a teller raises that was asked to stop."""


class Teller:
    """Keeps what it was told; stops the search after `patience` words."""

    def __init__(self, patience: int = 1_000_000) -> None:
        self.told: list[tuple[float, str]] = []
        self._patience = patience

    def progress(self, part: float, text: str = "") -> None:
        self.told.append((part, text))
        if len(self.told) > self._patience:
            raise Stopped


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpSim]:
    with SnmpSim(tmp_path_factory.mktemp("agent"), [OWN / "sample.snmprec", OWN / "watched.snmprec"]) as running:
        yield running


def swept(desk: Desk, search: Search, teller: Teller | None = None) -> list[Found]:
    found: list[Found] = []
    discovery.sweep(desk, teller or Teller(), search, found.extend)
    return found


def test_subnets_ranges_and_addresses_are_each_meant_once() -> None:
    assert discovery.addresses_in("192.0.2.0/30，192.0.2.2 192.0.2.9-11;198.51.100.254-198.51.101.1") == [
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.9",
        "192.0.2.10",
        "192.0.2.11",
        "198.51.100.254",
        "198.51.100.255",
        "198.51.101.0",
        "198.51.101.1",
    ]


def test_a_slash_16_is_the_largest_subnet() -> None:
    assert len(discovery.addresses_in("10.1.0.0/16")) == 65_534
    with pytest.raises(BadInput, match="larger than a /16"):
        discovery.addresses_in("10.0.0.0/15")
    with pytest.raises(BadInput, match="more than 65,536"):
        discovery.addresses_in("10.1.0.0/16 10.2.0.0/24")


@pytest.mark.parametrize(
    "text", ["", "  ", "switch-1", "10.0.0.300", "10.0.0.9-1", "10.0.0.1-::2", "1/2/3", "2001:db8::/32"]
)
def test_what_names_no_addresses_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        discovery.addresses_in(text)


def test_a_sheet_of_a_thousand_addresses_is_read_whatever_else_stands_in_it(tmp_path: Path) -> None:
    rows = [[f"设备 {n}", f"10.9.{n // 250}.{n % 250 + 1}", "2026-11-23", 3.5, "12"] for n in range(1_000)]
    for path, write in ((tmp_path / "list.xlsx", None), (tmp_path / "list.csv", write_csv)):
        if write is None:
            write_xlsx(path, "设备", ["名称", "IP", "日期", "电压", "数量"], rows)
        else:
            write(path, ["名称", "IP", "日期", "电压", "数量"], rows)
        found = discovery.read_addresses(path)
        assert len(found) == 1_000
        assert found[0] == "10.9.0.1"


def test_a_sheet_without_addresses_says_so(tmp_path: Path) -> None:
    write_csv(tmp_path / "none.csv", ["name"], [["a"], ["b"]])
    with pytest.raises(BadInput, match="no address"):
        discovery.read_addresses(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("object_id", "descr", "class_name"),
    [
        ("1.3.6.1.4.1.8072.3.2.10", "Linux watched 6.1.0", "server"),
        ("1.3.6.1.4.1.2011.2.23.1", "Huawei Versatile Routing Platform S5720-28X", "switch"),
        ("1.3.6.1.4.1.318.1.3.27", "APC Web/SNMP Management Card", "ups"),
        ("1.3.6.1.4.1.318.1.3.4.5", "APC Web/SNMP Management Card", "pdu"),
        ("1.3.6.1.4.1.9.1.516", "Cisco IOS Software, C3750 Software", "switch"),
        ("1.3.6.1.4.1.99999.1", "核心交换机", "switch"),
        ("1.3.6.1.4.1.12356.101", "", "firewall"),
        ("1.3.6.1.4.1.11.2.3.9.1", "HP ETHERNET MULTI-ENVIRONMENT,JETDIRECT", "printer"),
        ("1.3.6.1.4.1.318.1.3.14.23", "APC InRow DX 300mm", "air_conditioner"),
        ("1.3.6.1.4.1.2011.6.174.4.1.2.4", "SNMP Card for HUAWEI UPS2000", "ups"),
        ("1.3.6.1.4.1.674.10892.5", "", "server"),
        ("1.3.6.1.4.1.3854.1", "SensorProbe", "sensor"),
        ("1.3.6.1.4.1.3764.1.1", "Linux i2k 3.10.26", "tape_library"),
        ("", "", "other"),
    ],
)
def test_the_class_is_proposed_from_what_a_device_says(object_id: str, descr: str, class_name: str) -> None:
    assert discovery.propose_class(object_id, descr) == class_name


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_answers_is_named_with_its_class_and_checks_and_nothing_is_added(desk: Desk, agent: SnmpSim) -> None:
    teller = Teller()
    search = Search(["127.0.0.1", "240.0.0.1"], ["wrong", "watched"], agent.port)
    (found,) = swept(desk, search, teller)
    assert (found.address, found.name, found.class_name) == ("127.0.0.1", "watched", "server")
    assert found.kinds == (CheckKind.ICMP, CheckKind.SNMP)
    assert found.community == "watched"
    assert "watched" not in repr(search) and "community" not in repr(found)
    assert teller.told[-1] == (1.0, "2 of 2 addresses asked, 1 answer")
    assert desk.read(devices.board) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_device_that_refuses_every_community_is_found_for_ping_alone(desk: Desk, agent: SnmpSim) -> None:
    (found,) = swept(desk, Search(["127.0.0.1"], ["wrong"], agent.port, asks_names=False))
    assert (found.name, found.class_name, found.kinds) == ("", "other", (CheckKind.ICMP,))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_search_stops_when_asked_and_what_was_told_stays(desk: Desk) -> None:
    addresses = discovery.addresses_in("127.0.0.0/22 240.0.0.0/22")
    found: list[Found] = []
    with pytest.raises(Stopped):
        discovery.sweep(desk, Teller(patience=3), Search(addresses, asks_names=False), found.extend)
    assert len(found) < len(addresses)


def test_only_chosen_devices_are_added_once_with_what_is_known_of_them(desk: Desk) -> None:
    choice = Choice(uuid.uuid4(), "192.0.2.7", "sw-7", "switch", "Huawei", "S5720", "V200R010", "secret", 161)
    assert desk.do(discovery.add, [choice]) == 1
    assert desk.do(discovery.add, [choice, Choice(uuid.uuid4(), "192.0.2.7", "again", "server")]) == 0
    (row,) = desk.read(devices.board)
    assert (row.name, row.class_name, row.address) == ("sw-7", "switch", "192.0.2.7")
    kinds = {check.kind: check.has_secret for check in desk.read(devices.checks_of, row.ci_id)}
    assert kinds == {CheckKind.ICMP: False, CheckKind.SNMP: True}
    assert desk.read(cmdb.detail, row.ci_id).draft.model == "S5720"
    assert desk.read(discovery.known_at, ["192.0.2.7", "192.0.2.8"]) == {"192.0.2.7": "sw-7"}


@pytest.fixture
def context(qapp: QApplication, desk: Desk) -> Iterator[Context]:
    theme = Theme("dark")
    theme.apply()
    work = Work(lambda: desk)
    crashes: list[str] = []
    work.crashed.connect(crashes.append)
    yield Context(work, Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory(), desk.identity, "A1")
    work.close()
    qapp.setStyleSheet("")
    assert not crashes, crashes[0]


@pytest.fixture
def open_page(qtbot: QtBot, context: Context) -> Callable[[str], DiscoveryPage]:
    def open_it(addresses: str) -> DiscoveryPage:
        page = DiscoveryPage(context)
        qtbot.addWidget(page)
        page.resize(1200, 700)
        page.show_row(addresses)
        page.show()
        return page

    return open_it


def names(lines: Sequence[object]) -> list[str]:
    return [line.id for line in lines]  # type: ignore[attr-defined]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestPage:
    def test_a_person_ticks_and_adds(
        self, qtbot: QtBot, desk: Desk, agent: SnmpSim, open_page: Callable[[str], DiscoveryPage]
    ) -> None:
        page = open_page("127.0.0.1-3")
        page.communities.setText("sample")
        page.port.setText(str(agent.port))
        qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: len(page.lines) == 3 and page.start_button.isEnabled(), timeout=PATIENCE_MS)
        by_address = {line.id: line for line in page.lines}
        assert by_address["127.0.0.1"].is_ticked
        assert desk.read(devices.board) == []
        page.table.select_key("127.0.0.2")
        qtbot.keyClick(page.table, Qt.Key.Key_Space)
        qtbot.mouseClick(page.add_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: page.banners.text("added") != "", timeout=PATIENCE_MS)
        added = {row.address for row in desk.read(devices.board)}
        assert added == {line.id for line in by_address.values() if line.is_ticked} ^ {"127.0.0.2"}
        assert not page.add_button.isEnabled()

    def test_stop_keeps_what_was_found(self, qtbot: QtBot, open_page: Callable[[str], DiscoveryPage]) -> None:
        page = open_page("127.0.0.0/22 240.0.0.0/22")
        page.names.setChecked(False)
        page.search()
        qtbot.waitUntil(lambda: len(page.lines) > 0, timeout=PATIENCE_MS)
        qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
        assert page.start_button.isEnabled()
        assert "Stopped" in page.line.text()
        assert page.lines
        qtbot.waitUntil(lambda: not page.context.work.is_busy, timeout=PATIENCE_MS)

    def test_bad_input_is_said_above_the_form(self, qtbot: QtBot, open_page: Callable[[str], DiscoveryPage]) -> None:
        page = open_page("<b>10.0.0.0/8</b>")
        page.search()
        qtbot.waitUntil(lambda: page.banners.text("error") != "", timeout=PATIENCE_MS)
        assert page.start_button.isEnabled()
