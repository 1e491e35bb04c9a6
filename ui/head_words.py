"""What each cell of the head strip says, from everything down to what fits a narrow window."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from app.times import age, clock, duration, minute, to_local
from app.words import label, tr, trn
from models.enums import State
from ui.head_cells import Content, Countdown, Span

if TYPE_CHECKING:
    from app.head import CopyFigures, Figures, Pulse

ORDER = (State.CRITICAL, State.WARNING, State.UNREACHABLE, State.UNKNOWN, State.MAINTENANCE, State.NORMAL)
SILENT_AFTER = timedelta(seconds=4)


class Fit(IntEnum):
    """How much is said; each step leaves out what is needed least."""

    ALL = 0
    NO_ROOMS = 1
    TIGHT = 2
    STACKED = 3
    NO_COPY = 4
    NO_NAMES = 5
    NO_BRAND = 6
    NO_DUTY = 7
    NO_INSIDE = 8


def brand(figures: "Figures | None", fit: Fit) -> Content:
    """Return the program's name over the machine rooms."""
    name = Span(tr("Watchroom", context="brand"), "title", "text", True)
    unit = figures.unit if figures else ""
    if fit is Fit.ALL:
        rooms = " · ".join(figures.rooms) if figures else ""
        other = Span(tr("control room", context="brand"), "title", "secondary")
        return Content((name, other), (Span(rooms or unit, "secondary", "secondary"),) if rooms or unit else ())
    return Content((name,), tooltip=unit)


def state_count(state: State, count: int, fit: Fit) -> Content:
    """Return shape, figure and word of a state; the word goes under the figure where room is scarce."""
    token = state.value if count else "secondary"
    figure = Span(f"{count:,}", "figure", token, True)
    word = Span(label(state), "secondary", "secondary")
    tooltip = tr("Show these on the status board")
    if fit < Fit.STACKED:
        return Content((figure, word), lead=state, tooltip=tooltip)
    return Content((figure,), (Span(label(state), "small", "secondary"),), state, tooltip)


def waiting(figures: "Figures | None", now: datetime) -> Content:
    """Return the unacknowledged incidents and how long the oldest one still may wait."""
    if figures is None or figures.oldest_due_at is None:
        none = tr("All acknowledged") if figures else "—"
        return Content((Span(none, "text", "secondary"),))
    left = figures.oldest_due_at - now
    token = "critical" if left <= figures.within / 2 else "warning"
    count = trn("{n} unacknowledged", "{n} unacknowledged", figures.unacknowledged)
    if left > timedelta(0):
        rest, part = tr("oldest: {clock} left", clock=clock(left)), left / figures.within
    else:
        rest, part = tr("oldest: {clock} over time", clock=clock(-left)), 1.0
    return Content((Span(count, "text", token, True),), (Span(rest, "secondary", "secondary"),), Countdown(part, token))


def on_duty(figures: "Figures | None", fit: Fit) -> Content:
    """Return the shift with its hours over the people."""
    if figures is None or figures.duty.starts_at is None or figures.duty.ends_at is None:
        nobody = Span(tr("Nobody on the roster"), "text", "warning" if figures else "secondary")
        return Content((nobody,), tooltip=tr("The duty roster names nobody for this hour."))
    shift = figures.duty
    hours = f"{to_local(figures.duty.starts_at):%H:%M}–{to_local(figures.duty.ends_at):%H:%M}"
    names = tr(", ", context="between names").join(dict.fromkeys(turn.person for turn in shift.people))
    told = "\n".join(f"{turn.person} {turn.telephone}".strip() for turn in shift.people)
    upper: tuple[Span, ...] = (Span(shift.shift, "text", "text", True), Span(hours))
    if fit >= Fit.NO_NAMES:
        upper = (Span(shift.shift, "text", "text", True),)
        names = trn("{n} person", "{n} people", len(shift.people))
    return Content(upper, (Span(_cut(names), "secondary", "secondary"),), tooltip=told)


def inside(figures: "Figures | None") -> Content:
    """Return how many people are in the machine rooms, and how many of those should have left."""
    if figures is None:
        return Content((Span("—", "text", "secondary"),))
    count, late = figures.inside.people, figures.inside.overdue
    upper = trn("{n} in the room", "{n} in the rooms", count)
    if late:
        lower = Span(trn("{n} overdue", "{n} overdue", late), "secondary", "warning")
    elif figures.inside.announced:
        words = trn("{n} announced", "{n} announced", figures.inside.announced)
        lower = Span(words, "secondary", "secondary")
    else:
        lower = Span(tr("none overdue"), "secondary", "secondary")
    return Content((Span(upper, "text", "text", True),), (lower,))


def health(
    pulse: "Pulse | None", figures: "Figures | None", now: datetime, away_since: datetime | None, fit: Fit
) -> Content:
    """Return whether collector, database and copies are alive; what is not is named in its colour."""
    if away_since is not None:
        words = tr("Database away {time}", time=age(away_since, datetime.now(away_since.tzinfo)))
        return Content((Span(words, "text", "critical", True),), (_copy(figures, now),), State.CRITICAL)
    if pulse is None:
        return Content((Span(tr("Connecting…"), "text", "secondary"),), lead=State.UNKNOWN)
    lead, upper = _beat(pulse, now)
    lower = [Span(tr("Database {ms} ms", ms=max(1, round(pulse.round_trip_ms))), "secondary", "secondary")]
    copy = _copy(figures, now)
    if fit < Fit.NO_COPY or copy.token != "secondary":
        lower = [Span(lower[0].text + (" ·" if copy.text else ""), "secondary", "secondary"), copy]
    return Content((upper,), tuple(span for span in lower if span.text), lead, pulse.trouble or copy.text)


def _beat(pulse: "Pulse", now: datetime) -> tuple[State, Span]:
    if pulse.beat_at is None:
        return State.CRITICAL, Span(tr("No collector yet"), "text", "critical", True)
    if now - pulse.beat_at > SILENT_AFTER:
        words = tr("Collector silent {time}", time=age(pulse.beat_at, now))
        return State.CRITICAL, Span(words, "text", "critical", True)
    words = tr("Collected {time} ago", time=age(pulse.beat_at, now))
    return (State.WARNING, Span(words, "text", "warning")) if pulse.trouble else (State.NORMAL, Span(words))


def _copy(figures: "Figures | None", now: datetime) -> Span:
    """Return how the last copy stands, empty for a shared database."""
    standing: CopyFigures | None = figures.copies if figures else None
    if standing is None or not standing.is_ours:
        return Span("", "secondary", "secondary")
    if standing.newest_good_at is None:
        return Span(tr("no copy yet"), "secondary", "critical" if standing.is_stale else "warning")
    if standing.is_stale:
        old = tr("copy {time} old", time=age(standing.newest_good_at, now))
        return Span(old, "secondary", "critical")
    when = f"{to_local(standing.newest_good_at):%H:%M}"
    if standing.last_failed:
        return Span(tr("last copy failed, good one {time}", time=when), "secondary", "warning")
    return Span(tr("copy {time} good", time=when), "secondary", "secondary")


def time_of_day(now: datetime | None, fit: Fit) -> Content:
    """Return the database's clock over date and weekday."""
    if now is None:
        return Content((Span("--:--:--", "figure", "secondary", True),))
    local = to_local(now)
    day = f"{local:%Y-%m-%d}"
    weekday = weekdays()[local.weekday()]
    lower = day if fit >= Fit.NO_NAMES else f"{day} {weekday}"
    tooltip = tr("The database's clock: {moment}, {weekday}", moment=minute(now), weekday=weekday)
    upper = Span(f"{local:%H:%M:%S}", "figure", "text", True)
    return Content((upper,), (Span(lower, "secondary", "secondary"),), tooltip=tooltip)


def weekdays() -> tuple[str, ...]:
    return (
        tr("Monday"),
        tr("Tuesday"),
        tr("Wednesday"),
        tr("Thursday"),
        tr("Friday"),
        tr("Saturday"),
        tr("Sunday"),
    )


def collector_alarm(pulse: "Pulse", now: datetime) -> str:
    """Return the banner of a silent collector, empty while it beats."""
    if pulse.beat_at is None:
        return tr("No collector is running: NOTHING IS WATCHED. The states on the board are not being checked.")
    if now - pulse.beat_at <= SILENT_AFTER:
        return ""
    return tr(
        "The collector has been silent since {time}: NOTHING IS WATCHED. The board shows what was seen before.",
        time=f"{to_local(pulse.beat_at):%H:%M:%S}",
    )


def copies_alarm(figures: "Figures") -> str:
    """Return the banner of a missing or old copy, empty while the last good one is young."""
    standing = figures.copies
    if not standing.is_ours:
        return ""
    if not standing.is_stale:
        return _drill_alarm(figures)
    if standing.newest_good_at is None:
        return tr("The database has never been copied. Choose a second folder under “Copies of the database”.")
    since = duration(figures.now - standing.newest_good_at)
    return tr("The last good copy of the database is {time} old. Look under “Copies of the database”.", time=since)


def _drill_alarm(figures: "Figures") -> str:
    """Return the banner of a copy that could not be restored, or that nobody has restored to try it for long."""
    drill = figures.copies.drill
    if drill is None or not drill.is_red:
        return ""
    if drill.last is not None and not drill.last.succeeded:
        return tr("The last copy could not be restored. Look under “Copies of the database”.")
    if drill.good_at is None:
        return tr("No copy has been restored to try it. Look under “Copies of the database”.")
    since = duration(figures.now - drill.good_at)
    return tr("The last restore that worked is {time} old. Look under “Copies of the database”.", time=since)


def _cut(names: str) -> str:
    """Return at most a line's worth of names; the rest is in the tooltip."""
    return names if len(names) <= 24 else names[:23] + "…"
