"""A database of a shared desk with one real login per post and service, for a module's tests."""

from collections.abc import Iterator

import pytest

from app.trials.logins import Site, make_site
from tests.databases import new_postgresql


@pytest.fixture(scope="module")
def site(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One database for a module's tests, none of which leaves anything in it."""
    made = make_site(new_postgresql(postgresql_server))
    yield made
    made.close()
