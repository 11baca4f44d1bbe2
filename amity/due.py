"""When the weekly report is due: a pure answer from the clock, the settings and what was delivered before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from amity import grammar
from events.deliveries import CLAIMED, FAILED, Delivery

FORSAKEN_MS = 15 * 60_000  # ours: whoever claimed it that long ago and did not begin has died
_FIRST_MS, _LONGEST_MS = 5 * 60_000, 6 * 3_600_000  # ours: waits between attempts, doubled each time
_NEVER_MS = 1 << 60  # of what was sent, or begun: then it may have arrived
LOUD = frozenset({"mail", "desktop", "ntfy", "webhook"})  # what may wake somebody: not in quiet hours
_WEEK = timedelta(days=7)


class Wish(NamedTuple):
    """What the owner wants: the ways of `[report]`, when, and when not."""

    ways: tuple[str, ...]
    at: str
    quiet: str
    zone: ZoneInfo


NOTHING = Wish((), "Mon 07:00", "", ZoneInfo("UTC"))


class Due(NamedTuple):
    """One delivery to be tried now."""

    period: str
    way: str


def period_of(now_ms: int, wish: Wish) -> str:
    """The newest week whose report is due: one that was missed in between is not sent afterwards."""
    return _name(_last_moment(now_ms, wish) - _WEEK)


def due(now_ms: int, wish: Wish, before: Mapping[tuple[str, str], Delivery]) -> list[Due]:
    """What to deliver now, in the order of the ways."""
    period = period_of(now_ms, wish)
    quiet = _is_quiet(now_ms, wish)
    found = (Due(period, way) for way in wish.ways if not (quiet and way in LOUD))
    return [one for one in found if _again_ms(before.get((one.period, one.way))) <= now_ms]


def next_due_ms(now_ms: int, wish: Wish, before: Mapping[tuple[str, str], Delivery]) -> int | None:
    """When there may be something to deliver next; now or earlier: at once. None where nothing is wished for."""
    if not wish.ways:
        return None
    period = period_of(now_ms, wish)
    following = int((_last_moment(now_ms, wish) + _WEEK).timestamp() * 1000)
    loud_ms = _end_of_quiet(now_ms, wish)
    moments = [following]
    for way in wish.ways:
        again = _again_ms(before.get((period, way)))
        if again < following:
            moments.append(max(again, loud_ms) if way in LOUD else again)
    return min(moments)


def _again_ms(one: Delivery | None) -> int:
    """From when on it may be tried (again)."""
    if one is None:
        return 0
    if one.state == FAILED:
        return one.at_ms + min(_FIRST_MS << min(one.attempts - 1, 20), _LONGEST_MS)
    return one.at_ms + FORSAKEN_MS if one.state == CLAIMED else _NEVER_MS


def _last_moment(now_ms: int, wish: Wish) -> datetime:
    """The last `at` that is past, by the owner's clock on the wall."""
    weekday, minute = grammar.weekly_moment(wish.at)
    now = datetime.fromtimestamp(now_ms / 1000, wish.zone)
    day = (now - timedelta(days=(now.weekday() - weekday) % 7)).date()
    moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=wish.zone)
    return moment if moment.timestamp() * 1000 <= now_ms else moment - _WEEK


def _name(day: datetime) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _is_quiet(now_ms: int, wish: Wish) -> bool:
    if not wish.quiet:
        return False
    since, until = grammar.clock_span(wish.quiet)
    now = datetime.fromtimestamp(now_ms / 1000, wish.zone)
    minute = now.hour * 60 + now.minute
    return since <= minute < until if since <= until else minute >= since or minute < until


def _end_of_quiet(now_ms: int, wish: Wish) -> int:
    """The first instant from now on that is not quiet; where the clocks change meanwhile, it is asked again then."""
    if not _is_quiet(now_ms, wish):
        return now_ms
    _, until = grammar.clock_span(wish.quiet)
    now = datetime.fromtimestamp(now_ms / 1000, wish.zone)
    end = now.replace(hour=until // 60, minute=until % 60, second=0, microsecond=0)
    return int((end if end > now else end + timedelta(days=1)).timestamp() * 1000)
