"""What a family's file can say, one golden case each, and how its mistakes are told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.collector.probes.snmp.client import Value
from app.collector.probes.snmp.families import CLASSES, FamilyError, known, load
from app.collector.probes.snmp.grammar import family_of
from app.collector.probes.snmp.identity import identify
from app.collector.probes.snmp.reading import Reading, Sensor, System, build

Cells = Mapping[str, Mapping[str, Value]]


def reading(spec: dict[str, Any], cells: Cells) -> Reading:
    columns = {name: f"1.3.{n}" for n, name in enumerate(cells, start=1)}
    family = family_of({"name": "x", "columns": columns, **spec})
    return build(System(), [family], {"x": cells}, [])


def sensors(one: dict[str, Any], cells: Cells, **more: Any) -> tuple[Sensor, ...]:
    return reading({"sensor": [{"class": "temperature", "value": "v", **one}], **more}, cells).sensors


def values(one: dict[str, Any], cells: Cells) -> list[float | None]:
    return [sensor.value for sensor in sensors(one, cells)]


@pytest.mark.parametrize(
    ("scale", "raw", "value"),
    [
        (0.1, 235, 23.5),
        ({"factor": 0.1, "offset": -40}, 650, 25),
        ({"convert": "fahrenheit"}, 77, 25),
        ({"factor": 0.1, "convert": "kelvin"}, 2982, 25.05),
        ({"convert": "milliwatt"}, 1, 0),
        ({"convert": "microwatt"}, 78, -11.079),
        ({"convert": "milliwatt"}, 0, None),
        ({"signed": "s"}, 2090, 20.9),
        ({"divisor": "d"}, 209, 20.9),
        ({"by": "d"}, 2, 20),
        ({"precision": "p"}, 2345, 23.45),
        ({"units": "u", "precision": "p"}, 3306, 0.03306),
        ({"column": "u", "8": 0.5}, 50, 25),
        (1, b"9.68A", 9.68),
    ],
)
def test_a_scale_makes_a_raw_figure_a_measured_one(scale: object, raw: Value, value: float | None) -> None:
    cells: Cells = {"v": {"1": raw}, "s": {"1": -100}, "d": {"1": 10}, "p": {"1": 2}, "u": {"1": 8}}
    assert values({"scale": scale}, cells) == [value]


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({"k": [1, "on"]}, ["1", "3"]),
        ({"k": "^o"}, ["3"]),
        ({"k": {"min": 1, "max": 4}}, ["1", "2"]),
        ({"k": [""]}, ["4"]),
        ({"1": [2]}, ["2"]),
        ({"n@o": ["fan"]}, ["1"]),
    ],
)
def test_conditions_choose_rows(where: dict[str, object], rows: list[str]) -> None:
    cells: Cells = {
        "v": {"1": 10, "2": 20, "3": 30, "4": 40},
        "k": {"1": 1, "2": 4, "3": b"On"},
        "o": {"1": 77},
        "n": {"77": b"Fan"},
    }
    assert [one.index for one in sensors({"where": where}, cells)] == rows
    rest = [one.index for one in sensors({"unless": where}, cells)]
    assert sorted(rest + rows) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{n}", "Outlet"),
        ("{n} of {1}", "Outlet of 3"),
        ("{missing|n|index}", "Outlet"),
        ("{missing} - {index}", "3.7"),
        ("{n@1}", "Slot three"),
        ("{n@-1}", "Port seven"),
        ("{n@1-2}", "Outlet"),
        ("{2-}", "7"),
        ("{n@other}", "Rack"),
    ],
)
def test_a_name_is_put_together_from_cells_and_parts_of_the_index(template: str, text: str) -> None:
    cells: Cells = {
        "v": {"3.7": 20},
        "n": {"3.7": b"Outlet", "3": b"Slot three", "7": b"Port seven", "99": b"Rack"},
        "other": {"3.7": 99},
        "missing": {},
    }
    assert [one.descr for one in sensors({"descr": template}, cells)] == [text]


def test_a_class_is_told_by_a_column_by_patterns_or_by_the_index() -> None:
    cells: Cells = {"v": {"1": 20, "2": 21, "3": 22, "4": 23}, "n": {"1": b"CPU Temp", "2": b"FAN1", "3": b"hidden"}}
    told = {"column": "n", "~temp": "temperature", "~^fan": "fanspeed", "hidden": "-"}
    found = reading({"sensor": [{"value": "v", "class": told}]}, cells)
    assert [(one.sensor_class, one.unit) for one in found.sensors] == [("temperature", "°C"), ("fanspeed", "rpm")]
    assert [one.oid for one in found.unknown] == ["1.3.1.4"]
    by_index = {"column": "1", "1": "voltage", "other": "current"}
    assert [one.sensor_class for one in sensors({"class": by_index}, cells)] == ["voltage"] + ["current"] * 3


def test_what_means_unknown_is_null_and_what_means_absent_is_left_out() -> None:
    cells: Cells = {"v": {"1": 65535, "2": -1, "3": b"NA", "4": 21, "5": 2**31 - 1, "6": 300}}
    told = {"not_available": [65535], "absent": [-1, "na"], "range": [-50, 150]}
    assert [(one.index, one.value) for one in sensors(told, cells)] == [
        ("1", None),
        ("4", 21),
        ("5", None),
        ("6", None),
    ]


def test_states_have_levels_by_number_by_word_or_by_any_other_number() -> None:
    cells: Cells = {"v": {"1": 3, "2": 5, "3": b"Active", "4": b"Suspended", "5": 1, "6": b"odd"}}
    told = {"class": "state", "numbers": {"active": 3}, "states": "s", "critical": [5, "suspended"]}
    found = sensors(told, cells, states={"s": {"good": [3], "warning": [4]}})
    assert [(one.value, one.level) for one in found] == [(3, 0), (5, 2), (3, 0), (2, 2), (1, None), (None, None)]
    bits = sensors({"class": "state", "bits": True, "good": [0], "warning": ["*"]}, {"v": {"1": b"\x00", "2": b"\x40"}})
    assert [(one.value, one.level) for one in bits] == [(0, 0), (64, 1)]


def test_a_figure_is_found_inside_a_sentence_and_thirty_two_bits_are_put_right() -> None:
    cells: Cells = {"v": {"1": b"CPU Temperature-Ctlr B: 62 C 143.60F"}}
    assert values({"figure": ":\\s*(-?\\d+) C"}, cells) == [62]
    assert values({"class": "count", "unsigned": True, "scale": 1000}, {"v": {"1": -1392430019}}) == [2902537277000]


def test_of_several_columns_the_first_that_has_something_counts() -> None:
    cells: Cells = {"fine": {"2": 215}, "v": {"1": 20, "2": 21}}
    found = sensors({"value": ["fine", "v"], "rows": "v"}, cells)
    assert [(one.oid, one.value) for one in found] == [("1.3.2.1", 20), ("1.3.1.2", 215)]


def test_the_same_object_is_told_once_and_the_makers_words_win() -> None:
    sensor = {"value": "v", "class": "temperature"}
    maker = {
        "name": "m",
        "objects": ["1.9"],
        "columns": {"v": "1.1", "n": "1.2"},
        "sensor": [{**sensor, "descr": "{n}"}],
    }
    families = [family_of({"name": "s", "columns": {"v": "1.1"}, "sensor": [sensor]}), family_of(maker)]
    found = build(System(), families, {"m": {"v": {"1": 20}, "n": {"1": b"Inlet"}}, "s": {"v": {"1": 20}}}, [])
    assert [one.descr for one in found.sensors] == ["Inlet"]


def test_memory_is_reckoned_from_whatever_two_figures_there_are() -> None:
    def memory(**fields: str) -> tuple[float | None, float | None, float | None]:
        cells: Cells = {"t": {"0": 1000}, "u": {"0": 250}, "f": {"0": 750}, "p": {"0": 25}, "q": {"0": 75}}
        space = reading({"memory": [{"rows": "t", "scale": 2, **fields}]}, cells).memory[0]
        return space.used_bytes, space.total_bytes, space.used_percent

    assert memory(total="t", used="u") == (500, 2000, 25)
    assert memory(total="t", free="f") == (500, 2000, 25)
    assert memory(used="u", free="f") == (500, 2000, 25)
    assert memory(total="t", percent="p") == (500, 2000, 25)
    assert memory(total="t", percent_free="q") == (500, 2000, 25)
    assert memory(percent="p") == (None, None, 25)


def identified(identity: dict[str, object], cells: Cells, descr: str = "", **more: Any) -> System:
    columns = {name: f"1.3.{n}" for n, name in enumerate(cells, start=1)}
    family = family_of({"name": "x", "columns": columns, "identity": identity, **more})
    return identify(System(descr=descr, vendor="number's maker"), [family], {"x": cells})


def test_an_identity_is_found_by_row_by_pattern_and_put_together() -> None:
    cells: Cells = {
        "m": {"1": b"", "2": b"N/A", "3": b"S5720 "},
        "c": {"1": 3, "2": 3, "3": 9},
        "w": {"1": b"7.0", "2": b"9"},
    }
    found = identified(
        {
            "model": [{"column": "m", "where": {"c": [3]}}, {"column": "m"}],
            "version": [{"match": "Software (\\S+), Release (\\S+)", "show": "{1} {2} ({w.2})"}],
            "serial": [{"column": "w", "show": "SN{0}"}],
            "vendor": [{"match": "^(HPE?) ", "words": {"HP": "HPE"}}],
        },
        cells,
        "HP Comware Software 7.1, Release 2422",
    )
    assert (found.vendor, found.model, found.version, found.serial) == ("HPE", "S5720", "7.1 2422 (9)", "SN7.0")


def test_a_word_that_is_not_among_the_words_counts_for_nothing() -> None:
    found = identified(
        {"version": [{"match": "Build (\\d+)", "words": {"17763": "1809"}}, {"match": "(B\\w+)"}]}, {}, "Build 1"
    )
    assert (found.version, found.vendor) == ("Build", "number's maker")


SENSOR = '\n[columns]\nv = "1.3.1"\n[[sensor]]\nvalue = "v"\nclass = "temperature"\n'


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("name = 1 2", "one.toml"),
        ('columns = { v = "1.3" }', "name"),
        ('name = "x"\nexists = "a"', "lacks a"),
        ('name = "x"\ndescr = "("', "one.toml"),
        ('name = "x"\nsensors = []', "sensors is not known"),
        ('name = "x"' + SENSOR + 'clas = "x"', "sensor no. 1: clas is not known"),
        ('name = "x"' + SENSOR.replace("temperature", "temprature"), "class temprature is not known"),
        ('name = "x"' + SENSOR.replace('"1.3.1"', '"1.3.x"'), "'1.3.x' is no object id"),
        ('name = "x"' + SENSOR + 'descr = "{other}"', "lacks other"),
        ('name = "x"' + SENSOR + 'states = "ok"', "[states] lacks ok"),
        ('name = "x"' + SENSOR + 'scale = { convert = "rankine" }', "'rankine' is not known"),
        ('name = "x"' + SENSOR + "where = { v = { least = 3 } }", "least is not known"),
        ('name = "x"\n[columns]\nv = "1.3"\n[[sensor]]\nvalue = "v"', "'class' is missing"),
        ('name = "x"\n[identity]\nmaker = []', "maker is not known"),
    ],
)
def test_a_mistake_names_the_file_the_place_and_the_word(tmp_path: Path, toml: str, told: str) -> None:
    (tmp_path / "one.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(FamilyError) as error:
        load(tmp_path)
    assert str(error.value).startswith("one.toml: ") and told in str(error.value)


def test_two_families_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('name = "x"' + SENSOR, encoding="utf-8")
    with pytest.raises(FamilyError, match=r"b\.toml: the name 'x' is taken by a\.toml"):
        load(tmp_path)


def test_a_site_adds_and_replaces_families_and_a_broken_one_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "Our boiler"' + SENSOR, encoding="utf-8")
    (tmp_path / "akcp.toml").write_text('name = "AKCP"' + SENSOR, encoding="utf-8")
    (tmp_path / "broken.toml").write_text("name =", encoding="utf-8")
    knowledge = known(tmp_path)
    by_name = {family.name: family for family in knowledge.families}
    assert len(by_name["AKCP"].tables) == 1 and "Our boiler" in by_name and "IF-MIB" in by_name
    assert len(knowledge.families) == len(load()) + 1
    assert len(knowledge.troubles) == 1 and "broken.toml" in knowledge.troubles[0]


def test_the_programs_own_families_are_whole() -> None:
    families = load()
    assert len(families) > 30 and not known(Path("no such folder")).troubles
    for family in families:
        unused = set(family.columns) - family.names() - set(family.exists)
        assert not unused, f"{family.name}: {unused}"
        classes = {word for table in family.tables for word in table.sensor_class.every_word()}
        assert classes <= CLASSES | {"-"}
