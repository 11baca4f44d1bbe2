"""Dates, times, durations and lists of them: as iCalendar writes them (RFC 5545, 3.3), as payloads keep them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connectors.content_lines import ContentLine
from connectors.zones import FLOATING, ZULU, Zone
from events.clocks import DAY, clock_of

VALUES = 4000  # dates of all RDATEs, or EXDATEs, of an entry that are kept: 50 ms; eleven years of every day
DAYS = 36_500  # of one entry; a longer one is a mistake
YEARS = range(1000, 9800)  # ours: what lies outside is a slip, and with its zone or length would leave the calendar

_STAMP = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?(?:(?P<utc>[Zz])|(?P<offset>[+-]\d\d:?\d\d))?)?"
)
_DURATION = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9})S)?)?"
)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  wall time has no zone
_SECOND = timedelta(seconds=1)


class Stamp(NamedTuple):
    """A date (`2026-09-01`) or a date and time (`2026-09-01T10:00:00`) in `zone`; `wall` as in `events.clocks`."""

    text: str
    wall: int
    zone: Zone

    @property
    def is_date(self) -> bool:
        return "T" not in self.text

    def instant(self, floating: Zone = ZULU) -> int:
        """Seconds since 1970 UTC; a floating time is read in `floating`."""
        zone = self.zone if self.zone.name else floating
        return clock_of(zone.name, zone.offsets, UTC).to_ms(self.wall) // 1000


class Length(NamedTuple):
    """How long an entry is: exact `seconds` if it is timed, whole `days` if it is not."""

    seconds: int
    days: int


def stamp(value: str, zone: Zone) -> Stamp:
    """One DATE or DATE-TIME; `zone` is that of its TZID and gives way to a `Z`. ValueError if it is neither."""
    found = _STAMP.fullmatch(value.strip())
    if found is None or int(found[1]) not in YEARS:
        raise ValueError(f"{value[:40]!r} is no date")
    year, month, day, hour, minute, second = found.groups()[:6]
    if hour is None:
        date = datetime(int(year), int(month), int(day))  # noqa: DTZ001  wall time has no zone
        return Stamp(f"{year}-{month}-{day}", (date - _EPOCH) // _SECOND, FLOATING)
    at = datetime(int(year), int(month), int(day))  # noqa: DTZ001  wall time has no zone
    at += timedelta(hours=_below(hour, 25), minutes=_below(minute, 60), seconds=min(_below(second or "0", 61), 59))
    if found["offset"]:
        at -= datetime.strptime(found["offset"], "%z").utcoffset() or timedelta()
    if found["utc"] or found["offset"]:
        zone = ZULU
    return Stamp(at.isoformat(), (at - _EPOCH) // _SECOND, zone)


def _below(digits: str, limit: int) -> int:
    if int(digits) >= limit:
        raise ValueError(f"{digits} is no part of a time")
    return int(digits)


def length(start: Stamp, end: Stamp | None, duration: str) -> Length:
    """The length of an entry by its DTEND, else by its DURATION, else by the standard (3.6.1).

    A date without an end is one day, a time without one has no length; an end before its start counts as none.
    """
    if start.is_date:
        return Length(0, _days(start, end, duration))
    if end is not None:
        if end.is_date:
            end = end._replace(zone=start.zone)
        if end.zone == start.zone and end.zone.name in {"", "UTC"}:
            return _timed(end.wall - start.wall)
        return _timed(end.instant(start.zone) - start.instant(end.zone))
    days, seconds = duration_of(duration)
    later = start._replace(wall=start.wall + days * DAY)  # days of a duration are days on the wall (3.3.6)
    return _timed(later.instant() - start.instant() + seconds)


def _timed(seconds: int) -> Length:
    return Length(min(max(seconds, 0), DAYS * DAY), 0)


def _days(start: Stamp, end: Stamp | None, duration: str) -> int:
    if end is not None:
        days = -((start.wall - end.wall) // DAY) if end.is_date else -(-(end.wall - start.wall) // DAY)
    else:
        whole, seconds = duration_of(duration)
        days = whole - (-seconds // DAY)
    return min(max(days, 1), DAYS)


def duration_of(value: str) -> tuple[int, int]:
    """A DURATION as (days, seconds beyond them); (0, 0) for one that is missing, negative or absurd."""
    found = _DURATION.fullmatch(value.strip().upper())
    if found is None or found["sign"] == "-":
        return 0, 0
    number = {name: int(digits or 0) for name, digits in found.groupdict().items() if name != "sign"}
    seconds = number["hours"] * 3600 + number["minutes"] * 60 + number["seconds"]
    return min(number["weeks"] * 7 + number["days"], DAYS), min(seconds, DAYS * DAY)


def listed(lines: Iterable[tuple[ContentLine, Zone]], start: Stamp) -> tuple[str, ...]:
    """The values of RDATE or EXDATE lines, each with the zone of its TZID, as the payload keeps them.

    Wall time in the zone of `start`; what another zone wrote becomes UTC. What is no date is left out.
    """
    values: list[str] = []
    for line, zone in lines:
        for value in line.value.split(","):
            if len(values) < VALUES:
                values.extend(_listed(value, zone, start))
    return tuple(values)


def _listed(value: str, zone: Zone, start: Stamp) -> Iterator[str]:
    first, _, end = value.partition("/")
    try:
        at = stamp(first, zone)
        if not end:
            yield _in_zone_of(start, at)
            return
        if end.strip()[:1] in {"P", "p", "+", "-"}:
            days, seconds = duration_of(end)
            wall = at.wall + days * DAY + seconds
            until = Stamp((_EPOCH + timedelta(seconds=wall)).isoformat(), wall, at.zone)
        else:
            until = stamp(end, zone)
        yield f"{_in_zone_of(start, at)}/{_in_zone_of(start, until)}"
    except (ValueError, OverflowError):
        return


def _in_zone_of(start: Stamp, at: Stamp) -> str:
    """The text of `at` for a list beside `start`; a `Z` beside a floating start is a slip: both are walls."""
    if at.is_date or not (at.zone.name and start.zone.name) or (at.zone == start.zone and at.zone != ZULU):
        return at.text
    return in_utc(at) + "Z"


def in_utc(at: Stamp) -> str:
    """The wall time of an instant in UTC."""
    return (_EPOCH + timedelta(seconds=at.instant())).isoformat()


def on_the_wall(at: Stamp, zone: Zone) -> Stamp:
    """An instant on the wall of a zone, which is what a rule goes by; as it was where it happens twice there."""
    if at.zone == zone or at.is_date or not (at.zone.name and zone.name):
        return at
    clock = clock_of(zone.name, zone.offsets, UTC)
    instant = at.instant() * 1000
    wall = clock.to_wall(instant)
    if clock.to_ms(wall) != instant:
        return Stamp(in_utc(at), at.instant(), ZULU)
    return Stamp((_EPOCH + timedelta(seconds=wall)).isoformat(), wall, zone)


def instant_ms(line: ContentLine | None) -> int | None:
    """CREATED and LAST-MODIFIED, always UTC, in milliseconds; None where missing, unreadable or before 1970."""
    if line is None:
        return None
    try:
        wall = stamp(line.value, ZULU).wall
    except ValueError:
        return None
    return wall * 1000 if wall > 0 else None
