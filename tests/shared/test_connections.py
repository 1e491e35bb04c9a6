"""A seat's connection file: no password in it, and the program that takes it up."""

from pathlib import Path

import pytest

from app.cli.connection import follow
from app.cli.parser import parse
from app.errors import BadInput, NotSaved
from app.shared import connections
from app.shared.connections import SeatConnection

SEAT = SeatConnection("A1", "postgresql://root:secret@db.example:5432/watchroom", sslrootcert="/etc/watchroom/ca.crt")


def test_a_file_gives_back_what_was_written_but_the_password(tmp_path: Path) -> None:
    path = connections.write(SEAT, tmp_path)
    assert "secret" not in path.read_text()
    assert "root" not in path.read_text().replace("sslrootcert", "")
    found = connections.read(path)
    assert (found.seat, found.sslmode) == ("A1", "verify-full")
    assert found.url.startswith("postgresql://db.example:5432/watchroom?")
    assert "sslmode=verify-full" in found.url
    assert "ca.crt" in found.url


def test_several_hosts_stay_in_the_url(tmp_path: Path) -> None:
    path = connections.write(SeatConnection("A2", "postgresql://a:5432,b:5433/watchroom"), tmp_path)
    url = connections.read(path).url
    assert "a%2Cb" in url or "a,b" in url


@pytest.mark.parametrize(
    "text",
    ["", "seat = ", 'database = "sqlite:///x.db"', 'database = "postgresql://h/d"\nsslmode = "none"'],
)
def test_a_file_that_makes_no_sense_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"bad\.toml"):
        connections.read(path)


def test_a_missing_file_is_refused_and_a_folder_that_is_none_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no\.toml"):
        connections.read(tmp_path / "no.toml")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(NotSaved):
        connections.write(SEAT, blocked)


def test_the_program_takes_up_the_accounts_own_file_unless_a_database_is_named(home: Path, tmp_path: Path) -> None:
    connections.adopt(SEAT)
    taken = parse([])
    follow(taken)
    assert (taken.seat, taken.db.partition("?")[0]) == ("A1", "postgresql://db.example:5432/watchroom")
    for line in (["--db", "sqlite:///x.db"], ["move", "--to", "postgresql://h/d"]):
        options = parse(line)
        follow(options)
        assert options.db == ("sqlite:///x.db" if line[0] == "--db" else None)
    other = connections.write(SeatConnection("B7", "postgresql://other/watchroom"), tmp_path)
    named = parse(["--connection", str(other), "verify"])
    follow(named)
    assert named.seat == "B7"
