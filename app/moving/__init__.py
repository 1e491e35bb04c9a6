"""Carrying an embedded database over into a shared one: rows, trail, keys, people's logins."""

from typing import TYPE_CHECKING

from app.late import late

if TYPE_CHECKING:
    from app.moving.carrying import Moved, TableCount, move
    from app.moving.logins import Logins, make_logins
    from app.moving.sharing import Look, Server, Shared, look_at, seat_names, share
    from app.moving.target import open_target
else:
    __getattr__ = late(
        "app.moving",
        carrying=("Moved", "TableCount", "move"),
        logins=("Logins", "make_logins"),
        sharing=("Look", "Server", "Shared", "look_at", "seat_names", "share"),
        target=("open_target",),
    )

__all__ = [
    "Logins",
    "Look",
    "Moved",
    "Server",
    "Shared",
    "TableCount",
    "look_at",
    "make_logins",
    "move",
    "open_target",
    "seat_names",
    "share",
]
