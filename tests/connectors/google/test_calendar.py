"""Google Calendar as it is read: whose time it is, series in any order, tombstones, tokens and what they cost.

The meetings lie in the future: what took place cannot be taken back, and here it is about taking back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import StreamEnded
from connectors.sync.port import Position
from connectors.sync.result import SyncResult
from events.log import Log, open_log
from tests.connectors.dav.mirror import Shelf
from tests.connectors.google.calendar_world import account
from tests.connectors.google.told import ME, meetings, occurrences, run
from tests.contracts.living import facts, living
from tests.peers.google import Google
from tests.peers.google.calendars import Calendar
from tests.peers.google.faults import changed, empty_page, error, html, meanwhile, repeated, same_token, truncated
from tests.peers.google.sample import guests

LIST, GET = "calendar.events.list", "calendar.events.get"
TEAM, BOSS = "team@group.calendar.google.com", "boss@example.com"
DAY = 86_400
FIRST = int(datetime(2031, 9, 1, tzinfo=UTC).timestamp())


def at(day: int, hour: int = 10) -> dict[str, str]:
    return {"dateTime": f"2031-09-{day:02}T{hour:02}:00:00+02:00", "timeZone": "Europe/Berlin"}


def hour(day: int, begin: int = 10) -> dict[str, Any]:
    """An hour of September 2031 in Berlin; the first is a Monday."""
    return {"start": at(day, begin), "end": at(day, begin + 1)}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = open_log(f"sqlite:///{tmp_path}/log.db")
    yield made
    made.close()


@pytest.fixture
def mine(google: Google) -> Calendar:
    return google.world.calendar()


def synced(google: Google, log: Log, *, full: bool = False, page: int = 5) -> SyncResult:
    result = run(account(google, page), log, google.world.clock, full=full)
    assert (result.state, result.error) == ("ok", "")
    return result


def asked(google: Google, since: int) -> list[str]:
    return [one.method for one in google.world.asked[since:] if one.method.startswith("calendar.")]


def days(log: Log) -> list[int]:
    """The days of September 2031 on which something takes place."""
    return sorted((one.start - FIRST) // DAY + 1 for one in occurrences(log))


def weekly(calendar: Calendar, rule: str = "RRULE:FREQ=WEEKLY;COUNT=4", **fields: Any) -> str:
    return str(calendar.put(summary="Weekly", recurrence=[rule], **{**hour(1), **fields})["id"])


class TestWhoseTime:
    def test_own_calendars_the_main_one_first(self, google: Google) -> None:
        google.world.new_calendar("club@group.calendar.google.com", summary="Club")
        google.world.calendar().summary = "Me"
        google.world.account().calendars.put("club@group.calendar.google.com", summaryOverride="My club", hidden=True)
        with closing(account(google)) as connector:
            assert [one.title for one in connector.streams()] == ["Me", "My club"]

    def test_of_a_shared_calendar_only_what_one_takes_part_in(self, google: Google, log: Log) -> None:
        team = google.world.new_calendar(TEAM, owner=BOSS, summary="Team")
        google.world.share(TEAM, "writer")
        team.put(summary="With me", **hour(2), attendees=guests(ME.upper(), BOSS))
        team.put(summary="Without me", **hour(3), attendees=guests(BOSS))
        team.put(summary="Nobody named", **hour(4))
        result = synced(google, log)
        assert [one.title for one in meetings(log)] == ["With me"]
        assert {one.title: one.skipped for one in result.streams}["Team"] == {"not_mine": 2}
        with closing(account(google)) as connector:
            assert connector.notes() == ["of calendars of others (Team) only what you take part in counts"]

    def test_the_main_calendar_of_another_is_not_ones_own_even_as_its_owner(self, google: Google, log: Log) -> None:
        google.world.account(BOSS)
        google.world.share(BOSS, "owner")
        google.world.calendar(BOSS).put(summary="Hers", **hour(2))
        assert synced(google, log).stored == 0

    @pytest.mark.parametrize(
        ("name", "role", "why"),
        [
            ("en.german#holiday@group.v.calendar.google.com", "reader", "nobody's time"),
            ("abc@import.calendar.google.com", "reader", "amity connect ics"),
            ("other@group.calendar.google.com", "freeBusyReader", "only when they are busy"),
        ],
    )
    def test_calendars_that_are_not_read_are_named(self, google: Google, name: str, role: str, why: str) -> None:
        google.world.new_calendar(name, owner=BOSS, summary="Holidays")
        google.world.share(name, role)
        with closing(account(google)) as connector:
            assert [one.name for one in connector.streams()] == [f"calendar:{ME}"]
            assert [why in note and note.startswith("Holidays is not read") for note in connector.notes()] == [True]

    def test_an_instance_of_which_one_is_no_part_any_more(self, google: Google, log: Log) -> None:
        """In a shared calendar a cancelled instance concerns those who are in its series."""
        team = google.world.new_calendar(TEAM, owner=BOSS, summary="Team")
        google.world.share(TEAM, "reader")
        with_me = weekly(team, attendees=guests(ME, BOSS))
        without = weekly(team, attendees=guests(BOSS))
        for series in (with_me, without):
            team.cancel_instance(series, "2031-09-08T10:00:00+02:00")
        synced(google, log)
        assert [(one.instance, one.status) for one in meetings(log)] == [
            ("", "confirmed"), ("2031-09-08T10:00:00", "cancelled"),
        ]  # fmt: skip
        assert days(log) == [1, 15, 22]

    def test_a_calendar_that_one_is_not_shown_any_more(self, google: Google, log: Log, mine: Calendar) -> None:
        mine.put(summary="Mine", **hour(2))
        team = google.world.new_calendar(TEAM, owner=BOSS, summary="Team")
        google.world.share(TEAM, "writer")
        team.put(summary="With me", **hour(3), attendees=guests(ME, BOSS))
        synced(google, log)
        google.world.unshare(TEAM)
        first = synced(google, log)
        assert (first.withdrawn, days(log)) == (0, [2, 3]), "a stream that ends is believed the second time"
        assert [one.state for one in first.streams] == ["ok", "ended"]
        synced(google, log)
        assert days(log) == [2]

    def test_one_that_goes_while_it_is_read_ends(self, google: Google, log: Log) -> None:
        google.world.faults.add(LIST, error(404, "notFound"))
        result = run(account(google), log, google.world.clock)
        assert [one.state for one in result.streams] == ["ended"]

    def test_what_is_deleted_is_told_from_a_token_that_is(self, google: Google, log: Log, mine: Calendar) -> None:
        mine.put(summary="Talk", **hour(2))
        synced(google, log)
        google.world.faults.add(LIST, error(410, "deleted", "Resource has been deleted"), calls={1})
        result = run(account(google), log, google.world.clock)
        assert [one.state for one in result.streams] == ["ended"]
        google.world.faults.clear()
        synced(google, log)
        google.world.faults.add(LIST, error(410, "updatedMinTooLongAgo"), calls={1})
        assert synced(google, log).streams[0].state == "ok"

    def test_nobody_who_asks_for_an_unknown_stream_gets_another(self, google: Google) -> None:
        with closing(account(google)) as connector:
            stream = connector.streams()[0]._replace(name="calendar:elsewhere@x.org")
            with pytest.raises(StreamEnded, match="does not show you this calendar"):
                next(iter(connector.pull(stream, Position(None), Shelf())))


class TestSeries:
    @pytest.mark.parametrize("exceptions_first", [False, True])
    @pytest.mark.parametrize("page", [1, 2, 50])
    def test_exceptions_in_any_order(
        self, google: Google, log: Log, mine: Calendar, page: int, *, exceptions_first: bool
    ) -> None:
        mine.exceptions_first = exceptions_first
        series = weekly(mine)
        mine.instance(series, "2031-09-08T10:00:00+02:00", **hour(9, 15))
        mine.cancel_instance(series, "2031-09-15T10:00:00+02:00")
        synced(google, log, page=page)
        assert days(log) == [1, 9, 22]

    def test_a_cancelled_instance_of_which_only_the_id_is_told(self, google: Google, log: Log, mine: Calendar) -> None:
        """Nothing else is promised; the UID is that of its series."""
        series = weekly(mine)
        google.world.faults.add(LIST, changed(bare))
        synced(google, log)
        mine.instance(series, "2031-09-08T10:00:00+02:00", **hour(9, 15), sequence=4)
        synced(google, log)
        assert days(log) == [1, 9, 15, 22]
        mine.cancel_instance(series, "2031-09-08T10:00:00+02:00")
        before = len(google.world.asked)
        synced(google, log)
        assert days(log) == [1, 15, 22]
        last = meetings(log)[-1]
        assert (last.status, last.uid, last.sequence) == ("cancelled", f"{series}@google.com", 4)
        assert GET not in asked(google, before), "the series is held"

    def test_a_cancelled_instance_ahead_of_its_series_is_asked_for(
        self, google: Google, log: Log, mine: Calendar
    ) -> None:
        mine.exceptions_first = True
        series = weekly(mine, "RRULE:FREQ=WEEKLY;COUNT=5")
        for day in (8, 15):
            mine.cancel_instance(series, f"2031-09-{day:02}T10:00:00+02:00")
        google.world.faults.add(LIST, changed(bare))
        before = len(google.world.asked)
        synced(google, log, page=1)
        assert days(log) == [1, 22, 29]
        assert asked(google, before).count(GET) == 1, "once a series"

    def test_invited_to_one_instance_alone(self, google: Google, log: Log, mine: Calendar) -> None:
        mine.put(
            id="boss1_20310908T080000Z", recurringEventId="boss1", iCalUID="boss1@google.com", summary="Once",
            originalStartTime=at(8), attendees=guests(ME, BOSS), **hour(8),
        )  # fmt: skip
        synced(google, log)
        assert [(one.uid, one.instance) for one in meetings(log)] == [("boss1@google.com", "2031-09-08T10:00:00")]
        assert days(log) == [8]
        mine.put(id="boss1_20310908T080000Z", status="cancelled")
        synced(google, log)
        assert days(log) == []

    def test_an_instance_that_one_declines(self, google: Google, log: Log, mine: Calendar) -> None:
        series = weekly(mine, attendees=guests(ME, BOSS), organizer={"email": BOSS})
        synced(google, log)
        declined = [{"email": ME, "responseStatus": "declined"}, *guests(BOSS)]
        mine.instance(series, "2031-09-08T10:00:00+02:00", attendees=declined)
        synced(google, log)
        assert [one.answer for one in sorted(occurrences(log), key=lambda one: one.start)] == [
            "accepted", "declined", "accepted", "accepted",
        ]  # fmt: skip

    @pytest.mark.parametrize("exceptions", [True, False])
    def test_a_series_that_is_deleted_takes_its_instances_with_it(
        self, google: Google, log: Log, mine: Calendar, *, exceptions: bool
    ) -> None:
        """Whether Google says so of each, or only when it is asked."""
        mine.put(summary="Stays", **hour(29))
        series = weekly(mine)
        mine.instance(series, "2031-09-08T10:00:00+02:00", **hour(9, 15))
        mine.cancel_instance(series, "2031-09-15T10:00:00+02:00")
        synced(google, log)
        mine.cancel(series, exceptions=exceptions)
        if not exceptions:
            google.world.faults.add(GET, error(404, "notFound"))
        synced(google, log)
        assert days(log) == [29]
        assert {one.key for one in living(log, "google:test").values()} == {meetings(log)[0].uid}

    def test_an_instance_that_outlives_its_series_stands(self, google: Google, log: Log, mine: Calendar) -> None:
        """One is taken off a series, and stays invited to one of its instances."""
        mine.put(summary="Stays", **hour(29))
        series = weekly(mine)
        mine.instance(series, "2031-09-08T10:00:00+02:00", **hour(9, 15))
        synced(google, log)
        mine.cancel(series, exceptions=False)
        synced(google, log)
        assert days(log) == [9, 29]

    def test_this_and_following_counts_the_day_between_once(self, google: Google, log: Log, mine: Calendar) -> None:
        series = weekly(mine, "RRULE:FREQ=WEEKLY")
        until = mine.split(series, "2031-09-15T10:00:00+02:00", "20310915T075959Z", **hour(15, 12))["id"]
        mine.put(id=until, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
        synced(google, log)
        assert [(one.start - FIRST) // 3600 for one in sorted(occurrences(log), key=lambda one: one.start)] == [
            8, 7 * 24 + 8, 14 * 24 + 10, 21 * 24 + 10,
        ]  # fmt: skip
        assert {one.uid for one in meetings(log)} == {f"{series}@google.com", f"{series}_R20310915T080000@google.com"}

    def test_summer_time_changes_in_the_middle(self, google: Google, log: Log, mine: Calendar) -> None:
        weekly(mine, "RRULE:FREQ=WEEKLY;COUNT=9")
        new_york = {"timeZone": "America/New_York"}
        weekly(
            mine, "RRULE:FREQ=WEEKLY;COUNT=10", start={"dateTime": "2031-09-01T10:00:00-04:00", **new_york},
            end={"dateTime": "2031-09-01T11:00:00-04:00", **new_york},
        )  # fmt: skip
        synced(google, log)
        hours = [one.start // 3600 % 24 for one in sorted(occurrences(log))]
        assert sorted(hours) == sorted([8] * 8 + [9] + [14] * 9 + [15])

    def test_a_series_of_days(self, google: Google, log: Log, mine: Calendar) -> None:
        date: dict[str, Any] = {"start": {"date": "2031-09-01"}, "end": {"date": "2031-09-02"}}
        series = weekly(mine, **date)
        mine.cancel_instance(series, "2031-09-08")
        mine.instance(series, "2031-09-15", start={"date": "2031-09-16"}, end={"date": "2031-09-18"})
        synced(google, log)
        assert days(log) == [1, 16, 22]


class TestFollowing:
    def test_moved_to_another_calendar_of_ones_own(self, google: Google, log: Log, mine: Calendar) -> None:
        club = google.world.new_calendar("club@group.calendar.google.com", summary="Club")
        for day in (2, 3, 4):
            made = mine.put(summary="Talk", **hour(day))
        synced(google, log)
        mine.move(made["id"], club)
        assert synced(google, log).withdrawn == 0
        assert days(log) == [2, 3, 4]
        assert meetings(log)[-1].calendar == "Club"

    def test_nothing_new_costs_one_request_a_calendar(self, google: Google, log: Log, mine: Calendar) -> None:
        google.world.new_calendar("club@group.calendar.google.com", summary="Club")
        mine.put(summary="Talk", **hour(2))
        synced(google, log)
        before, held = len(google.world.asked), facts(log)
        synced(google, log)
        assert asked(google, before) == ["calendar.calendarList.list", LIST, LIST]
        assert facts(log) == held

    def test_a_calendar_that_was_renamed_is_read_under_its_new_name(
        self, google: Google, log: Log, mine: Calendar
    ) -> None:
        """Goals go by the names of calendars; no token tells of that, so the token is not used."""
        mine.put(summary="Talk", **hour(2))
        synced(google, log)
        google.world.account().calendars.put(ME, summaryOverride="Work")
        assert synced(google, log).stored == 1
        assert [one.calendar for one in meetings(log)] == [ME, "Work"]
        before = facts(log)
        synced(google, log)
        assert facts(log) == before

    def test_a_token_that_died_means_a_listing_and_loses_no_deletion(
        self, google: Google, log: Log, mine: Calendar
    ) -> None:
        items = [mine.put(summary="Talk", **hour(day))["id"] for day in range(2, 10)]
        synced(google, log)
        mine.cancel(items[2])
        mine.forget(items[2])
        mine.put(id=items[3], **hour(20))
        mine.expire_sync_tokens()
        result = synced(google, log)
        assert (result.stored, result.withdrawn) == (1, 1)
        assert days(log) == [2, 3, 6, 7, 8, 9, 20]

    def test_a_page_token_that_died_begins_the_run_anew(self, google: Google, log: Log, mine: Calendar) -> None:
        for day in range(2, 10):
            mine.put(summary="Talk", **hour(day))
        google.world.faults.add(LIST, error(400, "invalid", "Invalid page token value."), calls={2})
        assert synced(google, log).stored == 8

    def test_empty_pages_and_pages_that_overlap(self, google: Google, log: Log, mine: Calendar) -> None:
        for day in range(2, 10):
            mine.put(summary="Talk", **hour(day))
        google.world.faults.add(LIST, empty_page(), calls={1, 3})
        google.world.faults.add(LIST, repeated("items"))
        synced(google, log, page=2)
        assert days(log) == [2, 3, 4, 5, 6, 7, 8, 9]

    def test_a_page_that_names_itself_ends_in_a_sentence(self, google: Google, log: Log, mine: Calendar) -> None:
        for day in range(2, 10):
            mine.put(summary="Talk", **hour(day))
        google.world.faults.add(LIST, same_token("x"), calls={1})
        google.world.faults.add(LIST, same_token("~"), calls=range(2, 99))
        google.world.faults.add(LIST, empty_page(), calls=range(2, 99))
        result = run(account(google), log, google.world.clock)
        assert result.state == "failed"

    def test_what_changes_between_two_pages_is_told_the_next_time(
        self, google: Google, log: Log, mine: Calendar
    ) -> None:
        items = [mine.put(summary="Talk", **hour(day))["id"] for day in range(2, 10)]
        google.world.faults.add(LIST, meanwhile(lambda: mine.put(id=items[0], **hour(20))), calls={2})
        google.world.faults.add(LIST, meanwhile(lambda: mine.cancel(items[1])), calls={2})
        synced(google, log, page=3)
        synced(google, log, page=3)
        assert days(log) == [4, 5, 6, 7, 8, 9, 20]

    @pytest.mark.parametrize("failing", [False, True])
    def test_pages_that_shift_while_all_is_listed_anew_lose_nothing(
        self, google: Google, log: Log, mine: Calendar, *, failing: bool
    ) -> None:
        """An entry that changes goes to the end, another one comes to where it was, and is on no page."""
        items = [mine.put(summary="Talk", **hour(day))["id"] for day in range(2, 22)]
        synced(google, log, page=3)
        mine.cancel(items[5])
        mine.forget(items[5])
        mine.expire_sync_tokens()
        google.world.pages_shift = True
        google.world.faults.add(LIST, meanwhile(lambda: mine.put(id=items[0], **hour(28))), calls={4})
        if failing:
            google.world.faults.add(LIST, error(503, "backendError"), calls={6})
        assert synced(google, log, page=3).withdrawn == 1
        assert days(log) == [3, 4, 5, 6, *range(8, 22), 28]

    def test_a_listing_that_is_cut_off_is_made_again_before_anything_is_believed_gone(
        self, google: Google, log: Log, mine: Calendar
    ) -> None:
        items = [mine.put(summary="Talk", **hour(day))["id"] for day in range(2, 22)]
        synced(google, log, page=3)
        mine.cancel(items[5])
        mine.forget(items[5])
        mine.expire_sync_tokens()
        google.world.faults.add(LIST, error(503, "backendError"), calls=range(4, 99))
        assert run(account(google, 3), log, google.world.clock).state == "failed"
        google.world.faults.clear()
        assert synced(google, log, page=3).withdrawn == 1
        assert len(days(log)) == 19

    def test_a_listing_without_a_token_at_its_end_is_made_again(
        self, google: Google, log: Log, mine: Calendar
    ) -> None:
        mine.put(summary="Talk", **hour(2))
        google.world.faults.add(LIST, changed(lambda body: {**body, "nextSyncToken": ""}), calls={1})
        synced(google, log)
        mine.put(summary="Talk", **hour(3))
        synced(google, log)
        assert days(log) == [2, 3]

    @pytest.mark.parametrize(
        "fault",
        [error(403, "rateLimitExceeded"), error(429, "rateLimitExceeded", retry_after="3"), error(503, "backendError"),
         html(), truncated(40), error(403, "userRateLimitExceeded")],
    )  # fmt: skip
    def test_what_passes_is_waited_for(self, google: Google, log: Log, mine: Calendar, fault: Any) -> None:
        mine.put(summary="Talk", **hour(2))
        google.world.faults.add(LIST, fault, calls={1})
        synced(google, log)
        assert days(log) == [2]

    def test_only_reading_is_ever_asked_for(self, google: Google, log: Log, mine: Calendar) -> None:
        weekly(mine)
        synced(google, log)
        assert google.world.verbs() == {"GET"}


class TestItems:
    def test_an_entry_that_makes_no_sense_costs_only_itself(self, google: Google, log: Log, mine: Calendar) -> None:
        mine.put(id="bad1", summary="Bad", **hour(2))
        mine.put(summary="Good", **hour(3))
        google.world.faults.add(LIST, changed(spoiled))
        result = run(account(google), log, google.world.clock)
        assert [one.title for one in meetings(log)] == ["Good"]
        assert [(one.where, "Google Calendar" in one.why) for one in result.streams[0].problems] == [
            (f"google:test/{ME}/bad1", True)
        ]
        google.world.faults.clear()
        synced(google, log, full=True)
        assert [one.title for one in meetings(log)] == ["Good", "Bad"]

    def test_things_that_are_no_entries_are_passed_over(self, google: Google, log: Log, mine: Calendar) -> None:
        mine.put(summary="Good", **hour(3))
        odd = changed(lambda body: {**body, "items": [None, 7, {}, {"id": 5}, {"id": ""}, *body["items"]]})
        google.world.faults.add(LIST, odd)
        assert synced(google, log).seen == 1

    def test_a_page_too_large_to_take_is_asked_for_in_parts(
        self, google: Google, log: Log, mine: Calendar, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for day in range(2, 12):
            mine.put(summary="Talk", description="x" * 2000, **hour(day))
        monkeypatch.setattr("connectors.google.calendar.LARGEST", 20_000)
        monkeypatch.setattr("connectors.google.calendar.SMALL", 3)
        synced(google, log, page=100)
        assert len(days(log)) == 10


def bare(body: dict[str, Any]) -> dict[str, Any]:
    """A page whose cancelled entries say no more than is promised."""
    kept = ("id", "status", "recurringEventId", "originalStartTime")
    return {
        **body,
        "items": [
            {name: one[name] for name in kept if name in one} if one["status"] == "cancelled" else one
            for one in body["items"]
        ],
    }


def spoiled(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "items": [{**one, "start": {}} if one["id"] == "bad1" else one for one in body["items"]]}
