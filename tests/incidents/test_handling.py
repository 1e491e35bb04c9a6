"""Acknowledging, assigning, judging, telling people, and correcting what was written (REQUIREMENTS B1-B8)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app import incidents, people
from app.database import Database
from app.desk import Desk
from app.errors import BadInput, Conflict, NotAllowed, NotFound, Refused
from app.incidents import IncidentDraft, IncidentWords
from models.enums import EventKind, Grade, IncidentState, Medium, Post, Priority, Source
from tests.databases import desk_of
from tests.incidents.rooms import alarm, call, ci, collector, later, one, row


def words_of(desk: Desk, incident_id: int, **changed: object) -> IncidentWords:
    found = one(desk, incident_id)
    held: dict[str, object] = {
        "title": found.row.title,
        "description": found.description,
        "ci_id": found.row.ci_id,
        "priority": found.row.priority,
        "cause": found.cause,
        "solution": found.solution,
        "review": found.review,
    }
    return IncidentWords(**(held | changed))  # type: ignore[arg-type]


def test_a_call_is_acknowledged_by_who_registers_it(desk: Desk) -> None:
    found = one(desk, call(desk, caller_department="人事部", caller_telephone="8012"))
    assert found.row.state is IncidentState.ACKNOWLEDGED
    assert found.row.acknowledged_by == "演示员甲"
    assert found.row.source is Source.TELEPHONE
    assert (found.row.caller, found.caller_department, found.caller_telephone) == ("王五", "人事部", "8012")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (IncidentDraft("", Source.TELEPHONE, caller="王五"), "title"),
        (IncidentDraft("打不开", Source.TELEPHONE), "caller"),
        (IncidentDraft("打不开", Source.MONITORING, caller="王五"), "source"),
        (IncidentDraft("打不开", Source.TELEPHONE, caller="王五", ci_id=999), "ci"),
    ],
)
def test_a_call_that_lacks_something_is_refused_at_its_field(desk: Desk, draft: IncidentDraft, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        desk.do(incidents.register_call, uuid.uuid4(), draft)
    assert caught.value.field == field
    assert desk.read(incidents.count, "all") == 0


def test_an_acknowledgement_says_who_when_and_why(database: Database, desk: Desk) -> None:
    first = alarm(database)
    desk.do(incidents.acknowledge, first)
    found = row(desk, first)
    assert (found.acknowledged_by, found.acknowledge_reason) == ("演示员甲", "seen, being handled")
    assert found.acknowledged_at is not None


def test_an_incident_is_not_acknowledged_twice(database: Database, desk: Desk) -> None:
    first = alarm(database)
    desk.do(incidents.acknowledge, first)
    with pytest.raises(Refused, match="演示员甲"):
        desk.do(incidents.acknowledge, first, "我也看到")
    assert row(desk, first).acknowledge_reason == "seen, being handled"


def test_many_are_acknowledged_with_one_note_and_those_done_before_are_told(database: Database, desk: Desk) -> None:
    ids = [alarm(database, cause=f"ci:{n}:cpu.percent") for n in range(4)]
    desk.do(incidents.acknowledge, ids[1])
    done = desk.do(incidents.acknowledge_many, [*ids, 999], "机房断电演练")
    assert done.done == (ids[0], ids[2], ids[3])
    assert done.passed_over == (ids[1], 999)
    assert row(desk, ids[2]).acknowledge_reason == "机房断电演练"


def test_an_acknowledgement_that_expires_lets_the_clock_run_again(database: Database, desk: Desk) -> None:
    first = alarm(database)
    desk.do(incidents.acknowledge, first, "等备件", datetime.now(UTC) + timedelta(hours=2))
    assert collector(database).do(incidents.expire_acknowledgements) == ()
    assert collector(database, timedelta(hours=3)).do(incidents.expire_acknowledgements) == (first,)
    found = row(desk, first)
    assert found.is_unacknowledged
    assert found.acknowledge_due_at > datetime.now(UTC) + timedelta(hours=3)


def test_an_acknowledgement_can_not_expire_in_the_past(database: Database, desk: Desk) -> None:
    first = alarm(database)
    with pytest.raises(BadInput) as caught:
        desk.do(incidents.acknowledge, first, "", datetime.now(UTC) - timedelta(hours=1))
    assert caught.value.field == "expires_at"
    assert row(desk, first).is_unacknowledged


def test_handing_an_incident_out_acknowledges_it(database: Database, desk: Desk) -> None:
    first = alarm(database)
    second = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.ENGINEER])
    desk.do(incidents.assign, first, row(desk, first).version, second, "请带备件")
    found = row(desk, first)
    assert (found.state, found.assignee, found.acknowledged_by) == (
        IncidentState.ASSIGNED,
        "演示员乙",
        "演示员甲",
    )


def test_who_saves_over_somebody_elses_change_is_told(database: Database, desk: Desk) -> None:
    first = alarm(database)
    seen = row(desk, first).version
    desk.do(incidents.set_grade, first, seen, Grade.II, "影响全局")
    with pytest.raises(Conflict) as caught:
        desk.do(incidents.resolve, first, seen, "滤网", "更换")
    assert caught.value.who == "演示员甲"
    assert caught.value.theirs["grade"] is Grade.II
    assert row(desk, first).state is IncidentState.NEW


def test_a_note_of_the_same_form_is_written_once(database: Database, desk: Desk) -> None:
    first, key = alarm(database), uuid.uuid4()
    for _ in range(2):
        desk.do(incidents.add_note, first, key, "厂商已在途")
    assert [event.text for event in one(desk, first).events if event.kind is EventKind.NOTE] == ["厂商已在途"]


def test_a_note_may_have_happened_earlier_but_not_ahead(database: Database, desk: Desk) -> None:
    first = alarm(database)
    earlier = datetime.now(UTC) - timedelta(minutes=40)
    desk.do(incidents.add_note, first, uuid.uuid4(), "巡检发现", earlier)
    assert one(desk, first).events[0].happened_at == earlier
    with pytest.raises(BadInput):
        desk.do(incidents.add_note, first, uuid.uuid4(), "明天", datetime.now(UTC) + timedelta(days=1))


def test_a_change_of_grade_says_why(database: Database, desk: Desk) -> None:
    first = alarm(database)
    with pytest.raises(BadInput) as caught:
        desk.do(incidents.set_grade, first, row(desk, first).version, Grade.I, " ")
    assert caught.value.field == "reason"
    desk.do(incidents.set_grade, first, row(desk, first).version, Grade.I, "全网中断")
    assert one(desk, first).events[-1].text == "III → I：全网中断"


def test_the_log_says_who_was_told_when_how_and_by_whom(database: Database, desk: Desk) -> None:
    first, key = alarm(database), uuid.uuid4()
    for _ in range(2):
        desk.do(
            incidents.record_notification,
            first,
            key,
            "机房主管丙",
            Medium.MOBILE,
            number="6001",
            result="十分钟到场",
        )
    (line,) = one(desk, first).notifications
    assert (line.name, line.number, line.medium, line.person, line.result) == (
        "机房主管丙",
        "6001",
        Medium.MOBILE,
        "演示员甲",
        "十分钟到场",
    )
    assert one(desk, first).events[-1].kind is EventKind.NOTIFIED


def test_a_correction_names_the_fields_in_the_time_line(database: Database, desk: Desk) -> None:
    first, device = alarm(database), ci(desk)
    words = words_of(desk, first, ci_id=device, priority=Priority.HIGH, description="<b>不是网页</b>\x00")
    desk.do(incidents.correct, first, row(desk, first).version, words)
    found = one(desk, first)
    assert (found.row.ci_name, found.row.priority) == ("核心交换机-1", Priority.HIGH)
    assert found.description == "<b>不是网页</b>"
    assert found.events[-1].text == "Description、Device、Priority"
    assert [each.id for each in desk.read(incidents.page, "open", "核心")] == [first]


def test_a_visitor_of_the_desk_may_not_acknowledge(database: Database, desk: Desk) -> None:
    first = alarm(database)
    with pytest.raises(NotAllowed):
        desk_of(database, Post.CLERK).do(incidents.acknowledge, first)
    assert row(desk, first).is_unacknowledged


def test_an_incident_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.do(incidents.acknowledge, 4711)


def test_a_text_of_a_million_characters_is_cut_and_kept(desk: Desk) -> None:
    first = call(desk, title="慢" * 1_000_000, description="x" * 1_000_000)
    found = one(desk, first)
    assert len(found.row.title) == 250
    assert len(found.description) == 20_000


def test_ten_minutes_are_on_the_clock(database: Database, desk: Desk) -> None:
    found = row(desk, alarm(database))
    left = found.acknowledge_due_at - found.recorded_at
    assert timedelta(minutes=9, seconds=59) < left < timedelta(minutes=10, seconds=1)


def test_the_time_to_the_first_acknowledgement_is_kept(database: Database, desk: Desk) -> None:
    first = alarm(database)
    later(database, desk, timedelta(minutes=4)).do(incidents.acknowledge, first)
    taken = row(desk, first).answered_after
    assert taken is not None
    assert timedelta(minutes=4) <= taken < timedelta(minutes=5)
