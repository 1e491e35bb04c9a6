"""A module that a test sees loaded by a worker."""

import threading
from typing import Any

LOADED_BY = threading.current_thread().name


def loaded_on(_desk: Any, _job: Any) -> str:
    return LOADED_BY
