"""The tree dock over a real desk: it opens, follows, searches, and never loses its place."""

import uuid
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app import cmdb
from app.database import cli_identity
from app.desk import Desk
from models.enums import RelationKind, State
from tests.cmdb.samples import Site, ci, site
from tests.cmdb.test_tree import watched
from ui.context import Context
from ui.docks.cmdb import CmdbDock
from ui.docks.cmdb_model import NODE
from ui.live import Changed

WAIT_MS = 10_000


@pytest.fixture
def here(desk: Desk) -> Site:
    made = site(desk)
    for number, name in enumerate(("核心交换机-1", "汇聚交换机-1", "门户-应用"), 1):
        ci(desk, name, "switch" if number < 3 else "server", place_id=made.rack, u_bottom=number * 10)
    return made


@pytest.fixture
def dock(qtbot: QtBot, context: Context, here: Site) -> CmdbDock:
    made = CmdbDock(context)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    made.load()
    qtbot.waitUntil(lambda: made.model.rowCount() == 1, timeout=WAIT_MS)
    return made


def path(here: Site, ci_id: int) -> tuple[str, ...]:
    return (*(f"place:{i}" for i in (here.site, here.room, here.row, here.rack)), f"ci:{ci_id}")


def reveal(qtbot: QtBot, dock: CmdbDock, ci_id: int) -> None:
    dock.reveal(ci_id)
    qtbot.waitUntil(lambda: dock.current is not None and dock.current.key == f"ci:{ci_id}", timeout=WAIT_MS)


def test_a_selection_elsewhere_is_shown_in_the_tree(qtbot: QtBot, dock: CmdbDock, context: Context, here: Site) -> None:
    context.nav.select("ci", 2)
    qtbot.waitUntil(lambda: dock.model.find(path(here, 2)).isValid(), timeout=WAIT_MS)
    assert dock.current is not None and dock.current.title == "汇聚交换机-1"


def test_a_selection_here_goes_to_the_inspector(qtbot: QtBot, dock: CmdbDock, context: Context, here: Site) -> None:
    reveal(qtbot, dock, 1)
    with qtbot.waitSignal(context.nav.selected, timeout=WAIT_MS) as told:
        dock.view.setCurrentIndex(dock.model.find(path(here, 3)))
    assert told.args == ["ci", 3]


def test_a_state_that_turns_is_patched_and_nothing_closes(
    qtbot: QtBot, dock: CmdbDock, context: Context, desk: Desk, here: Site
) -> None:
    reveal(qtbot, dock, 1)
    desk.as_identity(cli_identity()).do(watched, 2, State.CRITICAL)
    context.live.states_changed.emit(frozenset({2}))
    top = dock.model.find(path(here, 1)[:1])
    qtbot.waitUntil(lambda: top.data(NODE).state is State.CRITICAL, timeout=WAIT_MS)
    assert dock.current is not None and dock.current.id == 1
    assert all(dock.view.isExpanded(dock.model.find(path(here, 1)[:depth])) for depth in range(1, 5))


def test_a_colleagues_item_appears_and_a_voided_one_goes(
    qtbot: QtBot, dock: CmdbDock, context: Context, desk: Desk, here: Site
) -> None:
    reveal(qtbot, dock, 1)
    new = ci(desk, "新设备", "server", place_id=here.rack, u_bottom=41)
    desk.do(cmdb.void, 3, 1, "报废")
    context.live.changed.emit(Changed({"ci": frozenset({new, 3})}))
    qtbot.waitUntil(lambda: dock.model.find(path(here, new)).isValid(), timeout=WAIT_MS)
    assert not dock.model.find(path(here, 3)).isValid()
    assert dock.current is not None and dock.current.id == 1


def test_a_search_shows_the_ways_to_what_it_finds_and_ends_where_it_began(
    qtbot: QtBot, dock: CmdbDock, here: Site
) -> None:
    reveal(qtbot, dock, 3)
    dock.filter.setText("hxjhj")
    found = path(here, 1)
    qtbot.waitUntil(
        lambda: dock.model.find(found).isValid() and not dock.model.find(path(here, 2)).isValid(), timeout=WAIT_MS
    )
    assert all(dock.view.isExpanded(dock.model.find(found[:depth])) for depth in range(1, 5))
    dock.filter.setText("")
    qtbot.waitUntil(lambda: dock.model.find(path(here, 3)).isValid(), timeout=WAIT_MS)
    assert dock.view.isExpanded(dock.model.find(found[:4]))


def test_each_view_shows_the_same_items(qtbot: QtBot, dock: CmdbDock, desk: Desk) -> None:
    service = ci(desk, "门户", "service")
    desk.do(cmdb.relate, uuid.uuid4(), 3, RelationKind.PART_OF, service)
    for view, key in (("class", "group:network"), ("service", f"ci:{service}")):
        dock.chips.choose(view)
        qtbot.waitUntil(lambda key=key: dock.model.find((key,)).isValid(), timeout=WAIT_MS)  # type: ignore[misc]


def test_an_empty_place_offers_the_next_step(qtbot: QtBot, context: Context) -> None:
    dock = CmdbDock(context)
    qtbot.addWidget(dock)
    dock.show()
    dock.load()
    qtbot.waitUntil(dock.view.empty.isVisible, timeout=WAIT_MS)


def test_every_node_has_a_menu(qtbot: QtBot, dock: CmdbDock, here: Site) -> None:
    reveal(qtbot, dock, 1)
    for depth in range(1, 6):
        node = dock.model.node(dock.model.find(path(here, 1)[:depth]))
        assert node is not None
        menu = dock._actions.menu_of(node, dock)
        assert len([action for action in menu.actions() if not action.isSeparator()]) > 3


def test_a_renamed_item_keeps_its_place_in_hand(
    qtbot: QtBot, dock: CmdbDock, context: Context, desk: Desk, here: Site
) -> None:
    reveal(qtbot, dock, 2)
    seen = desk.read(cmdb.detail, 2)
    desk.do(cmdb.edit, 2, seen.version, replace(seen.draft, name="汇聚-甲"))
    context.live.changed.emit(Changed({"ci": frozenset({2})}))
    qtbot.waitUntil(lambda: dock.current is not None and dock.current.title == "汇聚-甲", timeout=WAIT_MS)
