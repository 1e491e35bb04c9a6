"""One device over its life: what it has is found out once, then only the columns that change are read."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources as packaged
from typing import Final

from app.collector.probes.snmp.client import GET_AT_ONCE, BadAnswer, Client, Column, NoAnswer, Value
from app.collector.probes.snmp.families import Family, Rows
from app.collector.probes.snmp.identity import identify
from app.collector.probes.snmp.neighbours import Around, look_around
from app.collector.probes.snmp.packing import Packing
from app.collector.probes.snmp.reading import Port, Reading, System, build
from app.collector.probes.snmp.values import number, text
from app.words import tr

SLOW_EVERY_S: Final = 900.0
MOST_ROWS: Final = 4000
_UNANSWERED_AT_MOST: Final = 2
"""Tables that may stay unanswered before the rest is asked but once: some agents are silent there."""

_FEW_ROWS: Final = 4
"""Columns of up to this many rows are always asked for by name; longer ones where no new rows could be found so."""

_DESCR, _OBJECT, _UPTIME, _NAME = (f"1.3.6.1.2.1.1.{n}.0" for n in (1, 2, 3, 5))
_ENGINE_TIME: Final = "1.3.6.1.6.3.10.2.1.3.0"
_TICKS_WRAP_S: Final = 2**32 / 100
_COUNTERS: Final = ("in_octets", "out_octets", "in_packets", "out_packets", "in_broadcasts")
_NOTHING: Final = Column({})
_ENTERPRISES: Final = "1.3.6.1.4.1."


class Device:
    """The session with one device and the columns known of it. Not to be read by two at once."""

    def __init__(self, client: Client, families: Sequence[Family], clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._all = families
        self._clock = clock
        self._families: list[Family] = []
        self._retries = client.retries
        self._unanswered = 0
        self._fast: list[str] = []
        self._known_rows: set[str] = set()
        self._packing = Packing()
        self._asked: dict[str, Value] = {}
        self._columns: dict[str, Column] = {}
        self._system = System()
        self._slow_at = float("-inf")
        self._wrapped_s = 0.0
        self._around: Around | None = None
        self._around_of = float("-inf")

    async def read(self, budget_s: float = 60.0) -> Reading:
        """Return what the device has now; past `budget_s` the rest is left out and said.

        Raises NoAnswer or BadAnswer when not even the system group came.
        """
        late: list[str] = []
        self._unanswered, self._client.retries = 0, self._retries
        system = await self._ask_system()
        is_slow = self._clock() - self._slow_at >= SLOW_EVERY_S or self._was_restarted(system)
        self._system = system
        try:
            async with asyncio.timeout(budget_s):
                await (self._read_all() if is_slow else self._read_fast())
        except TimeoutError:
            late.append(tr("the device is slow: not everything was read in {n} s", n=round(budget_s)))
        if is_slow:
            self._slow_at = self._clock()
            self._drop_narrow_counters()
            self._plan()
        tables = {family.name: self._table(family) for family in self._families}
        troubles = [column.trouble for column in self._columns.values() if column.trouble]
        named = identify(self._with_wraps(), self._families, tables)
        return build(named, self._families, tables, [*late, *troubles])

    async def around(self, ports: Sequence[Port], budget_s: float = 20.0) -> tuple[Around, bool]:
        """Return the device's addresses and neighbours, and whether they were read anew: as seldom as its tables."""
        if self._around is not None and self._around_of == self._slow_at:
            return self._around, False
        try:
            async with asyncio.timeout(budget_s):
                self._around = await look_around(self._walk, ports)
        except TimeoutError:
            self._around = self._around or Around()
        self._around_of = self._slow_at
        return self._around, True

    def close(self) -> None:
        self._client.close()

    def _with_wraps(self) -> System:
        uptime_s = self._system.uptime_s
        return self._system if uptime_s is None else replace(self._system, uptime_s=uptime_s + self._wrapped_s)

    def _was_restarted(self, now: System) -> bool:
        """A changed object id, or an uptime that went back, means that tables may be others."""
        before = self._system
        if now.object_id != before.object_id or now.uptime_s is None or before.uptime_s is None:
            return now.object_id != before.object_id
        return now.uptime_s < before.uptime_s

    async def _ask_system(self) -> System:
        asked = (_DESCR, _OBJECT, _UPTIME, _NAME)
        got = await self._get(asked)
        self._asked = {oid.removesuffix(".0"): value for oid, value in got.items()}
        object_id = text(got.get(_OBJECT)).lstrip(".")
        ticks = number(got.get(_UPTIME))
        return System(
            descr=text(got.get(_DESCR)),
            name=text(got.get(_NAME)),
            object_id=object_id,
            vendor=_maker(object_id),
            uptime_s=None if ticks is None else ticks / 100,
        )

    async def _one_by_one(self, oids: Sequence[str]) -> dict[str, Value]:
        """One value that can't be decoded spoils a whole answer; raises BadAnswer when there is no good one."""
        got: dict[str, Value] = {}
        trouble = BadAnswer()
        for oid in oids:
            try:
                got.update(await self._client.get([oid]))
            except BadAnswer as error:
                trouble = error
        if not got:
            raise trouble
        return got

    async def _learn_wraps(self) -> None:
        """sysUpTime starts anew every 497 days; the SNMP engine's own clock says how often it did."""
        self._wrapped_s = 0.0
        try:
            engine = number((await self._client.get([_ENGINE_TIME])).get(_ENGINE_TIME))
        except (NoAnswer, BadAnswer):
            return
        if engine is not None and self._system.uptime_s is not None and 0 < engine < 2**31:
            wraps = round((engine - self._system.uptime_s) / _TICKS_WRAP_S)
            self._wrapped_s = max(0, wraps) * _TICKS_WRAP_S

    async def _read_all(self) -> None:
        self._families = []  # what was read when time is up is kept
        self._columns = {oid: Column({"0": value}) for oid, value in self._asked.items()}
        columns = self._columns
        for family in self._all:
            if not family.fits(self._system.object_id, self._system.descr):
                continue
            if family.exists:
                await self._read_into(columns, family, family.exists)
                if not any(columns[family.columns[name]].rows for name in family.exists):
                    continue
            self._families.append(family)
            await self._read_family(columns, family)
        await self._learn_wraps()

    def _drop_narrow_counters(self) -> None:
        """Forget counters for which a wider one stands in each of their rows: they need not be asked for again."""
        for family in self._families:
            counted = (table.fields.get(name, ()) for table in family.tables for name in _COUNTERS)
            for wide, *narrow in (tuple(family.columns[name] for name in names) for names in counted if names):
                known = self._columns.get(wide, _NOTHING).rows.keys()
                for oid in narrow:
                    if self._columns.get(oid, _NOTHING).rows.keys() <= known:
                        self._columns[oid] = _NOTHING
            for table in family.tables:
                self._drop_short_speeds(family, table)

    def _drop_short_speeds(self, family: Family, table: Rows) -> None:
        """Forget the speeds in bits, which go no further than 4 Gbit/s, where all are known in megabits."""
        megabits, bits = (table.fields.get(name, ()) for name in ("speed_mbps", "speed"))
        if len(megabits) != 1 or len(bits) != 1:
            return
        known = self._columns.get(family.columns[megabits[0]], _NOTHING).rows
        oid = family.columns[bits[0]]
        if all(number(known.get(index)) for index in self._columns.get(oid, _NOTHING).rows):
            self._columns[oid] = _NOTHING

    async def _read_family(self, columns: dict[str, Column], family: Family) -> None:
        """Read single objects many at once, then of each table the rows, and the rest where there are rows."""
        names = family.names()
        await self._read_into(columns, family, sorted(names & family.scalars))
        for table in family.tables:
            await self._read_into(columns, family, table.rows)
            if any(columns[family.columns[name]].rows for name in table.rows):
                await self._read_into(columns, family, sorted(table.names()))
        await self._read_into(columns, family, sorted(family.identity_names()))

    async def _read_into(self, columns: dict[str, Column], family: Family, names: Iterable[str]) -> None:
        wanted = [(name, family.columns[name]) for name in names if family.columns[name] not in columns]
        scalars = [oid for name, oid in wanted if name in family.scalars]
        columns.update(await self._scalars(scalars))
        for _, oid in wanted:
            if oid not in columns:
                columns[oid] = await self._walk(oid)

    async def _scalars(self, oids: Sequence[str]) -> dict[str, Column]:
        """Return single objects, each as a column of the one row "0"."""
        asked = [f"{oid}.0" for oid in oids]
        trouble = ""
        try:
            got = await self._get(asked) if asked else {}
        except NoAnswer:
            self._count_unanswered()
            got, trouble = {}, tr("no answer for {n} objects of {oid}", n=len(asked), oid=oids[0])
        except BadAnswer as error:
            got, trouble = {}, tr("the table {oid} can't be read: {detail}", oid=oids[0], detail=str(error))
        return {
            oid: Column({} if (value := got.get(f"{oid}.0")) is None else {"0": value}, trouble if not n else "")
            for n, oid in enumerate(oids)
        }

    async def _get(self, oids: Sequence[str]) -> dict[str, Value]:
        """Return the values that exist; one that can't be decoded costs only itself."""
        try:
            return await self._client.get(oids)
        except BadAnswer:
            return await self._one_by_one(oids)

    async def _walk(self, oid: str) -> Column:
        try:
            return await self._client.walk(oid, MOST_ROWS, len(self._columns.get(oid, _NOTHING).rows))
        except NoAnswer:
            self._count_unanswered()
            return Column({}, tr("no answer for the table {oid}", oid=oid))
        except BadAnswer as error:
            return Column({}, tr("the table {oid} can't be read: {detail}", oid=oid, detail=str(error)))

    def _count_unanswered(self) -> None:
        self._unanswered += 1
        if self._unanswered >= _UNANSWERED_AT_MOST:
            self._client.retries = 0

    def _plan(self) -> None:
        """Settle what is read at each poll, and which of it lies in tables whose rows are told by other columns."""
        fast, telling = set(), set()
        for family in self._families:
            fast |= {family.columns[name] for name in family.fast_names()}
            for table in family.tables:
                names = table.fast_names()
                if not names.isdisjoint(table.rows):
                    telling |= {family.columns[name] for name in names}
        self._fast = sorted(oid for oid in fast if self._columns.get(oid, _NOTHING).rows)
        self._known_rows = fast - telling
        self._packing = Packing()

    async def _read_fast(self) -> None:
        at_once = self._packing.at_once
        named = [oid for oid in self._fast if self._is_named(oid, at_once)]
        names = [f"{oid}.{index}" for oid in named for index in self._columns[oid].rows]
        got = await self._get_packed(names, at_once) if names else {}
        walked = set(self._fast).difference(named if got is not None else ())
        values = map((got or {}).get, names)
        for oid in named if got is not None else ():
            known = self._columns[oid].rows
            rows = dict(zip(known, values, strict=False))
            if None in rows.values():
                if len(known) > _FEW_ROWS:
                    walked.add(oid)
                rows = {index: value for index, value in rows.items() if value is not None}
            self._columns[oid] = Column(rows)
        for oid in sorted(walked):
            self._columns[oid] = await self._walk(oid)

    def _is_named(self, oid: str, at_once: int) -> bool:
        column = self._columns[oid]
        if len(column.rows) > _FEW_ROWS:
            return bool(at_once) and oid in self._known_rows and not column.trouble
        return bool(column.rows)

    async def _get_packed(self, names: Sequence[str], at_once: int) -> dict[str, Value] | None:
        """Return what of `names` exists, None when so many can't be had at once; an attempt at more is made once."""
        size = at_once or GET_AT_ONCE
        is_attempt = size > GET_AT_ONCE and not self._packing.is_proven(size)
        self._client.retries = 0 if is_attempt else self._retries
        try:
            got = await self._client.get(names, size)
        except (NoAnswer, BadAnswer):
            self._packing.failed(size)
            return None
        finally:
            self._client.retries = self._retries
        if is_attempt and len(got) < len(names):  # an agent that leaves out what is too much
            self._packing.failed(size)
        elif len(names) > size // 2:
            self._packing.answered(size)
        return got

    def _table(self, family: Family) -> Mapping[str, Mapping[str, Value]]:
        return {name: self._columns[oid].rows for name, oid in family.columns.items() if oid in self._columns}


def _maker(object_id: str) -> str:
    if not object_id.startswith(_ENTERPRISES):
        return ""
    number_text = object_id.removeprefix(_ENTERPRISES).split(".")[0]
    return _makers().get(number_text, "")


@lru_cache(1)
def _makers() -> Mapping[str, str]:
    """Return the makers' names by the numbers that IANA gave them."""
    known = json.loads((packaged.files("resources") / "families" / "makers.json").read_text(encoding="utf-8"))
    return {number: str(name) for number, name in known.items()}
