"""Pings over real sockets on loopback: 127.0.0.0/8 answers at every address."""

import asyncio
import socket

import pytest

from app.collector.probes import icmp, wire
from app.collector.probes.icmp import IcmpProbe, parse_fping, ping_once
from app.collector.samples import Metric, Outcome, Target
from app.errors import Refused
from models.enums import CheckKind


def can_ping() -> bool:
    try:
        wire._open(socket.AF_INET)[0].close()
    except Refused:
        return False
    return True


pytestmark = pytest.mark.skipif(not can_ping(), reason="this account may not open an ICMP socket")


def hosts(count: int) -> list[str]:
    return [f"127.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1, count + 1)]


def target(address: str, check_id: int = 1, count: int = 1) -> Target:
    return Target(check_id, check_id, CheckKind.ICMP, address, params={"count": str(count)}, timeout_s=0.3)


def ask(targets: list[Target], packets_per_s: float | None = None) -> list[Outcome]:
    async def run() -> list[Outcome]:
        probe = IcmpProbe(packets_per_s)
        try:
            return (await probe.sweep(targets)).outcomes()
        finally:
            await probe.close()

    return asyncio.run(run())


def test_ten_thousand_hosts_in_flight_lose_no_reply() -> None:
    outcomes = ask([target(host, n) for n, host in enumerate(hosts(10_000))])
    assert all(outcome.ok for outcome in outcomes)
    assert [outcome.check_id for outcome in outcomes] == list(range(10_000))


def test_a_system_that_can_send_only_one_by_one_loses_no_reply_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.bulk, "can", lambda: False)
    outcomes = ask([target(host, n) for n, host in enumerate(hosts(2_000))])
    assert all(outcome.ok for outcome in outcomes)


def test_an_address_that_may_not_be_sent_to_costs_only_itself() -> None:
    refused, good = ask([target("255.255.255.255", 1), target("127.0.0.1", 2)])
    assert not refused.ok
    assert good.ok


def test_the_round_trip_is_measured_in_milliseconds() -> None:
    (outcome,) = ask([target("127.0.0.1", count=3)])
    rtt, loss = outcome.samples
    assert (rtt.metric, loss.metric) == (Metric.PING_RTT_MS, Metric.PING_LOSS)
    assert rtt.value is not None
    assert 0 < rtt.value < 100
    assert loss.value == 0


def test_a_host_that_does_not_answer_is_silent_and_costs_only_itself() -> None:
    silent, good = ask([target("240.0.0.1", 1, 2), target("127.0.0.1", 2)])
    assert not silent.ok
    assert not silent.is_reachable
    assert silent.trouble == "No answer to 2 pings"
    assert good.ok


def test_a_name_without_address_is_a_trouble_of_the_name_and_not_of_the_device() -> None:
    (outcome,) = ask([target("no-such-host.invalid")])
    assert not outcome.ok
    assert outcome.is_reachable
    assert "no-such-host.invalid" in outcome.trouble


@pytest.mark.parametrize("address", ["", "\x00", "not an address", "a" * 300, "999.1.1.1", "例え.invalid"])
def test_an_address_that_is_garbage_is_an_outcome_and_no_crash(address: str) -> None:
    garbage, good = ask([target(address), target("127.0.0.2", 2)])
    assert not garbage.ok
    assert good.ok


def test_the_same_address_twice_is_pinged_once_and_answers_both() -> None:
    outcomes = ask([target("127.0.0.9", 1), target("127.0.0.9", 2)])
    assert [outcome.ok for outcome in outcomes] == [True, True]


def test_pacing_holds_the_rate() -> None:
    async def run() -> float:
        probe = IcmpProbe(2_000.0)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await probe.round_trips(dict.fromkeys(hosts(1_000), 1))
        await probe.close()
        return loop.time() - began

    assert asyncio.run(run()) >= 0.45


def test_two_batches_at_once_share_the_socket_and_mix_nothing_up() -> None:
    async def run() -> list[dict[str, list[float | None]]]:
        probe = IcmpProbe(None)
        first, second = dict.fromkeys(hosts(2_000), 1), dict.fromkeys(reversed(hosts(2_000)), 2)
        try:
            return await asyncio.gather(probe.round_trips(first), probe.round_trips(second))
        finally:
            await probe.close()

    one, two = asyncio.run(run())
    assert all(len(rtts) == 1 and None not in rtts for rtts in one.values())
    assert all(len(rtts) == 2 and None not in rtts for rtts in two.values())


def test_a_reply_without_our_token_is_nobodys() -> None:
    async def run() -> int:
        ours = wire.Wire()
        wave = ours._new_wave(["127.0.0.1"])
        forged = bytearray(b"\x45" + bytes(11) + bytes((127, 0, 0, 1)) + bytes(4))
        forged += wire._HEADER.pack(0, 0, 0, ours._ident, 0, b"x" * 8, wave.number)
        ours._take(forged, 20, bytes((127, 0, 0, 1)), 1)
        ours.close()
        return wave.missing

    assert asyncio.run(run()) == 1


def test_a_reply_from_another_host_is_not_credited() -> None:
    async def run() -> int:
        ours = wire.Wire()
        wave = ours._new_wave(["127.0.0.1"])
        ours._credit(wave, 0, bytes((127, 0, 0, 2)), 1)
        ours._credit(wave, 7, bytes((127, 0, 0, 1)), 1)
        ours.close()
        return wave.missing

    assert asyncio.run(run()) == 1


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
def test_an_ipv6_host_is_pinged_beside_the_others() -> None:
    outcomes = ask([target("::1", 1), target("127.0.0.1", 2)])
    assert [outcome.ok for outcome in outcomes] == [True, True]


def test_ping_once_answers_for_the_device_menu() -> None:
    assert asyncio.run(ping_once("127.0.0.1", 2)).ok


def test_without_a_socket_fping_pings_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    if icmp.shutil.which("fping") is None:
        pytest.skip("fping is not installed")
    monkeypatch.setattr(IcmpProbe, "_wire", lambda self, family: None)
    good, silent = ask([target("127.0.0.1", 1, 2), target("240.0.0.1", 2, 2)])
    assert good.ok
    assert not silent.ok


def test_without_socket_and_fping_the_advice_is_the_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IcmpProbe, "_wire", lambda self, family: None)
    monkeypatch.setattr(icmp.shutil, "which", lambda name: None)
    (outcome,) = ask([target("127.0.0.1")])
    assert not outcome.ok
    assert outcome.is_reachable
    assert "fping" in outcome.trouble


def test_fping_lines_are_read_and_other_lines_left_out() -> None:
    text = "10.0.0.1 : 0.5 - 1.25\nICMP Host Unreachable from 10.0.0.9\n10.0.0.2 : - - -\nx : 1\n"
    assert parse_fping(text, {"10.0.0.1": 3, "10.0.0.2": 3}) == {
        "10.0.0.1": [0.5, None, 1.25],
        "10.0.0.2": [None, None, None],
    }
