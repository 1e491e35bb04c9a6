"""Filling an empty database with the demo, in one transaction: all of it or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.demo import backups, duty, figures, incidents, people, rounds, site, today, visits, watch
from app.demo.scene import MORNING, Scene, calendar, local_day
from app.desk import Desk, Tx, command
from app.errors import BadInput, Refused
from app.permissions import Permission
from app.times import to_utc
from app.words import tr
from models.cmdb import Ci


@dataclass(frozen=True, slots=True)
class Filled:
    """How much the demo wrote."""

    devices: int
    incidents: int
    rows: int

    def sentence(self) -> str:
        return tr(
            "The demo site is there: {devices} devices, {incidents} incidents, {rows} rows in all."
            " Everybody in it is made up; all sign in with the password {password}.",
            devices=self.devices,
            incidents=f"{self.incidents:,}",
            rows=f"{self.rows:,}",
            password=people.PASSWORD,
        )


def fill(desk: Desk, *, seed: int, last_day: date, scale: float = 1.0) -> Filled:
    """Write the demo into an empty database and return how much that was; `scale` shortens the two years.

    Raises BadInput for a day that has not come, Refused when the database holds devices already.
    """
    return desk.do(write, seed, last_day, scale)


@command(Permission.DEMO)
def write(tx: Tx, seed: int, last_day: date, scale: float) -> Filled:
    """Write the whole demo."""
    if tx.session.scalar(select(Ci.id).limit(1)) is not None:
        raise Refused(tr("This database holds devices already; the demo goes into an empty one. Nothing was changed."))
    scene = Scene(tx, seed, last_day, _moment(tx.now, last_day), calendar(last_day, scale))
    crew = people.settle(scene)
    built = site.build(scene, crew)
    plans = backups.plan(scene, built)
    watched = watch.watch(scene, built, crew)
    closed = incidents.write(scene, built, crew)
    opened = today.open_incidents(scene, built, crew)
    watch.show(scene, built, watched, opened)
    later: tuple[Callable[[], object], ...] = (
        lambda: visits.write(scene, built, crew, closed),
        lambda: backups.write(scene, plans, crew),
        lambda: rounds.write(scene, crew),
        lambda: duty.write(scene, crew),
        lambda: figures.write(scene, built),
    )
    for part in later:
        part()
    scene.close_series()
    return Filled(len(built.devices), len(closed) + len(opened), scene.written)


def _moment(now: datetime, last_day: date) -> datetime:
    """Return the demo's "now": the database's on its last day, that morning for a day that is over."""
    today_here = local_day(now)
    if last_day > today_here:
        raise BadInput(tr("The demo's last day has not come yet."), "until")
    return now if last_day == today_here else to_utc(datetime.combine(last_day, MORNING))
