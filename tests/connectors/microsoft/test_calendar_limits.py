"""What Graph bears: instances far from their series, windows that are too much for it, and being told to wait."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.http import Limits
from connectors.microsoft import calendar, calendar_windows
from connectors.microsoft.scopes import Feature
from connectors.sync.loop import sync
from connectors.sync.provider import InMemory
from events.log import Log
from tests.connectors.google.told import meetings, run
from tests.connectors.microsoft.calendar_world import account, keeper
from tests.connectors.microsoft.test_calendar import DAY, data, day, days, series, synced
from tests.connectors.microsoft.test_calendar_occurrences import told, view
from tests.contracts.connector import Interrupted, Killed
from tests.peers.graph import Graph, at
from tests.peers.graph.diary import Diary
from tests.peers.graph.failures import GraphError
from tests.peers.graph.faults import Fault, meanwhile
from tests.peers.graph.recurrence import daily, weekly

VIEW = "/me/calendarView/delta"


@pytest.fixture
def mine(graph: Graph) -> Diary:
    return graph.world.calendar()


class TestFarInstances:
    @pytest.mark.parametrize("refused", [0, 400, 501])
    @pytest.mark.parametrize("ahead", [61, 400, 1_000])
    def test_an_instance_is_found_however_far_it_was_moved_ahead_of_its_series(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary, ahead: int, *, refused: int
    ) -> None:
        """Whether the series tells its changed instances, or they must be looked for."""
        mine.book.exceptions_refused = refused
        event = series(mine)
        mine.change_occurrence(event, day(12).date().isoformat(), start=day(-ahead), subject="Far")
        synced(graph, me, log, page=50)
        assert days(log) == [-ahead, 5, 19, 26]
        assert [one.title for one in meetings(log) if one.instance] == ["Far"]

    def test_one_that_was_moved_ahead_of_all_that_is_read_stands_with_its_series(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        event = series(mine)
        mine.change_occurrence(event, day(12).date().isoformat(), start=day(-2_500))
        synced(graph, me, log)
        assert days(log) == [-2_500, 5, 19, 26]

    def test_one_that_is_moved_between_two_answers(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        event = series(mine)

        def move() -> None:
            mine.change_occurrence(event, day(12).date().isoformat(), start=day(13), subject="Moved")

        graph.world.faults.add("/me/events/*/instances", meanwhile(move), calls={1})
        synced(graph, me, log)
        assert days(log) == [5, 13, 19, 26]
        assert [one.title for one in meetings(log) if one.instance] == ["Moved"]

    def test_of_plain_instances_little_is_asked(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        mine.put("Daily", at("2028-02-07T10:00"), repeat=daily())
        before = len(graph.world.asked)
        synced(graph, me, log)
        asked = [one.target for one in graph.world.asked[before:] if one.path.endswith("/instances")]
        assert len(asked) == 2, "1,400 days"
        assert all("attendees" not in one for one in asked)


class TestTooMuch:
    @pytest.mark.parametrize("code", ["504", "too big"])
    def test_a_window_that_is_too_much_is_read_by_halves(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary, code: str
    ) -> None:
        world = graph.world
        event = series(mine)
        for year in (2028, 2029, 2030, 2031):
            mine.put(str(year), at(f"{year}-05-06T10:00"))
        last = mine.put("2031, May", at("2031-05-07T10:00"))
        world.slow_window, world.longest_window = (50, 1825) if code == "504" else (1825, 50)
        synced(graph, me, log)
        assert sorted({one.title for one in meetings(log)}) == ["2028", "2029", "2030", "2031", "2031, May", "Weekly"]
        assert [one for one in days(log) if one > 0] == [5, 12, 19, 26]
        before = len(world.asked)
        synced(graph, me, log)
        assert sum(one.path == VIEW for one in world.asked[before:]) == 4, "the quarters of the present"
        mine.delete_occurrence(event, day(12).date().isoformat())
        mine.change(last, start=at("2031-05-07T10:00"), end=at("2031-05-07T12:00"))
        world.clock.advance(DAY + 1)
        synced(graph, me, log)
        assert [one for one in days(log) if one > 0] == [5, 19, 26]
        assert meetings(log)[-1].seconds == 7200 or meetings(log)[-2].seconds == 7200
        world.clock.advance(8 * DAY)
        assert synced(graph, me, log).withdrawn == 0

    def test_years_are_known_by_their_halves(self) -> None:
        now = datetime(2026, 9, 21, tzinfo=UTC).timestamp()
        standing = calendar_windows.listing(now, None, "", "")
        standing = calendar_windows.read(standing, "link")
        halves = calendar_windows.halved(standing)
        assert halves is not None
        assert halves.todo[:3] == ("2026.2", "2026.1", "2025")
        later = calendar_windows.following(halves, now + 400 * DAY, None)
        assert later.todo == ("now", "2027", "2026.2", "2026.1", "2025", "2024", "2023", "old")

    def test_what_is_read_on_is_never_halved(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        """Only its link tells what was deleted since."""
        mine.put("Plan", day(5))
        synced(graph, me, log)
        graph.world.faults.add(VIEW, Fault(before=_timeout))
        result = run(account(graph, me), log, graph.world.clock)
        assert result.state == "failed"
        graph.world.faults.clear()
        synced(graph, me, log)

    def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        for number in range(40):
            mine.put(f"{number}", day(number), body={"contentType": "text", "content": "x" * 2_000})
        connector = account(graph, me, 40, limits=Limits(body=60_000))
        result = run(connector, log, graph.world.clock)
        assert (result.state, result.error) == ("ok", "")
        assert days(log) == list(range(40))


def _timeout() -> None:
    raise GraphError(504, "UnknownError", "")


class TestWaiting:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_with_one_request_in_five_refused_it_comes_to_an_end(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary, seed: int
    ) -> None:
        """Refused within a run or for longer: what was read is kept."""
        for number in range(40):
            mine.put(f"Series {number}", at("2030-01-07T10:00") + timedelta(days=number), repeat=weekly())
        chance = random.Random(seed)  # noqa: S311  seeded

        def perhaps() -> None:
            if chance.random() < 0.2:
                after = chance.choice(("1", "7", "20", "120"))
                raise GraphError(429, "ApplicationThrottled", "", {"Retry-After": after})

        graph.world.faults.add("/me*", Fault(before=perhaps))
        states: list[str] = []
        while states[-1:] != ["ok"]:
            states.append(run(account(graph, me, calendar.PAGE), log, graph.world.clock).state)
            assert len(states) < 40
            graph.world.clock.advance(120)
        graph.world.faults.clear()
        assert len({one.uid for one in meetings(log)}) == 40
        read = sum(one.path.endswith("/instances") and one.status == 200 for one in graph.world.asked)
        assert read <= 60, "each is read about once"

    def test_killed_between_two_series_it_goes_on_there(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        for number in range(9):
            mine.put(f"Series {number}", day(5 + number % 3), repeat=weekly(count=3))
        clock = graph.world.clock
        for _ in range(2):
            with closing(account(graph, me, 500)) as connector, pytest.raises(Killed):
                sync(Interrupted(connector, 2), log, clock=clock.now, sleep=clock.advance)
        synced(graph, me, log, page=500)
        assert len(meetings(log)) == 9
        paths = data(graph, 0)
        assert sum(path.endswith("/instances") for path in paths) <= 13, "what was read and not stored is read again"
        assert paths.count(VIEW) == 6, "the present, four years, and the one that was read and not stored"


def test_what_the_view_shows_of_a_series_with_far_instances(graph: Graph, log: Log, mine: Diary) -> None:
    me = keeper(graph, Feature.CALENDAR)
    event = mine.put("Weekly", at("2025-05-05T10:00"), repeat=weekly())
    for number, ahead in ((3, 300), (5, 200), (9, 61), (20, -100)):
        first = date(2025, 5, 5) + timedelta(weeks=number)
        start = at(f"{first - timedelta(days=ahead)}T15:00")
        mine.change_occurrence(event, first.isoformat(), start=start)
    synced(graph, me, log, page=50)
    assert told(log) == view(graph)
