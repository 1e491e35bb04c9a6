"""What every dock and page is given: one value, handed down from the composition root."""

from typing import TYPE_CHECKING, NamedTuple

from ui.commands import Commands
from ui.icons import Icons
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.rights import Rights
from ui.shapes import Shapes
from ui.theme import Theme
from ui.work import Work

if TYPE_CHECKING:
    from app.desk import Identity


class Context(NamedTuple):
    """The window's parts that docks and pages talk to.

    `identity` is who is signed in, None before the sign-in. A change of person makes another context.
    """

    work: Work
    live: Live
    theme: Theme
    shapes: Shapes
    icons: Icons
    nav: Nav
    commands: Commands
    memory: Memory
    identity: "Identity | None" = None
    seat: str = ""

    @property
    def rights(self) -> Rights:
        """What keeps buttons and entries grey that the person's posts do not allow."""
        return self.commands.rights
