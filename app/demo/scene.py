"""What the rooms of the demo share: the seed, the calendar, numbers, keys, and one way to write many rows."""

import json
import random
import uuid
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources as packaged
from typing import Any

from sqlalchemy import insert, select

from app.desk import Tx
from models.base import Base
from models.incidents import Counter

NAMESPACE = uuid.UUID("2c1b8c53-5f0e-5a64-9b0e-6f9f0c8a1d07")
DAYS = 730
FEWEST_DAYS = 12
MORNING = time(9, 41, 7)

Row = dict[str, Any]


@dataclass(slots=True)
class Scene:
    """One demo in the making. `moment` is its "now": what is open is open then, nothing happened later.

    `days` is its calendar, the first day first. Each subject draws from its own stream (`draw`), so that one more row
    here changes nothing there.
    """

    tx: Tx
    seed: int
    last_day: date
    moment: datetime
    days: list[date]
    written: int = 0
    _series: Tally[str] = field(default_factory=Tally)

    def draw(self, subject: str) -> random.Random:
        """Return the subject's own stream of chance."""
        return random.Random(f"{self.seed} {subject}")

    def key(self, *words: object) -> uuid.UUID:
        """Return the key of the row that these words name."""
        return uuid.uuid5(NAMESPACE, " ".join(map(str, (self.seed, self.last_day, *words))))

    def number(self, prefix: str, day: date, digits: int = 3) -> str:
        """Return the next number of a series of that local day, as `app.numbers` counts it."""
        series = f"{prefix}-{day:%Y%m%d}"
        self._series[series] += 1
        return f"{series}-{self._series[series]:0{digits}}"

    def add(self, model: type[Base], rows: Sequence[Row]) -> None:
        """Insert rows that all have the same columns."""
        if rows:
            self.tx.connection.execute(insert(model), list(rows))
            self.written += len(rows)

    def add_keyed(self, model: type[Any], rows: Sequence[Row]) -> list[int]:
        """Insert rows with keys and return their ids in the same order."""
        self.add(model, rows)
        found: dict[uuid.UUID, int] = dict(iter(self.tx.connection.execute(select(model.key, model.id))))
        return [found[row["key"]] for row in rows]

    def close_series(self) -> None:
        """Leave the counters where the demo's numbers end, so that the next ones follow them."""
        self.add(Counter, [{"name": name, "last": last} for name, last in sorted(self._series.items())])


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a local time of a day, in UTC."""
    return datetime.combine(day, time(hour, minute, second)).astimezone(UTC)


def calendar(last_day: date, scale: float) -> list[date]:
    """Return the demo's days up to the last one; `scale` shortens the two years."""
    count = max(FEWEST_DAYS, round(DAYS * scale))
    return [last_day - timedelta(days=n) for n in reversed(range(count))]


def local_day(when: datetime) -> date:
    return when.astimezone().date()


@cache
def words(name: str) -> Any:
    """Return what `resources/demo/NAME.json` says."""
    return json.loads((packaged.files("resources") / "demo" / f"{name}.json").read_text(encoding="utf-8"))


def weighted(draw: random.Random, choices: Iterable[tuple[Any, float]]) -> Any:
    """Return one of the choices by their weights."""
    names, weights = zip(*choices, strict=True)
    return draw.choices(names, weights)[0]
