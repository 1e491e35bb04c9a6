"""A step without a form that met somebody else's change: done all the same, or left (UX rule 8)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.errors import Conflict, WatchroomError
from app.words import tr
from ui.banner import Step

if TYPE_CHECKING:
    from ui.banner import Banners


def say(banners: "Banners", key: str, error: WatchroomError, again: Callable[[int], object]) -> None:
    """Show why a step failed; after a conflict with the choice to do it on the record as it is now.

    `again` gets the record's present version. Whoever calls shows the record anew for it.
    """
    if not isinstance(error, Conflict) or not isinstance(version := error.theirs.get("version"), int):
        banners.show_banner(key, "error", error.sentence())
        return

    def repeat() -> None:
        banners.clear(key)
        again(version)

    who = error.who or tr("Somebody else")
    words = tr(
        "{who} changed this record just before. It is shown as it is now, and nothing of yours was done.", who=who
    )
    steps = (Step(tr("Do it all the same"), repeat), Step(tr("Leave it"), lambda: banners.clear(key)))
    banners.show_banner(key, "warning", words, steps)
