"""Whatever happens to the calendars, the network and the program: in the end the log says what Outlook's view shows."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sync.loop import sync
from events.log import Log
from tests.connectors.microsoft.calendar_world import account
from tests.connectors.microsoft.test_calendar_occurrences import Place, do, logs, place, planned, view
from tests.contracts.connector import Interrupted, Killed
from tests.peers.graph import World, at
from tests.peers.graph.calendars import CalendarBook, Event
from tests.peers.graph.delta import HOW
from tests.peers.graph.faults import Fault, cut, empty_page, error, html, reset, truncated, wrong_length
from tests.peers.graph.recurrence import daily, monthly, weekly

__all__ = ["logs", "place"]  # fixtures
FAULTS = st.one_of(
    st.integers(0, 400).map(cut), st.integers(0, 400).map(reset), st.integers(0, 300).map(truncated),
    st.integers(1, 99).map(wrong_length), st.just(html()), st.just(error(500, "InternalServerError")),
    st.just(error(429, "ApplicationThrottled", retry_after="3")), st.just(error(503, "ErrorServerBusy")),
    st.just(error(401, "InvalidAuthenticationToken")), st.just(error(410, "resyncRequired")), st.just(empty_page()),
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.lists(st.tuples(FAULTS, st.integers(1, 30)), max_size=6))
def test_in_the_end_the_log_says_what_outlook_shows(
    place: Place, logs: Callable[[], Log], chance: random.Random, accidents: list[tuple[Fault, int]]
) -> None:
    world, log = place.graph.world, logs()
    world.clock.rewind()  # else every example is weeks later than the last
    user = world.user()
    book = user.calendars = CalendarBook(user.counter, user.address, user.name)
    book.new_calendar("Club")
    book.occurrence_tombstones, book.series_tombstones = chance.random() < 0.5, chance.random() < 0.5
    book.masters, book.masters_last = chance.random() < 0.7, chance.random() < 0.5
    world.replays, world.removed_at_first = chance.random() < 0.3, chance.random() < 0.3
    for number in range(3):
        for _ in range(chance.randrange(8)):
            live(world, chance)
        for fault, call in accidents[number::3]:
            world.faults.add("/me*", fault, calls={call})
        once(place, log, killed_behind=chance.choice([None, None, 0, 1, 2]))
        world.faults.clear()
        world.clock.advance(chance.choice([60, 90_000, 700_000]))
    for _ in range(3):
        once(place, log, killed_behind=None)
        world.clock.advance(90_000)
    shown = view(place.graph) | view(place.graph, "Club")
    assert planned(log) == shown


def once(place: Place, log: Log, *, killed_behind: int | None) -> None:
    connector = account(place.graph, place.keeper, page=chance_of(killed_behind))
    clock = place.graph.world.clock
    source = connector if killed_behind is None else Interrupted(connector, killed_behind)
    try:
        sync(source, log, clock=clock.now, sleep=clock.advance)
    except Killed:
        pass
    finally:
        connector.close()


def chance_of(killed_behind: int | None) -> int:
    """Small pages where the program dies between them."""
    return 20 if killed_behind is None else 3


def live(world: World, chance: random.Random) -> None:
    """Something that people do with their calendars."""
    book = world.user().calendars
    diaries = [world.calendar(book.calendar_id(key)) for key in book.calendars]
    events = list(book.events.values())
    if len(events) < 3 or chance.random() < 0.3:
        make(world, chance, chance.choice(diaries).id)
        return
    event = chance.choice(events)
    diary = next(one for one in diaries if one.calendar.key == event.calendar)
    match chance.randrange(9):
        case 0:
            diary.change(event, subject=f"Renamed {chance.random()}")
        case 1:
            diary.change(event, start=event.start + timedelta(days=chance.choice([1, 7, 200, -30]), hours=1))
        case 2:
            diary.move(event, chance.choice([one.id for one in diaries if one.calendar is not diary.calendar]))
        case 3:
            diary.delete(event)
        case 4:
            diary.decline(event)
            diary.accept_after_all(event)
        case 5:
            world.expire_deltas("event", chance.choice(HOW))
        case _ if event.recurrence:
            do(world, event, chance.choice(["delete", "move", "far", "cancel"]), chance.randrange(200))


def make(world: World, chance: random.Random, calendar: str) -> Event:
    zone = chance.choice(["Europe/Berlin", "America/New_York", "UTC"])
    start = at(f"2026-{chance.randrange(1, 12):02}-{chance.randrange(1, 28):02}T09:{chance.randrange(60):02}", zone)
    repeat = chance.choice([None, daily(count=9), weekly(), weekly(interval=2, count=7), monthly("monday", "last")])
    return world.calendar(calendar).put(f"M {chance.random()}", start, attendees=["ann@example.org"], repeat=repeat)
