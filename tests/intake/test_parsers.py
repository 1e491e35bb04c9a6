"""The parsers are total: any bytes give a message or their own refusal; real programs' bytes give what they say."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.collector.intake import ber, syslog, traps, webhooks
from app.collector.intake.ber import BadBer, Reader
from app.collector.intake.limits import Limits
from app.collector.intake.rules import captured
from app.collector.intake.usm import Engine, User, is_v3

BYTES = st.binary(max_size=400)


@given(BYTES)
def test_any_bytes_are_a_syslog_message(data: bytes) -> None:
    message = syslog.parse(data)
    assert 0 <= message.level <= 7
    assert len(message.text) <= 4_000


@given(st.text(max_size=60))
def test_chinese_in_utf8_and_in_gbk_reads_the_same(text: str) -> None:
    line = f"<13>Nov 23 16:30:41 sw 告警: 温度过高{text}"
    try:
        legacy = line.encode("gbk")
    except UnicodeEncodeError:
        return
    if legacy.rstrip(b"\r\n\0") != line.rstrip("\r\n\0").encode("gbk"):
        return
    assert "温度过高" in syslog.parse(line.encode()).text
    assert syslog.parse("<13>Nov 23 16:30:41 sw 告警: 温度过高".encode("gbk")).text == "温度过高"


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=8), st.integers(1, 30))
def test_counted_frames_come_out_as_they_went_in_however_they_are_cut(frames: list[bytes], size: int) -> None:
    stream = b"".join(b"%d %s" % (len(frame), frame) for frame in frames)
    cutter = syslog.Frames()
    found = [frame for at in range(0, len(stream), size) for frame in cutter.take(stream[at : at + size])]
    assert found == [frame for frame in frames if frame.strip(b"\r\n\0 ")]


@given(st.lists(BYTES, max_size=6))
def test_any_stream_is_cut_without_an_error(pieces: list[bytes]) -> None:
    cutter = syslog.Frames()
    for piece in pieces:
        list(cutter.take(piece))
    cutter.rest()


@given(BYTES)
def test_any_packet_is_a_notification_or_is_refused(data: bytes) -> None:
    engine = Engine(b"\x80\x00\x00\x00\x01")
    engine.users = {"": User(""), "a": User("a", "SHA", "password1", "AES", "password2")}
    for parse in (traps.parse, engine.parse, lambda packet: traps.read_pdu(Reader.of(packet)), is_v3):
        try:
            parse(data)
        except BadBer:
            continue


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_real_packet_is_read_or_refused(test_data: Path, data: st.DataObject) -> None:
    packets = [path.read_bytes() for path in sorted((test_data / "payloads" / "snmptrap").glob("*.bin"))]
    packet = bytearray(data.draw(st.sampled_from(packets)))
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    engine = Engine(b"\x80\x00\x00\x00\x01")
    try:
        pdu, _ = engine.parse(bytes(packet)) if is_v3(bytes(packet)) else traps.parse(bytes(packet))
        if pdu:
            traps.message(traps.read_pdu(Reader.of(pdu)))
    except BadBer:
        return


@given(
    st.sampled_from(sorted(webhooks.SYSTEMS)),
    st.binary(max_size=200) | st.from_regex(r'[\[{"a-z:,0-9}\]]*').map(str.encode),
)
def test_any_body_is_alerts_or_is_refused(system: str, body: bytes) -> None:
    try:
        webhooks.parse(system, body)
    except webhooks.BadPayload:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


FIELDS = ("alerts", "labels", "status", "startsAt", "event_id", "event_value", "type", "host", "date")


@settings(max_examples=50)
@given(st.sampled_from(sorted(webhooks.SYSTEMS)), st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_json_is_alerts_or_is_refused(system: str, body: dict[str, object]) -> None:
    for whole in (body, [body], {"alerts": [body]}):
        try:
            webhooks.parse(system, json.dumps(whole).encode())
        except webhooks.BadPayload:
            continue


def test_traps_read_as_net_snmp_reads_them(test_data: Path) -> None:
    folder = test_data / "payloads" / "snmptrap"
    told = (folder / "decoded_by_snmptrapd.txt").read_text(encoding="utf-8").replace(" \n", " ")
    found = []
    for path in sorted(folder.glob("trap_*.bin")):
        if is_v3(path.read_bytes()):
            continue
        pdu, _ = traps.parse(path.read_bytes())
        found.append(traps.read_pdu(Reader.of(pdu)))
    assert len(found) >= 5
    for notice in found:
        for name, value in notice.values:
            octets = value.encode().hex(" ").upper()
            ways = (f'STRING: "{value}"', f"INTEGER: {value}", f"OID: .{value}", f"Timeticks: ({value})", octets)
            assert any(f".{name} = {way}" in told or f".{name} = Hex-STRING: {way}" in told for way in ways)
    texts = {value for notice in found for _, value in notice.values}
    assert "GigabitEthernet0/0/7" in texts
    assert "温度过高 Slot0" in texts
    assert {"192.0.2.10", "192.0.2.11"} <= {notice.agent for notice in found}


def test_the_recorded_syslog_reads_as_it_was_sent(test_data: Path) -> None:
    folder = test_data / "payloads" / "syslog"
    read = [syslog.parse(path.read_bytes()) for path in sorted(folder.glob("udp_*.bin"))]
    assert [message.text for message in read[4:9]] == [
        "精密空调1回风温度过高 31.5℃",
        "精密空调1回风温度过高 31.5℃",
        "UPS on battery",
        "power restored",
        "no time no host",
    ]
    assert [(message.tag, message.level, message.host) for message in read[2:4]] == [("sshd", 4, "vm")] * 2
    for name, wanted in (("tcp_octet_counted_rfc5424", 3), ("tcp_lf_rfc3164", 3)):
        cutter = syslog.Frames()
        frames = [*cutter.take((folder / f"{name}.bin").read_bytes()), cutter.rest()]
        messages = [syslog.parse(frame) for frame in frames if frame]
        assert len(messages) == wanted
        assert messages[1].text.startswith("Failed password for root")


@pytest.mark.parametrize("text", ["a" * 4_000, "ab" * 2_000])
def test_a_pattern_of_many_stars_takes_no_longer_than_its_text_is_long(text: str) -> None:
    began = time.process_time()
    assert captured("*a" * 60 + "*zz", text) is None
    assert time.process_time() - began < 5


def test_a_sender_over_its_limit_is_dropped_and_counted_and_no_other_one() -> None:
    limits = Limits(rate=10, burst=20)
    passed = sum(limits.allows("192.0.2.1", 100.0) for _ in range(50))
    assert passed == 20
    assert limits.allows("192.0.2.2", 100.0)
    assert limits.allows("192.0.2.1", 100.2)
    counts = limits.take_counts()
    assert (counts["192.0.2.1"].received, counts["192.0.2.1"].dropped) == (51, 30)
    assert counts["192.0.2.2"].dropped == 0


@given(st.integers(-(2**62), 2**62))
def test_integers_come_back_from_their_encoding(value: int) -> None:
    assert Reader.of(ber.integer(value)).integer() == value


@given(st.sampled_from(("", " ", "\u202e\x00", "\u200b")))
def test_an_alert_without_a_name_still_has_a_title(name: str) -> None:
    body = {"event_id": "1", "event_value": "1", "trigger_id": "1", "event_name": name}
    (message,) = webhooks.parse("zabbix", json.dumps(body).encode())
    assert message.alert is not None
    assert message.alert.title
