"""Which zone a TZID means: IANA names in their many wrappings, Windows names, fixed offsets, VTIMEZONE definitions.

An IANA name wins over the file's own VTIMEZONE, which often knows this year's rules only. A name that means nothing and
that the file does not define is the calendar's X-WR-TIMEZONE, else floating: the owner's zone is the best guess left.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from connectors.content_lines import content_line

Offsets = tuple[tuple[int, int], ...]

DEFINITIONS = 1000  # of one file that are kept; the world has about 600 zones
OBSERVANCES = 400  # Europe/Paris with all its history since 1911 has about 120
FROM_YEAR, UNTIL_YEAR = 1970, 2050  # transitions are computed for these years; before and after, the nearest one holds

_UTC = frozenset({"UTC", "Z", "GMT", "ETC/UTC", "ETC/GMT", "ZULU", "UCT", "UNIVERSAL", "COORDINATED UNIVERSAL TIME"})
_OFFSET = re.compile(r"\(?(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?\)?(?:[ \t].*)?", re.IGNORECASE)
_UTC_OFFSET = re.compile(r"([+-])(\d{2}):?([0-5]\d)(?::?[0-5]\d)?")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?)?Z?")
_DAY = re.compile(r"-?\d{1,2}")
_NTH = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  wall time has no zone
_LAST = datetime(UNTIL_YEAR, 12, 31)  # noqa: DTZ001  wall time has no zone
_SECOND = timedelta(seconds=1)


class Zone(NamedTuple):
    """A zone as a meeting's payload has it: IANA name, `UTC`, `custom` with `offsets`, or "" for floating."""

    name: str
    offsets: Offsets = ()


FLOATING = Zone("")
ZULU = Zone("UTC")


class Definition(NamedTuple):
    """One VTIMEZONE."""

    tzid: str
    location: str  # X-LIC-LOCATION: the IANA name that some writers add
    offsets: Offsets


class Zones:
    """The zones of one file: what its VTIMEZONEs define, on top of what everybody knows."""

    def __init__(self) -> None:
        self._defined: dict[str, Definition] = {}
        self._known: dict[str, Zone | None] = {}

    def define(self, lines: Sequence[str]) -> None:
        """Take in one VTIMEZONE, as logical lines; one that makes no sense defines nothing."""
        definition = _definition(lines)
        if definition is not None and len(self._defined) < DEFINITIONS:
            self._defined[definition.tzid] = definition
            self._known.clear()

    def find(self, tzid: str) -> Zone | None:
        """The zone of a TZID; None if it means nothing so far: its definition may follow later in the file."""
        if tzid not in self._known:
            if len(self._known) >= DEFINITIONS:
                self._known.clear()
            self._known[tzid] = known_zone(tzid) or self._by_definition(tzid)
        return self._known[tzid]

    def _by_definition(self, tzid: str) -> Zone | None:
        definition = self._defined.get(tzid)
        if definition is None:
            return _fixed(tzid)
        return known_zone(definition.location) or (Zone("custom", definition.offsets) if definition.offsets else None)


@lru_cache(maxsize=1024)
def known_zone(tzid: str) -> Zone | None:
    """The zone that a name means by itself: `Europe/Berlin`, `/citadel.org/…/Europe/Berlin`, `Romance Standard Time`.

    Any prefix is passed over, as in `/mozilla.org/20070129_1/America/New_York` or `tzone://Microsoft/Utc`.
    """
    name = tzid.strip().strip('"').strip("/")
    if name.upper() in _UTC or name.lower() == "tzone://microsoft/utc":
        return ZULU
    if not name or len(name) > 200:  # noqa: PLR2004  no name of a zone is as long
        return None
    parts = name.split("/")
    for i in range(len(parts)):
        found = _iana("/".join(parts[i:]))
        # A lone last part must not turn "Somewhere/EST" into the fixed zone EST.
        if found and (i == 0 or "/" in found):
            return Zone(found)
    return _windows(name)


def _iana(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return _names_by_lower_case().get(name.lower().replace(" ", "_"), "")
    return name


@lru_cache(maxsize=1)
def _names_by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if "/" in name}


def _windows(name: str) -> Zone | None:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415  a query needs no such table

    found = WINDOWS_TO_OLSON.get(name)
    return Zone(found) if found else None


def _fixed(tzid: str) -> Zone | None:
    """`UTC+11`, `GMT -0330`, `(UTC-03:00) Salvador`: where no definition says more."""
    found = _OFFSET.fullmatch(tzid.strip().strip('"'))
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if minutes > 14 * 60:  # the largest offset in use, Pacific/Kiritimati
        return None
    return Zone("custom", ((0, -minutes if found[1] == "-" else minutes),))


def _definition(lines: Sequence[str]) -> Definition | None:
    tzid = location = ""
    observances: list[dict[str, list[str]]] = []
    current: dict[str, list[str]] | None = None
    for line in filter(None, map(content_line, lines)):
        if line.name in {"BEGIN", "END"}:
            inside = line.name == "BEGIN" and line.value.strip().upper() in {"STANDARD", "DAYLIGHT"}
            current = {} if inside and len(observances) < OBSERVANCES else None
            if current is not None:
                observances.append(current)
        elif current is not None:
            current.setdefault(line.name, []).append(line.value.strip())
        elif line.name == "TZID":
            tzid = line.value
        elif line.name == "X-LIC-LOCATION":
            location = line.value
    return Definition(tzid, location, _offsets(observances)) if tzid else None


def _offsets(observances: Sequence[dict[str, list[str]]]) -> Offsets:
    """The transitions of a VTIMEZONE, sorted, each a real change; the last one before 1970 stands first."""
    changes: dict[int, tuple[int, int]] = {}
    for observance in observances:
        before, after = (_minutes(observance.get(name, [""])[0]) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        if after is None:
            continue
        earlier = after if before is None else before
        for wall in _onsets(observance, earlier):
            changes[(wall - _EPOCH) // _SECOND - earlier * 60] = (earlier, after)
    if not changes:
        return ()
    instants = sorted(changes)
    offset = changes[instants[0]][0]
    found = [(min(instants[0], 0) * 1000, offset)]
    for instant in instants:
        after = changes[instant][1]
        if instant <= 0:
            found = [(instant * 1000, after)]
        elif after != found[-1][1]:
            found.append((instant * 1000, after))
    return tuple(found)


def _minutes(text: str) -> int | None:
    found = _UTC_OFFSET.fullmatch(text)
    if found is None or int(found[2]) > 23:  # noqa: PLR2004  hours of a day
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def _onsets(observance: dict[str, list[str]], before: int) -> Iterator[datetime]:
    """The walls at which an observance begins, its DTSTART first."""
    starts = [stamp for stamp in map(_wall, observance.get("DTSTART", [])) if stamp]
    for value in observance.get("RDATE", []):
        starts.extend(stamp for stamp in map(_wall, value.split(",")) if stamp)
    yield from starts[:OBSERVANCES]
    for rule in observance.get("RRULE", [])[:2]:
        if starts:
            yield from _yearly(rule, starts[0], before)


def _yearly(value: str, start: datetime, before: int) -> Iterator[datetime]:
    """The walls of a yearly rule in the years that we compute; no zone has another kind of rule."""
    parts = dict(part.partition("=")[::2] for part in value.upper().replace(" ", "").split(";"))
    if parts.get("FREQ") != "YEARLY" or parts.get("INTERVAL", "1") != "1" or "COUNT" in parts:
        return
    until = parts.get("UNTIL", "")
    last = min(_wall(until) or _LAST, _LAST)
    if last.year < FROM_YEAR - 1:
        return
    if until.endswith("Z"):
        last += timedelta(minutes=before)
    month = int(parts["BYMONTH"]) if parts.get("BYMONTH", "").isdigit() else start.month
    if month not in range(1, 13):
        return
    for year in range(max(start.year, FROM_YEAR - 1), min(last.year, UNTIL_YEAR) + 1):
        for day in _days(parts, year, month, start.day):
            wall = start.replace(year=year, month=month, day=day)
            if start <= wall <= last:
                yield wall


def _days(parts: dict[str, str], year: int, month: int, default: int) -> list[int]:
    """The days of a month that `BYDAY=-1SU`, `BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14` or neither means."""
    first, length = monthrange(year, month)
    month_days = {int(text) for text in _DAY.findall(parts.get("BYMONTHDAY", ""))}
    weekdays = [(int(nth or 0), _WEEKDAYS.index(name)) for nth, name in _NTH.findall(parts.get("BYDAY", ""))]
    if not month_days and not weekdays:
        return [default] if default <= length else []
    found = []
    for day in range(1, length + 1):
        nths = {0, (day + 6) // 7, -((length - day) // 7 + 1)}
        on_weekday = any(name == (first + day - 1) % 7 and nth in nths for nth, name in weekdays)
        if (on_weekday or not weekdays) and (not month_days or day in month_days or day - length - 1 in month_days):
            found.append(day)
    return found


def _wall(text: str) -> datetime | None:
    found = _STAMP.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  wall time
    except ValueError:
        return None
