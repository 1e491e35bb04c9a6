"""An entry of a list to choose from; alone here, since buttons of the first paint need it and forms do not."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """What is stored and what is read."""

    value: Any
    title: str
