"""The values that pass between the collector's rooms: what to check, what a check found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from models.enums import CheckKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Metric:
    """Names of what is measured, the same for every probe, threshold and chart."""

    UPTIME_S: Final = "uptime.seconds"
    CPU: Final = "cpu.percent"
    LOAD: Final = "load.1min"
    MEMORY: Final = "memory.percent"
    SWAP: Final = "swap.percent"
    DISK: Final = "disk.percent"
    """instance: the mount point"""
    IF_IN: Final = "if.in_bps"
    """instance of every `if.*`: the interface's name"""
    IF_OUT: Final = "if.out_bps"
    IF_IN_PACKETS: Final = "if.in_packets_ps"
    IF_OUT_PACKETS: Final = "if.out_packets_ps"
    IF_IN_BROADCASTS: Final = "if.in_broadcasts_ps"
    """told only while there are many"""
    IF_IN_RISE: Final = "if.in_packets_rise"
    """packets a second as a multiple of the most of the last days; told only while it is worth telling"""
    IF_OUT_RISE: Final = "if.out_packets_rise"
    IF_IN_ERRORS: Final = "if.in_errors_ps"
    IF_OUT_ERRORS: Final = "if.out_errors_ps"
    IF_IN_DISCARDS: Final = "if.in_discards_ps"
    IF_OUT_DISCARDS: Final = "if.out_discards_ps"
    IF_IN_UTILISATION: Final = "if.in_utilisation"
    IF_OUT_UTILISATION: Final = "if.out_utilisation"
    IF_UP: Final = "if.up"
    """1 up, 0 down; only for interfaces that are administratively up"""
    PING_RTT_MS: Final = "ping.rtt_ms"
    PING_LOSS: Final = "ping.loss_percent"
    TCP_CONNECT_MS: Final = "tcp.connect_ms"
    HTTP_STATUS: Final = "http.status"
    HTTP_TIME_MS: Final = "http.time_ms"
    HTTP_CERTIFICATE_DAYS: Final = "http.certificate_days"
    TEMPERATURE: Final = "temperature.celsius"
    PART_TEMPERATURE: Final = "temperature.part_celsius"
    """of a chip, a disk, a transceiver: what runs hot by design"""
    HUMIDITY: Final = "humidity.percent"
    FAN: Final = "fan.rpm"
    VOLTAGE: Final = "voltage.volts"
    CURRENT: Final = "current.amperes"
    POWER: Final = "power.watts"
    FREQUENCY: Final = "frequency.hertz"
    OPTICAL_POWER: Final = "optical.dbm"
    POWER_FACTOR: Final = "power.factor"
    ENERGY: Final = "energy.kwh"
    SENSOR_LOAD: Final = "sensor.load"
    SENSOR_PERCENT: Final = "sensor.percent"
    SENSOR_COUNT: Final = "sensor.count"
    AIRFLOW: Final = "sensor.airflow"
    WATERFLOW: Final = "sensor.waterflow"
    PRESSURE: Final = "sensor.pressure"
    SIGNAL: Final = "sensor.signal"
    SNR: Final = "sensor.snr"
    DELAY: Final = "sensor.delay"
    SENSOR_STATE: Final = "sensor.state"
    """0 good, 1 warning, 2 critical"""
    SUPPLY: Final = "supply.percent"
    UPS_LOAD: Final = "ups.load_percent"
    UPS_BATTERY: Final = "ups.battery_percent"
    UPS_RUNTIME_MIN: Final = "ups.runtime_minutes"
    UPS_ON_BATTERY_S: Final = "ups.on_battery_seconds"
    UPS_LOW_BATTERY: Final = "ups.low_battery"
    """0 or, when the supply itself says that it ends soon, 2"""
    THREADS: Final = "app.threads_percent"
    """of a service's threads that answer requests, how many are busy"""
    THREADS_IDLE: Final = "app.threads_idle"
    CONNECTIONS: Final = "app.connections_percent"
    QUEUED: Final = "app.queued"
    """requests that wait for a thread"""
    SESSIONS: Final = "app.sessions"
    REQUEST_ERRORS: Final = "app.errors_pm"
    HANDLES: Final = "app.handles_percent"
    LISTENER: Final = "app.listener"
    """0 good, 1 warning, 2 critical, as every state of a service"""
    DEPLOYED: Final = "app.deployed"
    NODE: Final = "app.node"
    ALARM: Final = "app.alarm"
    HEAP: Final = "jvm.heap_percent"
    JVM_POOL: Final = "jvm.pool_percent"
    GC: Final = "jvm.gc_percent"
    """share of the time that went into collecting garbage"""
    POOL: Final = "pool.used_percent"
    """instance of every `pool.*`: the JDBC pool's name"""
    POOL_WAITING: Final = "pool.waiting"
    AUDIT: Final = "audit.broken"
    """1 where a rule of configuration is broken"""
    QUEUE_READY: Final = "queue.ready"
    """instance of every `queue.*`: virtual host and queue"""
    QUEUE_UNACKED: Final = "queue.unacked"
    QUEUE_CONSUMERS: Final = "queue.consumers"
    BROKER_MEMORY: Final = "broker.memory_percent"
    """of what the broker allows itself"""
    BROKER_DISK_FREE: Final = "broker.disk_free_gb"
    DB_CONNECT: Final = "db.connect_ms"
    DB_SPACE: Final = "db.space_percent"
    """instance: the table space or its file"""
    DB_WASTE: Final = "db.waste_percent"
    """of a table, what dead rows or free pages take"""
    DB_DEADLOCKS: Final = "db.deadlocks_ph"
    """in the last hour, as DB_LOG"""
    DB_LOG: Final = "db.log_errors_ph"
    DB_LONGEST: Final = "db.longest_s"
    DB_TRANSACTION: Final = "db.transaction_s"
    DB_BLOCKED: Final = "db.blocked_s"
    DB_HEAVIEST: Final = "db.heaviest_s"
    """how long the statement that works most worked in the last hour"""
    DB_READS: Final = "db.reads_ps"
    DB_WRITES: Final = "db.writes_ps"
    DB_SESSIONS: Final = "db.sessions_percent"
    DB_REPLICATION: Final = "db.replication"
    """0 good, 1 warning, 2 critical, as DB_ARCHIVE and DB_PROCESS"""
    DB_LAG: Final = "db.lag_s"
    DB_REPLICAS_MISSING: Final = "db.replicas_missing"
    DB_BACKUP: Final = "db.backup_h"
    """hours since the last good one"""
    DB_ARCHIVE: Final = "db.archive"
    DB_STATISTICS: Final = "db.statistics_d"
    """days since the statistics of a table that changed a lot were taken"""
    DB_WRAPAROUND: Final = "db.wraparound_percent"
    DB_PROCESS: Final = "db.process"
    DB_SIZE: Final = "db.size_gb"
    DB_OBJECT: Final = "db.object_gb"
    DB_GROWTH: Final = "db.grown_gb_pd"


SERVICES: Final = (
    CheckKind.TCP,
    CheckKind.HTTP,
    CheckKind.POSTGRESQL,
    CheckKind.MYSQL,
    CheckKind.ORACLE,
    CheckKind.TOMCAT,
    CheckKind.RABBITMQ,
    CheckKind.WEBLOGIC,
)
"""Checks of a program on a device: it may be gone while the device still answers other checks."""


class Sample(NamedTuple):
    """One figure. `value` is None where the device marks it as not available: a hole, never a number."""

    metric: str
    value: float | None
    unit: str
    instance: str = ""
    label: str = ""
    says: str = ""
    """the whole sentence, where a figure alone would tell nobody what is wrong"""


@dataclass(frozen=True, slots=True)
class Target:
    """One check of one device, as the database describes it.

    `params` are the kind's own settings (a web page's expected text, SNMP's version and user ...).
    `secret` is the decrypted community, password or key set and stays in this process: repr() leaves it out.
    `parent_ci_id` is the device that this one is reached through.
    """

    check_id: int
    ci_id: int
    kind: CheckKind
    address: str
    port: int = 0
    params: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = field(default=None, repr=False)
    interval_s: float = 60.0
    timeout_s: float = 5.0
    retries: int = 2
    parent_ci_id: int | None = None
    ci_class: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A neighbour that a device sees behind its own `port`, by LLDP or CDP; empty where it does not tell."""

    port: str
    name: str
    far_port: str = ""
    address: str = ""
    platform: str = ""
    protocol: str = "lldp"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of a log that a device keeps itself; `level` is syslog's, `at` None where the device has no clock."""

    at: datetime | None
    level: int
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a check found, at `at` (aware, UTC).

    `ok`: the target answered, so that `samples` and `facts` mean something. When it did not, `trouble` is the
    sentence for people (worded with `tr`) and `is_reachable` tells the two reasons apart: False, nothing
    answered (the device may be down); True, it is there but could not be measured (wrong community, refused
    request, garbage). `ok` with a `trouble` is a finding about an answer (a web page without the expected
    text): critical by itself.
    """

    check_id: int
    ci_id: int
    at: datetime
    ok: bool
    latency_ms: float | None = None
    samples: tuple[Sample, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    is_reachable: bool = True
    links: tuple[Link, ...] | None = None
    """The neighbours where they were read anew, which is not with every poll."""
    log: tuple[LogEntry, ...] = ()
    """What is new in the device's own logs, oldest first."""
    address: str = ""
    """Where it was asked, with a `log` only."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one round of pings found, at `at`: columns with a place for each of `targets`, no object a host.

    `others` holds the outcomes of the places that gave no figures; the columns are NaN there.
    """

    targets: Sequence[Target]
    at: datetime
    rtt_ms: "NDArray[np.float64]"
    loss: "NDArray[np.float64]"
    others: Mapping[int, Outcome] = field(default_factory=dict)

    def outcome(self, place: int) -> Outcome:
        """Return what was found at `place` as any other probe would have said it."""
        if place in self.others:
            return self.others[place]
        target, rtt_ms = self.targets[place], float(self.rtt_ms[place])
        samples = (Sample(Metric.PING_RTT_MS, rtt_ms, "ms"), Sample(Metric.PING_LOSS, float(self.loss[place]), "%"))
        return Outcome(target.check_id, target.ci_id, self.at, True, rtt_ms, samples)

    def outcomes(self) -> list[Outcome]:
        return [self.outcome(place) for place in range(len(self.targets))]

    def only(self, places: Sequence[int]) -> "Sweep":
        """Return the round without the other places."""
        if len(places) == len(self.targets):
            return self
        others = {new: self.others[old] for new, old in enumerate(places) if old in self.others}
        targets = [self.targets[place] for place in places]
        return Sweep(targets, self.at, self.rtt_ms[places], self.loss[places], others)
