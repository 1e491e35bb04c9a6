"""The subjects of `app`, loaded when a worker first needs one.

A window must paint before the database layer is imported. So `from ui.subjects import incidents` gives a
stand-in:
`incidents.page` is a `Later` until the module is loaded, which `Work` resolves on its own thread;
afterwards it is
the function itself, unless the subject loads it late as well (`app.late`). Type checkers see the modules themselves.
"""

import importlib
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

SUBJECTS = (
    "access",
    "accounts",
    "attachments",
    "audit",
    "backups",
    "changes",
    "charts",
    "cmdb",
    "contacts",
    "copies",
    "demo",
    "desk",
    "devices",
    "discovery",
    "drills",
    "duty",
    "facts",
    "feed",
    "first_rows",
    "handover",
    "head",
    "incidents",
    "inspections",
    "inspector",
    "intake",
    "knowledge",
    "listening",
    "lists",
    "mains",
    "moving",
    "outbox",
    "outputs",
    "people",
    "policies",
    "presence",
    "problems",
    "racks",
    "reports",
    "search",
    "seats",
    "settings",
    "shifts",
    "signin",
    "statistics",
    "system_rights",
    "talkers",
    "topology",
    "trail",
    "work_orders",
)


_LOADING = threading.Lock()
"""One worker loads at a time: two that meet in a circle of imports would see half of a module."""


class Later:
    """A name of a module that is not loaded yet; calling it loads the module and calls the real thing."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def resolve(self) -> Any:
        """Load the module and return what the name stands for; raises AttributeError if it lacks the name."""
        with _LOADING:
            module = importlib.import_module(self.module)
        return getattr(module, self.name)

    def __call__(self, *args: object, **values: object) -> Any:
        return self.resolve()(*args, **values)


class Subject:
    """Stands in for one module of `app`."""

    __slots__ = ("_module",)

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        loaded = sys.modules.get(self._module)
        if loaded is None or getattr(loaded.__spec__, "_initializing", False):
            return Later(self._module, name)
        try:
            return vars(loaded)[name]
        except KeyError:
            return Later(self._module, name)


def resolve(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that a `Later` stands for, or `function` itself. Called on worker threads only."""
    if isinstance(function, Later):
        found: Callable[..., Any] = function.resolve()
        return found
    return function


if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...

else:

    def __getattr__(name: str) -> Subject:
        if name not in SUBJECTS:
            raise AttributeError(name)
        return Subject(f"app.{name}")
