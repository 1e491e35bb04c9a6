"""The CMDB as a tree: counts, worst states, paths, and what a search leaves of it."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app import cmdb
from app.cmdb.tree import NOWHERE, TOP
from app.database import Database, cli_identity
from app.desk import Desk, Tx, command
from app.permissions import Permission
from app.tree_node import NodeKind, TreeNode, TreeView
from app.words import set_language
from models.cmdb import Ci
from models.enums import Post, RelationKind, State
from models.monitoring import DeviceBeat, DeviceState
from tests.cmdb.samples import ci, site
from tests.databases import desk_of


@command(Permission.CMDB_EDIT)
def watched(tx: Tx, ci_id: int, state: State, age_s: float = 0) -> None:
    """Let the watch say something of a device."""
    tx.session.merge(DeviceState(ci_id=ci_id, state=state, interval_s=60))
    tx.session.merge(DeviceBeat(ci_id=ci_id, checked_at=tx.now - timedelta(seconds=age_s)))


@command(Permission.CMDB_EDIT)
def many(tx: Tx, count: int, racks: list[int]) -> None:
    """Insert many servers, each watched."""
    rows = [
        {
            "class_name": "server",
            "name": f"虚拟化-{n:05}",
            "place_id": racks[n % len(racks)],
            "state": "in_use",
            "attributes": {},
        }
        for n in range(count)
    ]
    tx.session.execute(insert(Ci), rows)
    ids = [row.id for row in tx.session.query(Ci.id)]
    states = [
        {
            "ci_id": i,
            "state": State.NORMAL,
            "interval_s": 60,
            "judge": {},
            "facts": {},
        }
        for i in ids
    ]
    tx.session.execute(insert(DeviceState), states)
    beats = [{"ci_id": i, "checked_at": tx.now, "heartbeat": b""} for i in ids]
    tx.session.execute(insert(DeviceBeat), beats)


def under(desk: Desk, view: TreeView, key: str) -> tuple[TreeNode, ...]:
    return desk.read(cmdb.levels, view, [key])[key]


def test_the_places_count_what_is_in_them_and_show_the_worst(desk: Desk) -> None:
    here = site(desk)
    good, bad = ci(desk, "甲", place_id=here.rack, u_bottom=5), ci(desk, "乙", place_id=here.room)
    desk.as_identity(cli_identity()).do(watched, good, State.NORMAL)
    desk.as_identity(cli_identity()).do(watched, bad, State.CRITICAL)
    ci(desk, "未定", "printer")
    top = under(desk, TreeView.PLACE, TOP)
    assert [(n.title, n.count, n.state) for n in top] == [
        ("示例信息中心", 2, State.CRITICAL),
        ("Without a place", 1, None),
    ]
    room = under(desk, TreeView.PLACE, f"place:{here.room}")
    assert [(n.title, n.count, n.state) for n in room] == [("A 列", 1, State.NORMAL), ("乙", 0, State.CRITICAL)]
    rack = under(desk, TreeView.PLACE, f"place:{here.rack}")
    assert [(n.title, n.u_bottom) for n in rack] == [("甲", 5)]
    assert [n.title for n in under(desk, TreeView.PLACE, NOWHERE)] == ["未定"]


def test_what_nobody_watches_has_no_state_and_old_looks_are_stale(desk: Desk) -> None:
    here = site(desk)
    old = ci(desk, "甲", place_id=here.rack)
    ci(desk, "乙", place_id=here.rack)
    desk.as_identity(cli_identity()).do(watched, old, State.NORMAL, age_s=121)
    (rack,) = under(desk, TreeView.PLACE, f"place:{here.row}")
    assert (rack.state, rack.is_stale, rack.count) == (State.NORMAL, True, 2)
    nodes = under(desk, TreeView.PLACE, rack.key)
    assert [(n.title, n.state, n.is_stale) for n in nodes] == [("乙", None, False), ("甲", State.NORMAL, True)]


def test_the_classes_stand_in_the_boards_groups(desk: Desk) -> None:
    ci(desk, "核心", "switch")
    ci(desk, "汇聚", "switch")
    ci(desk, "财务库", "database")
    groups = under(desk, TreeView.CLASS, TOP)
    assert [(n.title, n.count) for n in groups] == [("Network devices", 2), ("Base software", 1)]
    (classes,) = [under(desk, TreeView.CLASS, groups[0].key)]
    assert [(n.title, n.count) for n in classes] == [("Switch", 2)]
    assert [n.title for n in under(desk, TreeView.CLASS, "class:switch")] == ["核心", "汇聚"]


def test_a_service_is_as_bad_as_the_worst_of_what_it_stands_on(desk: Desk) -> None:
    service, app_, server = ci(desk, "OA", "service"), ci(desk, "OA-应用", "application"), ci(desk, "OA-机")
    desk.do(cmdb.relate, uuid.uuid4(), app_, RelationKind.PART_OF, service)
    desk.do(cmdb.relate, uuid.uuid4(), app_, RelationKind.RUNS_ON, server)
    desk.as_identity(cli_identity()).do(watched, server, State.UNREACHABLE)
    (top,) = under(desk, TreeView.SERVICE, TOP)
    assert (top.title, top.count, top.state, top.has_children) == ("OA", 2, State.UNREACHABLE, True)
    (part,) = under(desk, TreeView.SERVICE, top.key)
    assert (part.title, part.has_children) == ("OA-应用", True)
    assert desk.read(cmdb.path_to, TreeView.SERVICE, server) == (f"ci:{service}", f"ci:{app_}", f"ci:{server}")


def test_a_path_leads_to_an_item_in_each_view(desk: Desk) -> None:
    here = site(desk)
    item = ci(desk, "甲", "switch", place_id=here.rack)
    places = tuple(f"place:{i}" for i in (here.site, here.room, here.row, here.rack))
    assert desk.read(cmdb.path_to, TreeView.PLACE, item) == (*places, f"ci:{item}")
    assert desk.read(cmdb.path_to, TreeView.CLASS, item) == ("group:network", "class:switch", f"ci:{item}")
    assert desk.read(cmdb.path_to, TreeView.SERVICE, item) == ()
    desk.do(cmdb.void, item, 1, "报废")
    assert desk.read(cmdb.path_to, TreeView.PLACE, item) == ()


@pytest.mark.parametrize("view", list(TreeView))
def test_a_search_leaves_the_ways_to_what_it_finds(desk: Desk, view: TreeView) -> None:
    here = site(desk)
    service = ci(desk, "门户", "service")
    item = ci(desk, "核心交换机-1", "switch", place_id=here.rack)
    ci(desk, "别的", "server", place_id=here.rack)
    desk.do(cmdb.relate, uuid.uuid4(), item, RelationKind.PART_OF, service)
    found = desk.read(cmdb.find, view, "hxjhj")
    assert (found.count, found.has_more) == (1, False)
    key = TOP
    for step in desk.read(cmdb.path_to, view, item):
        assert [node.key for node in found.levels[key]] == [step]
        key = step


def test_a_search_finds_places_and_classes_with_what_is_in_them(desk: Desk) -> None:
    here = site(desk)
    ci(desk, "甲", "switch", place_id=here.rack)
    places = desk.read(cmdb.find, TreeView.PLACE, "a01")
    assert [node.title for node in places.levels[f"place:{here.row}"]] == ["A01 机柜"]
    set_language("zh_CN")
    classes = desk.read(cmdb.find, TreeView.CLASS, "jiaohuanji")
    assert [node.title for node in classes.levels["group:network"]] == ["交换机"]


def test_a_class_of_a_newer_program_stands_under_other(desk: Desk, database: Database) -> None:
    item = ci(desk, "将来", "other")
    with database.engine.connect().execution_options(watchroom_write=True) as connection:
        connection.exec_driver_sql(f"UPDATE ci SET class_name = 'quantum' WHERE id = {item}")
        connection.commit()
    (group,) = under(desk, TreeView.CLASS, TOP)
    (kind,) = under(desk, TreeView.CLASS, group.key)
    assert [node.title for node in under(desk, TreeView.CLASS, kind.key)] == ["将来"]


def test_a_key_that_is_gone_has_nothing_under_it(desk: Desk) -> None:
    for view in TreeView:
        assert desk.read(cmdb.levels, view, ["place:4711", "class:nothing", "ci:4711"]).get("place:4711", ()) == ()


def test_ten_thousand_items_are_counted_and_open_level_by_level(desk: Desk, database: Database) -> None:
    here = site(desk)
    desk.as_identity(cli_identity()).do(many, 10_000, [here.rack, here.row, here.room])
    reader = desk_of(database, Post.CLERK)
    for view, key in ((TreeView.PLACE, TOP), (TreeView.CLASS, TOP), (TreeView.PLACE, f"place:{here.rack}")):
        assert under(reader, view, key)
    assert under(reader, TreeView.PLACE, TOP)[0].count == 10_000
    assert under(reader, TreeView.PLACE, f"place:{here.rack}")[0].kind is NodeKind.CI
