"""The netbox device-type library, whole and damaged."""

import os
import tarfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.importers.device_types import (
    DeviceTypeRecord,
    RefusedType,
    UnchangedType,
    find,
    parse,
    read,
)

DATA = Path(os.environ.get("WATCHROOM_TEST_DATA", Path(__file__).parents[3] / "shared/data")) / "devicetypes"

ROUTER = """---
manufacturer: Huawei
model: 1288H-V6
slug: huawei-1288h-v6
part_number: 0231
u_height: 1.5
is_full_depth: false
weight: 2000
weight_unit: g
interfaces:
  - name: Eth-1
    type: 10gbase-t
  - name: IPMI
    type: 1000base-t
    mgmt_only: true
power-ports:
  - name: PSU1
    type: iec-60320-c14
module-bays:
  - name: A
  - name: B
"""


def library(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_type_is_read_with_its_decimal_height_and_ports() -> None:
    record = parse(ROUTER.encode())
    assert (record.maker, record.model, record.slug) == ("Huawei", "1288H-V6", "huawei-1288h-v6")
    assert (record.u_height, record.is_full_depth, record.weight_kg) == (1.5, False, 2.0)
    assert [port.is_management for port in record.interfaces] == [False, True]
    assert record.power_ports[0].kind == "iec-60320-c14"
    assert record.other_parts == (("module-bays", 2),)


def test_a_broken_file_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    folder = library(
        tmp_path,
        {
            "device-types/Huawei/a.yaml": ROUTER,
            "device-types/Huawei/again.yml": ROUTER + "# the same slug\n",
            "device-types/Huawei/broken.yaml": "manufacturer: [unclosed\nmodel: x",
            "device-types/Huawei/list.yaml": "- a\n- b\n",
            "device-types/Huawei/tall.yaml": ROUTER.replace("1.5", "1e9"),
            "device-types/Huawei/notes.txt": "left alone",
            "module-types/Huawei/m.yaml": "model: m",
        },
    )
    found = list(read(find(folder)))
    assert [type(item) for item in found] == [DeviceTypeRecord, *[RefusedType] * 4]
    refused = {item.file: item.reason for item in found if isinstance(item, RefusedType)}
    assert "taken by Huawei/a.yaml" in refused["Huawei/again.yml"]
    assert "Line 2" in refused["Huawei/broken.yaml"]
    assert find(folder).module_types == 1


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    folder = library(tmp_path, {"device-types/Huawei/a.yaml": ROUTER})
    known = {item.content_hash for item in read(find(folder)) if isinstance(item, DeviceTypeRecord)}
    assert [type(item) for item in read(find(folder), known)] == [UnchangedType]


def test_reading_can_be_stopped_and_says_how_far_it_is(tmp_path: Path) -> None:
    folder = library(tmp_path, {f"device-types/M/{n:03}.yaml": ROUTER for n in range(60)})
    steps: list[tuple[int, int]] = []
    list(read(find(folder), progress=lambda done, all_: steps.append((done, all_))))
    assert steps == [(0, 60), (50, 60), (60, 60)]

    def stop(done: int, all_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(read(find(folder), progress=stop))


def test_a_file_that_grows_by_referring_to_itself_is_refused() -> None:
    bomb = "a: &a {x: 1}\n" + "".join(
        f"b{n}: &b{n} {{<<: [{', '.join(['*' + ('a' if n == 0 else f'b{n - 1}')] * 9)}]}}\n" for n in range(9)
    )
    with pytest.raises(BadInput):
        parse((ROUTER + bomb).encode())


def test_a_number_of_ten_thousand_digits_is_refused() -> None:
    with pytest.raises(BadInput):
        parse(ROUTER.replace("1288H-V6", "0x" + "f" * 10_000).encode())


def test_a_folder_that_is_no_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="device-types"):
        find(tmp_path)


NASTY = [None, -1, float("inf"), float("nan"), 10**30, True, "", "x" * 500, [], {}, [1], [{}], {"a": 1}, "\0"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(st.sampled_from(sorted(yaml.safe_load(ROUTER))), st.sampled_from(NASTY))
def test_no_value_raises_anything_but_bad_input(field: str, value: object) -> None:
    try:
        parse(yaml.safe_dump(yaml.safe_load(ROUTER) | {field: value}).encode())
    except BadInput:
        return


@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_no_damaged_file_raises_anything_but_bad_input(data: st.DataObject) -> None:
    content = bytearray(ROUTER.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=3) | st.sampled_from([b"&a", b"*a", b"!!python", b"<<:", b"{", b"? ", b"2026-99-99"])
        )
    try:
        parse(bytes(content))
    except BadInput:
        return


@pytest.mark.slow
def test_the_whole_library_is_read(tmp_path: Path) -> None:
    archives = sorted(DATA.glob("*.tar.xz"))
    if not archives:
        pytest.skip(f"the test data is not at {DATA}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    found = find(tmp_path)
    assert (len(found.files), found.module_types) == (4_449, 1_466)
    records = [item for item in read(found) if isinstance(item, DeviceTypeRecord)]
    assert len(records) == len({record.slug for record in records}) == 4_449
    assert len({record.maker for record in records}) == 204
