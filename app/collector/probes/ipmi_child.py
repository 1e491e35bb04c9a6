"""The process that asks one controller by IPMI: a JSON request on its input, a JSON answer on its output."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from pyghmi.exceptions import IpmiException, PyghmiException  # type: ignore[import-untyped]
from pyghmi.ipmi.command import Command  # type: ignore[import-untyped]


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    try:
        found = ask(request)
    except (IpmiException, PyghmiException, OSError) as error:
        found = {"trouble": str(error) or type(error).__name__}
    json.dump(found, sys.stdout)


def ask(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return identity and sensors. Raises PyghmiException, OSError."""
    controller = Command(
        bmc=request["host"], userid=request["user"], password=request["password"], port=request["port"], keepalive=False
    )
    troubles: list[str] = []
    try:
        sensors = _sensors(controller, troubles)
        return {"system": _identity(controller, troubles), "sensors": sensors, "troubles": troubles}
    finally:
        controller.ipmi_session.logout()


def _sensors(controller: Any, troubles: list[str]) -> list[dict[str, Any]]:
    """Return the sensors of the controller's own list; one without such a list has none."""
    try:
        return [_sensor(one) for one in controller.get_sensor_data()]
    except IpmiException as error:
        troubles.append(f"SDR: {error}")
        return []


def _identity(controller: Any, troubles: list[str]) -> dict[str, str]:
    """Return the inventory record of the machine; many a controller has none, or one that the library can't read."""
    try:
        found = controller.get_inventory_of_component("System")
    except Exception as error:
        troubles.append(f"FRU: {error or type(error).__name__}")
        return {}
    return {str(name): str(value) for name, value in (found or {}).items() if value}


def _sensor(one: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": one.value,
        "unit": one.units or "",
        "health": int(one.health),
        "states": [str(state) for state in one.states],
        "unavailable": bool(one.unavailable),
    }


if __name__ == "__main__":
    main()
