"""Counters, values and device knowledge: the parts of the SNMP check that need no device."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.collector.probes.snmp.client import ColumnReader, Value
from app.collector.probes.snmp.families import Family, load
from app.collector.probes.snmp.identity import identify
from app.collector.probes.snmp.rates import Snapshot, rates
from app.collector.probes.snmp.reading import Port, System, build
from app.collector.probes.snmp.values import number, text

PORT = Port("1", "GE1", "GE1", "", "up", "up", 1e9, 0, 0, 0, 0, 0, 0, 64)


def snapshot(at_s: float, port: Port, uptime_s: float | None = None) -> Snapshot:
    return Snapshot.of(at_s, at_s if uptime_s is None else uptime_s, [port])


def in_bps(before: Port, now: Port, uptime_s: float | None = None) -> float | None:
    found = rates(snapshot(1000, before), snapshot(1060, now, uptime_s))
    return found["1 GE1"].in_bps if found else None


def test_a_rate_is_the_difference_over_the_time() -> None:
    assert in_bps(PORT, PORT._replace(in_octets=750_000)) == 100_000


def test_the_first_reading_has_no_rate() -> None:
    assert rates(None, snapshot(0, PORT)) == {}


@pytest.mark.parametrize("bits", [32, 64])
def test_a_wrapped_counter_still_gives_the_rate(bits: int) -> None:
    before = PORT._replace(in_octets=2**bits - 300_000, counter_bits=bits)
    assert in_bps(before, before._replace(in_octets=450_000)) == 100_000


def test_a_counter_that_was_cleared_gives_no_rate() -> None:
    assert in_bps(PORT._replace(in_octets=10**12), PORT._replace(in_octets=5)) is None


def test_after_a_restart_there_is_no_rate() -> None:
    assert in_bps(PORT._replace(in_octets=5), PORT._replace(in_octets=750_000), uptime_s=10) is None


def test_an_uptime_that_wrapped_after_497_days_is_no_restart() -> None:
    before = snapshot(1000, PORT, 2**32 / 100 - 20)
    now = snapshot(1060, PORT._replace(in_octets=750_000), 40)
    assert rates(before, now)["1 GE1"].in_bps == 100_000


def test_more_than_the_line_can_carry_is_no_rate() -> None:
    assert in_bps(PORT, PORT._replace(in_octets=10**12)) is None


def test_a_port_that_took_another_ones_index_has_no_rate() -> None:
    before, now = snapshot(1000, PORT), snapshot(1060, PORT._replace(name="GE2", in_octets=750_000))
    assert rates(before, now) == {}


def test_utilisation_is_of_the_ports_speed() -> None:
    found = rates(snapshot(1000, PORT), snapshot(1060, PORT._replace(in_octets=750_000_000)))["1 GE1"]
    assert found.in_utilisation == 10


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("交换机".encode(), "交换机"),
        ("交换机".encode("gbk"), "交换机"),
        (b"caf\xe9 au lait", "café au lait"),
        (b"R740\x00\x00", "R740"),
        (b"a\x1b[31mb", "a[31mb"),
        ("x\u202egnp.exe".encode(), "xgnp.exe"),
        (None, ""),
        (5, "5"),
    ],
)
def test_text_of_devices_is_readable_and_harmless(raw: Value, shown: str) -> None:
    assert text(raw) == shown


@pytest.mark.parametrize(
    ("raw", "figure"), [(b"9.68A", 9.68), (b"27 C", 27), (b"n/a", None), (b"", None), (None, None), (2**80, None)]
)
def test_figures_come_out_of_text(raw: Value, figure: float | None) -> None:
    assert number(raw) == figure


@given(st.binary(max_size=60))
def test_no_bytes_of_a_device_raise(raw: bytes) -> None:
    assert "\x00" not in text(raw)
    number(raw)


def test_a_table_that_repeats_itself_is_cut_and_said() -> None:
    reader = ColumnReader("1.3", 100)
    assert reader.take("1.3.1", 1) and reader.take("1.3.2", 2)
    assert not reader.take("1.3.1", 1)
    assert reader.rows == {"1": 1, "2": 2} and "repeats" in reader.trouble


def test_a_table_without_end_is_cut_and_said() -> None:
    reader = ColumnReader("1.3", 3)
    assert [reader.take(f"1.3.{n}", n) for n in range(5)][:4] == [True, True, True, False]
    assert len(reader.rows) == 3 and "3" in reader.trouble


def test_a_walk_ends_where_another_table_begins() -> None:
    reader = ColumnReader("1.3.1", 3)
    assert not reader.take("1.3.11.1", 1) and not reader.trouble


def family_of(tmp_path: Path, toml: str) -> Family:
    (tmp_path / "one.toml").write_text(toml, encoding="utf-8")
    return load(tmp_path)[0]


def test_a_sensor_takes_class_scale_and_name_from_columns(tmp_path: Path) -> None:
    family = family_of(
        tmp_path,
        """
        name = "x"
        [columns]
        value = "1.1"
        kind = "1.2"
        places = "1.3"
        name = "1.4"
        [[sensor]]
        value = "value"
        class = { column = "kind", 8 = "temperature", 9 = "-" }
        scale = { precision = "places" }
        not_available = [65535]
        descr = "{name} of board {1}"
        """,
    )
    columns: dict[str, dict[str, Value]] = {
        "value": {"1.1": 235, "1.2": 65535, "1.3": 7, "1.4": 9},
        "kind": {"1.1": 8, "1.2": 8, "1.3": 9, "1.4": 77},
        "places": {"1.1": 1},
        "name": {"1.1": b"Inlet"},
    }
    reading = build(System(), [family], {"x": columns}, [])
    assert [(one.descr, one.value, one.unit) for one in reading.sensors] == [
        ("Inlet of board 1", 23.5, "°C"),
        ("of board 1", None, "°C"),
    ]
    assert [one.oid for one in reading.unknown] == ["1.1.1.4"]


cell = st.one_of(st.none(), st.integers(-(2**70), 2**70), st.binary(max_size=12), st.text(max_size=8))


@settings(deadline=None)
@given(st.sampled_from(load()), st.data())
def test_no_answer_of_a_device_raises(family: Family, data: st.DataObject) -> None:
    rows = st.dictionaries(st.sampled_from(["0", "1", "1.2", "x"]), cell, max_size=3)
    names = data.draw(st.lists(st.sampled_from(sorted(family.columns)), max_size=8))
    tables = {family.name: {name: data.draw(rows) for name in names}}
    system = identify(System(), [family], tables)
    build(system, [family], tables, [])
