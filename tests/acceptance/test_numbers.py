"""Numbers by hand: cases of the measures that random worlds meet too rarely, each through the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.home import ME, Home, guests, mail, vevent

NINE, TEN, ELEVEN = "20260901T090000Z", "20260901T100000Z", "20260901T110000Z"
SOLO = '[goals.hiring]\nmatch = ["calendar:Work", "hiring"]\n[goals.growth]\nsolo = true\nmatch = ["deep"]\n'


def near(minutes: float) -> Any:
    return pytest.approx(minutes, abs=1e-3)


def test_a_tentative_entry_of_others_is_not_mine(tmp_path: Path) -> None:
    home = Home(tmp_path, more='[policy]\nattendance = "inclusive"\n')
    home.calendar(vevent("a", TEN, ELEVEN, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@y.org", "STATUS:TENTATIVE"))
    assert home.reasons() == ["not_mine"]


def test_a_block_of_my_own_feeds_its_solo_goal_in_any_calendar(tmp_path: Path) -> None:
    home = Home(tmp_path, more=SOLO)
    home.calendar(vevent("a", NINE, TEN, title="deep work"), head="X-WR-CALNAME:Work\r\n")
    assert home.minutes("goal", measure="clock") == {"growth": 60}


def test_a_mail_inherits_only_what_its_thread_was_before(tmp_path: Path) -> None:
    home = Home(tmp_path, more=SOLO)
    home.mbox(
        mail("ana@y.org", ME, "Tue, 01 Sep 2026 10:00:00 +0000", "one", "Message-ID: <1@y>"),
        mail(ME, "ana@y.org", "Tue, 01 Sep 2026 11:00:00 +0000", "two", "Message-ID: <2@x>", "In-Reply-To: <1@y>"),
        mail("ana@y.org", ME, "Thu, 03 Sep 2026 10:00:00 +0000", "three", "Message-ID: <3@y>", "In-Reply-To: <2@x>",
             subject="hiring"),
        mail(ME, "ana@y.org", "Thu, 03 Sep 2026 11:00:00 +0000", "four", "Message-ID: <4@x>", "In-Reply-To: <3@y>"),
    )  # fmt: skip
    assert {item["at"][:16] for item in home.json("explain", "hiring", "all")["items"]} == {
        "2026-09-03T10:00", "2026-09-03T11:00",
    }  # fmt: skip


def test_automatic_attendance_knows_no_later_invitation(tmp_path: Path) -> None:
    """In August I answered every invitation, later none: that says nothing about how August was judged."""
    home = Home(tmp_path, more='[policy]\nattendance = "auto"\n')
    answered = [vevent(f"y{n}", f"202608{n + 10}T100000Z", f"202608{n + 10}T110000Z", *guests("ana@y.org"))
                for n in range(3)]  # fmt: skip
    silent = [vevent(f"n{n}", f"202609{n + 10}T100000Z", f"202609{n + 10}T110000Z",
                     *guests("bo@y.org", mine="NEEDS-ACTION", organizer="bo@y.org")) for n in range(9)]  # fmt: skip
    first = vevent("f", "20260801T100000Z", "20260801T110000Z",
                   *guests("cy@y.org", mine="NEEDS-ACTION", organizer="cy@y.org"))  # fmt: skip
    home.calendar(*answered, *silent, first)
    assert home.totals(as_of="2026-09-01T00:00:00Z")["clock_minutes"] == 180
    assert home.totals(as_of="2026-10-01T00:00:00Z")["clock_minutes"] == 180 + 9 * 60 + 60


def test_a_mail_written_over_midnight_is_known_when_it_is_sent(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.mbox(mail(ME, "ana@y.org", "Wed, 02 Sep 2026 00:01:00 +0000", " ".join(["word"] * 95)))
    assert home.totals(as_of="2026-09-02T00:00:30Z")["clock_minutes"] == 0
    assert home.minutes("day") == {"2026-09-01": near(4), "2026-09-02": near(1)}


def test_the_views_end_at_now(tmp_path: Path) -> None:
    """A meeting that is going on has its part, a plan nothing, and a mail that I answer tomorrow is unread today."""
    home = Home(tmp_path)
    home.calendar(vevent("a", TEN, ELEVEN, *guests("ana@y.org")),
                  vevent("b", "20260902T100000Z", "20260902T110000Z", *guests("ana@y.org")))  # fmt: skip
    home.mbox(
        mail("bo@y.org", ME, "Mon, 31 Aug 2026 10:00:00 +0000", "one", "Message-ID: <1@y>", "Status: O"),
        mail(ME, "bo@y.org", "Thu, 03 Sep 2026 10:00:00 +0000", "two", "In-Reply-To: <1@y>"),
    )
    home.as_of = "2026-09-01T10:15:30Z"
    assert home.totals()["clock_minutes"] == near(15.5)
    meetings = home.json("query", "select uid, clock_minutes from v_meetings order by uid")
    assert meetings == [{"uid": "a", "clock_minutes": near(15.5)}, {"uid": "b", "clock_minutes": 0}]
    assert home.json("query", "select minutes, counted, reason from v_messages") == [
        {"minutes": 0, "counted": 0, "reason": "unread"}
    ]
    assert home.reasons() == ["unread"]


@pytest.mark.parametrize("other", ["NEEDS-ACTION", "TENTATIVE", "DECLINED", ""])
@pytest.mark.parametrize("first", [0, 1])
def test_of_two_calendars_the_one_that_knows_my_answer_counts(tmp_path: Path, other: str, first: int) -> None:
    home = Home(tmp_path, more='[policy]\nattendance = "strict"\n')
    copies = [
        ("Home", vevent("u", TEN, ELEVEN, *guests("ana@y.org"))),
        ("Club", vevent("u", TEN, ELEVEN, *(guests("ana@y.org", mine=other) if other else ()))),
    ]
    for calendar, entry in (copies[first], copies[1 - first]):
        home.calendar(entry, name=f"export-{calendar}.ics", head=f"X-WR-CALNAME:{calendar}\r\n")
    assert home.minutes() == {"ana@y.org": 60}


def test_a_later_export_of_the_same_calendar_is_an_update(tmp_path: Path) -> None:
    home = Home(tmp_path, more='[policy]\nattendance = "strict"\n')
    for name, mine in (("june", "ACCEPTED"), ("july", "TENTATIVE")):
        entry = vevent("u", "20270901T100000Z", "20270901T110000Z", *guests("ana@y.org", mine=mine))
        home.calendar(entry, name=f"{name}.ics", head="X-WR-CALNAME:Home\r\n")
    assert home.totals(as_of="2027-10-01T00:00:00Z")["clock_minutes"] == 0


def test_a_floating_night_is_as_long_as_it_really_was(tmp_path: Path) -> None:
    """The clocks of Helsinki went forward at three: from 23:50 to 04:50 were four hours."""
    home = Home(tmp_path, zone="Europe/Helsinki")
    home.calendar(vevent("u", "20260328T235000", "20260329T045000", *guests("ana@y.org")))
    assert home.minutes("day") == {"2026-03-28": 10, "2026-03-29": 230}


def test_a_mail_without_a_date_is_uncounted_and_in_no_week(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.mbox(mail("ana@y.org", ME, "no date at all", "one", "Status: RO"))
    assert [(row["at"], row["reason"]) for row in home.json("uncounted", "all")] == [(None, "no_date")]
    assert home.json("uncounted", "2026-W36") == []


def test_the_log_dates_a_floating_meeting_by_my_clock(tmp_path: Path) -> None:
    home = Home(tmp_path, zone="Australia/Sydney")
    home.calendar(vevent("u", "20260901T100000", "20260901T110000", *guests("ana@y.org")))
    [meeting] = [event for event in home.json("log") if event["type"].startswith("meeting")]
    assert meeting["happened_at"] == "2026-09-01T10:00:00+10:00"


def test_a_series_is_a_past_invitation_once_it_has_begun(tmp_path: Path) -> None:
    """An instance that was moved far ahead does not take the whole series with it."""
    home = Home(tmp_path, more='[policy]\nattendance = "auto"\n')
    silent = guests("ana@y.org", mine="NEEDS-ACTION", organizer="ana@y.org")
    home.calendar(
        vevent("s", TEN, ELEVEN, *silent, "RRULE:FREQ=WEEKLY;COUNT=2"),
        vevent("s", "20261001T100000Z", "20261001T110000Z", *silent, "RECURRENCE-ID:20260908T100000Z"),
    )
    assert home.totals(as_of="2026-09-15T00:00:00Z")["clock_minutes"] == 60


def test_an_invitation_is_past_by_the_instant_not_by_the_clock_on_its_wall(tmp_path: Path) -> None:
    """Nine in New York is thirteen in UTC: at noon my acceptance of it speaks for nobody yet."""
    home = Home(tmp_path, more='[policy]\nattendance = "auto"\n')
    home.calendar(
        vevent("a", "20260901T080000Z", "20260901T090000Z",
               *guests("ana@y.org", mine="NEEDS-ACTION", organizer="ana@y.org")),
        vevent("b", ";TZID=America/New_York:20260901T090000", ";TZID=America/New_York:20260901T100000",
               *guests("bo@y.org", organizer="bo@y.org")),
    )  # fmt: skip
    assert home.totals(as_of="2026-09-01T12:00:00Z")["clock_minutes"] == 60
