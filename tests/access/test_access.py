"""The machine-room access log on both databases (REQUIREMENTS E1-E3, C10)."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from app import access, work_orders
from app.access import ItemEntry, MemberEntry, VisitEntry, VisitFilter
from app.database import Database
from app.desk import Desk, Tx, command
from app.errors import BadInput, Conflict, NotAllowed, Refused
from app.paths import config_dir
from app.permissions import Permission
from app.secrets import open_box
from app.work_orders import WorkOrderDraft
from models.cmdb import Place
from models.enums import Approval, CertificateType, Direction, PlaceKind, Post, VisitState
from tests.databases import desk_of
from tests.reports.pdf import page_texts


@command(Permission.CMDB_EDIT)
def make_room(tx: Tx) -> int:
    return tx.add(Place(kind=PlaceKind.ROOM, name="一号机房")).id


@pytest.fixture
def room(desk: Desk) -> int:
    return desk.do(make_room)


def visit(room: int, **changed: object) -> VisitEntry:
    fields: dict[str, object] = {
        "key": uuid.uuid4(),
        "room_id": room,
        "unit": "示例维保公司",
        "purpose": "更换 UPS-1 电池",
        "members": (
            MemberEntry("来访甲", telephone="13000000000", certificate=CertificateType.IDENTITY_CARD),
            MemberEntry("来访丁"),
        ),
        "approver": "机房主管丙",
        "approval": Approval.WRITTEN,
        "escort": "演示员乙",
        "items": (ItemEntry(Direction.IN, "电池", 32),),
    }
    return VisitEntry(**{**fields, **changed})  # type: ignore[arg-type]


def test_a_group_enters_and_its_members_leave_one_by_one(desk: Desk, room: int) -> None:
    visit_id = desk.do(access.enter, visit(room, headcount=3))
    detail = desk.read(access.detail, visit_id)
    assert detail and (detail.row.people, detail.row.headcount, detail.row.items) == ("来访甲、来访丁", 3, "电池 32")
    assert desk.read(access.summary).people == 3
    desk.do(access.leave, visit_id, 1, (detail.members[0].id,))
    (row,) = desk.read(access.rows, [visit_id])
    assert (row.state, row.still_inside) == (VisitState.INSIDE, 2)
    desk.do(access.leave, visit_id, 2)
    assert desk.read(access.rows, [visit_id])[0].state is VisitState.LEFT
    assert desk.read(access.inside) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"approver": ""}, "approver"),
        ({"approval": None}, "approver"),
        ({"escort": ""}, "escort"),
        ({"purpose": " "}, "purpose"),
        ({"members": ()}, "name"),
        ({"room_id": 999}, "room_id"),
    ],
)
def test_entry_without_what_the_regulation_asks_is_refused(
    desk: Desk, room: int, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        desk.do(access.enter, visit(room, **changed))
    assert caught.value.field == field
    assert desk.read(access.page, VisitFilter()) == []


def test_the_rooms_own_people_enter_with_a_purpose_alone(database: Database, desk: Desk, room: int) -> None:
    alone = {"is_own_staff": True, "approver": "", "approval": None, "escort": ""}
    desk.do(access.enter, visit(room, **alone))
    manager = desk_of(database, Post.MANAGER)
    with pytest.raises(BadInput):
        manager.do(access.enter, visit(room, **alone))


def test_a_returning_visitor_is_found_by_name_pinyin_and_initials(desk: Desk, room: int) -> None:
    desk.do(access.enter, visit(room))
    for text in ("来访甲", "laifangjia", "lfj"):
        found = desk.read(access.returning, text)
        assert [r.name for r in found] == ["来访甲"]
    assert found[0].telephone == "13000000000"
    assert found[0].last_purpose == "更换 UPS-1 电池"


def test_an_announced_visit_enters_once(desk: Desk, room: int) -> None:
    tomorrow = desk.read(lambda tx: tx.now) + timedelta(days=1)
    visit_id = desk.do(access.announce, visit(room), tomorrow)
    assert desk.read(access.inside) == []
    desk.do(access.let_in, visit_id, 1)
    assert len(desk.read(access.inside)) == 2
    with pytest.raises(Refused):
        desk.do(access.let_in, visit_id, 2)


def test_a_planned_exit_that_has_passed_is_overdue(desk: Desk, room: int) -> None:
    soon = desk.read(lambda tx: tx.now) + timedelta(minutes=30)
    visit_id = desk.do(access.enter, visit(room, planned_until=soon))
    assert desk.read(access.summary).overdue == 0
    desk.clock_ahead = timedelta(hours=1)
    assert desk.read(access.summary).overdue == 2
    assert [r.id for r in desk.read(access.page, VisitFilter(view="overdue"))] == [visit_id]


def test_a_wrong_row_is_struck_through_with_its_reason_and_stays_in_the_ledger(desk: Desk, room: int) -> None:
    visit_id = desk.do(access.enter, visit(room))
    with pytest.raises(BadInput):
        desk.do(access.void, visit_id, 1, " ")
    desk.do(access.void, visit_id, 1, "登记错误")
    month = desk.read(lambda tx: tx.now).astimezone().date()
    (row,) = desk.read(access.ledger, month)
    assert (row.state, row.void_reason) == (VisitState.VOID, "登记错误")
    assert desk.read(access.inside) == []


def test_an_operator_may_not_void_a_row(database: Database, desk: Desk, room: int) -> None:
    visit_id = desk.do(access.enter, visit(room))
    with pytest.raises(NotAllowed):
        desk_of(database, Post.OPERATOR).do(access.void, visit_id, 1, "登记错误")


def test_operations_are_registered_within_a_visit(desk: Desk, room: int) -> None:
    visit_id = desk.do(access.enter, visit(room))
    desk.do(access.add_operation, uuid.uuid4(), "来访甲", "更换电池 32 节", visit_id=visit_id, witness="演示员乙")
    detail = desk.read(access.detail, visit_id)
    assert detail and detail.operations[0].content == "更换电池 32 节"


def test_who_was_in_the_room_then_is_known(desk: Desk, room: int) -> None:
    now = desk.read(lambda tx: tx.now)
    visit_id = desk.do(access.enter, visit(room, happened_at=now - timedelta(hours=3)))
    desk.do(access.leave, visit_id, 1, happened_at=now - timedelta(hours=1))
    assert len(desk.read(access.inside_at, room, now - timedelta(hours=2))) == 2
    assert desk.read(access.inside_at, room, now) == []


def test_pages_follow_each_other_without_gap_or_repetition(desk: Desk, room: int) -> None:
    made = [desk.do(access.enter, visit(room)) for _ in range(5)]
    first = desk.read(access.page, VisitFilter(), None, 2)
    second = desk.read(access.page, VisitFilter(), first[-1], 2)
    third = desk.read(access.page, VisitFilter(), second[-1], 2)
    assert [row.id for row in (*first, *second, *third)] == sorted(made, reverse=True)
    back = desk.read(access.page, VisitFilter(), third[0], 2, backwards=True)
    assert back == second


def test_a_certificates_number_is_kept_sealed_and_shown_masked(database: Database, desk: Desk, room: int) -> None:
    member = MemberEntry("来访甲", certificate=CertificateType.IDENTITY_CARD, certificate_number="11010119900101123X")
    visit_id = desk.do(access.enter, visit(room, members=(member,)))
    detail = desk.read(access.detail, visit_id)
    assert detail and detail.members[0].certificate_mask == "1101**********123X"
    (known,) = desk.read(access.returning, "来访甲")
    assert "199001" not in known.sealed_certificate
    box = open_box(config_dir(), database.uuid)
    assert box.open(known.sealed_certificate) == "11010119900101123X"


def test_a_visit_names_what_it_serves_by_its_number(desk: Desk, room: int) -> None:
    with pytest.raises(BadInput) as caught:
        desk.do(access.enter, visit(room, linked="E-20260101-001"))
    assert caught.value.field == "linked"
    desk.do(work_orders.add, uuid.uuid4(), WorkOrderDraft("更换电池"))
    (order,) = desk.read(work_orders.page)
    visit_id = desk.do(access.enter, visit(room, linked=order.number.lower()))
    assert desk.read(access.rows, [visit_id])[0].linked == order.number


def test_something_carried_out_is_added_before_people_leave(desk: Desk, room: int) -> None:
    visit_id = desk.do(access.enter, visit(room, items=()))
    desk.do(access.carry, visit_id, 1, ItemEntry(Direction.OUT, "旧电池", 32))
    detail = desk.read(access.detail, visit_id)
    assert detail and (detail.items[0].name, detail.items[0].direction) == ("旧电池", Direction.OUT)
    with pytest.raises(Conflict):
        desk.do(access.leave, visit_id, 1)


def test_the_form_offers_what_is_usual_first(desk: Desk, room: int) -> None:
    desk.do(access.enter, visit(room))
    offered = desk.read(access.entry_choices)
    assert offered.approvers == ("机房主管丙",)
    assert offered.escorts[0] == "演示员乙" and "演示员甲" in offered.escorts
    assert (offered.room_id, offered.approval) == (room, Approval.WRITTEN)


def test_the_ledger_and_the_evacuation_list_are_printed(desk: Desk, room: int, tmp_path: Path) -> None:
    desk.do(access.enter, visit(room, headcount=3))
    month = desk.read(lambda tx: tx.now).astimezone().date()
    evacuation = "".join(page_texts(access.evacuation_pdf(desk)))
    assert "来访甲" in evacuation and evacuation.count("□") == 3, "each of the group has a box to tick"
    assert "机房主管丙" in "".join(page_texts(access.month_pdf(desk, month)))
    assert access.month_xlsx(desk, month, tmp_path / "ledger.xlsx") == 1
