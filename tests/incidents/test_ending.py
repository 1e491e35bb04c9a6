"""Resolving, closing with a review, reopening, noise: the state machine of the model (REQUIREMENTS B3, B7, B8)."""

import pytest

from app import incidents
from app.database import Database
from app.desk import Desk
from app.errors import BadInput, NotAllowed, Refused
from app.incidents import IncidentWords
from models.enums import EventKind, Grade, IncidentState, Post, Severity
from tests.databases import desk_of
from tests.incidents.rooms import alarm, call, one, row


def resolved(database: Database, desk: Desk, severity: Severity = Severity.CRITICAL) -> int:
    first = alarm(database, severity=severity)
    desk.do(incidents.resolve, first, row(desk, first).version, "空调滤网堵塞", "更换滤网")
    return first


@pytest.mark.parametrize(("cause", "solution", "field"), [("", "更换", "cause"), ("滤网", "  ", "solution")])
def test_cause_and_solution_are_required(database: Database, desk: Desk, cause: str, solution: str, field: str) -> None:
    first = alarm(database)
    with pytest.raises(BadInput) as caught:
        desk.do(incidents.resolve, first, row(desk, first).version, cause, solution)
    assert caught.value.field == field
    assert row(desk, first).state is IncidentState.NEW


def test_resolving_acknowledges_what_nobody_had(database: Database, desk: Desk) -> None:
    found = one(desk, resolved(database, desk))
    assert (found.row.state, found.row.acknowledged_by) == (IncidentState.RESOLVED, "演示员甲")
    assert (found.cause, found.solution, found.resolved_by) == ("空调滤网堵塞", "更换滤网", "演示员甲")


def test_grade_three_is_not_closed_without_its_review(database: Database, desk: Desk) -> None:
    first = resolved(database, desk)
    with pytest.raises(BadInput) as caught:
        desk.do(incidents.close, first, row(desk, first).version)
    assert caught.value.field == "review"
    assert row(desk, first).state is IncidentState.RESOLVED
    desk.do(incidents.close, first, row(desk, first).version, review="每月清洗滤网")
    assert row(desk, first).state is IncidentState.CLOSED
    assert one(desk, first).closed_at is not None


def test_a_closed_incident_keeps_the_review_that_its_grade_needs(database: Database, desk: Desk) -> None:
    graded, light = resolved(database, desk), alarm(database, severity=Severity.WARNING, cause="ups")
    desk.do(incidents.resolve, light, row(desk, light).version, "市电闪断", "市电恢复")
    desk.do(incidents.close, graded, row(desk, graded).version, review="每月清洗滤网")
    desk.do(incidents.close, light, row(desk, light).version)
    found = one(desk, graded)
    words = IncidentWords(found.row.title, found.description, None, found.row.priority, found.cause, found.solution, "")
    with pytest.raises(BadInput) as caught:
        desk.do(incidents.correct, graded, found.version, words)
    assert caught.value.field == "review"
    with pytest.raises(BadInput) as caught:
        desk.do(incidents.set_grade, light, row(desk, light).version, Grade.II, "影响全局")
    assert caught.value.field == "grade"
    assert one(desk, graded).review == "每月清洗滤网"
    assert row(desk, light).grade is Grade.IV


def test_grade_four_is_closed_without_a_review(database: Database, desk: Desk) -> None:
    first = resolved(database, desk, Severity.WARNING)
    desk.do(incidents.close, first, row(desk, first).version, satisfaction=5)
    assert (row(desk, first).state, one(desk, first).satisfaction) == (IncidentState.CLOSED, 5)


def test_what_is_not_resolved_is_not_closed(database: Database, desk: Desk) -> None:
    first = alarm(database)
    with pytest.raises(Refused):
        desk.do(incidents.close, first, row(desk, first).version, review="没有")


def test_an_engineer_resolves_and_does_not_close(database: Database, desk: Desk) -> None:
    first = resolved(database, desk, Severity.WARNING)
    with pytest.raises(NotAllowed):
        desk_of(database, Post.ENGINEER).do(incidents.close, first, row(desk, first).version)


def test_a_closed_incident_opens_again_with_its_reason(database: Database, desk: Desk) -> None:
    first = resolved(database, desk, Severity.WARNING)
    desk.do(incidents.close, first, row(desk, first).version)
    desk.do(incidents.reopen, first, row(desk, first).version, "又出现")
    found = one(desk, first)
    assert (found.row.state, found.resolved_at, found.closed_at) == (IncidentState.ACKNOWLEDGED, None, None)
    assert (found.events[-1].kind, found.events[-1].text) == (EventKind.REOPENED, "又出现")


def test_an_incident_stays_closed_while_another_of_its_cause_is_open(database: Database, desk: Desk) -> None:
    first = resolved(database, desk, Severity.WARNING)
    desk.do(incidents.close, first, row(desk, first).version)
    second = alarm(database)
    with pytest.raises(Refused, match=row(desk, second).number):
        desk.do(incidents.reopen, first, row(desk, first).version, "又出现")


def test_noise_says_why_and_leaves_the_queue(database: Database, desk: Desk) -> None:
    first = alarm(database)
    with pytest.raises(BadInput):
        desk.do(incidents.mark_as_noise, first, row(desk, first).version, "")
    desk.do(incidents.mark_as_noise, first, row(desk, first).version, "传感器误报")
    assert desk.read(incidents.count, "open") == 0
    assert desk.read(incidents.count, "noise") == 1


@pytest.mark.parametrize("step", ["acknowledge", "assign", "resolve", "noise", "close"])
def test_a_closed_incident_can_only_be_opened_again(database: Database, desk: Desk, step: str) -> None:
    first = call(desk)
    desk.do(incidents.resolve, first, row(desk, first).version, "会话数满", "扩大连接池")
    desk.do(incidents.close, first, row(desk, first).version)
    version = row(desk, first).version
    person = desk.identity.id
    assert person is not None
    with pytest.raises(Refused):
        match step:
            case "acknowledge":
                desk.do(incidents.acknowledge, first)
            case "assign":
                desk.do(incidents.assign, first, version, person)
            case "resolve":
                desk.do(incidents.resolve, first, version, "a", "b")
            case "noise":
                desk.do(incidents.mark_as_noise, first, version, "x")
            case "close":
                desk.do(incidents.close, first, version)
    assert one(desk, first).steps == frozenset({"reopen"})
    assert row(desk, first).version == version
