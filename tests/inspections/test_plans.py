"""Plans make rounds due, once each; lists say what is overdue."""

import uuid
from datetime import date, timedelta

import pytest

from app import inspections
from app.database import Database
from app.desk import Desk
from app.errors import BadInput
from app.inspections.expected import AHEAD, days_due
from app.times import today
from models.enums import InspectionState, Post
from tests.databases import desk_of
from tests.inspections.rooms import Site, begun, seen, site


@pytest.fixture
def place(database: Database, desk: Desk) -> Site:
    return site(database, desk)


def daily(place: Site, starts_on: date, grace_days: int = 1) -> int:
    entry = inspections.PlanEntry("daily-room", "FREQ=DAILY", starts_on, place.room, grace_days)
    return place.desk.do(inspections.add_plan, uuid.uuid4(), entry)


def test_default_plans_come_in_one_step_and_only_once(place: Site) -> None:
    assert place.desk.do(inspections.add_default_plans) == 7
    assert place.desk.do(inspections.add_default_plans) == 0
    assert {plan.room for plan in place.desk.read(inspections.plans)} == {"", "一号机房"}


def test_a_daily_plan_writes_each_day_once(place: Site) -> None:
    daily(place, today() - timedelta(days=3))
    assert place.desk.do(inspections.expect_rounds) == 3 + 1 + AHEAD.days
    assert place.desk.do(inspections.expect_rounds) == 0


def test_the_collector_may_write_due_rounds(database: Database, place: Site) -> None:
    daily(place, today())
    assert desk_of(database, Post.COLLECTOR).do(inspections.expect_rounds) == 1 + AHEAD.days


def test_a_voided_round_does_not_come_back(place: Site) -> None:
    daily(place, today())
    place.desk.do(inspections.expect_rounds)
    row = place.desk.read(inspections.page, "due")[0]
    place.desk.do(inspections.void, row.id, row.version, "public holiday")
    assert place.desk.do(inspections.expect_rounds) == 0


def test_a_round_past_its_grace_is_overdue(place: Site) -> None:
    daily(place, today() - timedelta(days=2), grace_days=1)
    place.desk.do(inspections.expect_rounds)
    counts = place.desk.read(inspections.counts)
    assert (counts["overdue"], counts["due"], counts["open"]) == (2, 3, 3 + AHEAD.days)
    first = place.desk.read(inspections.page, "open")[0]
    assert first.is_overdue(today()) and first.due_on == today() - timedelta(days=2)


def test_a_due_round_is_begun_and_continued(place: Site) -> None:
    daily(place, today())
    place.desk.do(inspections.expect_rounds)
    row = place.desk.read(inspections.page, "due")[0]
    place.desk.do(inspections.start, row.id, row.version)
    found = seen(place, row.id)
    assert (found.row.state, found.row.items, len(found.items)) == (InspectionState.DRAFT, 17, 17)


def test_a_list_is_paged_by_key_in_both_directions(place: Site) -> None:
    daily(place, today() - timedelta(days=5))
    place.desk.do(inspections.expect_rounds)
    begun(place)
    whole = place.desk.read(inspections.page, "open")
    first = place.desk.read(inspections.page, "open", limit=4)
    rest = place.desk.read(inspections.page, "open", after=first[-1])
    assert first + rest == whole
    assert place.desk.read(inspections.page, "open", after=rest[0], backwards=True) == first
    newest = place.desk.read(inspections.page, "all", limit=3)
    assert newest + place.desk.read(inspections.page, "all", after=newest[-1]) == place.desk.read(
        inspections.page, "all"
    )


def test_rounds_are_found_by_form_room_and_number(place: Site) -> None:
    number = seen(place, begun(place)).row.number
    for text in ("机房", number, "daily"):
        assert [row.number for row in place.desk.read(inspections.page, "draft", text)] == [number]
    assert place.desk.read(inspections.page, "draft", "100%_") == []


def test_a_rule_that_cannot_be_read_is_refused(place: Site) -> None:
    with pytest.raises(BadInput):
        place.desk.do(
            inspections.add_plan, uuid.uuid4(), inspections.PlanEntry("daily-room", "every day", date(2026, 1, 1))
        )


def test_a_plan_is_edited_and_ended_with_a_reason(place: Site) -> None:
    plan_id = daily(place, today())
    weekly = inspections.PlanEntry("daily-room", "FREQ=WEEKLY", today(), place.room)
    place.desk.do(inspections.edit_plan, plan_id, 1, weekly)
    with pytest.raises(BadInput):
        place.desk.do(inspections.void_plan, plan_id, 2, "")
    place.desk.do(inspections.void_plan, plan_id, 2, "room given up")
    assert place.desk.read(inspections.plans) == []


def test_a_quarter_falls_due_on_its_days() -> None:
    found = days_due(
        "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=5", date(2026, 1, 1), date(2026, 1, 1), date(2026, 12, 31)
    )
    assert found == [date(2026, month, 5) for month in (1, 4, 7, 10)]
