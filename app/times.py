"""Times at the border: read from people and files, shown to people; inside they are aware and in UTC."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as time_of_day

from app.errors import BadInput
from app.text import clean_line
from app.words import tr

FIRST_YEAR, LAST_YEAR = 2000, 2100

_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_COMPACT_DATE = r"(\d{4})(\d{2})(\d{2})(?=$|[T ])"
_TIME = r"(\d{1,2})\s*[:时]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2})(?:[.,](\d{1,9}))?)?\s*[秒分]?"
_ZONE = r"(Z|z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})"
_MONTH = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?"


def to_utc(when: datetime) -> datetime:
    """Return `when` in UTC; without a zone it counts as this machine's local time."""
    return when.astimezone(UTC)


def to_local(when: datetime) -> datetime:
    """Return `when` in this machine's zone."""
    return when.astimezone()


def checked(when: datetime, field: str = "") -> datetime:
    """Return `when` in UTC. Raises BadInput outside 2000..2100, which the databases refuse too."""
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise _out_of_range(str(when.year), field)
    return to_utc(when)


def parse_moment(text: str, field: str = "") -> datetime:
    """Return the moment that `text` names, in UTC; without a zone it is local, without a time midnight.

    Reads ISO 8601 and what people and sheets write: "2026/11/23 9:41:07", "2026年11月23日 9时41分".
    Raises BadInput naming the text.
    """
    rest = text.strip()
    day, rest = _take_date(rest, text, field)
    rest = rest.removeprefix("T").strip()
    moment = datetime(day.year, day.month, day.day)
    if rest:
        moment, rest = _take_time(moment, rest, text, field)
    if rest:
        if not re.fullmatch(_ZONE, rest):
            raise _unreadable(text, field)
        moment = moment.replace(tzinfo=_zone(rest, text, field))
    return checked(moment, field)


def parse_day(text: str, field: str = "") -> date:
    """Return the day that `text` names. Raises BadInput."""
    day, rest = _take_date(text.strip(), text, field)
    if rest.strip(" T0:."):
        raise _unreadable(text, field)
    return day


def parse_time(text: str, field: str = "") -> time_of_day:
    """Return the time of day that `text` names ("02:30", "2时30分"). Raises BadInput."""
    moment, rest = _take_time(datetime(2000, 1, 1), text.strip(), text, field)
    if rest:
        raise _unreadable(text, field)
    return moment.time()


def parse_month(text: str, field: str = "") -> date:
    """Return the first day of the month that `text` names ("2026-10", "2026年10月"). Raises BadInput."""
    match = re.fullmatch(_MONTH, text.strip())
    if match is None:
        raise _unreadable(text, field)
    return _date(match[1], match[2], "1", text, field)


def moment(when: datetime, now: datetime | None = None) -> str:
    """Return local "11-23 09:41:07", with the year in front when it is not this year."""
    local = to_local(when)
    this_year = (now or datetime.now(UTC)).astimezone().year
    return f"{local:%m-%d %H:%M:%S}" if local.year == this_year else full_moment(when)


def full_moment(when: datetime) -> str:
    """Return local "2026-11-23 09:41:07": for paper and files, which are read in other years."""
    return f"{to_local(when):%Y-%m-%d %H:%M:%S}"


def minute(when: datetime) -> str:
    """Return local "2026-11-23 09:41": the ledgers' form."""
    return f"{to_local(when):%Y-%m-%d %H:%M}"


def clock(span: timedelta) -> str:
    """Return "06:12", or "1:06:12" from an hour on; time overrun carries a minus sign, "-00:30"."""
    seconds = round(span.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes:02}:{rest:02}"


def duration(span: timedelta) -> str:
    """Return the two greatest units of `span`: "3 min 12 s", "3 分 12 秒", "2 天 4 小时"."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:
        return tr("{s} s", s=seconds)
    if seconds < 3600:
        return tr("{m} min {s} s", m=seconds // 60, s=seconds % 60)
    if seconds < 86_400:
        return tr("{h} h {m} min", h=seconds // 3600, m=seconds % 3600 // 60)
    return tr("{d} d {h} h", d=seconds // 86_400, h=seconds % 86_400 // 3600)


def age(when: datetime, now: datetime) -> str:
    """Return how old `when` is in its greatest unit: "12 s", "3 min", "5 h", "2 d"; never negative."""
    seconds = max(0, int((now - when).total_seconds()))
    if seconds < 60:
        return tr("{s} s", s=seconds)
    if seconds < 3600:
        return tr("{m} min", m=seconds // 60)
    if seconds < 86_400:
        return tr("{h} h", h=seconds // 3600)
    return tr("{d} d", d=seconds // 86_400)


def day_range(first: date, last: date | None = None) -> tuple[datetime, datetime]:
    """Return [start, end) in UTC of the local days `first` to `last` (the same day when left out)."""
    return _midnight(first), _midnight((last or first) + timedelta(days=1))


def month_range(month: date) -> tuple[datetime, datetime]:
    """Return [start, end) in UTC of the local month in which `month` lies: a ledger's range."""
    first = month.replace(day=1)
    return _midnight(first), _midnight(next_month(first))


def next_month(month: date) -> date:
    """Return the first day of the month after `month`'s."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def today() -> date:
    """Return this machine's local day."""
    return datetime.now(UTC).astimezone().date()


def _midnight(day: date) -> datetime:
    return to_utc(datetime.combine(day, time_of_day()))


def _take_date(rest: str, text: str, field: str) -> tuple[date, str]:
    match = re.match(_DATE, rest) or re.match(_COMPACT_DATE, rest)
    if match is None:
        raise _unreadable(text, field)
    return _date(match[1], match[2], match[3], text, field), rest[match.end() :].strip()


def _take_time(day: datetime, rest: str, text: str, field: str) -> tuple[datetime, str]:
    match = re.match(_TIME, rest)
    if match is None:
        raise _unreadable(text, field)
    hour, minute_, second = (int(part or 0) for part in match.group(1, 2, 3))
    fraction = int((match[4] or "0")[:6].ljust(6, "0"))
    try:
        return day.replace(hour=hour, minute=minute_, second=second, microsecond=fraction), rest[match.end() :].strip()
    except ValueError:
        raise _unreadable(text, field) from None


def _zone(zone: str, text: str, field: str) -> timezone:
    if zone in ("Z", "z", "UTC"):
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
    if hours > 14 or minutes > 59:
        raise _unreadable(text, field)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if zone[0] == "-" else offset)


def _date(year: str, month: str, day: str, text: str, field: str) -> date:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise _out_of_range(year, field)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _unreadable(text, field) from None


def _unreadable(text: str, field: str) -> BadInput:
    return BadInput(tr("“{text}” is not a date or time such as 2026-11-23 09:41.", text=clean_line(text, 60)), field)


def _out_of_range(year: str, field: str) -> BadInput:
    return BadInput(
        tr("The year {year} is out of range: {first} to {last}.", year=year, first=FIRST_YEAR, last=LAST_YEAR),
        field,
    )
