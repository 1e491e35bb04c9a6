"""Configuration items: made, changed, moved, voided, related, found again."""

import uuid
from dataclasses import replace
from datetime import date

import pytest

from app import cmdb
from app.database import Database
from app.desk import Desk
from app.errors import BadInput, Conflict, NotAllowed, Refused
from models.enums import CiState, Post, RelationKind
from tests.cmdb.samples import ci, site
from tests.databases import desk_of, trail_findings


def test_the_same_key_again_makes_no_second_item(desk: Desk) -> None:
    key, draft = uuid.uuid4(), cmdb.CiDraft("switch", "核心交换机-1")
    assert desk.do(cmdb.create, key, draft) == desk.do(cmdb.create, key, draft)
    assert desk.read(cmdb.size) == 1


def test_an_item_comes_back_as_it_was_given(desk: Desk) -> None:
    here = site(desk)
    draft = cmdb.CiDraft(
        "server",
        "财务数据库-1",
        code="ZC-0012",
        maker="Inspur",
        model="NF5280M6",
        serial="SN1",
        address="127.0.1.20",
        place_id=here.rack,
        u_bottom=10.5,
        u_height=2,
        bought_on=date(2024, 5, 1),
        attributes={"memory_gb": 256.0, "raid": "raid10"},
    )
    found = desk.read(cmdb.detail, desk.do(cmdb.create, uuid.uuid4(), draft))
    assert found.draft == draft
    assert found.place_path == "示例信息中心 / 一号机房 / A 列 / A01 机柜"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 121}),
        ("class_name", {"class_name": "spaceship"}),
        ("address", {"address": "10.0.0.256"}),
        ("address", {"address": "no blanks here"}),
        ("address", {"address": "http://host/"}),
        ("bought_on", {"bought_on": date(9999, 1, 1)}),
        ("memory_gb", {"attributes": {"memory_gb": "viel"}}),
        ("memory_gb", {"attributes": {"memory_gb": float("nan")}}),
        ("raid", {"attributes": {"raid": "RAID 99"}}),
        ("u_height", {"u_height": -1.0}),
        ("parent_id", {"parent_id": 4711}),
        ("place_id", {"place_id": 4711}),
        ("owner_id", {"owner_id": 4711}),
        ("serial", {"serial": "x" * 100_000}),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(desk: Desk, field: str, values: dict[str, object]) -> None:
    draft = replace(cmdb.CiDraft("server", "一台"), **values)  # type: ignore[arg-type]  # the wrong values are the test
    with pytest.raises(BadInput) as refused:
        desk.do(cmdb.create, uuid.uuid4(), draft)
    assert refused.value.field == field
    assert desk.read(cmdb.size) == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "fe80::1", "sw-core.example.cn", "localhost", "[::1]", ""])
def test_addresses_and_host_names_are_taken(desk: Desk, address: str) -> None:
    ci(desk, "一台", address=address)


def test_a_choice_is_taken_by_its_chinese_or_english_label(desk: Desk) -> None:
    found = desk.read(cmdb.detail, ci(desk, "一台", attributes={"raid": "RAID 10"}))
    assert found.draft.attributes == {"raid": "raid10"}


def test_an_asset_code_belongs_to_one_item_only(desk: Desk) -> None:
    ci(desk, "甲", code="ZC-1")
    with pytest.raises(BadInput, match="甲"):
        ci(desk, "乙", code="ZC-1")


def test_a_second_editor_sees_both_values_field_by_field(desk: Desk) -> None:
    item = ci(desk, "核心交换机-1", "switch", attributes={"ports": 24})
    seen = desk.read(cmdb.detail, item)
    desk.do(cmdb.edit, item, seen.version, replace(seen.draft, serial="A", attributes={"ports": 48}))
    with pytest.raises(Conflict) as conflict:
        desk.do(cmdb.edit, item, seen.version, replace(seen.draft, serial="B", name="核心-1"))
    assert conflict.value.who == "演示员甲"
    assert conflict.value.theirs == {"name": "核心交换机-1", "serial": "A", "ports": 48}
    assert conflict.value.yours == {"name": "核心-1", "serial": "B", "ports": 24}
    assert desk.read(cmdb.detail, item).draft.serial == "A"


def test_a_loop_of_parents_is_refused(desk: Desk) -> None:
    first = ci(desk, "甲")
    second = ci(desk, "乙", parent_id=first)
    third = ci(desk, "丙", parent_id=second)
    seen = desk.read(cmdb.detail, first)
    for parent in (first, second, third):
        with pytest.raises(BadInput) as refused:
            desk.do(cmdb.edit, first, seen.version, replace(seen.draft, parent_id=parent))
        assert refused.value.field == "parent_id"


def test_a_voided_item_leaves_the_tree_but_not_the_record(desk: Desk) -> None:
    item = ci(desk, "旧服务器")
    desk.do(cmdb.void, item, 1, "报废")
    assert desk.read(cmdb.size) == 0
    found = desk.read(cmdb.detail, item)
    assert (found.void_reason, found.voided_at is not None) == ("报废", True)
    with pytest.raises(Refused):
        desk.do(cmdb.edit, item, found.version, replace(found.draft, name="新"))


def test_voiding_wants_a_reason_and_nothing_behind_it(desk: Desk) -> None:
    item = ci(desk, "汇聚交换机", "switch")
    ci(desk, "门户-应用-01", parent_id=item)
    with pytest.raises(BadInput):
        desk.do(cmdb.void, item, 1, "  ")
    with pytest.raises(Refused, match="门户-应用-01"):
        desk.do(cmdb.void, item, 1, "报废")


def test_relations_are_seen_from_both_ends_until_they_end(desk: Desk) -> None:
    service, database = ci(desk, "OA", "service"), ci(desk, "OA-库", "database")
    relation = desk.do(cmdb.relate, uuid.uuid4(), database, RelationKind.PART_OF, service)
    assert [(r.other_name, r.is_outgoing) for r in desk.read(cmdb.relations, service)] == [("OA-库", False)]
    assert [(r.other_name, r.is_outgoing) for r in desk.read(cmdb.relations, database)] == [("OA", True)]
    desk.do(cmdb.end_relation, relation)
    assert all(r.ended_at for r in desk.read(cmdb.relations, service))


def test_a_relation_to_itself_twice_or_in_a_loop_is_refused(desk: Desk) -> None:
    first, second = ci(desk, "甲"), ci(desk, "乙")
    desk.do(cmdb.relate, uuid.uuid4(), first, RelationKind.DEPENDS_ON, second)
    for source, target in ((first, first), (first, second), (second, first)):
        with pytest.raises(BadInput):
            desk.do(cmdb.relate, uuid.uuid4(), source, RelationKind.DEPENDS_ON, target)


def test_a_connection_counts_in_both_directions(desk: Desk) -> None:
    first, second = ci(desk, "甲"), ci(desk, "乙")
    desk.do(cmdb.relate, uuid.uuid4(), first, RelationKind.CONNECTS_TO, second)
    with pytest.raises(BadInput):
        desk.do(cmdb.relate, uuid.uuid4(), second, RelationKind.CONNECTS_TO, first)


def test_the_history_says_who_changed_what_from_what_to_what(desk: Desk) -> None:
    here = site(desk)
    item = ci(desk, "核心交换机-1", "switch", place_id=here.rack, attributes={"ports": 24})
    seen = desk.read(cmdb.detail, item)
    desk.do_because("扩容", cmdb.edit, item, 1, replace(seen.draft, state=CiState.REPAIR, attributes={"ports": 48}))
    desk.do(cmdb.relate, uuid.uuid4(), item, RelationKind.CONNECTS_TO, ci(desk, "汇聚"))
    lines = desk.read(cmdb.history, item)
    told = {(line.field, line.old, line.new) for line in lines}
    assert {
        ("Life cycle", "In use", "Under repair"),
        ("Ports", "24", "48"),
        ("Place", "", "示例信息中心 / 一号机房 / A 列 / A01 机柜"),
        ("Relation", "", "核心交换机-1 · Connects to · 汇聚"),
    } <= told
    assert {line.who for line in lines} == {"演示员甲"}
    assert {line.reason for line in lines if line.field == "Ports" and line.old} == {"扩容"}
    assert lines == sorted(lines, key=lambda line: line.entry_id, reverse=True)


@pytest.mark.parametrize(
    "term", ["核心", "hexinjiaohuanji", "hxjhj", "127.0.1.10", "s5720", "2102359579", "zc-7", "hxjhj 127"]
)
def test_an_item_is_found_by_name_pinyin_address_serial_model_and_code(desk: Desk, term: str) -> None:
    item = ci(
        desk,
        "核心交换机-1",
        "switch",
        address="127.0.1.10",
        model="S5720-32X",
        serial="2102359579DMHC000288",
        code="ZC-7",
    )
    ci(desk, "别的一台", "server", address="127.0.1.99")
    assert [choice.id for choice in desk.read(cmdb.search, term)] == [item]


@pytest.mark.parametrize("term", ["%", "_", "\\", "'"])
def test_wildcards_in_a_search_are_plain_letters(desk: Desk, term: str) -> None:
    ci(desk, "一台")
    assert desk.read(cmdb.search, term) == []


def test_only_who_may_edit_the_cmdb_changes_it(database: Database) -> None:
    with pytest.raises(NotAllowed):
        desk_of(database, Post.OPERATOR).do(cmdb.create, uuid.uuid4(), cmdb.CiDraft("server", "一台"))


def test_the_trail_is_whole_after_all_of_it(desk: Desk) -> None:
    here = site(desk)
    item = ci(desk, "甲", place_id=here.rack, u_bottom=1.5, u_height=1.5, attributes={"memory_gb": 0.1})
    desk.do(cmdb.move, item, 1, here.rack, 20.0)
    desk.do(cmdb.void, item, 2, "报废")
    assert trail_findings(desk) == []
