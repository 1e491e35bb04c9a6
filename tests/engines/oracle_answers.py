"""Rows as Oracle 19c documents them, by the item that asks; written by hand, no server stood behind them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

ANSWERS: dict[str, Sequence[Mapping[str, object]]] = {
    "sessions": [{"instance": "processes", "value": 41.33}, {"instance": "sessions", "value": 28.8}],
    "longest statement": [{"value": 4211, "detail": "143,2201 APP sqlplus@app1 (TNS V1-V3) 4kc8zjbxg1f0p"}],
    "oldest transaction": [{"value": 12, "detail": "97,4411 APP"}],
    "waiting for a lock": [{"value": 0, "detail": None}],
    "deadlocks": [{"value": 3}],
    "heaviest statement": [{"instance": "4kc8zjbxg1f0p", "value": 981_000_000, "detail": "4kc8zjbxg1f0p"}],
    "file reads": [{"value": 88_231_001}],
    "file writes": [{"value": 12_310_882}],
    "table space use": [
        {"instance": "SYSTEM", "value": 2.71},
        {"instance": "SYSAUX", "value": 3.4},
        {"instance": "USERS", "value": Decimal("96.4")},
    ],
    "recovery area": [{"instance": "recovery area", "value": 61.02}],
    "database size": [{"instance": "USERS", "value": 34_359_721_984}],
    "growth": [{"instance": "USERS", "value": 33_100_000_000}],
    "largest objects": [{"instance": "APP.PAYMENT", "value": 9_663_676_416}],
    "fragmentation": [{"instance": "USERS", "value": 72.5}],
    "age of statistics": [{"instance": "APP.PAYMENT", "value": 44.2}],
    "last backup": [{"value": 31.5}],
    "archive destinations": [
        {"instance": "LOG_ARCHIVE_DEST_1", "value": 0, "detail": "VALID "},
        {"instance": "LOG_ARCHIVE_DEST_2", "value": 2, "detail": "ERROR ORA-16198: LGWR received timedout"},
    ],
    "apply lag": [{"instance": "apply lag", "value": 754.0}, {"instance": "transport lag", "value": 0}],
    "recovery process": [{"value": 0, "detail": "MRP0"}],
    "background processes": [
        {"instance": "PMON", "value": 0, "detail": None},
        {"instance": "RECO", "value": 2, "detail": None},
    ],
    "alert log": [{"value": 1, "detail": "ORA-00600: internal error code, arguments: [kdsgrp1]"}],
}
