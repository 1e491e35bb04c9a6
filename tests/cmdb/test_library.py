"""Device types from an unpacked library."""

import tarfile
from pathlib import Path

import pytest

from app import cmdb
from app.desk import Desk
from app.errors import BadInput
from app.importers.report import Unwatched
from tests.cmdb.samples import ci, site
from tests.databases import trail_findings

TYPE = """manufacturer: {maker}
model: {model}
slug: {slug}
part_number: P-1
u_height: {height}
is_full_depth: false
interfaces:
  - name: eth0
    type: 1000base-t
"""
TYPES = 4_449


@pytest.fixture
def library(tmp_path: Path) -> Path:
    write(tmp_path, "Huawei", "S5720", 1)
    write(tmp_path, "Inspur", "NF5280", 2)
    (tmp_path / "module-types" / "Cisco").mkdir(parents=True)
    (tmp_path / "module-types" / "Cisco" / "card.yaml").write_text("model: card")
    return tmp_path


def write(folder: Path, maker: str, model: str, height: float) -> None:
    path = folder / "device-types" / maker / f"{model}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TYPE.format(maker=maker, model=model, slug=f"{maker}-{model}".lower(), height=height))


def test_types_are_added_once_and_module_types_left_alone(desk: Desk, library: Path) -> None:
    first = cmdb.import_device_types(desk, Unwatched(), library)
    assert first.sentence() == "Read 2: added 2, changed 0, unchanged 0, refused 0. Left alone: 1."
    again = cmdb.import_device_types(desk, Unwatched(), library)
    assert again.sentence() == "Read 2: added 0, changed 0, unchanged 2, refused 0. Left alone: 1."
    assert trail_findings(desk) == []


def test_a_type_of_another_content_is_changed(desk: Desk, library: Path) -> None:
    cmdb.import_device_types(desk, Unwatched(), library)
    write(library, "Huawei", "S5720", 1.5)
    report = cmdb.import_device_types(desk, Unwatched(), library)
    assert (report.changed, report.unchanged) == (1, 1)
    (found,) = desk.read(cmdb.device_types, "huawei s57")
    assert (found.u_height, found.is_full_depth, found.part_number) == (1.5, False, "P-1")


def test_a_broken_file_costs_only_itself(desk: Desk, library: Path) -> None:
    (library / "device-types" / "Huawei" / "broken.yaml").write_text("u_height: [")
    report = cmdb.import_device_types(desk, Unwatched(), library)
    assert (report.read, report.added, report.refused) == (3, 2, 1)
    assert report.refusals[0].what == "Huawei/broken.yaml"


def test_a_dry_run_writes_nothing(desk: Desk, library: Path) -> None:
    assert cmdb.import_device_types(desk, Unwatched(), library, dry_run=True).added == 2
    assert desk.read(cmdb.device_types, "") == []


def test_a_folder_without_a_library_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        cmdb.import_device_types(desk, Unwatched(), tmp_path)


def test_the_height_of_a_type_is_taken_where_none_is_given(desk: Desk, library: Path) -> None:
    cmdb.import_device_types(desk, Unwatched(), library)
    (found,) = desk.read(cmdb.device_types, "nf5280")
    item = ci(desk, "甲", place_id=site(desk).rack, u_bottom=41, device_type_id=found.id)
    assert desk.read(cmdb.detail, item).draft.u_height == 2
    with pytest.raises(BadInput):
        ci(desk, "乙", place_id=desk.read(cmdb.detail, item).draft.place_id, u_bottom=42, device_type_id=found.id)


@pytest.mark.slow
def test_the_whole_library_is_taken_once(desk: Desk, tmp_path: Path, test_data: Path) -> None:
    (archive,) = (test_data / "devicetypes").glob("*.tar.xz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    report = cmdb.import_device_types(desk, Unwatched(), tmp_path)
    assert (report.read, report.added, report.refused) == (TYPES, TYPES, 0)
    assert report.left_alone == sum(1 for _ in (tmp_path / "module-types").glob("*/*.y*ml"))
    again = cmdb.import_device_types(desk, Unwatched(), tmp_path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, TYPES)
