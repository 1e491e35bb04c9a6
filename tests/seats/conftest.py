"""What windows need: the surroundings of `tests.ui`."""

from tests.ui.conftest import context, tidy_on_this_thread

__all__ = ["context", "tidy_on_this_thread"]
