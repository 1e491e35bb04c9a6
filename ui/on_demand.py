"""Modules of the window that are loaded when something in them is first used: forms, dialogs and other second looks.

if TYPE_CHECKING:
    from ui.docks import incident_forms
else:
    incident_forms = on_demand("ui.docks.incident_forms")
"""

import importlib
from types import ModuleType
from typing import Any


class OnDemand:
    """Stands for a module that is loaded with the first name asked of it, on the GUI thread."""

    __slots__ = ("_module", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        self._module: ModuleType | None = None

    def __getattr__(self, name: str) -> Any:
        if self._module is None:
            self._module = importlib.import_module(self._path)
        return getattr(self._module, name)


def on_demand(path: str) -> Any:
    """Return what stands for the module at `path` until it is needed."""
    return OnDemand(path)
