"""An entry of a list to choose from; alone here, since buttons of the first paint need it and forms do not."""

from typing import Any, NamedTuple


class Choice(NamedTuple):
    """What is stored and what is read."""

    value: Any
    title: str
