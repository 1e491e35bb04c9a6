"""Limits of metrics per class and per device (REQUIREMENTS A13)."""

import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.text import clean_line
from app.words import tr
from models.cmdb import Ci
from models.monitoring import Threshold


@dataclass(frozen=True, slots=True)
class Limits:
    """The four limits (None: not looked at) and how far back inside a value must come to be good again."""

    warning_low: float | None = None
    warning_high: float | None = None
    critical_low: float | None = None
    critical_high: float | None = None
    hysteresis: float = 0.0


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """The limits that people set for one metric, for a device (`ci_id`) or a whole class."""

    id: int
    version: int
    class_name: str
    ci_id: int | None
    metric: str
    instance: str
    limits: Limits
    is_enabled: bool


def thresholds_of(tx: ReadTx, ci_id: int | None = None, class_name: str = "") -> list[ThresholdRow]:
    """Return the limits that hold for a device or a class, by metric; all of them when neither is named."""
    query = select(Threshold).order_by(Threshold.metric, Threshold.instance, Threshold.id)
    if ci_id is not None or class_name:
        query = query.where(or_(Threshold.ci_id == ci_id, Threshold.class_name == class_name))
    return [
        ThresholdRow(
            t.id, t.version, t.class_name, t.ci_id, t.metric, t.instance,
            Limits(t.warning_low, t.warning_high, t.critical_low, t.critical_high, t.hysteresis), t.is_enabled,
        )
        for t in tx.session.scalars(query)
    ]  # fmt: skip


@command(Permission.DEVICE_CONFIGURE)
def add_threshold(
    tx: Tx, key: uuid.UUID, metric: str, limits: Limits, *, ci_id: int | None = None, class_name: str = "",
    instance: str = "",
) -> int:  # fmt: skip
    """Set limits for a device or a class and return their id. Raises BadInput for limits that cross."""
    made = tx.already(Threshold, key)
    if made:
        return made.id
    if ci_id is not None:
        tx.find(Ci, ci_id)
    row = Threshold(
        key=key, metric=clean_line(metric), ci_id=ci_id, class_name=class_name, instance=clean_line(instance)
    )
    _limit(row, limits)
    return tx.add(row).id


@command(Permission.DEVICE_CONFIGURE)
def edit_threshold(tx: Tx, threshold_id: int, version: int, limits: Limits, is_enabled: bool) -> None:
    """Change limits. Raises BadInput or Conflict."""
    row = tx.get(Threshold, threshold_id, version)
    _limit(row, limits)
    row.is_enabled = is_enabled


def _limit(row: Threshold, limits: Limits) -> None:
    ladder = [limits.critical_low, limits.warning_low, limits.warning_high, limits.critical_high]
    given = [limit for limit in ladder if limit is not None]
    if given != sorted(given) or limits.hysteresis < 0:
        raise BadInput(tr("The limits cross each other: critical low ≤ warning low ≤ warning high ≤ critical high."))
    if not given:
        raise BadInput(tr("Give one limit at least."))
    row.critical_low, row.warning_low, row.warning_high, row.critical_high = ladder
    row.hysteresis = limits.hysteresis
