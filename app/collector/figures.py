"""Figures in words: what a metric is called and how a value of it reads."""

from functools import lru_cache

from app.collector.samples import Metric, Sample
from app.words import language, tr

_HEADLINES = (
    Metric.CPU,
    Metric.UPS_LOAD,
    Metric.HEAP,
    Metric.QUEUE_READY,
    Metric.TEMPERATURE,
    Metric.HTTP_TIME_MS,
    Metric.TCP_CONNECT_MS,
    Metric.MEMORY,
    Metric.DISK,
    Metric.PING_RTT_MS,
    Metric.UPTIME_S,
)
_RANKS = {metric: rank for rank, metric in enumerate(_HEADLINES)}
_SPEAK_FOR_THEMSELVES = (Metric.PING_RTT_MS, Metric.TCP_CONNECT_MS, Metric.HTTP_TIME_MS, Metric.TEMPERATURE)
"""Their unit says enough on a tile that has room for ten letters."""
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def metric_name(metric: str) -> str:
    """Return what people call `metric`; a name that is not in the list is its own word."""
    return _names(language()).get(metric, metric)


def sensor_class_name(sensor_class: str) -> str:
    """Return what people call a class of sensors; a class that is not in the list is its own word."""
    return _class_names(language()).get(sensor_class, sensor_class)


def figure(value: float | None, unit: str) -> str:
    """Return "97%", "842 Mb/s", "2.5 ms": at most three digits that mean something; "—" for None."""
    if value is None:
        return "—"
    if unit in ("bps", "b/s", "bit/s"):
        for size, letter in _SCALES:
            if abs(value) >= size:
                return f"{_short(value / size)} {letter}b/s"
        return f"{_short(value)} b/s"
    if unit == "/s" and abs(value) >= 10_000:
        return f"{_short(value / 1e3)} k/s"
    if unit in ("%", ""):
        return f"{_short(value)}{unit}"
    return f"{_short(value)} {unit}"


def worded(metric: str, instance: str, value: float | None, unit: str) -> str:
    """Return "CPU 97%", "Disk /var 96%"."""
    name = metric_name(metric)
    if instance:
        name = f"{name} {instance}" if name else instance
    return f"{name} {figure(value, unit)}" if name else figure(value, unit)


def headline(samples: tuple[Sample, ...]) -> str:
    """Return the figure that a device's tile shows while nothing is wrong, "" when there is none."""
    shown: Sample | None = None
    first, most = len(_HEADLINES), 0.0
    for sample in samples:
        rank, value = _RANKS.get(sample.metric), sample.value
        if rank is None or value is None or rank > first:
            continue
        if rank < first or value > most:
            shown, first, most = sample, rank, value
    if shown is None:
        return ""
    is_plain = shown.metric in _SPEAK_FOR_THEMSELVES
    return figure(shown.value, shown.unit) if is_plain else worded(shown.metric, "", shown.value, shown.unit)


def _short(value: float) -> str:
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:.2g}" if abs(value) < 1 else f"{value:.1f}".removesuffix(".0")


@lru_cache(maxsize=2)
def _names(_language: str) -> dict[str, str]:
    """Return the names, worded once for each language: every result of every check asks for one."""
    return {
        Metric.UPTIME_S: tr("Uptime"),
        Metric.CPU: tr("CPU"),
        Metric.LOAD: tr("Load"),
        Metric.MEMORY: tr("Memory"),
        Metric.SWAP: tr("Swap"),
        Metric.DISK: tr("Disk"),
        Metric.IF_IN: tr("Traffic in"),
        Metric.IF_OUT: tr("Traffic out"),
        Metric.IF_IN_PACKETS: tr("Packets in"),
        Metric.IF_OUT_PACKETS: tr("Packets out"),
        Metric.IF_IN_BROADCASTS: tr("Broadcasts in"),
        Metric.IF_IN_RISE: tr("Packets in, of the usual most"),
        Metric.IF_OUT_RISE: tr("Packets out, of the usual most"),
        Metric.IF_IN_ERRORS: tr("Errors in"),
        Metric.IF_OUT_ERRORS: tr("Errors out"),
        Metric.IF_IN_DISCARDS: tr("Discards in"),
        Metric.IF_OUT_DISCARDS: tr("Discards out"),
        Metric.IF_IN_UTILISATION: tr("Utilisation in"),
        Metric.IF_OUT_UTILISATION: tr("Utilisation out"),
        Metric.IF_UP: tr("Interface"),
        Metric.PING_RTT_MS: tr("Round trip"),
        Metric.PING_LOSS: tr("Packet loss"),
        Metric.TCP_CONNECT_MS: tr("Connect time"),
        Metric.HTTP_STATUS: tr("Page status"),
        Metric.HTTP_TIME_MS: tr("Page time"),
        Metric.HTTP_CERTIFICATE_DAYS: tr("Certificate days left"),
        Metric.TEMPERATURE: tr("Temperature"),
        Metric.HUMIDITY: tr("Humidity"),
        Metric.FAN: tr("Fan"),
        Metric.VOLTAGE: tr("Voltage"),
        Metric.CURRENT: tr("Current"),
        Metric.POWER: tr("Power"),
        Metric.FREQUENCY: tr("Mains frequency"),
        Metric.PART_TEMPERATURE: tr("Part's temperature"),
        Metric.OPTICAL_POWER: tr("Optical power"),
        Metric.POWER_FACTOR: tr("Power factor"),
        Metric.ENERGY: tr("Energy"),
        Metric.SENSOR_LOAD: tr("Share in use"),
        Metric.SENSOR_PERCENT: tr("Share"),
        Metric.SENSOR_COUNT: tr("Count"),
        Metric.AIRFLOW: tr("Airflow"),
        Metric.WATERFLOW: tr("Water flow"),
        Metric.PRESSURE: tr("Pressure"),
        Metric.SIGNAL: tr("Signal strength"),
        Metric.SNR: tr("Signal-to-noise ratio"),
        Metric.DELAY: tr("Delay"),
        Metric.SENSOR_STATE: tr("Sensor"),
        Metric.SUPPLY: tr("Supplies"),
        Metric.UPS_LOAD: tr("UPS load"),
        Metric.UPS_BATTERY: tr("Battery"),
        Metric.UPS_RUNTIME_MIN: tr("Battery runtime"),
        Metric.UPS_ON_BATTERY_S: tr("On battery"),
        Metric.UPS_LOW_BATTERY: tr("Battery nearly empty"),
        **_service_names(),
        **_database_names(),
    }


def _database_names() -> dict[str, str]:
    """Return the names of what databases tell (REQUIREMENTS A8)."""
    return {
        Metric.DB_CONNECT: tr("Time to sign in"),
        Metric.DB_SPACE: tr("Table space"),
        Metric.DB_WASTE: tr("Fragmentation"),
        Metric.DB_DEADLOCKS: tr("Deadlocks in an hour"),
        Metric.DB_LOG: tr("Serious log entries in an hour"),
        Metric.DB_LONGEST: tr("Longest statement"),
        Metric.DB_TRANSACTION: tr("Oldest open transaction"),
        Metric.DB_BLOCKED: tr("Waiting for a lock"),
        Metric.DB_HEAVIEST: tr("Heaviest statement in an hour"),
        Metric.DB_READS: tr("File reads"),
        Metric.DB_WRITES: tr("File writes"),
        Metric.DB_SESSIONS: tr("Database sessions"),
        Metric.DB_REPLICATION: tr("Replication"),
        Metric.DB_LAG: tr("Replication lag"),
        Metric.DB_REPLICAS_MISSING: tr("Replicas missing"),
        Metric.DB_BACKUP: tr("Last backup"),
        Metric.DB_ARCHIVE: tr("Archiving of the log"),
        Metric.DB_STATISTICS: tr("Age of statistics"),
        Metric.DB_WRAPAROUND: tr("Transaction numbers used up"),
        Metric.DB_PROCESS: tr("Background process"),
        Metric.DB_SIZE: tr("Size of database"),
        Metric.DB_OBJECT: tr("Size of object"),
        Metric.DB_GROWTH: tr("Growth in a day"),
    }


def _service_names() -> dict[str, str]:
    """Return the names of what middleware tells (REQUIREMENTS A9)."""
    return {
        Metric.THREADS: tr("Busy threads"),
        Metric.THREADS_IDLE: tr("Idle threads"),
        Metric.CONNECTIONS: tr("Connections in use"),
        Metric.QUEUED: tr("Requests waiting"),
        Metric.SESSIONS: tr("Sessions"),
        Metric.REQUEST_ERRORS: tr("Requests failed"),
        Metric.HANDLES: tr("Handles in use"),
        Metric.LISTENER: tr("Listener"),
        Metric.DEPLOYED: tr("Deployed application"),
        Metric.NODE: tr("Cluster node"),
        Metric.ALARM: tr("Service alarm"),
        Metric.HEAP: tr("JVM heap"),
        Metric.JVM_POOL: tr("JVM memory pool"),
        Metric.GC: tr("JVM garbage collection"),
        Metric.POOL: tr("Connection pool"),
        Metric.POOL_WAITING: tr("Waiting for a connection"),
        Metric.AUDIT: tr("Configuration rule"),
        Metric.QUEUE_READY: tr("Messages waiting"),
        Metric.QUEUE_UNACKED: tr("Messages not acknowledged"),
        Metric.QUEUE_CONSUMERS: tr("Consumers"),
        Metric.BROKER_MEMORY: tr("Broker memory"),
        Metric.BROKER_DISK_FREE: tr("Broker disk free"),
    }


@lru_cache(maxsize=2)
def _class_names(_language: str) -> dict[str, str]:
    return {
        "temperature": tr("Temperature"),
        "humidity": tr("Humidity"),
        "fanspeed": tr("Fan"),
        "voltage": tr("Voltage"),
        "current": tr("Current"),
        "power": tr("Power"),
        "frequency": tr("Frequency", context="sensor"),
        "load": tr("Load share"),
        "charge": tr("Charge"),
        "runtime": tr("Battery runtime"),
        "dbm": tr("Optical power"),
        "state": tr("State", context="probe"),
        "count": tr("Count"),
        "percent": tr("Share"),
        "airflow": tr("Airflow"),
        "waterflow": tr("Water flow"),
        "pressure": tr("Pressure"),
        "signal": tr("Signal strength"),
        "snr": tr("Signal-to-noise ratio"),
        "delay": tr("Delay"),
        "power_factor": tr("Power factor"),
        "power_consumed": tr("Energy"),
    }
