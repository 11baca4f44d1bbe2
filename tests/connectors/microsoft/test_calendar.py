"""Outlook's calendars as they are read: windows, tombstones that lie, occurrences that vanish, resets.

The meetings lie in the future: what took place cannot be taken back, and here it is about taking back.
"""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import StreamEnded
from connectors.microsoft import calendar_windows
from connectors.microsoft.scopes import Feature
from connectors.sync.port import Position
from connectors.sync.provider import InMemory
from connectors.sync.result import SyncResult
from events.log import Log
from tests.connectors.dav.mirror import Shelf
from tests.connectors.google.told import ME, meetings, occurrences, run
from tests.connectors.microsoft.calendar_world import FIVE_YEARS, account, keeper
from tests.contracts.living import facts, living
from tests.peers.graph import Graph, at, attendee
from tests.peers.graph.calendars import Event
from tests.peers.graph.delta import HOW
from tests.peers.graph.diary import Diary
from tests.peers.graph.faults import changed, empty_page, error, meanwhile, repeated, same_link
from tests.peers.graph.recurrence import weekly

DELTA = "/me/calendarView/delta"
BOSS = "boss@example.com"
DAY = 86_400


@pytest.fixture
def mine(graph: Graph) -> Diary:
    return graph.world.calendar()


def synced(graph: Graph, me: InMemory, log: Log, *, page: int = 5, since: date | None = None) -> SyncResult:
    result = run(account(graph, me, page, since), log, graph.world.clock)
    assert (result.state, result.error) == ("ok", "")
    return result


def day(number: int, hour: int = 10) -> datetime:
    """An hour in Berlin, so many days after the first of October 2031; the fifth is a Monday, in two weeks."""
    return at(f"{date(2031, 10, 1) + timedelta(days=number)}T{hour:02}:00")


def days(log: Log) -> list[int]:
    """The days on which something takes place, as `day` counts them."""
    first = day(0, 0).timestamp()
    return sorted(int((one.start - first) // DAY) for one in occurrences(log))


def series(mine: Diary, **more: Any) -> Event:
    """Four Mondays: 5, 12, 19 and 26; the clocks change before the last."""
    return mine.put("Weekly", day(5), attendees=["ann@example.org"], repeat=weekly("monday", count=4), **more)


def of_series(number: int) -> str:
    """The ISO date of a day."""
    return day(number).date().isoformat()


def deltas(graph: Graph, since: int) -> int:
    return sum(one.path.endswith("calendarView/delta") for one in graph.world.asked[since:])


def data(graph: Graph, since: int) -> list[str]:
    """What was asked of Graph, without the sign-in."""
    return [one.path for one in graph.world.asked[since:] if "oauth2" not in one.path and "openid" not in one.path]


class TestWindows:
    def test_nothing_new_costs_one_request_a_calendar(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        series(mine)
        graph.world.new_calendar("Club")
        synced(graph, me, log)
        before = len(graph.world.asked)
        synced(graph, me, log)
        assert [path.rpartition("/")[2] for path in data(graph, before)] == ["calendars", "delta", "delta"]

    def test_the_past_is_followed_once_a_day(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        """Where the present says nothing of what changed outside of it, as it mostly does."""
        old = mine.put("Old", at("2029-05-06T10:00"), attendees=["ann@example.org"])
        synced(graph, me, log)
        present = changed(lambda body: {**body, "value": [row for row in body["value"] if "@removed" not in row]})
        graph.world.faults.add(DELTA, present)
        mine.change(old, start=at("2029-05-06T10:00"), end=at("2029-05-06T12:00"))
        synced(graph, me, log)
        assert [one.seconds for one in meetings(log)] == [3600]
        graph.world.clock.advance(DAY + 1)
        before = len(graph.world.asked)
        synced(graph, me, log)
        assert [one.seconds for one in meetings(log)] == [3600, 7200]
        assert deltas(graph, before) == 5, "the present and four years"
        synced(graph, me, log)
        assert deltas(graph, before) == 6

    def test_how_far_back_is_the_persons(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        for year in (2015, 2026, 2029):
            mine.put(str(year), at(f"{year}-05-06T10:00"))
        synced(graph, me, log)
        assert [one.title for one in meetings(log)] == ["2029"]
        synced(graph, me, log, since=date(2015, 5, 1))
        assert sorted(one.title for one in meetings(log)) == ["2015", "2026", "2029"]

    def test_the_present_is_made_anew_when_it_is_a_week_old(
        self, graph: Graph, me: InMemory, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And what the old one had to tell is heard, though nobody else tells it."""
        monkeypatch.setattr(calendar_windows, "DAY", 1e9)  # the past is not looked at
        mine = graph.world.calendar()
        graph.world.clock.advance(30 * DAY)
        goes, far = mine.put("Goes", at("2032-01-10T10:00")), mine.put("Far", at("2032-01-22T10:00"))
        mine.put("Stays", day(36))
        synced(graph, me, log)
        assert "Far" not in {one.title for one in meetings(log)}, "93 days ahead"
        mine.delete(goes)
        graph.world.clock.advance(8 * DAY)
        result = synced(graph, me, log)
        assert "Far" in {one.title for one in meetings(log)}
        assert result.withdrawn == 1
        before = len(graph.world.asked)
        synced(graph, me, log)
        assert deltas(graph, before) == 1
        mine.delete(far)
        assert synced(graph, me, log).withdrawn == 1

    def test_year_after_year(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        """A year that begins is a window of its own before its first days leave the present."""
        event = mine.put("January", at("2032-01-05T10:00"), attendees=["ann@example.org"])
        synced(graph, me, log)
        for _ in range(10):
            graph.world.clock.advance(30 * DAY)
            synced(graph, me, log)
        mine.change(event, start=at("2032-01-05T10:00"), end=at("2032-01-05T13:00"))
        graph.world.clock.advance(DAY + 1)
        synced(graph, me, log)
        assert [one.end - one.start for one in occurrences(log)] == [3 * 3600]

    def test_of_every_window_only_what_graph_allows_is_asked(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        series(mine)
        synced(graph, me, log)
        for one in graph.world.asked:
            if one.path.startswith(DELTA):
                assert "$select" not in one.target
                assert 'IdType="ImmutableId"' in one.prefer
                assert 'outlook.timezone="UTC"' in one.prefer
        assert graph.world.verbs() == {"GET"}


class TestWhoseTime:
    def test_calendars_of_others_and_copies_are_left_out_with_a_sentence(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        team = graph.world.new_calendar("Team", owner=("Boss", BOSS))
        team.put("Hers", day(5))
        book = mine.book
        book.new_calendar("Holidays", editable=False)
        club = graph.world.new_calendar("Club")
        club.put("Ours", day(6))
        with closing(account(graph, me)) as connector:
            assert [one.title for one in connector.streams()] == ["Calendar", "Club"]
            team_is, holidays_are = connector.notes()
        assert team_is.startswith(f"Team is not read: it is the time of {BOSS}; what you take part in stands in")
        assert team_is.endswith("if it is yours too: --shared 'Team'")
        assert holidays_are == (
            "Holidays is not read: it cannot be edited, so it is a copy; if it is yours, connect its source, or:"
            " --shared 'Holidays'"
        )
        synced(graph, me, log)
        assert [one.title for one in meetings(log)] == ["Ours"]

    @pytest.mark.parametrize("named", ["team", BOSS])
    def test_one_that_is_chosen_is_ones_own_time(self, graph: Graph, log: Log, mine: Diary, named: str) -> None:
        """By its name or its owner; what is its owner's lies below its own path."""
        graph.world.clock.advance(FIVE_YEARS)
        me = keeper(graph, Feature.CALENDAR, Feature.SHARED)
        team = graph.world.new_calendar("Team", owner=("Boss", BOSS))
        event = series(team)
        team.change_occurrence(event, of_series(12), start=day(-100))
        mine.put("Mine", day(7))
        graph.world.faults.add("/me/events/*", error(404, "ErrorItemNotFound"))
        run(account(graph, me, shared=[named]), log, graph.world.clock)
        assert days(log) == [-100, 5, 7, 19, 26]
        team.delete(event)
        run(account(graph, me, shared=[named]), log, graph.world.clock)
        assert days(log) == [7]

    def test_a_mailbox_that_is_shared_is_chosen_by_its_address(self, graph: Graph, log: Log, mine: Diary) -> None:
        graph.world.clock.advance(FIVE_YEARS)
        me = keeper(graph, Feature.CALENDAR, Feature.SHARED)
        office = graph.world.calendar(address="office@example.com")
        office.put("Opening hours", day(3))
        event = series(office)
        mine.put("Mine", day(7))
        chosen = ["office@example.com", "nobody@example.com", "Choir"]
        with closing(account(graph, me, shared=chosen)) as connector:
            assert [one.title for one in connector.streams()] == ["Calendar", "Calendar"]
            *missing, whose = connector.notes()
            assert missing == [
                f"{word} is not read: Outlook shows you no calendar of this name or address"
                for word in ("nobody@example.com", "Choir")
            ]
            assert whose.startswith("Calendar shows the time of office@example.com: it is yours where you take part")
            result = run(connector, log, graph.world.clock)
        assert (result.state, result.error) == ("ok", "")
        assert days(log) == [3, 5, 7, 12, 19, 26]
        office.delete_occurrence(event, of_series(12))
        with closing(account(graph, me, shared=chosen)) as connector:
            run(connector, log, graph.world.clock)
        assert days(log) == [3, 5, 7, 19, 26]
        with closing(account(graph, me)) as connector:
            assert len(connector.streams()) == 1, "not asked for unless chosen"
        graph.world.faults.add("/users/*/calendarView/delta", error(403, "ErrorAccessDenied"))
        with closing(account(graph, me, shared=chosen)) as connector:
            result = run(connector, log, graph.world.clock)
        assert [one.state for one in result.streams] == ["ok", "ended"]
        assert "Calendar: you may not read it any more" in result.streams[1].error

    def test_a_calendar_that_is_deleted_ends_its_stream(self, graph: Graph, me: InMemory) -> None:
        club = graph.world.new_calendar("Club")
        club.put("Ours", day(6))
        with closing(account(graph, me)) as connector:
            stream = connector.streams()[1]
            club.book.delete_calendar(club.id)
            with pytest.raises(StreamEnded, match="Club: it is not there any more"):
                next(iter(connector.pull(stream, Position(None), Shelf())))
            with pytest.raises(StreamEnded, match="does not show you this calendar"):
                next(iter(connector.pull(stream._replace(name="calendar:x"), Position(None), Shelf())))

    def test_a_calendar_that_is_renamed_is_read_once_more(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        mine.put("Plan", day(5))
        synced(graph, me, log)
        mine.calendar.name = "Work"
        synced(graph, me, log)
        assert [one.calendar for one in meetings(log)] == ["Calendar", "Work"]
        assert days(log) == [5]


class TestTombstones:
    def test_what_left_the_window_lives(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        event = mine.put("Moves", day(5))
        mine.put("Stays", day(6))
        synced(graph, me, log)
        mine.change(event, start=day(130))
        assert synced(graph, me, log).withdrawn == 0
        assert days(log) == [6, 130]
        mine.delete(event)
        assert synced(graph, me, log).withdrawn == 1
        assert days(log) == [6]

    def test_tombstones_of_what_nobody_had_are_ignored(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        mine.put("Here", day(5))
        far = mine.put("Far", day(300))
        synced(graph, me, log)
        mine.change(far, subject="Farther")
        before = len(graph.world.asked)
        synced(graph, me, log)
        assert [path for path in data(graph, before) if "/events/" in path] == []
        assert days(log) == [5]

    def test_what_goes_to_another_calendar_stays(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        club = graph.world.new_calendar("Calendar")
        event = series(mine)
        mine.put("Stays", day(6))
        club.put("Club", day(7))
        synced(graph, me, log)
        mine.move(event, club.id)
        assert synced(graph, me, log).withdrawn == 0
        assert days(log) == [5, 6, 7, 12, 19, 26]
        club.delete(event)
        assert synced(graph, me, log).withdrawn == 1
        assert days(log) == [6, 7]

    @pytest.mark.parametrize("each", [True, False])
    def test_a_series_that_is_deleted(self, graph: Graph, me: InMemory, log: Log, mine: Diary, *, each: bool) -> None:
        """Whether a tombstone comes for every occurrence, or only for the series."""
        mine.book.series_tombstones = each
        event = series(mine)
        mine.change_occurrence(event, of_series(12), start=day(13))
        mine.put("Stays", day(6))
        synced(graph, me, log)
        mine.delete(event)
        synced(graph, me, log)
        assert days(log) == [6]
        assert {one.last.title for one in living(log, "microsoft:test").values()} == {"Stays"}  # type: ignore[attr-defined]


class TestSeries:
    @pytest.mark.parametrize("told", [True, False])
    def test_a_deleted_occurrence(self, graph: Graph, me: InMemory, log: Log, mine: Diary, *, told: bool) -> None:
        """There may be a tombstone or none."""
        mine.book.occurrence_tombstones = told
        event = series(mine)
        synced(graph, me, log)
        assert days(log) == [5, 12, 19, 26]
        mine.delete_occurrence(event, of_series(12))
        synced(graph, me, log)
        assert days(log) == [5, 19, 26]
        assert meetings(log)[-1].skipped == ("2031-10-13T10:00:00",)

    def test_an_occurrence_that_is_moved_and_then_deleted(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        event = series(mine)
        synced(graph, me, log)
        mine.change_occurrence(event, of_series(26), start=day(27, 15), subject="Moved")
        synced(graph, me, log)
        moved = meetings(log)[-1]
        assert (moved.title, moved.instance, moved.instance_zone) == ("Moved", "2031-10-27T10:00:00", "Europe/Berlin")
        assert days(log) == [5, 12, 19, 27]
        mine.delete_occurrence(event, of_series(26))
        synced(graph, me, log)
        assert days(log) == [5, 12, 19]

    def test_an_occurrence_that_is_moved_out_of_the_window(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        """All that is told is that something is gone whose id no item has."""
        event = series(mine)
        synced(graph, me, log)
        mine.change_occurrence(event, of_series(12), start=day(100))
        synced(graph, me, log)
        assert days(log) == [5, 19, 26]
        graph.world.clock.advance(22 * DAY)
        synced(graph, me, log)
        assert days(log) == [5, 19, 26, 100]

    @pytest.mark.parametrize(("shown", "last"), [(True, True), (True, False), (False, False)])
    @pytest.mark.parametrize("page", [1, 50])
    def test_masters_in_any_order_or_not_at_all(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary, page: int, *, shown: bool, last: bool
    ) -> None:
        mine.book.masters, mine.book.masters_last = shown, last
        event = series(mine)
        mine.change_occurrence(event, of_series(12), start=day(13))
        synced(graph, me, log, page=page)
        assert days(log) == [5, 13, 19, 26]
        mine.change(event, subject="Renamed")
        synced(graph, me, log, page=page)
        assert {one.title for one in meetings(log)} >= {"Renamed"}

    def test_a_series_is_read_once_for_all_windows(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        mine.put("Long", at("2028-02-07T10:00"), repeat=weekly("monday"))
        before = len(graph.world.asked)
        synced(graph, me, log)
        assert sum(path.endswith("/instances") for path in data(graph, before)) == 1
        assert len(meetings(log)) == 1

    def test_a_series_that_is_moved_as_a_whole(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        event = series(mine)
        mine.delete_occurrence(event, of_series(12))
        synced(graph, me, log)
        mine.change(event, start=day(6, 8), recurrence=weekly("tuesday", count=3))
        synced(graph, me, log)
        assert days(log) == [6, 13, 20]

    def test_a_series_that_goes_while_it_is_read(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        event = series(mine)
        mine.put("Stays", day(6))
        graph.world.faults.add("/me/events/*/instances", meanwhile(lambda: mine.delete(event)), calls={1})
        synced(graph, me, log)
        synced(graph, me, log)
        assert days(log) == [6]

    def test_a_series_that_becomes_a_single_meeting(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        mine.book.masters = False
        event = series(mine)

        def single() -> None:
            event.recurrence = None

        graph.world.faults.add("/me/events/*", meanwhile(single), calls={1})
        synced(graph, me, log)
        synced(graph, me, log)
        assert days(log) == [5]

    def test_all_day_series(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        for zone in ("Europe/Berlin", "America/New_York"):
            start = at("2031-10-06T00:00", zone)
            event = mine.put(zone, start, start + timedelta(days=1), isAllDay=True, repeat=weekly("monday", count=3))
            mine.delete_occurrence(event, "2031-10-13")
            mine.change_occurrence(event, "2031-10-20", start=at("2031-10-21T00:00", zone))
        synced(graph, me, log)
        found = {(one.title, one.instance, one.start, one.days, one.skipped) for one in meetings(log)}
        assert found == {
            (zone, *said) for zone in ("Europe/Berlin", "America/New_York") for said in (
                ("", "2031-10-06", 1, ("2031-10-13",)), ("2031-10-20", "2031-10-21", 1, ()),
            )
        }  # fmt: skip

    def test_invited_to_one_instance_alone(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        """Outlook shows it as a single meeting, whose id has the day."""
        event = mine.put("Once", day(13, 15), organizer=BOSS, uid="team@example.com", attendees=[ME, BOSS])

        def dated(body: dict[str, Any]) -> dict[str, Any]:
            for row in body["value"]:
                if "iCalUId" in row:
                    row["iCalUId"] = row["iCalUId"][:32] + "07EF0A0D" + row["iCalUId"][40:]
            return body

        graph.world.faults.add(DELTA, changed(dated))
        synced(graph, me, log)
        assert [(one.uid, one.instance) for one in meetings(log)] == [("team@example.com", "2031-10-13T15:00:00")]
        assert event.uid == "team@example.com"


class TestAnswers:
    def test_declined_and_accepted_after_all(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        """Outlook takes a declined meeting out; it comes back under another id."""
        event = mine.put("Asked", day(5), organizer=BOSS, attendees=[ME, BOSS])
        mine.put("Stays", day(6))
        synced(graph, me, log)
        mine.decline(event)
        assert synced(graph, me, log).withdrawn == 1
        assert days(log) == [6]
        mine.accept_after_all(event)
        synced(graph, me, log)
        assert {(one.answer) for one in occurrences(log) if one.uid != ""} >= {"accepted"}
        assert days(log) == [5, 6]

    def test_what_is_cancelled_still_stands_in_the_calendar(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary
    ) -> None:
        single, event = mine.put("Asked", day(6), organizer=BOSS, attendees=[ME]), series(mine)
        synced(graph, me, log)
        mine.cancel(single)
        mine.cancel_occurrence(event, of_series(19))
        synced(graph, me, log)
        assert days(log) == [5, 12, 26]

    @pytest.mark.parametrize(
        ("response", "answer"),
        [("accepted", "accepted"), ("tentativelyAccepted", "tentative"), ("notResponded", "tentative")],
    )
    def test_my_answer_stands_beside_the_list(
        self, graph: Graph, me: InMemory, log: Log, response: str, answer: str
    ) -> None:
        mine = graph.world.calendar()
        event = mine.put("Asked", day(5), organizer=BOSS, attendees=[ME, BOSS])
        mine.respond(event, response)
        synced(graph, me, log)
        assert [one.answer for one in occurrences(log)] == [answer]

    def test_invited_by_a_list_one_is_a_guest(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        event = mine.put("All", day(5), organizer=BOSS, attendees=["all@example.com"])
        event.body["attendees"] = [attendee("all@example.com")]
        mine.respond(event, "accepted")
        synced(graph, me, log)
        assert [one.answer for one in occurrences(log)] == ["accepted"]


class TestResets:
    @pytest.mark.parametrize("how", HOW)
    def test_in_every_spelling_nothing_is_lost_or_made_up(
        self, graph: Graph, me: InMemory, log: Log, mine: Diary, how: str
    ) -> None:
        kept, event = [mine.put(f"{number}", day(number)) for number in (6, 7, 8)], series(mine)
        moved = mine.put("Moved", day(9))
        synced(graph, me, log)
        mine.change(moved, start=day(150))
        synced(graph, me, log)
        mine.delete(kept[0])
        mine.delete_occurrence(event, of_series(26))
        mine.put("New", day(14))
        graph.world.expire_deltas("event", how)
        assert synced(graph, me, log).withdrawn == 1
        assert days(log) == [5, 7, 8, 12, 14, 19, 150], "what lies out of all windows was asked for"
        before = facts(log)
        synced(graph, me, log)
        assert facts(log) == before

    def test_while_a_listing_is_read(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        for number in range(1, 13):
            mine.put(f"{number}", day(number))
        graph.world.faults.add(DELTA, meanwhile(lambda: graph.world.expire_deltas("event")), calls={2})
        synced(graph, me, log)
        assert days(log) == list(range(1, 13))


class TestPages:
    def test_empty_pages_and_repeated_rows(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        for number in range(1, 13):
            mine.put(f"{number}", day(number))
        graph.world.faults.add(DELTA, empty_page(), calls={1, 3})
        graph.world.faults.add(DELTA, repeated())
        synced(graph, me, log)
        assert days(log) == list(range(1, 13))

    def test_a_link_to_itself_is_not_followed_for_ever(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        mine.put("Plan", day(5))
        synced(graph, me, log)
        graph.world.faults.add(DELTA, same_link())
        result = run(account(graph, me), log, graph.world.clock)
        assert result.state == "failed"
        assert "the same page came twice" in result.streams[0].error

    def test_a_page_without_any_link_is_no_end(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        mine.put("Plan", day(5))
        graph.world.faults.add(DELTA, changed(lambda body: {"value": body["value"]}))
        result = run(account(graph, me), log, graph.world.clock)
        assert (result.state, facts(log)) == ("failed", 0)

    def test_an_entry_that_makes_no_sense_is_put_aside(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        mine.put("Good", day(5))
        mine.put("Bad", day(6))

        def broken(body: dict[str, Any]) -> dict[str, Any]:
            for row in body["value"]:
                if row.get("subject") == "Bad":
                    row["start"] = {"dateTime": "soon", "timeZone": "UTC"}
            return body

        graph.world.faults.add(DELTA, changed(broken))
        result = synced(graph, me, log)
        assert [problem.why for problem in result.streams[0].problems][:1] == [
            "this calendar entry has no start that is a date; look at it in Outlook"
        ]
        assert days(log) == [5]

    def test_an_update_may_show_only_what_changed(self, graph: Graph, me: InMemory, log: Log, mine: Diary) -> None:
        event = mine.put("Plan", day(5), attendees=["ann@example.org"])
        synced(graph, me, log)

        def sparse(body: dict[str, Any]) -> dict[str, Any]:
            shown = {"id", "subject", "changeKey", "type"}
            rows = [{name: value for name, value in row.items() if name in shown} for row in body["value"]]
            return {**body, "value": rows}

        graph.world.faults.add(DELTA, changed(sparse))
        mine.change(event, subject="Plan B")
        synced(graph, me, log)
        last = meetings(log)[-1]
        assert (last.title, last.start, len(last.attendees)) == ("Plan B", "2031-10-06T10:00:00", 1)
