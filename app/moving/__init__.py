"""Carrying an embedded database over into a shared one: rows, trail, keys, people's logins."""

from typing import TYPE_CHECKING

from app.late import late

if TYPE_CHECKING:
    from app.moving.carrying import Moved, TableCount, move
    from app.moving.logins import Logins, make_logins
    from app.moving.target import open_target
else:
    __getattr__ = late(
        "app.moving",
        carrying=("Moved", "TableCount", "move"),
        logins=("Logins", "make_logins"),
        target=("open_target",),
    )

__all__ = ["Logins", "Moved", "TableCount", "make_logins", "move", "open_target"]
