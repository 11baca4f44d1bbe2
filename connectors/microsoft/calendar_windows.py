"""Which days of a calendar are followed, and where each of these windows stands. Pure.

Graph follows windows, and a window is frozen in its link (https://learn.microsoft.com/graph/delta-query-events). One
holds the present: it is followed in each run, and made anew when it is a week old. The past is held by years, and
followed once a day: what took place changes rarely, and each window is a request.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

BACK, AHEAD = timedelta(days=35), timedelta(days=90)  # of the present, around the day when it was made
WEEK, DAY = 7 * 86_400.0, 86_400.0  # seconds after which the present is made anew, and the past is followed
YEARS = 3  # of the past that are read unless more is wanted
NOW, OLD = "now", "old"


class Window(msgspec.Struct, array_like=True, frozen=True):
    """[after, before), days in UTC. `name`: a year, NOW, or OLD for the present that was. `link`: "" before its end."""

    name: str
    after: str
    before: str
    link: str = ""


class Standing(msgspec.Struct, array_like=True, frozen=True):
    """Where a calendar stands; between runs it is the cursor.

    `made`: when the present was made, `looked`: when the past was followed, seconds since 1970. `listing`: the name of
    the last listing, which every item bears that it showed. `mark`: what the payloads depend on beside the entries.
    In a run, `todo`: the windows that are still to be read, the one in progress first; `page`: its next page, "" its
    first; `whole`: this run is a listing.
    """

    windows: tuple[Window, ...]
    made: float
    looked: float
    listing: str
    mark: str
    todo: tuple[str, ...] = ()
    page: str = ""
    whole: bool = False

    def window(self, name: str) -> Window:
        return next(one for one in self.windows if one.name == name)

    @property
    def until(self) -> datetime:
        """Where the present ends."""
        return midnight(self.window(NOW).before)

    @property
    def after(self) -> datetime:
        """Where the past begins."""
        return min(midnight(one.after) for one in self.windows)


def listing(now: float, since: date | None, mark: str, name: str) -> Standing:
    """A run that reads everything: the present first, then the years, the newest first. `name`: one of its own."""
    present = _present(now)
    windows = (present, *_years(now, since or _first(now), frozenset()))
    todo = tuple(one.name for one in windows)
    return Standing(windows, now, now, name, mark, todo, whole=True)


def following(before: Standing, now: float, since: date | None) -> Standing:
    """A run that reads what is new. A present made anew is read ahead of the last changes of the old one."""
    windows, todo, made, looked = list(before.windows), [NOW], before.made, before.looked
    if now >= looked + DAY or now < looked:
        todo += [one.name for one in windows if one.name not in {NOW, OLD}]
        looked = now
    if now >= made + WEEK or now < made:
        made = now
        known = frozenset(one.name for one in windows)
        old = msgspec.structs.replace(before.window(NOW), name=OLD)
        new = _years(now, since or _first(now), known)
        windows = [_present(now), *new, *(one for one in windows if one.name != NOW), old]
        todo = [NOW, *(one.name for one in new), *todo[1:], OLD]
    return msgspec.structs.replace(
        before, windows=tuple(windows), todo=tuple(todo), made=made, looked=looked, page="", whole=False
    )


def read(at: Standing, link: str) -> Standing:
    """The window in progress is read up to here."""
    name = at.todo[0]
    kept = (msgspec.structs.replace(one, link=link) if one.name == name else one for one in at.windows)
    windows = tuple(one for one in kept if not (one.name == OLD == name))
    return msgspec.structs.replace(at, windows=windows, todo=at.todo[1:], page="")


def rested(at: Standing) -> Standing:
    """The end of a run, as its cursor."""
    return msgspec.structs.replace(at, todo=(), page="", whole=False)


def midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _present(now: float) -> Window:
    today = _day(now)
    return Window(NOW, (today - BACK).isoformat(), (today + AHEAD).isoformat())


def _years(now: float, since: date, known: frozenset[str]) -> tuple[Window, ...]:
    """Of all days before the present; a year that has begun is there as a whole, so that it need not grow."""
    last = (_day(now) - BACK).year
    found = []
    for year in range(last, since.year - 1, -1):
        if str(year) not in known and (not known or year > max(int(one) for one in known if one.isdigit())):
            first = max(since, date(year, 1, 1))
            found.append(Window(str(year), first.isoformat(), date(year + 1, 1, 1).isoformat()))
    return tuple(found)


def _first(now: float) -> date:
    """The first of January, so that a window begins at it."""
    return date(_day(now).year - YEARS, 1, 1)


def _day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()
