"""Work orders: number, device, assignee, due time, result (REQUIREMENTS B9)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app import work_orders
from app.desk import Desk
from app.errors import BadInput, Conflict, Refused
from app.work_orders import WorkOrderDraft, WorkOrderRow
from models.enums import WorkOrderState
from tests.incidents.rooms import call, ci


def given(desk: Desk, title: str = "更换光模块", **details: object) -> WorkOrderRow:
    draft = WorkOrderDraft(title, assignee_id=desk.identity.id, **details)  # type: ignore[arg-type]
    order_id = desk.do(work_orders.add, uuid.uuid4(), draft)
    (row,) = desk.read(work_orders.rows, [order_id])
    return row


def test_a_work_order_knows_device_incident_and_assignee(desk: Desk) -> None:
    incident, device = call(desk), ci(desk)
    due = datetime.now(UTC) - timedelta(hours=1)
    order = given(desk, incident_id=incident, ci_id=device, due_at=due)
    assert (order.ci_name, order.assignee, order.state) == ("核心交换机-1", "演示员甲", WorkOrderState.OPEN)
    assert order.is_overdue(datetime.now(UTC))
    assert desk.read(work_orders.of_incident, incident) == [order]


def test_the_same_form_key_gives_one_work_order(desk: Desk) -> None:
    key = uuid.uuid4()
    first = desk.do(work_orders.add, key, WorkOrderDraft("称重灭火器"))
    assert desk.do(work_orders.add, key, WorkOrderDraft("称重灭火器")) == first


def test_a_work_order_ends_with_its_result(desk: Desk) -> None:
    order = given(desk)
    with pytest.raises(BadInput):
        desk.do(work_orders.finish, order.id, order.version, " ")
    desk.do(work_orders.finish, order.id, order.version, "已更换")
    (done,) = desk.read(work_orders.rows, [order.id])
    assert (done.state, done.result) == (WorkOrderState.DONE, "已更换")
    with pytest.raises(Refused):
        desk.do(work_orders.void, order.id, done.version, "重复")


def test_two_people_do_not_save_over_each_other(desk: Desk) -> None:
    order = given(desk)
    assert desk.identity.id is not None
    desk.do(work_orders.hand_over, order.id, order.version, desk.identity.id, None)
    with pytest.raises(Conflict):
        desk.do(work_orders.finish, order.id, order.version, "已更换")


def test_tabs_and_pages_list_work_orders_newest_first(desk: Desk) -> None:
    orders = [given(desk, f"第{n}件") for n in range(5)]
    desk.do(work_orders.void, orders[2].id, orders[2].version, "重复")
    newest = [order.id for order in reversed(orders)]
    assert [row.id for row in desk.read(work_orders.page, "all")] == newest
    assert desk.read(work_orders.count, "open") == 4
    assert desk.read(work_orders.count, "mine", "第1件") == 1
    after = desk.read(work_orders.rows, [newest[1]])[0]
    assert [row.id for row in desk.read(work_orders.page, "all", after=after, limit=2)] == newest[2:4]
    assert [row.id for row in desk.read(work_orders.page, "all", after=after, backwards=True)] == newest[:1]


def test_the_number_counts_the_day(desk: Desk) -> None:
    first, second = given(desk), given(desk)
    assert first.number.endswith("-01") and second.number.endswith("-02")
    assert first.number.startswith("W-")
