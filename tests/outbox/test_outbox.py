"""Entries kept on this machine: what is entered while the database is away, sent once, settled by people."""

import stat
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app import duty, incidents
from app.database import Database, collector_identity
from app.desk import Desk, Once, ReadTx
from app.errors import BadInput, DatabaseAway, NotAllowed, NotSaved
from app.outbox import Entry, EntryState, Kept, Outbox, discard, do_or_keep, send, try_again
from app.outbox.keeping import keep
from app.outbox.words import sides
from models.audit import AuditEntry
from models.duty import ShiftLogEntry
from models.enums import Post, Severity
from models.seats import Receipt
from tests.databases import desk_of


@pytest.fixture
def outbox(home: Path) -> Outbox:
    return Outbox(home / "outbox.db", home)


class AwayDesk(Desk):
    """A desk whose database answers nothing; with `saves_first` the answer alone is lost."""

    saves_first = False

    def do_once(self, once: Once, what: Any, /, *args: Any, **kwargs: Any) -> Any:
        if self.saves_first:
            super().do_once(once, what, *args, **kwargs)
        raise DatabaseAway("no answer")


def away(desk: Desk, *, saves_first: bool = False) -> AwayDesk:
    found = AwayDesk(desk.engine, desk.identity, desk.seat, desk._audit_key)
    found.saves_first = saves_first
    return found


def write(desk: Desk, outbox: Outbox, text: str) -> Any:
    return do_or_keep(desk, outbox, uuid.uuid4(), duty.write, (uuid.uuid4(), text))


def lines(tx: ReadTx) -> list[str]:
    return list(tx.session.scalars(select(ShiftLogEntry.text).order_by(ShiftLogEntry.id)))


def receipts(tx: ReadTx) -> int:
    return tx.session.scalar(select(func.count(Receipt.id))) or 0


def states(outbox: Outbox) -> list[EntryState]:
    return [entry.state for entry in outbox.entries()]


def test_what_the_database_takes_is_not_kept(desk: Desk, outbox: Outbox) -> None:
    assert isinstance(write(desk, outbox, "一切正常"), int)
    assert outbox.entries() == []
    assert desk.read(receipts) == 1


def test_what_the_database_does_not_answer_is_kept_and_sent_in_order(desk: Desk, outbox: Outbox) -> None:
    kept = [write(away(desk), outbox, f"第 {n} 条") for n in range(3)]
    assert all(isinstance(each, Kept) for each in kept)
    assert outbox.waiting(desk.identity.login).mine == 3
    assert send(desk, outbox).sent == 3
    assert desk.read(lines) == ["第 0 条", "第 1 条", "第 2 条"]
    assert states(outbox) == [EntryState.SENT] * 3


def test_a_new_entry_goes_behind_those_that_wait(desk: Desk, outbox: Outbox) -> None:
    write(away(desk), outbox, "先")
    assert isinstance(write(desk, outbox, "后"), Kept)
    send(desk, outbox)
    assert desk.read(lines) == ["先", "后"]


def test_an_entry_whose_answer_alone_was_lost_is_not_saved_twice(desk: Desk, outbox: Outbox) -> None:
    incident = desk.as_identity(collector_identity()).do(incidents.open_alarm, "ups", None, Severity.CRITICAL, "掉电")
    do_or_keep(away(desk, saves_first=True), outbox, uuid.uuid4(), incidents.acknowledge, (incident,))
    assert send(desk, outbox).sent == 1
    assert states(outbox) == [EntryState.SENT]


def test_a_full_replay_changes_nothing(desk: Desk, outbox: Outbox) -> None:
    for n in range(3):
        write(away(desk), outbox, f"{n}")
    send(desk, outbox)
    before = desk.read(lines), desk.read(receipts)
    for entry in outbox.entries():
        outbox.wait_again(entry.key, entry.arguments)
    assert send(desk, outbox).sent == 3
    assert (desk.read(lines), desk.read(receipts)) == before


def test_the_line_bears_the_time_of_entry_and_the_stamp_of_the_database(desk: Desk, outbox: Outbox) -> None:
    entered = datetime.now(UTC) - timedelta(hours=2)
    kept = write(away(desk), outbox, "晚到")
    entry = outbox.entries()[0]
    outbox.settle(kept.key, EntryState.DISCARDED)
    outbox.add(replace(entry, key=uuid.uuid4(), entered_at=entered))
    send(desk, outbox)
    row = desk.read(lambda tx: tx.session.execute(select(ShiftLogEntry.happened_at, ShiftLogEntry.recorded_at)).one())
    assert abs(row.happened_at - entered) < timedelta(seconds=5)
    assert row.recorded_at - row.happened_at > timedelta(hours=1)


def test_an_entry_of_a_seat_whose_clock_runs_ahead_never_lies_in_the_future(desk: Desk, outbox: Outbox) -> None:
    arguments = {"key": str(uuid.uuid4()), "text": "快钟"}
    ahead = datetime.now(UTC) + timedelta(hours=3)
    who = desk.identity
    outbox.add(Entry(uuid.uuid4(), duty.write.name, arguments, who.login, who.name, "A1", ahead))
    assert send(desk, outbox).sent == 1


def test_only_the_person_who_is_signed_in_sends(database: Database, desk: Desk, outbox: Outbox) -> None:
    write(away(desk), outbox, "甲写的")
    other = desk_of(database, Post.OPERATOR)
    assert send(other, outbox).sent == 0
    assert outbox.waiting(other.identity.login).others == (desk.identity.name,)
    assert send(desk, outbox).sent == 1


def test_what_the_rules_refuse_is_shown_and_the_rest_is_sent(desk: Desk, outbox: Outbox) -> None:
    write(away(desk), outbox, "   ")
    write(away(desk), outbox, "有内容")
    found = send(desk, outbox)
    assert (found.sent, found.troubled) == (1, 1)
    refused = outbox.entries(None, EntryState.REFUSED)[0]
    assert refused.told == "Write down what happened."


def test_a_conflict_waits_for_a_person_who_may_save_over_it(desk: Desk, outbox: Outbox) -> None:
    visit_id, version = registered_visit(desk)
    from app import access

    desk.do(access.edit_visit, visit_id, version, "另一事由", "", None, "")
    keep(desk, outbox, uuid.uuid4(), access.leave, (visit_id, version), {})
    assert send(desk, outbox).troubled == 1
    conflict = outbox.entries(None, EntryState.CONFLICT)[0]
    assert conflict.theirs["purpose"] == "另一事由"
    try_again(outbox, conflict)
    assert send(desk, outbox).sent == 1


def test_what_is_discarded_leaves_its_reason_in_the_trail(desk: Desk, outbox: Outbox) -> None:
    write(away(desk), outbox, " ")
    send(desk, outbox)
    entry = outbox.entries()[0]
    with pytest.raises(BadInput):
        discard(desk, outbox, entry, " ")
    discard(desk, outbox, entry, "已另行登记")
    assert states(outbox) == [EntryState.DISCARDED]
    reasons = select(AuditEntry.reason).where(AuditEntry.command == "outbox.sending.leave_discarded")
    assert desk.read(lambda tx: tx.session.scalars(reasons).one()) == "已另行登记"


def test_nobody_keeps_what_his_posts_do_not_allow(database: Database, outbox: Outbox) -> None:
    with pytest.raises(NotAllowed):
        write(away(desk_of(database, Post.AUDITOR)), outbox, "越权")


def test_a_disk_that_takes_nothing_says_so(desk: Desk, home: Path) -> None:
    outbox = Outbox(home, home)
    with pytest.raises(NotSaved) as told:
        keep(desk, outbox, uuid.uuid4(), duty.write, (uuid.uuid4(), "x"), {})
    assert str(told.value).startswith("NOT saved, write it on paper")


def test_the_file_is_its_owners_and_tells_nobody_whose_papers_were_seen(desk: Desk, outbox: Outbox) -> None:
    write(away(desk), outbox, "证件 110101199001011234")
    assert stat.S_IMODE(outbox.path.stat().st_mode) == 0o600
    assert b"110101199001011234" not in outbox.path.read_bytes()


def registered_visit(desk: Desk) -> tuple[int, int]:
    """Return a visit that is inside, and its version."""
    from app import access, cmdb
    from models.access import Visit
    from models.enums import Approval, PlaceKind

    room = desk.do(cmdb.create_place, uuid.uuid4(), cmdb.PlaceDraft(PlaceKind.ROOM, "机房"))
    entry = access.VisitEntry(
        uuid.uuid4(), room, "检修", (access.MemberEntry("李四"),), approver="王", approval=Approval.ORAL, escort="赵"
    )
    visit_id = desk.do(access.enter, entry)
    return visit_id, desk.read(lambda tx: tx.session.scalars(select(Visit.version)).one())


def test_the_fields_of_a_kept_entry_are_named_in_words() -> None:
    arguments = {"incident_id": 7, "reason": "已知", "expires_at": "2026-11-23T09:00:00+00:00"}
    theirs = {"acknowledged_by": 3, "version": 4}
    command, now = "incidents.handling.acknowledge", datetime.now(UTC)
    entry = Entry(uuid.uuid4(), command, arguments, "yi", "乙", "A1", now, theirs=theirs)
    found = {side.title: side.entered or side.present for side in sides(entry)}
    assert set(found) == {"Incident", "Reason", "Holds until", "Acknowledged by"}
    assert "T" not in found["Holds until"]
