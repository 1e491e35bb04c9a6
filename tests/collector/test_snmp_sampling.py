"""What a device's reading becomes on the board: a measure with a name people know, a unit, and limits that fit."""

import pytest

from app.collector.figures import metric_name, sensor_class_name
from app.collector.limits import DEFAULTS
from app.collector.probes.snmp.families import CLASSES
from app.collector.probes.snmp.reading import Reading, Sensor, Space, System
from app.collector.probes.snmp.sampling import samples
from app.collector.samples import Metric, Sample
from app.words import set_language


def told(*sensors: Sensor) -> tuple[Sample, ...]:
    return samples(Reading(System(), sensors=sensors), {})


@pytest.mark.parametrize("sensor_class", sorted(CLASSES - {"state"}))
def test_every_class_of_sensor_has_a_measure_with_a_name(sensor_class: str) -> None:
    [sample] = told(Sensor(sensor_class, "1", "1.3.1", "Inlet", 20.0, "x"))
    assert (sample.value, sample.unit, sample.instance) == (20.0, "x", "Inlet")
    names = set()
    for language in ("en", "zh_CN"):
        set_language(language)
        names.add(metric_name(sample.metric))
    set_language("en")
    assert sample.metric not in names and len(names) == 2


@pytest.mark.parametrize("sensor_class", sorted(CLASSES))
def test_every_class_of_sensor_has_a_word_in_chinese(sensor_class: str) -> None:
    set_language("zh_CN")
    word = sensor_class_name(sensor_class)
    set_language("en")
    assert word != sensor_class and not word.isascii()


def test_a_state_is_judged_by_its_level_and_left_out_where_it_has_none() -> None:
    known = Sensor("state", "1", "1.3.1", "Power supply 1", 4.0, "", level=2)
    unknown = Sensor("state", "2", "1.3.2", "Mode", 4.0, "")
    assert [(one.metric, one.value) for one in told(known, unknown)] == [(Metric.SENSOR_STATE, 2.0)]


@pytest.mark.parametrize(
    ("descr", "metric"),
    [
        ("CPU1 Temp", Metric.PART_TEMPERATURE),
        ("GigabitEthernet0/0/1", Metric.PART_TEMPERATURE),
        ("Port 1I Box 6 Bay 4 disk", Metric.PART_TEMPERATURE),
        ("System Board Inlet Temp", Metric.TEMPERATURE),
        ("Schranktemperatur", Metric.TEMPERATURE),
    ],
)
def test_what_runs_hot_by_design_has_limits_of_its_own(descr: str, metric: str) -> None:
    [sample] = told(Sensor("temperature", "1", "1.3.1", descr, 70.0, "°C"))
    assert sample.metric == metric
    assert any(limit.metric == metric and limit.unit == "°C" for limit in DEFAULTS)


def test_the_memory_that_a_device_is_judged_by_is_the_physical_one() -> None:
    virtual = Space("5", "Virtual Memory", 20.0, 100.0, 20.0)
    physical = Space("6", "Physical Memory", 50.0, 100.0, 50.0)
    found = samples(Reading(System(), memory=(virtual, physical)), {})
    assert [(one.metric, one.instance, one.value) for one in found] == [(Metric.MEMORY, "", 50.0)]
