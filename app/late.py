"""Names of a package that only exports, imports and second looks need: their modules are loaded with the first use.

if TYPE_CHECKING:
    from app.access.paper import month_pdf
else:
    __getattr__ = late("app.access", paper=("month_pdf",))
"""

import importlib
from collections.abc import Callable
from typing import Any


def late(package: str, **modules: tuple[str, ...]) -> Callable[[str], Any]:
    """Return a package's `__getattr__` for the names that each of its `modules` gives."""
    places = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{places[name]}"), name)

    return load
