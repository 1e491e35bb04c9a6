"""Seats in processes of their own hear every change of several writers, with a transaction left open beside them."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.database import open_database
from tests.bench._crowd import crowd, heard, write
from tests.databases import new_postgresql

SEATS, CHANGES, WRITERS = 5, 500, 4


def test_five_seats_miss_none_of_five_hundred_changes(
    postgresql_server: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    url = new_postgresql(postgresql_server)
    open_database(url, create=True).engine.dispose()
    idle = create_engine(url)
    with idle.connect() as left_open:
        left_open.execute(text("SELECT pg_current_xact_id()"))
        with crowd(url, SEATS, CHANGES, tmp_path) as files:
            written = write(url, CHANGES, WRITERS)
    idle.dispose()
    for file in files:
        found = heard(file)
        assert written.keys() - found.at.keys() == set()
        assert found.resets == 0
