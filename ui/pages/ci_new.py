"""What the form of a new configuration item starts from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewCi:
    """The key with which `nav.open("ci", ...)` opens an empty form."""

    class_name: str = ""
    place_id: int | None = None
