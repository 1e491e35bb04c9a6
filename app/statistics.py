"""The figures of a period over all ledgers: incidents, backups, visits, inspections."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.ci_classes import class_of
from app.desk import ReadTx
from app.errors import BadInput
from app.incident_row import waited
from app.incidents.statistics import IncidentFigures
from app.incidents.statistics import figures as incident_figures
from app.times import day_range, to_local
from app.words import tr
from models.access import Visit
from models.backups import BackupRun
from models.cmdb import Ci
from models.enums import BackupResult, InspectionState, VisitState
from models.incidents import Incident
from models.inspections import Inspection

GOOD = (BackupResult.OK, BackupResult.WARNING, BackupResult.LATE)
COUNTED = (*GOOD, BackupResult.FAILED, BackupResult.MISSING)
DONE = (InspectionState.SIGNED, InspectionState.SIGNED_ONCE, InspectionState.CORRECTED)


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """What happened from `first` to `last`, both included; `by_class` counts incidents by the device's class."""

    first: date
    last: date
    incidents: IncidentFigures
    by_class: dict[str, int]
    mean_to_acknowledge: timedelta | None
    backups: int
    backups_good: int
    visits: int
    visitors: int
    inspections_done: int
    inspections_overdue: int

    @property
    def backups_good_share(self) -> float | None:
        """The share of backups that succeeded, None when none was due."""
        return self.backups_good / self.backups if self.backups else None

    def document(self) -> dict[str, Any]:
        """Return the figures as plain values, times in seconds."""
        found = self.incidents
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "incidents": {
                "total": found.total,
                "by_source": {key.value: n for key, n in sorted(found.by_source.items())},
                "by_grade": {key.value: n for key, n in sorted(found.by_grade.items())},
                "by_state": {key.value: n for key, n in sorted(found.by_state.items())},
                "by_class": self.by_class,
                "acknowledged": found.answered,
                "acknowledged_in_time_share": _rounded(found.kept_share),
                "mean_to_acknowledge_s": _seconds(self.mean_to_acknowledge),
                "resolved": found.resolved,
                "resolved_first_line": found.first_line,
                "mean_to_resolve_s": _seconds(found.mean_to_resolve),
            },
            "backups": {
                "due": self.backups,
                "succeeded": self.backups_good,
                "succeeded_share": _rounded(self.backups_good_share),
            },
            "visits": {"visits": self.visits, "visitors": self.visitors},
            "inspections": {"done": self.inspections_done, "overdue": self.inspections_overdue},
        }


def over(tx: ReadTx, first: date, last: date) -> PeriodFigures:
    """Return the figures of the local days first..last. Raises BadInput when they end before they begin."""
    if last < first:
        raise BadInput(tr("The period ends before it begins."))
    start, end = day_range(first, last)
    backups, good = _backups(tx, start, end)
    visits, visitors = _visits(tx, start, end)
    done, overdue = _inspections(tx, first, last)
    return PeriodFigures(
        first,
        last,
        incident_figures(tx, start, end),
        _by_class(tx, start, end),
        _mean_to_acknowledge(tx, start, end),
        backups,
        good,
        visits,
        visitors,
        done,
        overdue,
    )


def _by_class(tx: ReadTx, start: datetime, end: datetime) -> dict[str, int]:
    query = (
        select(Ci.class_name, func.count())
        .join(Incident, Incident.ci_id == Ci.id)
        .where(Incident.happened_at >= start, Incident.happened_at < end)
        .group_by(Ci.class_name)
        .order_by(func.count().desc(), Ci.class_name)
    )
    return {class_of(name).name: n for name, n in tx.session.execute(query)}


def _mean_to_acknowledge(tx: ReadTx, start: datetime, end: datetime) -> timedelta | None:
    query = select(Incident.happened_at, Incident.recorded_at, Incident.answered_at).where(
        Incident.happened_at >= start, Incident.happened_at < end, Incident.answered_at.is_not(None)
    )
    spans = [
        waited(happened, recorded, answered) for happened, recorded, answered in tx.session.execute(query) if answered
    ]
    return sum(spans, timedelta(0)) / len(spans) if spans else None


def _backups(tx: ReadTx, start: datetime, end: datetime) -> tuple[int, int]:
    query = (
        select(BackupRun.result, func.count())
        .where(BackupRun.happened_at >= start, BackupRun.happened_at < end, BackupRun.result.in_(COUNTED))
        .group_by(BackupRun.result)
    )
    counts = dict(iter(tx.session.execute(query)))
    return sum(counts.values()), sum(counts.get(result, 0) for result in GOOD)


def _visits(tx: ReadTx, start: datetime, end: datetime) -> tuple[int, int]:
    came = (VisitState.INSIDE, VisitState.LEFT)
    query = select(func.count(), func.coalesce(func.sum(Visit.headcount), 0)).where(
        Visit.happened_at >= start, Visit.happened_at < end, Visit.state.in_(came)
    )
    visits, visitors = tx.session.execute(query).one()
    return visits, int(visitors)


def _inspections(tx: ReadTx, first: date, last: date) -> tuple[int, int]:
    """Return how many rounds due in the period are done, and how many of the others are overdue today."""
    due = (Inspection.due_on >= first, Inspection.due_on <= last, Inspection.corrects_id.is_(None))
    done = select(func.count()).select_from(Inspection).where(*due, Inspection.state.in_(DONE))
    waiting = (InspectionState.DUE, InspectionState.DRAFT)
    today = to_local(tx.now).date()
    late = select(func.count()).select_from(Inspection)
    late = late.where(*due, Inspection.state.in_(waiting), Inspection.late_on <= today)
    return tx.session.scalar(done) or 0, tx.session.scalar(late) or 0


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())
