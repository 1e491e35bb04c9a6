"""What windows need: the surroundings of `tests.ui`."""

from tests.ui.conftest import context

__all__ = ["context"]
