"""Figures of incidents over a time: how many, of which kind, and how well the 10 minutes were kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.desk import ReadTx
from app.incident_row import waited
from app.incidents.changing import acknowledge_within
from models.enums import Grade, IncidentState, Source
from models.incidents import Incident


@dataclass(frozen=True, slots=True)
class IncidentFigures:
    """Counts over incidents that happened in [start, end); `kept` of `answered` were acknowledged in time (B4)."""

    start: datetime
    end: datetime
    total: int
    by_state: Mapping[IncidentState, int]
    by_source: Mapping[Source, int]
    by_grade: Mapping[Grade, int]
    answered: int
    kept: int
    resolved: int
    first_line: int
    mean_to_resolve: timedelta | None

    @property
    def kept_share(self) -> float | None:
        """The share acknowledged in time, None when none was acknowledged."""
        return self.kept / self.answered if self.answered else None


def figures(tx: ReadTx, start: datetime, end: datetime) -> IncidentFigures:
    """Return the figures of incidents that happened from `start` up to and without `end`."""
    within = acknowledge_within(tx)
    span = (Incident.happened_at >= start, Incident.happened_at < end)
    times = tx.session.execute(
        select(
            Incident.recorded_at,
            Incident.answered_at,
            Incident.happened_at,
            Incident.resolved_at,
            Incident.is_first_line,
        ).where(*span)
    ).all()
    answered = [waited(row.happened_at, row.recorded_at, row.answered_at) for row in times if row.answered_at]
    spans = [row.resolved_at - row.happened_at for row in times if row.resolved_at]
    return IncidentFigures(
        start=start,
        end=end,
        total=len(times),
        by_state=_by(tx, Incident.state, *span),
        by_source=_by(tx, Incident.source, *span),
        by_grade=_by(tx, Incident.grade, *span),
        answered=len(answered),
        kept=sum(1 for taken in answered if taken <= within),
        resolved=len(spans),
        first_line=sum(1 for row in times if row.resolved_at and row.is_first_line),
        mean_to_resolve=sum(spans, timedelta(0)) / len(spans) if spans else None,
    )


def _by(tx: ReadTx, column: Any, *conditions: ColumnElement[bool]) -> dict[Any, int]:
    query = select(column, func.count()).where(*conditions).group_by(column)
    return dict(iter(tx.session.execute(query)))
