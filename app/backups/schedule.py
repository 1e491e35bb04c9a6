"""When a backup runs, in plain choices: every day, some days of the week, a day of the month, at a time.

The database keeps an RRULE in local time (RFC 5545), which knows more than the form does.
"""

from dataclasses import dataclass
from datetime import datetime, time

from app.times import to_local
from app.words import tr
from models.enums import Frequency

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST_DAY = -1


@dataclass(frozen=True, slots=True)
class Schedule:
    """`weekdays` (0 is Monday) count for a weekly one, `month_day` (LAST_DAY: the last) for a monthly one."""

    frequency: Frequency
    at: time
    weekdays: tuple[int, ...] = ()
    month_day: int = 1


def rule_of(schedule: Schedule) -> str:
    """Return the RRULE of a schedule; a weekly one without a day runs on Mondays."""
    parts = [f"FREQ={schedule.frequency.name}"]
    if schedule.frequency is Frequency.WEEKLY:
        parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in sorted(schedule.weekdays) or (0,)))
    if schedule.frequency is Frequency.MONTHLY:
        parts.append(f"BYMONTHDAY={schedule.month_day}")
    return ";".join((*parts, f"BYHOUR={schedule.at.hour}", f"BYMINUTE={schedule.at.minute}", "BYSECOND=0"))


def schedule_of(rule: str, starts_at: datetime) -> Schedule | None:
    """Return the schedule that a rule says, None for a rule that is not one of the plain choices."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    begins = to_local(starts_at)
    known = {"FREQ", "BYDAY", "BYMONTHDAY", "BYHOUR", "BYMINUTE", "BYSECOND", "INTERVAL", "WKST"}
    if not parts.keys() <= known or parts.get("INTERVAL", "1") != "1":
        return None
    try:
        frequency = Frequency[parts["FREQ"]]
        at = time(int(parts.get("BYHOUR", begins.hour)), int(parts.get("BYMINUTE", begins.minute)))
        return _schedule(frequency, at, parts, begins)
    except (KeyError, ValueError):
        return None


def worded(rule: str, starts_at: datetime) -> str:
    """Return a rule in words: "Mon, Thu 23:00"; one that is no plain choice stays as it is written."""
    schedule = schedule_of(rule, starts_at)
    if schedule is None:
        return rule
    at = f"{schedule.at:%H:%M}"
    if schedule.frequency is Frequency.WEEKLY:
        names = weekday_names()
        return tr("{days} {time}", days=tr(", ").join(names[day] for day in schedule.weekdays), time=at)
    if schedule.frequency is Frequency.MONTHLY:
        if schedule.month_day == LAST_DAY:
            return tr("last day of the month {time}", time=at)
        return tr("day {n} of the month {time}", n=schedule.month_day, time=at)
    return tr("daily {time}", time=at)


def weekday_names() -> tuple[str, ...]:
    """Return the short names of the days, Monday first."""
    return (tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun"))


def _schedule(frequency: Frequency, at: time, parts: dict[str, str], begins: datetime) -> Schedule | None:
    if frequency is Frequency.DAILY and "BYDAY" not in parts and "BYMONTHDAY" not in parts:
        return Schedule(frequency, at)
    if frequency is Frequency.WEEKLY and "BYMONTHDAY" not in parts:
        days = parts.get("BYDAY", WEEKDAYS[begins.weekday()]).split(",")
        return Schedule(frequency, at, tuple(sorted(WEEKDAYS.index(day) for day in days)))
    if frequency is Frequency.MONTHLY and "BYDAY" not in parts:
        return Schedule(frequency, at, month_day=int(parts.get("BYMONTHDAY", begins.day)))
    return None
