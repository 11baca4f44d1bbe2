"""Wall time to instants and back, for the zones that a recorded meeting can have.

A *wall* is an integer: seconds from 1970-01-01T00:00:00 to a date and time as a clock on the wall shows them, without
any zone. A wall that a change to summer time leaves out means the instant that would have been there without the change
(so it is read shifted forward by the gap); one that happens twice means its first occurrence (PEP 495, fold=0).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

DAY = 86_400
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  a wall has no zone
# Ten thousand years of datetime, less a day at each end for offsets.
FIRST_WALL = (datetime(1, 1, 2) - _EPOCH) // timedelta(seconds=1)  # noqa: DTZ001  a wall has no zone
LAST_WALL = (datetime(9999, 12, 30) - _EPOCH) // timedelta(seconds=1)  # noqa: DTZ001  a wall has no zone


class Clock(Protocol):
    """The clock on one zone's wall."""

    def to_ms(self, wall: int) -> int: ...

    def to_wall(self, instant_ms: int) -> int: ...


class ZoneClock:
    """A clock by any tzinfo, the IANA zones above all."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def to_ms(self, wall: int) -> int:
        local = _EPOCH + timedelta(seconds=min(max(wall, FIRST_WALL), LAST_WALL))
        offset = self._zone.utcoffset(local.replace(tzinfo=self._zone))
        return (wall - _seconds(offset)) * 1000

    def to_wall(self, instant_ms: int) -> int:
        seconds = min(max(instant_ms // 1000, FIRST_WALL), LAST_WALL)
        local = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=UTC).astimezone(self._zone)
        return seconds + _seconds(local.utcoffset())


class CustomClock:
    """A clock by a list of (instant in ms from which it holds, minutes east of UTC), sorted and not empty."""

    def __init__(self, offsets: Sequence[tuple[int, int]]) -> None:
        self._offsets = [minutes * 60 for _, minutes in offsets]
        self._instants = [instant // 1000 for instant, _ in offsets[1:]]
        around = zip(self._instants, self._offsets, self._offsets[1:], strict=False)
        self._walls = [instant + max(before, after) for instant, before, after in around]

    def to_ms(self, wall: int) -> int:
        return (wall - self._offsets[bisect_right(self._walls, wall)]) * 1000

    def to_wall(self, instant_ms: int) -> int:
        seconds = instant_ms // 1000
        return seconds + self._offsets[bisect_right(self._instants, seconds)]


def clock_of(zone: str, offsets: tuple[tuple[int, int], ...], floating: tzinfo) -> Clock:
    """The clock of a payload's `zone` and `offsets`; floating times, and zones unknown here, follow `floating`."""
    if zone == "custom" and offsets:
        return CustomClock(offsets)
    return _named_clock(zone) or ZoneClock(floating)


@lru_cache(maxsize=512)
def _named_clock(zone: str) -> Clock | None:
    if zone in {"", "custom"}:
        return None
    try:
        return ZoneClock(UTC if zone == "UTC" else ZoneInfo(zone))
    except (KeyError, ValueError, OSError):  # not in this machine's zone database
        return None


def wall_of(text: str) -> int:
    """The wall of `2026-09-01T10:00:00`, or of midnight for `2026-09-01`. ValueError on anything else."""
    return (datetime.fromisoformat(text).replace(tzinfo=None) - _EPOCH) // timedelta(seconds=1)


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset // timedelta(seconds=1)
