"""Which days of a calendar are followed, and where each of these windows stands. Pure.

Graph follows windows, and a window is frozen in its link (https://learn.microsoft.com/graph/delta-query-events). One
holds the present: it is followed in each run, and made anew when it is a week old. The past is held by years, and
followed once a day: what took place changes rarely, and each window is a request. What Graph cannot show at once is
held by halves.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

BACK, AHEAD = timedelta(days=35), timedelta(days=90)  # of the present, around the day when it was made
WEEK, DAY = 7 * 86_400.0, 86_400.0  # seconds after which the present is made anew, and the past is followed
YEARS = 3  # of the past that are read unless more is wanted
NOW, OLD = "now", "old"
TRIES = 3  # for an item within a run
_SHORTEST = timedelta(days=4)  # what is shorter is not halved: it is Graph that is out of order


class Window(msgspec.Struct, array_like=True, frozen=True):
    """[after, before), days in UTC. `link`: "" before its end.

    `name`: a year, NOW, or OLD for the present that was; of halves it goes on with .1 or .2.
    """

    name: str
    after: str
    before: str
    link: str = ""

    @property
    def whole(self) -> str:
        """The name of that of which it is a part."""
        return self.name.partition(".")[0]


class Waiting(msgspec.Struct, array_like=True, frozen=True):
    """An item that is still to be asked for. `doubted`: it may be gone, or elsewhere.

    `parts`: the changed instances that were shown of a series; `tries`: how often Graph was out of order for it.
    """

    item: str
    doubted: bool = False
    parts: tuple[str, ...] = ()
    tries: int = 0


class Standing(msgspec.Struct, array_like=True, frozen=True):
    """Where a calendar stands; between runs it is the cursor.

    `made`: when the present was made, `looked`: when the past was followed, seconds since 1970. `listing`: the name of
    the last listing, which every item bears that it showed. `mark`: what the payloads depend on beside the entries.
    In a run, `todo`: the windows that are still to be read, the one in progress first; `page`: its next page, "" its
    first; `whole`: this run is a listing; `waiting`: what pages showed and is read before the next one; `confirming`:
    all pages of a listing are read, and what they did not show is asked for. `failed`: the runs in a row that failed
    at the page in progress. `sick`: the items that Graph did not show; each run asks for them again.
    """

    windows: tuple[Window, ...]
    made: float
    looked: float
    listing: str
    mark: str
    todo: tuple[str, ...] = ()
    page: str = ""
    whole: bool = False
    waiting: tuple[Waiting, ...] = ()
    confirming: bool = False
    failed: int = 0
    sick: tuple[str, ...] = ()

    def window(self, name: str) -> Window:
        return next(one for one in self.windows if one.name == name)

    @property
    def is_read(self) -> bool:
        """Whether the run is at its end."""
        return not (self.waiting or self.todo or (self.whole and not self.confirming))

    @property
    def until(self) -> datetime:
        """Where the present ends."""
        return max(midnight(one.before) for one in self.windows if one.whole == NOW)

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
    present = [one for one in before.windows if one.whole == NOW]
    past = [one for one in before.windows if one.whole not in {NOW, OLD}]
    windows, todo, made, looked = list(before.windows), [one.name for one in present], before.made, before.looked
    years: list[str] = []
    if now >= looked + DAY or now < looked:
        years = [one.name for one in past]
        looked = now
    if now >= made + WEEK or now < made:
        made = now
        old = [msgspec.structs.replace(one, name=one.name.replace(NOW, OLD, 1)) for one in present]
        new = _years(now, since or _first(now), frozenset(one.whole for one in past))
        windows = [_present(now), *new, *past, *old]
        todo = [NOW, *(one.name for one in new), *years, *(one.name for one in old)]
    else:
        todo += years
    waiting = tuple(Waiting(item, doubted=True, tries=TRIES - 1) for item in before.sick)
    return msgspec.structs.replace(
        before, windows=tuple(windows), todo=tuple(todo), made=made, looked=looked, page="", whole=False,
        waiting=waiting,
    )  # fmt: skip


def read(at: Standing, link: str) -> Standing:
    """The window in progress is read up to here."""
    name = at.todo[0]
    kept = (msgspec.structs.replace(one, link=link) if one.name == name else one for one in at.windows)
    windows = tuple(one for one in kept if not (one.name == name and one.whole == OLD))
    return msgspec.structs.replace(at, windows=windows, todo=at.todo[1:], page="", failed=0)


def halved(at: Standing) -> Standing | None:
    """The window in progress begun anew by halves, the later one first; None where that cannot be.

    One that was read before is left as it is: what was deleted since is told by its link alone.
    """
    window = at.window(at.todo[0])
    first, last = date.fromisoformat(window.after), date.fromisoformat(window.before)
    if window.link or last - first < _SHORTEST:
        return None
    middle = (first + (last - first) / 2).isoformat()
    halves = (
        Window(f"{window.name}.2", middle, window.before), Window(f"{window.name}.1", window.after, middle),
    )  # fmt: skip
    windows = tuple(new for one in at.windows for new in (halves if one.name == window.name else (one,)))
    todo = (*(one.name for one in halves), *at.todo[1:])
    return msgspec.structs.replace(at, windows=windows, todo=todo, page="", failed=0)


def rested(at: Standing) -> Standing:
    """The end of a run, as its cursor."""
    return msgspec.structs.replace(at, todo=(), page="", whole=False, waiting=(), confirming=False, failed=0)


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
        if not known or year > max(map(int, known)):
            first = max(since, date(year, 1, 1))
            found.append(Window(str(year), first.isoformat(), date(year + 1, 1, 1).isoformat()))
    return tuple(found)


def _first(now: float) -> date:
    """The first of January, so that a window begins at it."""
    return date(_day(now).year - YEARS, 1, 1)


def _day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()
