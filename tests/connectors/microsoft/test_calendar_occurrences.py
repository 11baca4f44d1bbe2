"""What a log says takes place is exactly what Outlook's own view shows, for any series with anything done to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.microsoft.scopes import Feature
from connectors.sync.provider import InMemory
from events.log import Log, open_log
from events.vocabulary import MeetingObserved, MeetingWithdrawn
from projections.recurrence import expand
from tests.connectors.google.told import UNTIL, learned, occurrences, run
from tests.connectors.microsoft.calendar_world import account, keeper
from tests.peers.graph import Graph, World, serving
from tests.peers.graph.asking import Asker
from tests.peers.graph.calendars import CalendarBook, Event
from tests.peers.graph.diary import CUSTOM, at

ZONES = ("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata", "Europe/London", "Pacific/Auckland")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BACK, AHEAD = date(2024, 2, 1), date(2026, 12, 1)


def view(graph: Graph, calendar: str = "") -> set[tuple[int, int]]:
    """Outlook's own view: (start, end) in seconds of what is not cancelled. `calendar`: a name; "": the main one."""
    asker = Asker(graph, prefer='outlook.timezone="UTC"')
    book = graph.world.user().calendars
    found = next((book.calendar_id(key) for key, one in book.calendars.items() if one.name == calendar), "")
    place = f"/me/calendars/{found}" if found else "/me"
    span = {"startDateTime": f"{BACK}T00:00:00Z", "endDateTime": f"{AHEAD}T00:00:00Z", "$top": "500"}
    rows, _ = asker.round(f"{place}/calendarView", span)
    return {(seconds(row["start"]), seconds(row["end"])) for row in rows if not row["isCancelled"]}


def seconds(moment: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(moment["dateTime"]).replace(tzinfo=UTC).timestamp())


def told(log: Log) -> set[tuple[int, int]]:
    """What takes place by all that the log learned."""
    return within({(one.start, one.end) for one in occurrences(log)})


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("logs")
    made: list[Log] = []

    def make() -> Log:
        made.append(open_log(f"sqlite:///{folder}/{len(made)}.db"))
        return made[-1]

    yield make
    for log in made:
        log.close()


@st.composite
def patterns(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"])
    )
    named = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True))
    return {
        "type": kind, "interval": draw(st.integers(1, 3)), "month": draw(st.integers(1, 12)),
        "dayOfMonth": draw(st.integers(1, 31)), "daysOfWeek": named[: 1 if kind.startswith("relative") else 3],
        "firstDayOfWeek": draw(st.sampled_from(["sunday", "monday"])),
        "index": draw(st.sampled_from(["first", "second", "third", "fourth", "last"])),
    }  # fmt: skip


@st.composite
def series(draw: st.DrawFn) -> dict[str, Any]:
    zone = draw(st.sampled_from(ZONES))
    first = date(2024, 3, 1) + timedelta(days=draw(st.integers(0, 800)))
    hour = draw(st.sampled_from(["00:30", "02:30", "09:00", "23:30"]))
    end = draw(st.sampled_from(["noEnd", "endDate", "numbered"]))
    last = first + timedelta(days=draw(st.integers(0, 900)))
    return {
        "start": at(f"{first}T{hour}", zone), "zone": draw(st.sampled_from(["", CUSTOM])),
        "repeat": {"pattern": draw(patterns()), "range": {
            "type": end, "endDate": last.isoformat() if end == "endDate" else "0001-01-01",
            "numberOfOccurrences": draw(st.integers(1, 30)) if end == "numbered" else 0,
        }},
    }  # fmt: skip


acts = st.lists(st.tuples(st.sampled_from(["delete", "move", "far", "cancel"]), st.integers(0, 200)), max_size=5)


def do(world: World, event: Event, what: str, number: int) -> None:
    """Something to one of the occurrences that are left."""
    diary = world.calendar(world.user().calendars.calendar_id(event.calendar))
    span = (datetime(2024, 3, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    left = list(event.days(*span))
    if not left:
        return
    day, start = left[number % len(left)]
    if what == "delete":
        diary.delete_occurrence(event, day)
    elif what == "cancel":
        diary.cancel_occurrence(event, day)
    else:
        diary.change_occurrence(event, day, start=start + timedelta(hours=5, days=40 if what == "far" else 0))


class Place(NamedTuple):
    graph: Graph
    keeper: InMemory


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with serving() as graph:
        graph.world.throttle.in_window = 1_000_000  # the clock goes back with each example
        yield Place(graph, keeper(graph, Feature.CALENDAR))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(series(), acts, acts)
def test_any_series_takes_place_as_outlook_shows_it(
    place: Place, logs: Any, made: dict[str, Any], before: list[tuple[str, int]], after: list[tuple[str, int]]
) -> None:
    world, log = place.graph.world, logs()
    world.clock.rewind()  # else every example is a day later than the last
    user = world.user()
    user.calendars = CalendarBook(user.counter, user.address, user.name)
    event = world.calendar().put("Weekly", attendees=["ann@example.org"], **made)
    for what, number in before:
        do(world, event, what, number)
    follow(place, log)
    assert told(log) == view(place.graph)
    world.clock.advance(90_000)  # the past is followed once a day
    for what, number in after:
        do(world, event, what, number)
    follow(place, log)
    assert planned(log) == view(place.graph)


def follow(place: Place, log: Log) -> None:
    result = run(account(place.graph, place.keeper, page=50), log, place.graph.world.clock)
    assert (result.state, result.error) == ("ok", "")


def planned(log: Log) -> set[tuple[int, int]]:
    """What the log says now, without what took place and cannot be taken back."""
    found = set()
    for history in learned(log).values():
        gone = {(one.payload.instance, one.payload.instance_zone): at for at, one in enumerate(history)
                if isinstance(one.payload, MeetingWithdrawn)}  # fmt: skip
        shown = [
            one.payload for at, one in enumerate(history) if isinstance(one.payload, MeetingObserved)
            and gone.get((one.payload.instance, one.payload.instance_zone), -1) < at
        ]  # fmt: skip
        for one in expand(shown, floating=UTC, until_ms=UNTIL).occurrences:
            if one.payload.status != "cancelled":
                found.add((one.start_ms // 1000, one.end_ms // 1000))
    return within(found)


def within(found: set[tuple[int, int]]) -> set[tuple[int, int]]:
    after, before = (int(datetime.fromisoformat(f"{day}T00:00:00Z").timestamp()) for day in (BACK, AHEAD))
    return {one for one in found if one[1] > after and one[0] < before}
