"""Slots, the cost of a yes, and budgets, as a person meets them: files in, commands out."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.intervals import union_ms
from projections.offering import within
from tests.home import Home, guests, vevent

MONDAY_NOON = "2026-09-14T12:00:00Z"
TIERS = """
[tiers.close]
members = ["ana@x.org"]
offer = { hours = "Tue,Thu 14:00-17:00", length = "45m", notice = "24h" }

[people."victor@y.org"]
max = "1h/week"
"""


def home(folder: Path, *vevents: str, more: str = TIERS, zone: str = "UTC", as_of: str = MONDAY_NOON) -> Home:
    found = Home(folder, zone=zone, more=more)
    found.as_of = as_of
    known = vevent("known", "20260801T100000Z", "20260801T101500Z", *guests("ana@x.org"))
    other = vevent("other", "20260802T100000Z", "20260802T101500Z", *guests("victor@y.org"))
    found.calendar(known, other, *vevents)
    return found


def met(uid: str, start: str, end: str, *others: str, mine: str = "ACCEPTED") -> str:
    return vevent(uid, start, end, *guests(*others, mine=mine))


def spans(rows: list[dict[str, str]]) -> list[tuple[int, int]]:
    return [
        (round(start.timestamp() * 1000), round(end.timestamp() * 1000))
        for start, end in ((datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])) for one in rows)
    ]


def starts(rows: list[dict[str, str]]) -> list[str]:
    return [one["start"][:16] for one in rows]


def test_a_tier_says_when_how_long_and_how_soon(tmp_path: Path) -> None:
    rows = home(tmp_path).json("slots", "--for", "ana")
    assert starts(rows) == [
        f"2026-09-{day}T{at}" for day in (15, 17, 22, 24) for at in ("14:00", "14:45", "15:30", "16:15")
    ]
    assert {end - start for start, end in spans(rows)} == {45 * 60_000}
    later = home(tmp_path / "later", as_of="2026-09-14T15:00:00Z").json("slots", "--for", "ana")
    assert starts(later)[:1] == ["2026-09-15T15:00"]  # a day's notice


def test_without_a_tier_and_budget_all_working_hours_are_open_to_the_end_of_next_week(tmp_path: Path) -> None:
    rows = home(tmp_path, more="").json("slots", "--for", "ana")
    assert (rows[0]["start"], rows[-1]["end"]) == ("2026-09-14T12:00:00+00:00", "2026-09-25T17:30:00+00:00")
    assert union_ms(spans(rows)) == (9 * 8.5 + 5.5) * 3_600_000


@pytest.mark.parametrize("mine", ["ACCEPTED", "TENTATIVE", "NEEDS-ACTION"])
def test_what_is_or_may_be_taken_is_not_offered(tmp_path: Path, mine: str) -> None:
    busy = met("b", "20260915T141500Z", "20260915T150000Z", "bo@x.org", mine=mine)
    rows = home(tmp_path, busy).json("slots", "--for", "ana")
    assert starts(rows)[:3] == ["2026-09-15T15:00", "2026-09-15T15:45", "2026-09-17T14:00"]


@pytest.mark.parametrize(
    "lines",
    [
        guests("bo@x.org", mine="DECLINED"),
        [*guests("bo@x.org"), "STATUS:CANCELLED"],
        [*guests("bo@x.org"), "TRANSP:TRANSPARENT"],
    ],
)
def test_what_takes_no_time_of_mine_is_offered(tmp_path: Path, lines: list[str]) -> None:
    free = vevent("b", "20260915T140000Z", "20260915T170000Z", *lines)
    assert starts(home(tmp_path, free).json("slots", "--for", "ana"))[0] == "2026-09-15T14:00"


def test_my_own_block_is_busy_an_all_day_entry_is_not_and_a_day_off_is(tmp_path: Path) -> None:
    block = vevent("block", "20260915T140000Z", "20260915T170000Z")
    birthday = vevent("birthday", ";VALUE=DATE:20260917", "", title="A birthday")
    away = vevent("away", ";VALUE=DATE:20260922", "", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", title="Holiday")
    rows = home(tmp_path, block, birthday, away).json("slots", "--for", "ana")
    assert {start[:10] for start in starts(rows)} == {"2026-09-17", "2026-09-24"}


def test_what_is_left_of_the_budget_bounds_the_week(tmp_path: Path) -> None:
    booked = met("v", "20260916T100000Z", "20260916T104000Z", "victor@y.org")
    rows = home(tmp_path, booked).json("slots", "--for", "victor")
    this = [span for row, span in zip(rows, spans(rows), strict=True) if row["start"] < "2026-09-21"]
    following = [span for row, span in zip(rows, spans(rows), strict=True) if row["start"] >= "2026-09-21"]
    assert union_ms(this) == 15 * 60_000  # twenty minutes are left
    assert union_ms(following) == 60 * 60_000


def test_who_has_used_this_week_is_offered_next_week_and_who_used_both_the_one_after(tmp_path: Path) -> None:
    first = met("v1", "20260914T100000Z", "20260914T110000Z", "victor@y.org")
    rows = home(tmp_path / "one", first).json("slots", "--for", "victor")
    assert {row["start"][:10] for row in rows} == {"2026-09-21", "2026-09-22"}
    second = met("v2", "20260923T100000Z", "20260923T110000Z", "victor@y.org")
    rows = home(tmp_path / "both", first, second).json("slots", "--for", "victor")
    assert min(row["start"] for row in rows)[:10] == "2026-09-28"


def test_slots_are_by_the_owner_s_walls_when_clocks_change(tmp_path: Path) -> None:
    """Helsinki, 25 October 2026: from UTC+3 to UTC+2."""
    found = home(tmp_path, zone="Europe/Helsinki", more="", as_of="2026-10-22T00:00:00Z")
    found.calendar(met("late", "20261027T070000Z", "20261027T080000Z", "bo@x.org"), name="late.ics")
    rows = found.json("slots", "--for", "ana")
    firsts = {row["start"][:10]: row["start"][10:] for row in reversed(rows)}
    assert firsts["2026-10-23"] == "T09:00:00+03:00"
    assert firsts["2026-10-26"] == "T09:00:00+02:00"
    assert firsts["2026-10-27"] == "T10:00:00+02:00"


def test_the_calendar_of_slots_says_nothing_but_times_and_is_read_by_anybody(tmp_path: Path) -> None:
    import icalendar  # noqa: PLC0415  an independent reader

    found = home(tmp_path, met("b", "20260915T140000Z", "20260915T150000Z", "bo@x.org"))
    rows = found.json("slots", "--for", "ana")
    result = found.invoke("slots", "--for", "ana", "--format", "ics", "--as-of", found.as_of)
    entries = icalendar.Calendar.from_ical(result.stdout).walk("VEVENT")
    assert [entry.decoded("dtstart") for entry in entries] == [datetime.fromisoformat(row["start"]) for row in rows]
    assert {str(entry["summary"]) for entry in entries} == {"Open for a meeting"}
    assert {str(entry["transp"]) for entry in entries} == {"TRANSPARENT"}
    assert not any(word in result.stdout for word in ("ana", "bo@", "Talk", "me@"))


def test_no_slot_lies_on_anything_in_a_lived_calendar(lived: Home) -> None:
    for who in ("ana", "victor", "dana"):
        rows = lived.json("slots", "--for", who, as_of="2026-09-07T08:00:00+03:00")
        taken = lived.json("query", "select start_utc, end_utc from v_meetings where all_day = 0 and reason = ''")
        busy = [{"start": one["start_utc"], "end": one["end_utc"]} for one in taken]
        assert rows
        assert within(spans(rows), spans(busy)) == []


def preview(found: Home, *arguments: str, **options: Any) -> Any:
    return found.json("can-i", *arguments, **options)


def test_the_cost_of_a_yes_counts_what_is_spent_and_booked(tmp_path: Path) -> None:
    spent = met("v1", "20260914T100000Z", "20260914T103000Z", "victor@y.org")
    booked = met("v2", "20260917T100000Z", "20260917T110000Z", "victor@y.org", "bo@x.org")
    found = home(tmp_path, spent, booked)
    answer = preview(found, "1h", "--with", "victor")
    assert (answer["before_minutes"], answer["after_minutes"], answer["max_minutes"]) == (60, 120, 60)
    assert (answer["ok"], answer["person"]["addresses"]) == (False, ["victor@y.org"])
    assert answer["breaks"] == ["budget: 2.0 h this week, 1.0 h are meant for Victor"]
    assert preview(home(tmp_path / "free"), "1h", "--with", "victor")["ok"] is True


@pytest.mark.parametrize("weekly", [False, True])
def test_the_preview_is_what_comes_to_pass(tmp_path: Path, *, weekly: bool) -> None:
    found = home(tmp_path, met("v1", "20260914T100000Z", "20260914T103000Z", "victor@y.org"))
    word = ["weekly"] if weekly else []
    answer = preview(found, "1h", *word, "--with", "victor")
    rule = ["RRULE:FREQ=WEEKLY"] if weekly else []
    found.calendar(
        vevent("yes", "20260918T090000Z", "20260918T100000Z", *rule, *guests("victor@y.org")), name="yes.ics"
    )
    assert preview(found, "1h", "--with", "victor")["before_minutes"] == answer["after_minutes"]
    found.as_of = "2026-09-20T23:00:00Z"
    assert found.minutes(period="2026-W38")["victor@y.org"] == answer["after_minutes"]


_TAKEN = st.lists(
    st.tuples(
        st.integers(0, 13 * 96),  # quarters of an hour from Monday
        st.integers(1, 20),  # quarters long
        st.sampled_from(["", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"]),
        st.sampled_from(["ACCEPTED", "TENTATIVE", "NEEDS-ACTION"]),
    ),
    max_size=6,
)
_HELSINKI = ZoneInfo("Europe/Helsinki")
_CHANGE = datetime(2026, 10, 19, tzinfo=_HELSINKI)  # clocks go back on the Sunday of this week


@given(_TAKEN, st.sampled_from(["", '[people."ana@x.org"]\nmax = "50m/week"\n']))
@settings(max_examples=12)
def test_what_is_offered_is_free_and_costs_what_was_said(taken: list[tuple[int, int, str, str]], budget: str) -> None:
    entries, local = [], "%Y%m%dT%H%M%S"
    for place, (start, long, rule, mine) in enumerate(taken):
        begin = _CHANGE.replace(tzinfo=None) + timedelta(minutes=15 * start)
        times = [f";TZID=Europe/Helsinki:{at:{local}}" for at in (begin, begin + timedelta(minutes=15 * long))]
        entries.append(vevent(f"t{place}", *times, *([rule] if rule else []), *guests("bo@x.org", mine=mine)))
    with tempfile.TemporaryDirectory() as folder:
        found = home(Path(folder), *entries, more=budget, zone="Europe/Helsinki", as_of=_CHANGE.isoformat())
        rows = found.json("slots", "--for", "ana@x.org")
        sql = "select start_utc as start, end_utc as end from v_meetings where reason <> 'not_mine'"
        assert within(spans(rows), spans(found.json("query", sql))) == []
        this = [row for row in rows if row["start"] < "2026-10-26"]
        if not this:
            return
        (length,) = {end - start for start, end in spans(this)}
        answer = preview(found, f"{length // 60_000}m", "--with", "ana@x.org")
        times = [
            datetime.fromisoformat(this[-1][key]).astimezone(UTC).strftime(local + "Z") for key in ("start", "end")
        ]
        found.calendar(met("yes", *times, "ana@x.org"), name="yes.ics")
        found.as_of = (_CHANGE + timedelta(days=7, minutes=-1)).isoformat()
        assert found.minutes(period="2026-W43").get("ana@x.org") == pytest.approx(answer["after_minutes"])


def test_a_tier_and_a_goal_are_told_and_break_nothing(tmp_path: Path) -> None:
    """Friday: two and a half hours of work are left, and two of them are still meant for the launch."""
    goal = '[goals.launch]\nweekly = "2h"\nmatch = ["launch"]\n'
    found = home(tmp_path, more=TIERS + goal, as_of="2026-09-18T15:00:00Z")
    assert preview(found, "30m", "--with", "ana")["notes"] == []
    answer = preview(found, "1h", "--with", "ana")
    told = answer["notes"]
    assert (answer["ok"], answer["breaks"]) == (True, [])
    assert [one.split(":")[0] for one in told] == ["goal launch", "tier close"]
    own = '[goals.launch]\nweekly = "2h"\npeople = { "ana@x.org" = 1.0 }\n'
    key = home(tmp_path / "key", more=own, as_of="2026-09-18T15:00:00Z")
    assert preview(key, "1h", "--with", "ana")["notes"] == []  # it is for the goal


def test_whom_only_the_settings_know_is_offered_what_they_say(tmp_path: Path) -> None:
    found = Home(tmp_path, more=TIERS)
    found.as_of = MONDAY_NOON
    assert len(found.json("slots", "--for", "ana@x.org")) == 16
    (row,) = found.json("budget")["people"]
    assert (row["person"]["addresses"], row["left_minutes"]) == (["victor@y.org"], 60)
    answer = preview(found, "90m", "--with", "Victor@y.org")
    assert (answer["before_minutes"], answer["max_minutes"], answer["ok"]) == (0, 60, False)
    assert answer["person"] == {"id": "victor@y.org", "name": "victor@y.org", "addresses": ["victor@y.org"]}
    assert found.invoke("slots", "--for", "me@x.org").exit_code == 2


def test_check_says_it_with_the_exit_code(tmp_path: Path) -> None:
    found = home(tmp_path)
    assert found.invoke("can-i", "90m", "--with", "victor", "--check", "--as-of", found.as_of).exit_code == 3
    assert found.invoke("can-i", "1h", "--with", "victor", "--check", "--as-of", found.as_of).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["can-i", "soon", "--with", "ana"], "is no length"),
        (["can-i", "0m", "--with", "ana"], "is no length"),
        (["can-i", "1h", "daily", "--with", "ana"], "not understood"),
        (["can-i", "1h", "--with", "(broadcast)"], "nobody to meet"),
        (["slots", "--for", "nobody"], "Nobody is known"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(tmp_path: Path, arguments: list[str], says: str) -> None:
    result = home(tmp_path).invoke(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_budgets_by_person_and_tier(tmp_path: Path) -> None:
    past = met("v0", "20260908T100000Z", "20260908T104500Z", "victor@y.org")
    spent = met("v1", "20260914T100000Z", "20260914T103000Z", "victor@y.org")
    booked = met("v2", "20260917T100000Z", "20260917T101500Z", "victor@y.org")
    close = met("a", "20260914T090000Z", "20260914T094000Z", "ana@x.org")
    answer = home(tmp_path, past, spent, booked, close).json("budget")
    (victor,) = answer["people"]
    assert {key: value for key, value in victor.items() if key != "person"} == {
        "max_minutes": 60, "week_minutes": 30, "booked_minutes": 15, "left_minutes": 15,
        "four_weeks_minutes": 75, "four_weeks_max_minutes": 240,
    }  # fmt: skip
    assert answer["tiers"] == [
        {"tier": "close", "members": 1, "week_minutes": 40, "booked_minutes": 0, "four_weeks_minutes": 40}
    ]


def test_what_is_still_booked_today_is_booked(tmp_path: Path) -> None:
    """The session cuts its day at now; what is planned after now is asked all the same."""
    found = home(tmp_path, met("v", "20260914T150000Z", "20260914T154000Z", "victor@y.org"))
    assert preview(found, "10m", "--with", "victor")["before_minutes"] == 40
    (victor,) = found.json("budget")["people"]
    assert (victor["week_minutes"], victor["booked_minutes"]) == (0, 40)


def test_of_a_meeting_that_is_going_on_the_rest_is_booked(tmp_path: Path) -> None:
    found = home(tmp_path, met("v", "20260914T113000Z", "20260914T121500Z", "victor@y.org"))
    (victor,) = found.json("budget")["people"]
    assert [round(victor[f"{part}_minutes"], 3) for part in ("week", "booked", "left")] == [30, 15, 15]


def test_the_week_begins_on_the_owner_s_monday(tmp_path: Path) -> None:
    """Sunday 23:30 in Helsinki is not yet the new week, although UTC has the same Sunday."""
    zone = ZoneInfo("Europe/Helsinki")
    sunday = datetime(2026, 9, 20, 23, 30, tzinfo=zone)
    found = home(tmp_path, zone="Europe/Helsinki", as_of=sunday.isoformat())
    assert preview(found, "1h", "--with", "victor")["week"] == "2026-W38"
    found.as_of = (sunday + timedelta(hours=1)).isoformat()
    assert preview(found, "1h", "--with", "victor")["week"] == "2026-W39"
