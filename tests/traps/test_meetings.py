"""The known traps of F13 that live in calendars, each a test named after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.envelope import NewEvent, stream_of
from events.log import open_log
from events.vocabulary import Attendee, Mailbox, MeetingObserved
from tests.home import ME, Home, guests, vevent

HOUR = ("20260901T100000Z", "20260901T110000Z")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_assistant_organising(home: Home) -> None:
    """Who organises and is missing from the guest list takes part; an assistant on the list as organiser is a guest."""
    home.calendar(vevent("a", *HOUR, *guests("ana@y.org", organizer="pa@y.org")))
    assert home.minutes() == {"ana@y.org": 30, "pa@y.org": 30}


def test_room_only(home: Home) -> None:
    room = "ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED:mailto:room1@x.org"
    home.calendar(vevent("a", *HOUR, *guests(), room))
    assert home.totals()["clock_minutes"] == 0
    assert home.reasons() == ["solo"]
    assert home.people(everyone=True)["room1@x.org"]["kind"] == "room"


def test_forty_person_all_hands(home: Home) -> None:
    crowd = [f"c{i}@x.org" for i in range(40)]
    home.calendar(vevent("a", *HOUR, *guests(*crowd, organizer=ME)))
    assert home.minutes() == {"(broadcast)": 60}
    assert home.totals()["broadcast_minutes"] == 60
    assert home.totals()["attributed_minutes"] == 0


def test_webinar_with_hidden_guests(home: Home) -> None:
    """A guest list that its host hides: nobody knows how many there were, so it is nobody's time in particular."""
    shown = MeetingObserved(
        source="test", uid="webinar", start="2026-09-01T10:00:00", zone="UTC", seconds=3600, hidden=True,
        organizer=Mailbox("host@y.org"), attendees=(Attendee(ME, answer="accepted"), Attendee("host@y.org")),
    )  # fmt: skip
    log = open_log(f"sqlite:///{home.folder / 'amity.db'}")
    log.append([NewEvent(stream_of(0, "meeting", "webinar", ""), 1, 0, shown)])
    log.close()
    assert home.minutes() == {"(broadcast)": 60}


def test_all_day_conference(home: Home) -> None:
    day = (";VALUE=DATE:20260901", ";VALUE=DATE:20260902")
    home.calendar(vevent("a", *day, *guests("ana@y.org"), title="Conference"))
    assert home.totals()["clock_minutes"] == 0
    assert home.reasons() == ["all_day"]


def test_multi_day_trip(home: Home) -> None:
    home.calendar(vevent("a", "20260901T080000Z", "20260904T180000Z", *guests("ana@y.org"), title="Trip"))
    assert home.totals()["clock_minutes"] == 0
    assert home.reasons() in (["gt_8h"], ["all_day"])


def test_birthday(home: Home) -> None:
    day = (";VALUE=DATE:20260901", ";VALUE=DATE:20260902")
    home.calendar(vevent("a", *day, "TRANSP:TRANSPARENT", title="Birthday Ana"))
    assert home.totals()["clock_minutes"] == 0
    assert len(home.reasons()) == 1


def test_focus_block(tmp_path: Path) -> None:
    """Time alone is nobody's time; a solo goal may claim it."""
    home = Home(tmp_path, more='[goals.growth]\nsolo = true\nmatch = ["deep work"]\n')
    home.calendar(
        vevent("a", "20260901T090000Z", "20260901T110000Z", title="Deep work"),
        vevent("b", "20260902T090000Z", "20260902T110000Z", title="Errands"),
    )
    totals = home.totals()
    assert totals["solo_minutes"] == totals["clock_minutes"] == 120
    assert totals["attributed_minutes"] == 0
    assert home.minutes("goal", measure="clock") == {"growth": 120}
    assert home.reasons() == ["solo"]


def test_working_location(home: Home) -> None:
    home.calendar(vevent("a", ";VALUE=DATE:20260901", ";VALUE=DATE:20260902", "TRANSP:TRANSPARENT", title="Home"))
    assert home.totals()["clock_minutes"] == 0


def test_declined_by_me(home: Home) -> None:
    home.calendar(
        vevent("a", *HOUR, *guests("ana@y.org", mine="DECLINED", organizer="ana@y.org")),
    )
    assert home.totals()["clock_minutes"] == 0
    assert home.reasons() == ["declined"]


def test_declined_by_the_only_other(home: Home) -> None:
    home.calendar(
        vevent("a", *HOUR, *guests("ana@y.org/DECLINED", organizer=ME))
    )
    assert home.totals()["clock_minutes"] == 0
    assert home.reasons() == ["solo"]


def test_declined_after_it_started(home: Home) -> None:
    """An answer that changes after the start does not undo what was seen before."""
    at = HOUR
    home.calendar(vevent("a", *at, *guests("ana@y.org", organizer="ana@y.org"), "SEQUENCE:0"))
    home.calendar(
        vevent("a", *at, *guests("ana@y.org", mine="DECLINED", organizer="ana@y.org"), "SEQUENCE:1"), name="later.ics"
    )
    assert home.minutes() == {"ana@y.org": 60}


def test_tentative_both(tmp_path: Path) -> None:
    """Two tentative meetings at one time: uncertain and listed; under `inclusive` they share the hour."""
    events = (
        vevent("a", *HOUR, *guests("ana@y.org", mine="TENTATIVE", organizer="ana@y.org")),
        vevent("b", *HOUR, *guests("bo@y.org", mine="TENTATIVE", organizer="bo@y.org")),
    )
    strict = Home(tmp_path / "strict", more='[policy]\nattendance = "strict"\n')
    strict.calendar(*events)
    assert strict.totals()["clock_minutes"] == 0
    assert strict.reasons() == ["uncertain:tentative", "uncertain:tentative"]
    inclusive = Home(tmp_path / "inclusive", more='[policy]\nattendance = "inclusive"\n')
    inclusive.calendar(*events)
    assert inclusive.minutes() == {"ana@y.org": 30, "bo@y.org": 30}


def test_double_booking_identical_times(home: Home) -> None:
    home.calendar(
        vevent("a", *HOUR, *guests("ana@y.org", organizer=ME), title="One"),
        vevent("b", *HOUR, *guests("bo@y.org", organizer=ME), title="Two"),
    )
    assert home.minutes() == {"ana@y.org": 30, "bo@y.org": 30}
    assert home.totals()["clock_minutes"] == 60


def test_nested_meeting(home: Home) -> None:
    home.calendar(
        vevent("a", "20260901T100000Z", "20260901T120000Z", *guests("ana@y.org", organizer=ME)),
        vevent("b", "20260901T103000Z", "20260901T110000Z", *guests("bo@y.org", organizer=ME)),
    )
    assert home.minutes() == {"ana@y.org": 105, "bo@y.org": 15}


def test_zero_length_event(home: Home) -> None:
    home.calendar(vevent("a", "20260901T100000Z", "20260901T100000Z", *guests("ana@y.org", organizer=ME)))
    assert home.totals()["clock_minutes"] == 0
    assert len(home.reasons()) == 1


def test_moved_single_instance(home: Home) -> None:
    home.calendar(
        vevent("s", *HOUR, *guests("ana@y.org", organizer=ME), "RRULE:FREQ=WEEKLY;COUNT=3"),
        vevent("s", "20260909T150000Z", "20260909T153000Z", *guests("ana@y.org", organizer=ME),
               "RECURRENCE-ID:20260908T100000Z"),
    )
    assert home.minutes("day") == {"2026-09-01": 60, "2026-09-09": 30, "2026-09-15": 60}


def test_series_ended(home: Home) -> None:
    """An UNTIL that comes later cuts the future off; what came before it stays."""
    rule = "RRULE:FREQ=WEEKLY"
    series = (*HOUR, *guests("ana@y.org", organizer=ME))
    home.calendar(vevent("s", *series, rule, "SEQUENCE:0"))
    home.calendar(vevent("s", *series, f"{rule};UNTIL=20260915T100000Z", "SEQUENCE:1"), name="later.ics")
    assert home.minutes("day") == {"2026-09-01": 60, "2026-09-08": 60, "2026-09-15": 60}


def test_series_deleted_afterwards(home: Home) -> None:
    """The past of a series that is cancelled later stays; its future goes."""
    series = (*HOUR, *guests("ana@y.org", organizer=ME), "RRULE:FREQ=WEEKLY;COUNT=60")
    home.calendar(vevent("s", *series, "SEQUENCE:0"))
    before = home.totals("2026-09")["clock_minutes"]
    home.calendar(vevent("s", *series, "STATUS:CANCELLED", "SEQUENCE:1"), name="later.ics", head="METHOD:CANCEL\r\n")
    assert home.totals("2026-09")["clock_minutes"] == before == 300
    assert home.totals("2027-09", as_of="2027-10-05T00:00:00Z")["clock_minutes"] == 0


def test_cancelled_when_first_seen(home: Home) -> None:
    home.calendar(
        vevent("a", *HOUR, *guests("ana@y.org", organizer=ME), "STATUS:CANCELLED")
    )
    assert home.totals()["clock_minutes"] == 0
    assert home.reasons() == ["cancelled"]


def test_same_event_on_two_accounts_with_different_ids(tmp_path: Path) -> None:
    home = Home(tmp_path, addresses=(ME, "me@corp.com"))
    at = HOUR
    home.calendar(vevent("a@x", *at, *guests("ana@y.org", organizer="ana@y.org")))
    home.calendar(
        vevent("b@corp", *at, "ORGANIZER:mailto:ana@y.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:me@corp.com",
               "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@y.org"),
        name="corp.ics",
    )
    assert home.minutes() == {"ana@y.org": 60}
    assert home.json("people")[0]["meetings"] == 1


def test_copied_hold_on_a_second_calendar(home: Home) -> None:
    at = HOUR
    home.calendar(vevent("a", *at, *guests("ana@y.org", organizer="ana@y.org"), title="Roadmap"))
    home.calendar(vevent("hold", *at, title="Busy"), name="second.ics")
    assert home.minutes() == {"ana@y.org": 60}
    assert home.totals()["clock_minutes"] == 60


def test_event_across_midnight(tmp_path: Path) -> None:
    home = Home(tmp_path, zone="Europe/Helsinki")
    home.calendar(vevent("a", "20260901T200000Z", "20260901T223000Z", *guests("ana@y.org", organizer=ME)))
    assert home.minutes("day") == {"2026-09-01": 60, "2026-09-02": 90}


def test_event_across_dst(tmp_path: Path) -> None:
    """Paris, 25 October 2026: 02:30 to 03:30 wall time takes two hours on the first 02:30."""
    home = Home(tmp_path, zone="Europe/Paris")
    paris = ";TZID=Europe/Paris:"
    home.calendar(
        vevent("spring", f"{paris}20260329T013000", f"{paris}20260329T033000", *guests("ana@y.org", organizer=ME)),
        vevent("autumn", f"{paris}20261025T013000", f"{paris}20261025T033000", *guests("ana@y.org", organizer=ME)),
    )
    assert home.minutes("day") == {"2026-03-29": 60, "2026-10-25": 180}


def test_event_across_my_time_zone_change(tmp_path: Path) -> None:
    """The zone decides the day a minute falls on, never how many minutes there are."""
    home = Home(tmp_path, zone="Europe/Helsinki")
    home.calendar(vevent("a", "20260901T203000Z", "20260901T213000Z", *guests("ana@y.org", organizer=ME)))
    assert home.minutes("day") == {"2026-09-01": 30, "2026-09-02": 30}
    home.settings('[me]\ntimezone = "America/New_York"\naddresses = ["me@x.org"]\n')
    assert home.minutes("day") == {"2026-09-01": 60}


def test_no_show(home: Home) -> None:
    """A 1:1 with no other evidence counts, until the owner says that nobody came; undo brings it back."""
    home.calendar(vevent("a", *HOUR, *guests("ana@y.org", organizer=ME)))
    position = home.json("explain", "ana@y.org", "all")["items"][0]["position"]
    home.json("mark", str(position), "no-show")
    assert home.totals()["clock_minutes"] == 0
    home.json("undo")
    assert home.minutes() == {"ana@y.org": 60}


def test_week_with_bank_holiday(tmp_path: Path) -> None:
    """A day off lowers the week's target: 10 h in a four-day week are 8 h; what lies inside it earns nothing."""
    home = Home(tmp_path, more='[goals.launch]\nweight = 1.0\nweekly = "10h"\nmatch = ["launch"]\n')
    home.calendar(
        vevent("off", ";VALUE=DATE:20260907", ";VALUE=DATE:20260908", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"),
        vevent("a", "20260907T100000Z", "20260907T110000Z", *guests("ana@y.org", organizer=ME), title="Launch"),
        vevent("b", "20260908T100000Z", "20260908T110000Z", *guests("ana@y.org", organizer=ME), title="Launch"),
    )
    report = home.json("report", "2026-W37")
    goal = next(goal for goal in report["goals"] if goal["goal"] == "launch")
    assert goal["target_minutes"] == 480
    assert goal["minutes"] == 60
    assert "ooo" in home.reasons()


def test_first_week_of_history(home: Home) -> None:
    """Four gaps make a rhythm: after one week nobody is overdue and nobody is accused."""
    home.calendar(
        *(vevent(f"a{day}", f"2026090{day}T100000Z", f"2026090{day}T120000Z", *guests("ana@y.org", organizer=ME))
          for day in range(1, 5)),
    )
    assert home.json("neglected", as_of="2026-09-07T00:00:00Z") == []
    assert [row["state"] for row in home.json("over", as_of="2026-09-07T00:00:00Z") if row["state"] == "over"] == []


def test_deletion_seen_after_the_end_does_not_remove_the_past(home: Home) -> None:
    at = (*HOUR, *guests("ana@y.org", organizer=ME))
    home.calendar(vevent("a", *at, "SEQUENCE:0"))
    home.calendar(vevent("a", *at, "SEQUENCE:1", "STATUS:CANCELLED"), name="later.ics")
    assert home.minutes() == {"ana@y.org": 60}


def test_deletion_before_the_start_removes_it(home: Home) -> None:
    at = ("20990901T100000Z", "20990901T110000Z", *guests("ana@y.org", organizer=ME))
    home.as_of = "2099-10-01T00:00:00Z"
    home.calendar(vevent("a", *at, "SEQUENCE:0"))
    assert home.minutes() == {"ana@y.org": 60}
    home.calendar(vevent("a", *at, "SEQUENCE:1", "STATUS:CANCELLED"), name="later.ics")
    assert home.minutes() == {}
