"""Redfish: real trees of real machines, served over HTTP."""

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.collector.probes.polled import PolledProbe
from app.collector.probes.redfish.reader import RedfishReader
from app.collector.probes.snmp.reading import Reading
from app.collector.samples import Metric, Outcome, Target
from models.enums import CheckKind
from tests.power.redfish_server import PASSWORD, USER, Tree, serving, trees

NAMES = (
    "CMM", "DL325", "EX235a", "EX235n", "EX420", "EX425", "EX4252", "Gigabyte", "Intel", "OpenBMC-stock",
    "Slingshot_Switch_Blade", "XL675d_A100", "XL675d_A40", "public-rackmount1",
)  # fmt: skip


@pytest.fixture(scope="session")
def recorded(test_data: Path) -> dict[str, dict[str, Any]]:
    return trees(test_data / "redfish_mockups.tar.xz")


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_tree_is_read_with_what_its_documents_say(recorded: dict[str, Any], name: str) -> None:
    tree = recorded[name]
    found = asyncio.run(_read(tree))
    told = {(one.sensor_class, one.oid): one.value for one in found.sensors}
    for place, value in _temperatures(tree):
        assert told["temperature", place] == value
    for place, value in _fans(tree):
        assert told.get(("fanspeed", place), told.get(("percent", place))) == value
    assert len(found.memory) == sum(1 for _ in _modules(tree))
    assert {one.oid for one in found.sensors if one.sensor_class == "state"} >= set(_unhealthy(tree))
    models = {str(one.get("Model", "")).strip() for one in (*_of(tree, "ComputerSystem"), *_of(tree, "Chassis"))}
    assert found.system.model in models | {""}
    assert bool(found.system.model or found.system.serial) == bool(models - {""})


def test_a_healthy_server_shows_its_identity_and_figures(recorded: dict[str, Any]) -> None:
    found = asyncio.run(_read(recorded["DL325"]))
    assert (found.system.vendor, found.system.model) == ("HPE", "ProLiant DL325 Gen10 Plus")
    assert found.system.serial == "MXQ019020B"
    assert found.system.version.startswith("A43")
    assert sum(space.total_bytes or 0 for space in found.memory) == 64 * 2**30
    inlet = next(one for one in found.sensors if one.descr == "01-Inlet Ambient" and one.sensor_class == "temperature")
    assert (inlet.value, inlet.unit) == (17.0, "°C")


def test_a_session_of_the_service_lets_in_as_well(recorded: dict[str, Any]) -> None:
    found = asyncio.run(_ask(recorded["Intel"], by_session=True, login="session"))
    assert found.ok
    assert found.facts["model"]


def test_a_wrong_password_is_said_and_the_device_counts_as_there(recorded: dict[str, Any]) -> None:
    found = asyncio.run(_ask(recorded["Intel"], secret="wrong"))
    assert (found.ok, found.is_reachable) == (False, True)
    assert "password" in found.trouble


def test_a_check_yields_samples_and_no_holes_for_usage_that_redfish_never_tells(recorded: dict[str, Any]) -> None:
    found = asyncio.run(_ask(recorded["XL675d_A100"]))
    metrics = {one.metric for one in found.samples}
    assert {Metric.TEMPERATURE, Metric.PART_TEMPERATURE, Metric.SENSOR_STATE} <= metrics
    assert not metrics & {Metric.CPU, Metric.MEMORY, Metric.DISK}


@pytest.mark.parametrize(
    "documents",
    [
        {"/redfish/v1": {"Systems": {"@odata.id": "http://127.0.0.1:9/redfish/v1/Systems"}, "Chassis": 7}},
        {"/redfish/v1": {"Systems": {"@odata.id": "/redfish/v1/S"}}, "/redfish/v1/S": {"Members": "many"}},
        {"/redfish/v1": {"Systems": {"@odata.id": "/redfish/v1/S"}},
         "/redfish/v1/S": {"Members": [], "Members@odata.nextLink": "/redfish/v1/S"}},
        {"/redfish/v1": {"Chassis": {"@odata.id": "/redfish/v1/C"}},
         "/redfish/v1/C": {"Members": [{"@odata.id": "/redfish/v1/C/1"}]},
         "/redfish/v1/C/1": {"@odata.id": 5, "Status": "fine", "Thermal": {"@odata.id": "/redfish/v1/T"}},
         "/redfish/v1/T": {"Temperatures": [None, 3, {"ReadingCelsius": "9.68A"}], "Fans": {"a": 1}}},
    ],
)  # fmt: skip
def test_a_service_that_tells_nonsense_is_read_without_an_error(documents: Tree) -> None:
    found = asyncio.run(_ask(documents))
    assert found.ok
    assert all(one.value is None or isinstance(one.value, float) for one in found.samples)


def test_what_is_no_redfish_service_is_said() -> None:
    found = asyncio.run(_ask({}))
    assert not found.ok
    assert found.is_reachable
    assert "Redfish" in found.trouble


async def _read(tree: Tree) -> Reading:
    async with serving(tree) as port:
        return await RedfishReader().read(_target(port))


async def _ask(tree: Tree, *, by_session: bool = False, login: str = "", secret: str = PASSWORD) -> Outcome:
    async with serving(tree, by_session=by_session) as port:
        target = _target(port, login)
        return await PolledProbe(RedfishReader()).ask(dataclasses.replace(target, secret=secret))


def _target(port: int, login: str = "") -> Target:
    params = {"scheme": "http", "user": USER, "login": login}
    return Target(1, 1, CheckKind.REDFISH, "127.0.0.1", port, params, PASSWORD, timeout_s=30.0)


def _of(tree: Tree, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of a kind, in whatever version."""
    for document in tree.values():
        if isinstance(document, dict) and str(document.get("@odata.type", "")).startswith(f"#{kind}."):
            yield document


def _linked(tree: Tree, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of a kind that a chassis in the collection leads to."""
    for chassis in tree.get("/redfish/v1/Chassis", {}).get("Members", ()):
        link = tree.get(chassis["@odata.id"].rstrip("/"), {}).get(kind, {}).get("@odata.id", "")
        if found := tree.get(link.rstrip("/")):
            yield found


def _temperatures(tree: Tree) -> Iterator[tuple[str, float | None]]:
    for document in _linked(tree, "Thermal"):
        for one in document.get("Temperatures", ()):
            if one.get("Status", {}).get("State") != "Absent" and "@odata.id" in one:
                yield one["@odata.id"], one.get("ReadingCelsius")


def _fans(tree: Tree) -> Iterator[tuple[str, float | None]]:
    for document in _linked(tree, "Thermal"):
        for one in document.get("Fans", ()):
            if one.get("Status", {}).get("State") != "Absent" and "@odata.id" in one:
                yield one["@odata.id"], one.get("Reading", one.get("CurrentReading"))


def _modules(tree: Tree) -> Iterator[dict[str, Any]]:
    for one in _of(tree, "Memory"):
        if one.get("Status", {}).get("State") != "Absent" and (one.get("CapacityMiB") or one.get("SizeMB")):
            yield one


def _unhealthy(tree: Tree) -> Iterator[str]:
    for one in (*_of(tree, "ComputerSystem"), *_of(tree, "Processor"), *_of(tree, "Drive")):
        if one.get("Status", {}).get("Health") in ("Warning", "Critical"):
            yield one["@odata.id"]
