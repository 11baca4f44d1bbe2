"""A life of any size at the fake Google, and what reading it cost."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.connectors.google.worlds import mail
from tests.peers.google import World
from tests.peers.google.world import Asked

GET = "gmail.users.messages.get"
_BEGAN = datetime(2024, 1, 1, 8, tzinfo=UTC)
_APIS = ("gmail", "calendar", "people")


class Size(NamedTuple):
    """`series` are among the `meetings`."""

    messages: int
    meetings: int
    series: int
    contacts: int


def small(number: int) -> bytes:
    return mail(f"crowd-{number}@x.example")


def fill(world: World, size: Size, raw: Callable[[int], bytes] = small) -> None:
    """Everything has been there for long; every third mail was not read, and every series has an exception."""
    box = world.mail()
    for number in range(size.messages):
        labels = ["INBOX", "UNREAD"] if number % 3 == 0 else ["INBOX"]
        box.add(raw(number), labels, at=(_BEGAN + timedelta(minutes=10 * number)).timestamp())
    for number in range(size.meetings):
        _meet(world, number, series=number < size.series)
    for number in range(size.contacts):
        world.person(f"Person {number}", f"p{number}@example.org")


def _meet(world: World, number: int, *, series: bool) -> None:
    begin = _BEGAN + timedelta(hours=5 * number)
    rule: dict[str, Any] = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=20"]} if series else {}
    guests = [{"email": f"p{number % 7}@example.org", "responseStatus": "accepted"}]
    made = world.calendar().put(summary=f"Talk {number}", **_hour(begin), attendees=guests, **rule)
    if series:
        second = begin + timedelta(weeks=1)
        world.calendar().instance(made["id"], second.isoformat(), **_hour(second + timedelta(hours=1)))


def _hour(begin: datetime) -> dict[str, Any]:
    ends = {"start": begin, "end": begin + timedelta(hours=1)}
    return {end: {"dateTime": at.isoformat(), "timeZone": "UTC"} for end, at in ends.items()}


class Cost(NamedTuple):
    """Requests and units by method, of some of what was asked."""

    requests: Counter[str]
    units: Counter[str]

    def of(self, api: str) -> int:
        """Units, or requests where an API has none."""
        return sum(units for method, units in self.units.items() if method.startswith(f"{api}."))


def cost(asked: Iterable[Asked]) -> Cost:
    requests: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for one in asked:
        requests[one.method] += 1
        units[one.method] += one.units
    return Cost(requests, units)


def fetched(asked: Iterable[Asked]) -> list[str]:
    """Ids of the messages that were got, in order."""
    return [one.path.partition("?")[0].rpartition("/")[2] for one in asked if one.method == GET]


def busiest(asked: Iterable[Asked]) -> dict[str, int]:
    """By API: the most units within any 60 seconds."""
    most = dict.fromkeys(_APIS, 0)
    recent: dict[str, deque[Asked]] = {api: deque() for api in _APIS}
    for one in _charged(asked):
        api = one.method.partition(".")[0]
        window = recent[api]
        window.append(one)
        while window[0].time <= one.time - 60:
            window.popleft()
        most[api] = max(most[api], sum(each.units for each in window))
    return most


def _charged(asked: Iterable[Asked]) -> Iterator[Asked]:
    return (one for one in asked if one.method.partition(".")[0] in _APIS)


def first_units(messages: int) -> int:
    """What a mailbox costs once: the profile, the labels, the listing (again by DRAFT and CHAT), whether anything was
    deleted meanwhile, and every message."""
    return 1 + 1 + 5 * (-(-messages // 500)) + 2 * 5 + 2 + 20 * messages
