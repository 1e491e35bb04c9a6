"""Tabs, counts, pages by key, searches, and the lists that other panels show."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app import contacts, incidents, people
from app.contacts import ContactDraft
from app.database import Database
from app.desk import Desk
from app.incident_row import waited
from app.incidents import IncidentDraft, IncidentRow
from models.enums import Grade, IncidentState, Post, Source
from tests.incidents.rooms import alarm, all_ids, call, chain_of_two, ci, collector, row

NOW = datetime.now(UTC)


def old(desk: Desk, days: float, title: str = "旧事件", ci_id: int | None = None) -> int:
    draft = IncidentDraft(title, ci_id=ci_id, happened_at=NOW - timedelta(days=days))
    return desk.do(incidents.open_incident, uuid.uuid4(), draft)


def closed(desk: Desk, incident_id: int, cause: str = "端口故障", solution: str = "更换光模块") -> int:
    desk.do(incidents.resolve, incident_id, row(desk, incident_id).version, cause, solution)
    desk.do(incidents.close, incident_id, row(desk, incident_id).version)
    return incident_id


def walk(desk: Desk, sort: str, *, descending: bool, backwards: bool) -> list[int]:
    """Return the ids of a whole list, read by pages of three from one end."""
    found: list[IncidentRow] = []
    after: IncidentRow | None = None
    while True:
        part = desk.read(
            incidents.page,
            "all",
            sort=sort,
            descending=descending,
            after=after,
            backwards=backwards,
            limit=3,
        )
        if not part:
            return [each.id for each in found]
        found = [*part, *found] if backwards else [*found, *part]
        after = part[0] if backwards else part[-1]


def test_every_tab_counts_what_it_lists(database: Database, desk: Desk) -> None:
    waiting = alarm(database)
    mine = call(desk)
    ended = closed(desk, old(desk, 3))
    solved = call(desk)
    desk.do(incidents.resolve, solved, row(desk, solved).version, "a", "b")
    noise = alarm(database, cause="ci:9:fan.rpm")
    desk.do(incidents.mark_as_noise, noise, row(desk, noise).version, "误报")
    expected = {
        "open": {waiting, mine, solved},
        "unacknowledged": {waiting},
        "mine": {mine, solved},
        "today": {waiting, mine, solved, noise},
        "resolved": {solved},
        "all": {waiting, mine, solved, noise, ended},
        "noise": {noise},
    }
    assert {tab: set(all_ids(desk, incidents.page, tab)) for tab in expected} == expected
    assert desk.read(incidents.counts) == {tab: len(ids) for tab, ids in expected.items()}


@pytest.mark.parametrize("sort", ["happened", "number", "grade", "state"])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_in_both_directions_make_the_same_list(desk: Desk, sort: str, descending: bool) -> None:
    ids = [old(desk, days) for days in (5, 1, 4, 4, 2, 3, 0.5, 6)]
    desk.do(incidents.set_grade, ids[3], row(desk, ids[3]).version, Grade.I, "重大")
    desk.do(incidents.set_grade, ids[6], row(desk, ids[6]).version, Grade.II, "重大")
    closed(desk, ids[2])
    whole = all_ids(desk, incidents.page, "all", sort=sort, descending=descending)
    assert sorted(whole) == sorted(ids)
    assert walk(desk, sort, descending=descending, backwards=False) == whole
    assert walk(desk, sort, descending=descending, backwards=True) == whole


def test_the_newest_comes_first(desk: Desk) -> None:
    ids = [old(desk, days) for days in (5, 1, 3)]
    assert all_ids(desk, incidents.page) == [ids[1], ids[2], ids[0]]


def test_a_search_finds_number_caller_and_title_by_pinyin(desk: Desk) -> None:
    first = call(desk)
    for term in ("王五", "wangwu", "ww", "spymdkm", "审批 慢", row(desk, first).number[2:]):
        assert all_ids(desk, incidents.page, "open", term) == [first], term
    assert all_ids(desk, incidents.page, "open", "100%_") == []


def test_rows_by_id_leave_out_what_is_not_there(desk: Desk) -> None:
    first = call(desk)
    assert [each.id for each in desk.read(incidents.rows, {first, 999})] == [first]


def test_the_next_unacknowledged_goes_round(database: Database, desk: Desk) -> None:
    assert desk.read(incidents.next_unacknowledged) is None
    ids = [alarm(database, cause=f"ci:{n}:cpu.percent") for n in range(3)]
    found = desk.read(incidents.next_unacknowledged)
    assert found is not None and found.id == ids[0]
    for now, following in ((ids[0], ids[1]), (ids[2], ids[0]), (999, ids[0])):
        found = desk.read(incidents.next_unacknowledged, now)
        assert found is not None and found.id == following


def test_a_devices_incidents_are_listed_newest_first(desk: Desk) -> None:
    device, other = ci(desk), ci(desk, "核心交换机-2", "127.0.1.11")
    first, second = old(desk, 5, ci_id=device), old(desk, 2, ci_id=device)
    old(desk, 1, ci_id=other)
    closed(desk, first)
    assert all_ids(desk, incidents.of_ci, device) == [second, first]
    assert all_ids(desk, incidents.of_ci, device, only_open=True) == [second]


def test_the_ledger_of_a_month_is_oldest_first_and_whole(desk: Desk) -> None:
    inside = [
        desk.do(
            incidents.open_incident,
            uuid.uuid4(),
            IncidentDraft(f"第 {day} 日", happened_at=datetime(2026, 10, day, 4, tzinfo=UTC)),
        )
        for day in (20, 2, 11)
    ]
    old(desk, 0)
    found = desk.read(incidents.ledger, datetime(2026, 10, 15, tzinfo=UTC).date())
    assert [line.id for line in found] == [inside[1], inside[2], inside[0]]
    assert all(line.recorded_at > line.happened_at for line in found)


def test_a_past_incident_that_reads_alike_is_offered_with_its_solution(desk: Desk) -> None:
    device = ci(desk)
    alike = closed(desk, old(desk, 20, "人事部审批页面打开缓慢"))
    closed(desk, old(desk, 10, "打印机卡纸"))
    same_device = closed(desk, old(desk, 30, "审批接口超时", device))
    found = desk.read(incidents.similar, "审批页面打开慢", device)
    assert [past.id for past in found] == [alike, same_device]
    assert found[0].solution == "更换光模块"
    assert [past.id for past in desk.read(incidents.similar, "审批页面打开慢", but=alike)] == [same_device]


def test_a_known_caller_is_completed_from_staff_contacts_and_earlier_calls(desk: Desk) -> None:
    desk.do(people.add_person, uuid.uuid4(), "王小明", "", [Post.DESK], department="财务部", telephone="8001")
    desk.do(contacts.add, uuid.uuid4(), ContactDraft("王工", unit="示例维保公司", mobile="13800000000"))
    call(desk, caller_department="人事部", caller_telephone="8012")
    found = desk.read(contacts.callers, "wang")
    assert [(who.name, who.department, who.telephone) for who in found] == [
        ("王小明", "财务部", "8001"),
        ("王工", "示例维保公司", "13800000000"),
        ("王五", "人事部", "8012"),
    ]
    assert [who.name for who in desk.read(contacts.callers, "wxm")] == ["王小明"]


def test_a_device_is_offered_by_name_address_and_initials(desk: Desk) -> None:
    device = ci(desk)
    for term in ("核心", "hxjhj", "127.0.1", "核心 127"):
        assert [each.id for each in desk.read(incidents.cis, term)] == [device], term


def test_the_figures_say_how_many_kept_the_ten_minutes(database: Database, desk: Desk) -> None:
    quick, slow = alarm(database), alarm(database, cause="ci:2:cpu.percent")
    desk.do(incidents.acknowledge, quick)
    database.desk(desk.identity, "A1", timedelta(minutes=12)).do(incidents.acknowledge, slow)
    call(desk)
    alarm(database, cause="ci:3:cpu.percent")
    told = desk.read(incidents.figures, NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert (told.total, told.answered, told.kept) == (4, 3, 2)
    assert told.by_source == {Source.MONITORING: 3, Source.TELEPHONE: 1}
    assert told.by_state == {IncidentState.NEW: 1, IncidentState.ACKNOWLEDGED: 3}


def test_the_chain_stands_lowest_level_first_without_who_was_retired(database: Database, desk: Desk) -> None:
    chain_of_two(desk)
    first = desk.read(contacts.chain)[0].contacts[0]
    desk.do(contacts.retire, first.id, first.version)
    assert [step.level for step in desk.read(contacts.chain)] == [2]
    assert collector(database).read(contacts.directory, "zhuguan") == []


def test_of_an_incident_entered_later_the_time_runs_from_when_it_happened() -> None:
    happened = NOW - timedelta(days=300)
    answered = happened + timedelta(minutes=4)
    assert waited(happened, NOW, answered) == timedelta(minutes=4)
    assert waited(happened, happened + timedelta(seconds=2), answered) == timedelta(minutes=3, seconds=58)
