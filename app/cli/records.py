"""`watchroom import`, `watchroom export` and `watchroom stats`."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from app import outputs
from app.cli import session
from app.desk import Desk
from app.errors import BadInput
from app.filenames import write_file
from app.importers.report import ImportReport, Unwatched
from app.statistics import PeriodFigures, over
from app.times import duration, parse_day, parse_month
from app.words import label, tr, trn
from models.enums import BackupFormat

REFUSALS_SHOWN = 20
SHEETS = ("devices", "visitors", "incidents")


def import_records(options: argparse.Namespace) -> int:
    """Take records in, print why rows were refused and at last what was done; return 1 when some were refused."""
    path = Path(options.path)
    if not path.exists():
        raise BadInput(tr("There is no file or folder {path}.", path=path))
    if options.format and options.kind != "backups":
        raise BadInput(tr("--format goes with backups only."))
    if options.failed and options.kind not in SHEETS:
        raise BadInput(tr("--failed goes with sheets only: {kinds}.", kinds=", ".join(SHEETS)))
    with session.desk(options) as desk:
        report = _IMPORTS[options.kind](desk, path, options)
    for refusal in report.refusals[:REFUSALS_SHOWN]:
        place = tr("row {n}", n=refusal.row) if refusal.row else refusal.what
        print(f"{place}: {refusal.reason}", file=sys.stderr)
    unsaid = len(report.refusals) - REFUSALS_SHOWN
    if unsaid > 0:
        print(trn("… and {n} more", "… and {n} more", unsaid), file=sys.stderr)
    print(report.sentence())
    return 1 if report.refused else 0


def export_records(options: argparse.Namespace) -> int:
    """Write a record or a ledger and say where it is."""
    path = Path(options.file)
    if not path.absolute().parent.is_dir():
        raise BadInput(tr("There is no folder {folder}.", folder=path.parent))
    with session.desk(options) as desk:
        _EXPORTS[options.kind](desk, (options.id or "").strip(), path)
    print(tr("Written: {path}", path=path))
    return 0


def stats(options: argparse.Namespace) -> int:
    """Print the figures of a period, as lines or as one JSON document."""
    first, last = parse_day(options.first), parse_day(options.last)
    with session.desk(options) as desk:
        found = desk.read(over, first, last)
    if options.json:
        print(json.dumps(found.document(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(found)))
    return 0


def _import_devices(desk: Desk, path: Path, options: argparse.Namespace) -> ImportReport:
    from app.cmdb import import_devices

    return import_devices(desk, Unwatched(), path, dry_run=options.dry_run, failed_file=_failed(options))


def _import_device_types(desk: Desk, path: Path, options: argparse.Namespace) -> ImportReport:
    from app.cmdb import import_device_types

    return import_device_types(desk, Unwatched(), path, dry_run=options.dry_run)


def _import_backups(desk: Desk, path: Path, options: argparse.Namespace) -> ImportReport:
    from app.backups import import_runs

    known = BackupFormat(options.format) if options.format else None
    return import_runs(desk, path, known, is_dry_run=options.dry_run)


def _import_visitors(desk: Desk, path: Path, options: argparse.Namespace) -> ImportReport:
    from app.access import import_visits

    return import_visits(desk, path, is_dry_run=options.dry_run, failed_file=_failed(options))


def _import_incidents(desk: Desk, path: Path, options: argparse.Namespace) -> ImportReport:
    from app.incidents.importing import import_incidents

    return import_incidents(desk, path, is_dry_run=options.dry_run, failed_file=_failed(options))


def _failed(options: argparse.Namespace) -> Path | None:
    return Path(options.failed) if options.failed else None


def _export_inspection(desk: Desk, number: str, path: Path) -> None:
    from app.inspections import paper

    paper.write(desk, number or None, path)


def _export_incident(desk: Desk, number: str, path: Path) -> None:
    from app.incidents import paper

    _require(path, ".pdf")
    found = desk.read(paper.by_number, number)
    if found is None:
        raise BadInput(tr("There is no incident {number}.", number=number))
    _write_pdf(desk, f"incident {number or found}", path, paper.record_pdf(desk, [found]))


def _export_handover(desk: Desk, number: str, path: Path) -> None:
    from app import duty

    _require(path, ".pdf")
    found = desk.read(duty.by_number, number)
    if found is None:
        raise BadInput(tr("There is no hand-over {number}.", number=number))
    _write_pdf(desk, f"hand-over {number or found}", path, duty.handover_pdf(desk, found))


def _export_devices(desk: Desk, number: str, path: Path) -> None:
    from app.cmdb import export_devices

    if number:
        raise BadInput(tr("All devices are exported; name the file only."))
    export_devices(desk, Unwatched(), path)


def _export_ledger(desk: Desk, period: str, path: Path) -> None:
    """Write the ledger that `visitors-2026-10` or `incidents-2026-10` names; without a month, the present one."""
    from app.access import paper as visitors
    from app.incidents import paper as incidents

    kind, _, month = period.partition("-")
    if kind not in ("visitors", "incidents"):
        raise BadInput(tr("Say which ledger and month: visitors-2026-10 or incidents-2026-10."))
    wanted = parse_month(month) if month else _this_month()
    paper = visitors if kind == "visitors" else incidents
    if path.suffix.lower() == ".pdf":
        _write_pdf(desk, f"ledger {kind}-{wanted:%Y-%m}", path, paper.month_pdf(desk, wanted))
        return
    _require(path, ".pdf", ".xlsx", ".csv")
    paper.month_xlsx(desk, wanted, path)


def _write_pdf(desk: Desk, what: str, path: Path, pdf: bytes) -> None:
    desk.do(outputs.left, "export", f"{what} -> {path.name}")
    write_file(path, pdf)


def _this_month() -> date:
    return datetime.now().date().replace(day=1)


def _require(path: Path, *endings: str) -> None:
    if path.suffix.lower() not in endings:
        raise BadInput(tr("This is written as {endings}: {path}", endings=" / ".join(endings), path=path))


_IMPORTS: dict[str, Callable[[Desk, Path, argparse.Namespace], ImportReport]] = {
    "devices": _import_devices,
    "device-types": _import_device_types,
    "backups": _import_backups,
    "visitors": _import_visitors,
    "incidents": _import_incidents,
}
_EXPORTS: dict[str, Callable[[Desk, str, Path], None]] = {
    "inspection": _export_inspection,
    "incident": _export_incident,
    "handover": _export_handover,
    "devices": _export_devices,
    "ledger": _export_ledger,
}


def _lines(found: PeriodFigures) -> list[str]:
    """Return the figures as lines for people."""
    from app.ci_classes import class_of

    kept, good = found.incidents.kept_share, found.backups_good_share
    by_source = {label(source): n for source, n in found.incidents.by_source.items()}
    by_grade = {label(grade): n for grade, n in sorted(found.incidents.by_grade.items())}
    by_class = {class_of(name).label: n for name, n in found.by_class.items()}
    acknowledge, resolve = found.mean_to_acknowledge, found.incidents.mean_to_resolve
    return [
        tr("{first} to {last}", first=found.first, last=found.last),
        tr("Incidents: {n}", n=found.incidents.total),
        tr("  by source: {counts}", counts=_counts(by_source)),
        tr("  by grade: {counts}", counts=_counts(by_grade)),
        tr("  by class: {counts}", counts=_counts(by_class)),
        tr("  acknowledged in time: {share}", share=_percent(kept)),
        tr("  mean time to acknowledge: {time}", time=duration(acknowledge) if acknowledge is not None else "—"),
        tr("  mean time to resolve: {time}", time=duration(resolve) if resolve is not None else "—"),
        tr(
            "Backups: {good} of {n} succeeded ({share})", good=found.backups_good, n=found.backups, share=_percent(good)
        ),
        tr("Visits: {n}, {people} people", n=found.visits, people=found.visitors),
        tr("Inspections: {n} done, {late} overdue", n=found.inspections_done, late=found.inspections_overdue),
    ]


def _counts(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return tr(", ", context="list").join(f"{name} {n}" for name, n in ordered) or "—"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
