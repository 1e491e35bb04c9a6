"""The same surroundings as the incidents' tests have."""

from tests.incidents.conftest import context

__all__ = ["context"]
