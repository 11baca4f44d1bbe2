"""Goals as a person meets them: files in, commands out."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.home import Home, guests, mail, vevent

ANA, BO, CY = "ana@x.org", "bo@x.org", "cy@x.org"
LAUNCH = """
[goals.launch]
weight = 0.6
weekly = "2h"
match = ["launch"]
people = { "ana@x.org" = 0.7, "bo@x.org" = 0.3 }
"""
GROWTH = """
[goals.growth]
solo = true
weekly = "4h"
match = ["deep work"]
"""


def weekly(uid: str, day: str, start: str, end: str, *others: str, title: str = "Talk", more: str = "") -> str:
    rule = [more] if more else []
    return vevent(uid, f"{day}T{start}00Z", f"{day}T{end}00Z", *rule, *guests(*others), title=title)


def home(folder: Path, *vevents: str, more: str = LAUNCH, as_of: str = "2026-09-21T00:00:00Z") -> Home:
    found = Home(folder, more=more)
    found.as_of = as_of
    found.calendar(*vevents)
    return found


def goal(found: Home, slug: str, *arguments: str) -> dict[str, Any]:
    return next(one for one in found.json("goals", *arguments) if one["goal"] == slug)


# minutes, targets, weeks


def test_a_goal_s_minutes_stand_beside_a_target_scaled_by_available_days(tmp_path: Path) -> None:
    """Two of five days off: three fifths of the target (F11)."""
    away = vevent("off", ";VALUE=DATE:20260917", ";VALUE=DATE:20260919", "X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    found = home(tmp_path, weekly("a", "20260914", "1000", "1100", CY, title="Launch plan"), away)
    one = goal(found, "launch", "2026-W38")
    assert (one["minutes"], one["target_minutes"]) == (60, 72)
    assert found.json("goals", "2026-W38")[-1]["goal"] == "unassigned"
    assert one["evidence"]


def test_weeks_below_the_target_and_two_of_them_are_neglect(tmp_path: Path) -> None:
    """W35: 2 h, W36: 1 h, W37: a week off, W38: 1 h. Two available weeks running, and the week off is none of them."""
    meetings = [
        weekly("a", "20260824", "1000", "1200", CY, title="Launch"),
        weekly("b", "20260831", "1000", "1100", CY, title="Launch"),
        weekly("c", "20260914", "1000", "1100", CY, title="Launch"),
    ]
    away = vevent("off", ";VALUE=DATE:20260907", ";VALUE=DATE:20260914", "X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    found = home(tmp_path, *meetings, away)
    assert [(goal(found, "launch", week)["weeks_below"], goal(found, "launch", week)["neglected"])
            for week in ("2026-W35", "2026-W36", "2026-W37", "2026-W38")] == [
        (0, False), (1, False), (1, False), (2, True),
    ]  # fmt: skip
    assert found.invoke("goals", "2026-W38", "--check", "--as-of", found.as_of).exit_code == 3


def test_a_week_that_is_not_over_and_weeks_before_the_records_are_no_misses(tmp_path: Path) -> None:
    found = home(tmp_path, weekly("a", "20260915", "1000", "1100", CY, title="Launch"), as_of="2026-09-17T00:00:00Z")
    assert goal(found, "launch")["weeks_below"] == 0


def test_what_is_still_to_come_is_no_time_spent(tmp_path: Path) -> None:
    found = home(tmp_path, weekly("a", "20260917", "1000", "1100", CY, title="Launch"), as_of="2026-09-16T00:00:00Z")
    assert goal(found, "launch")["minutes"] == 0


# key people


def test_coverage_is_who_is_ok_or_due_of_all_key_people(tmp_path: Path) -> None:
    """Ana every week and last on Monday: ok. Bo, last seen two months ago: not. Dee was never seen at all."""
    people = '[goals.launch]\npeople = { "ana@x.org" = 0.5, "bo@x.org" = 0.3, "dee@x.org" = 0.2 }\n'
    ana = weekly("ana", "20260803", "1000", "1100", ANA, more="RRULE:FREQ=WEEKLY")
    bo = weekly("bo", "20260601", "1000", "1100", BO, more="RRULE:FREQ=WEEKLY;UNTIL=20260715T000000Z")
    one = goal(home(tmp_path, ana, bo, more=people), "launch")
    assert (one["in_touch"], one["key_people"], one["out_of_touch"]) == (1, 3, ["Bo", "dee@x.org"])


def test_key_people_without_a_rhythm_are_in_touch_for_a_month_and_a_half(tmp_path: Path) -> None:
    found = home(tmp_path, weekly("a", "20260901", "1000", "1100", ANA), weekly("b", "20260601", "1000", "1100", BO))
    assert goal(found, "launch")["out_of_touch"] == ["Bo"]


# goal by person


def test_rows_and_columns_of_the_matrix_add_up_to_what_time_calls_attributed(lived: Home) -> None:
    for period in ("all", "2026-W30", "2026-W37", "2026-W38", "2026-08", "2026-09-01..2026-09-18"):
        found, totals = lived.json("goals", period, "--matrix"), lived.totals(period)
        rows = sum(row["minutes"] for row in found["rows"])
        columns = sum(found["columns"].values())
        assert rows == pytest.approx(columns, abs=1e-6)
        assert rows == pytest.approx(totals["attributed_minutes"], abs=1e-6)
        assert sum(found["broadcast"].values()) == pytest.approx(totals["broadcast_minutes"], abs=1e-6)
        for row in found["rows"]:
            assert sum(row["goals"].values()) == pytest.approx(row["minutes"], abs=1e-6)
        for slug, minutes in found["columns"].items():
            assert sum(row["goals"].get(slug, 0) for row in found["rows"]) == pytest.approx(minutes, abs=1e-6)
        assert "Ana Ruiz" in {row["person"]["name"] for row in found["rows"]}


_MEETINGS = st.lists(
    st.tuples(
        st.integers(1, 21),  # of September
        st.integers(420, 1260),  # minutes of the day
        st.integers(1, 170),  # long
        st.sampled_from(["Launch", "Interview", "Talk"]),
        st.sets(st.sampled_from([ANA, BO, CY, "dee@x.org"]), min_size=1),
        st.booleans(),  # a crowd besides
    ),
    min_size=1,
    max_size=8,
)


def clock(day: int, minute: int) -> str:
    return f"202609{day:02d}T{minute // 60:02d}{minute % 60:02d}00Z"


@given(_MEETINGS)
@settings(max_examples=12)
def test_the_matrix_adds_up_in_any_world_and_every_week_of_it(
    meetings: list[tuple[int, int, int, str, set[str], bool]],
) -> None:
    hiring = '[goals.hiring]\nmatch = ["interview"]\npeople = { "ana@x.org" = 0.5, "cy@x.org" = 0.5 }\n'
    crowd = [f"p{number}@crowd.org" for number in range(25)]
    entries = []
    for place, (day, minute, long, title, who, many) in enumerate(meetings):
        lines = guests(*sorted(who), *(crowd if many else []))
        entries.append(vevent(f"m{place}", clock(day, minute), clock(day, minute + long), *lines, title=title))
    with tempfile.TemporaryDirectory() as folder:
        found = home(Path(folder), *entries, more=LAUNCH + hiring, as_of="2026-09-28T00:00:00Z")
        for period in ("all", "2026-W36", "2026-W37", "2026-W38", "2026-W39"):
            answer, totals = found.json("goals", period, "--matrix"), found.totals(period)
            rows = sum(row["minutes"] for row in answer["rows"])
            assert rows == pytest.approx(totals["attributed_minutes"], abs=1e-6)
            assert sum(answer["columns"].values()) == pytest.approx(rows, abs=1e-6)


# goals and the past


def test_a_goal_declared_today_relabels_the_past_and_moves_no_minute(tmp_path: Path) -> None:
    found = home(tmp_path, weekly("a", "20260803", "1000", "1130", CY, title="Interview"), more="")
    before = found.json("time", "all", "--by", "goal,person,day")
    position = found.json("status")["log"]["last_position"]
    found.settings((found.folder / "amity.toml").read_text() + '[goals.hiring]\nmatch = ["interview"]\n')
    after = found.json("time", "all", "--by", "goal,person,day")
    assert after["totals"] == before["totals"]
    assert [row["minutes"] for row in after["rows"]] == [row["minutes"] for row in before["rows"]]
    assert [row["goal"] for row in before["rows"]] == ["unassigned"]
    assert [row["goal"] for row in after["rows"]] == ["hiring"]
    assert found.json("time", "all", "--by", "goal,person,day", "--known-at", str(position)) == before
    assert found.json("goals", "all", "--known-at", str(position))[0]["goal"] == "unassigned"
    earlier = found.json("time", "all", "--by", "goal", as_of="2026-08-10")  # settings hold at every --as-of
    assert {row["goal"]: row["minutes"] for row in earlier["rows"]} == {"hiring": 90, "unassigned": 0}


def test_the_old_view_is_also_reached_by_a_time(tmp_path: Path) -> None:
    found = home(tmp_path, weekly("a", "20260803", "1000", "1130", CY, title="Interview"), more="")
    time.sleep(1.1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    found.settings((found.folder / "amity.toml").read_text() + '[goals.hiring]\nmatch = ["interview"]\n')
    assert found.minutes("goal", measure="clock") == {"hiring": 90}
    old = found.json("time", "all", "--by", "goal", "--known-at", moment)
    assert {row["goal"]: row["minutes"] for row in old["rows"]} == {"unassigned": 90}


# start kits


def planted(topic: str, expert: str, others: list[str]) -> list[str]:
    """One who writes of the topic, and as many others who write as much of other things."""
    found = []
    for week in range(6):
        for place, who in enumerate([expert, *others]):
            subject = f"{topic} question {week}" if who == expert else f"Lunch and weather {week} {place}"
            date = f"{7 + week:02d} Aug 2026 {9 + place % 8:02d}:{10 + place:02d}:00 +0000"
            found.append(mail(f"{who}@x.org", "me@x.org", date, subject=subject))
            answer = f"{7 + week:02d} Aug 2026 {18:02d}:{10 + place:02d}:00 +0000"
            found.append(mail("me@x.org", f"{who}@x.org", answer, subject=f"Re: {subject}"))
    return found


def test_planted_experts_rank_above_equally_active_non_experts(tmp_path: Path) -> None:
    """The mean reciprocal rank over eight topics, of whom all but one know nothing."""
    topics = ["pricing", "kubernetes", "visa", "Steuern", "facturación", "договор", "hiring", "insulin"]
    experts = [f"expert{place}" for place in range(len(topics))]
    found = Home(tmp_path)
    found.as_of = "2026-08-20T00:00:00Z"
    mails = [one for topic, who in zip(topics, experts, strict=True) for one in planted(topic, who, ["dull1", "dull2"])]
    found.mbox(*mails)
    ranks = []
    for topic, who in zip(topics, experts, strict=True):
        rows = found.json("goal", "plan", topic)
        listed = [row["person"]["addresses"][0] for row in rows]
        ranks.append(1 / (1 + listed.index(f"{who}@x.org")) if f"{who}@x.org" in listed else 0)
        assert all(row["evidence"] for row in rows)
    assert sum(ranks) / len(ranks) >= 0.8


def test_of_two_who_know_as_much_the_warm_one_is_first(tmp_path: Path) -> None:
    found = Home(tmp_path, more=LAUNCH)
    found.as_of = "2026-08-20T00:00:00Z"
    found.mbox(
        *(mail(f"{who}@x.org", "me@x.org", f"01 {month} 2026 10:00:00 +0000", subject=f"Launch {n} {who}")
          for who, month in (("cold", "Feb"), ("ana", "Aug")) for n in range(2)),
        *(mail("me@x.org", f"{who}@x.org", f"02 {month} 2026 10:00:00 +0000", subject=f"Re: Launch 1 {who}")
          for who, month in (("cold", "Feb"), ("ana", "Aug"))),
    )  # fmt: skip
    rows = found.json("goal", "plan", "launch")
    assert [row["person"]["addresses"][0] for row in rows] == [ANA, "cold@x.org"]
    assert [row["key"] for row in rows] == [True, False]
    assert rows[0]["warmth"] > rows[1]["warmth"]


def test_a_private_title_makes_nobody_an_expert(tmp_path: Path) -> None:
    secret = vevent("s", "20260901T100000Z", "20260901T110000Z", "CLASS:PRIVATE", *guests(CY), title="Merger")
    found = home(tmp_path, secret, more="")
    assert found.json("goal", "plan", "merger") == []


def test_a_goal_at_length(lived: Home) -> None:
    one = lived.json("goal", "show", "launch")
    assert [week["week"] for week in one["weeks"]][-1] == "2026-W37"
    assert all(week["target_minutes"] == 600 for week in one["weeks"])
    assert {row["person"]["name"] for row in one["people"]} >= {"Ana Ruiz", "Bo Lindqvist", "Mei Tan"}
    result = lived.invoke("goal", "show", "nothing")
    assert result.exit_code == 2
    assert "launch" in result.stderr


# updates


def told(who: str, subject: str, day: str) -> str:
    return mail("me@x.org", who, f"{day} 2026 10:00:00 +0000", subject=subject)


def test_an_update_is_due_until_one_such_mail_is_sent(tmp_path: Path) -> None:
    other = '[goals.hiring]\nweight = 0.9\nmatch = ["interview"]\npeople = { "ana@x.org" = 1.0 }\n'
    found = Home(tmp_path, more=LAUNCH + other)
    found.as_of = "2026-09-21T00:00:00Z"
    found.mbox(
        told(ANA, "Launch news", "01 Jul"), told(ANA, "Interview tomorrow", "18 Sep"), told(BO, "Hello", "10 Sep")
    )

    def due() -> set[tuple[str, str]]:
        return {(one["goal"], one["person"]["addresses"][0]) for one in found.json("goals", "--updates")}

    assert due() == {("launch", ANA)}  # Bo is key to nothing else: a mail to him is a mail about the launch
    (row,) = found.json("goals", "--updates")
    assert (row["last"][:10], len(row["evidence"])) == ("2026-07-01", 1)
    assert len(found.json("goals", "--updates", "--weeks", "1")) == 2
    found.mbox(told(ANA, "The launch, in short", "20 Sep"), name="more.mbox")
    assert due() == set()


def test_who_has_never_had_one_is_due_and_who_sleeps_is_not(tmp_path: Path) -> None:
    found = home(tmp_path, weekly("a", "20260914", "1000", "1100", ANA))
    (row,) = found.json("goals", "--updates")
    assert (row["person"]["addresses"], row["last"], row["days"]) == ([ANA], None, None)
    assert found.invoke("goals", "--updates", "--check", "--as-of", found.as_of).exit_code == 3
    assert found.invoke("snooze", ANA, "7d", "--as-of", found.as_of).exit_code == 0
    found.as_of = "2026-09-21T01:00:00Z"
    assert found.json("goals", "--updates") == []


# hours without a place


def orphaned(folder: Path, more: str = LAUNCH) -> Home:
    """Cy: three hours in four weeks for nothing in particular, in each of many weeks."""
    cy = weekly("cy", "20260706", "1000", "1045", CY, more="RRULE:FREQ=WEEKLY")
    return home(folder, cy, weekly("ana", "20260707", "1000", "1200", ANA, more="RRULE:FREQ=WEEKLY"), more=more)


def orphans(found: Home) -> list[str]:
    return [one["person"]["addresses"][0] for one in found.json("goals", "--orphans")]


def test_whoever_has_hours_and_no_goal_is_asked_about_once(tmp_path: Path) -> None:
    found = orphaned(tmp_path)
    (row,) = found.json("goals", "--orphans")
    assert row["person"]["addresses"] == [CY]
    assert (row["minutes"], row["asked"]) == (180, True)
    assert row["evidence"]
    found.as_of = "2026-07-21T00:00:00Z"  # three meetings: the first week that can ask
    assert found.json("goals", "--orphans")[0]["asked"] is False
    assert [
        one["person"]["addresses"] for one in found.json("report", "2026-W30", as_of="2026-07-29")["questions"]
    ] == [[CY]]
    assert found.json("report", "2026-W33", as_of="2026-08-20")["questions"] == []


@pytest.mark.parametrize("choice", ["goal=launch", "own-sake", "max=1h/week"])
def test_after_choosing_the_person_never_comes_back_for_that_reason(tmp_path: Path, choice: str) -> None:
    found = orphaned(tmp_path)
    totals = found.totals()
    assert orphans(found) == [CY]
    assert found.invoke("place", CY, choice, "--as-of", found.as_of).exit_code == 0
    for as_of in ("2026-09-21T00:00:01Z", "2026-10-12T00:00:00Z", "2027-01-04T00:00:00Z"):
        found.as_of = as_of
        assert orphans(found) == []
        assert CY not in [one["person"]["addresses"][0] for one in found.json("over") if one["state"] == "to-decide"]
    found.as_of = "2026-09-21T00:00:01Z"
    assert found.totals() == totals
    assert found.invoke("undo", "--as-of", found.as_of).exit_code == 0
    assert orphans(found) == [CY]


def test_who_is_placed_in_a_goal_takes_their_hours_there_and_back(tmp_path: Path) -> None:
    found = orphaned(tmp_path)
    before = found.minutes("goal")
    found.invoke("place", CY, "goal=launch", "--as-of", found.as_of)
    found.as_of = "2026-09-21T00:00:01Z"
    assert found.minutes("goal") == {"launch": sum(before.values())}
    views = found.json("time", "all", "--by", "person,goal,day,channel")
    found.json("rebuild", as_of=None)
    assert found.json("time", "all", "--by", "person,goal,day,channel") == views
    found.invoke("undo", "--as-of", found.as_of)
    assert found.minutes("goal") == before


def test_what_was_placed_later_was_not_placed_before(tmp_path: Path) -> None:
    found = orphaned(tmp_path)
    found.invoke("place", CY, "goal=launch", "--as-of", found.as_of)
    found.as_of = "2026-09-20T00:00:00Z"
    assert orphans(found) == [CY]
    assert found.minutes("goal")["unassigned"] > 0


def test_a_second_place_takes_the_first_one_s_and_between_them_the_first_held(tmp_path: Path) -> None:
    found = orphaned(tmp_path)
    assert found.invoke("place", CY, "goal=launch", "--as-of", "2026-09-21").exit_code == 0
    assert found.invoke("place", CY, "own-sake", "--as-of", "2026-09-25").exit_code == 0
    kept = {as_of: [row["minutes"] for row in found.json("time", "2026-W30", "--by", "goal", as_of=as_of)["rows"]]
            for as_of in ("2026-09-20", "2026-09-23", "2026-09-26")}  # fmt: skip
    assert kept == {"2026-09-20": [120, 45], "2026-09-23": [165, 0], "2026-09-26": [120, 45]}
    found.as_of = "2026-09-26T00:00:00Z"
    assert orphans(found) == []


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ("goal=moon", "no goal"),
        ("goal=growth", "no goal for people"),
        ("max=soon", "no weekly budget"),
        ("shelf", "no place"),
    ],
)
def test_what_is_no_place_is_said(tmp_path: Path, choice: str, says: str) -> None:
    result = orphaned(tmp_path, LAUNCH + GROWTH).invoke("place", CY, choice)
    assert result.exit_code == 2
    assert says in result.stderr


# rhythms


def usual(found: Home, as_of: str = "") -> float:
    one = next(one for one in found.json("neglected", as_of=as_of) if one["person"]["addresses"] == [CY])
    return float(one["usual_days"])


def test_a_rhythm_that_is_said_outranks_what_was_written_until_something_new_is_written(tmp_path: Path) -> None:
    written = LAUNCH + '[people."cy@x.org"]\nevery = "30d"\n'
    found = orphaned(tmp_path, written)
    assert usual(found) == 30
    assert found.invoke("rhythm", CY, "every 6w", "--as-of", "2026-09-01").exit_code == 0
    assert usual(found) == 42
    assert usual(found, "2026-08-31") == 30
    text = (found.folder / "amity.toml").read_text()
    found.settings(text.replace('every = "30d"', 'every = "14d"'))
    assert usual(found) == 14
    found.settings(text)
    assert usual(found) == 42
    found.invoke("undo", "--as-of", "2026-09-02")
    assert usual(found) == 30
    assert found.invoke("rhythm", CY, "often").exit_code == 2


# growth


def test_a_block_feeds_its_goal_and_nobody_and_what_displaced_it_is_named(tmp_path: Path) -> None:
    """Block 09-11, accepted 10-11 with Ana: one hour kept, one displaced by her."""
    block = vevent("block", "20260915T090000Z", "20260915T110000Z", title="Deep work")
    meeting = weekly("m", "20260915", "1000", "1100", ANA)
    found = home(tmp_path, block, meeting, more=LAUNCH + GROWTH)
    one = goal(found, "growth", "2026-W38")
    assert (one["minutes"], one["kept_minutes"], one["displaced_minutes"]) == (60, 60, 60)
    assert [(row["person"]["addresses"], row["minutes"]) for row in one["displaced_by"]] == [([ANA], 60)]
    assert found.minutes() == {ANA: 60}
    assert found.totals()["solo_minutes"] == 60


def test_a_meeting_of_several_displaces_for_several(tmp_path: Path) -> None:
    block = vevent("block", "20260915T090000Z", "20260915T110000Z", title="Deep work")
    found = home(tmp_path, block, weekly("m", "20260915", "1000", "1100", ANA, BO), more=GROWTH)
    one = goal(found, "growth", "2026-W38")
    assert {row["person"]["addresses"][0]: row["minutes"] for row in one["displaced_by"]} == {ANA: 30, BO: 30}
    report = next(one for one in found.json("report", "2026-W38")["goals"] if one["goal"] == "growth")
    assert (report["displaced_minutes"], report["kept_minutes"]) == (60, 60)


def test_a_declined_meeting_displaces_nothing(tmp_path: Path) -> None:
    block = vevent("block", "20260915T090000Z", "20260915T110000Z", title="Deep work")
    declined = vevent("m", "20260915T100000Z", "20260915T110000Z", *guests(ANA, mine="DECLINED"))
    one = goal(home(tmp_path, block, declined, more=GROWTH), "growth", "2026-W38")
    assert (one["kept_minutes"], one["displaced_minutes"], one["displaced_by"]) == (120, 0, [])


# the load line


def test_the_report_tells_how_heavy_the_week_was_beside_one_s_own(tmp_path: Path) -> None:
    quiet = weekly("quiet", "20260803", "0900", "1000", ANA, more="RRULE:FREQ=WEEKLY;COUNT=6")
    late = weekly("late", "20260915", "1700", "1830", BO)
    sunday = weekly("sunday", "20260920", "1000", "1030", BO)
    load = home(tmp_path, quiet, late, sunday).json("report", "2026-W38")["load"]
    assert (load["after_hours_minutes"], load["weekend_minutes"], load["longest_free_minutes"]) == (60, 30, 510)
    assert load["usual"] == {"after_hours_minutes": 0, "weekend_minutes": 0, "longest_free_minutes": 510}
    assert (load["weeks"], len(load["evidence"])) == (6, 2)


# on a terminal


def test_tables_keep_their_columns_and_nothing_is_wider_than_a_terminal(lived: Home) -> None:
    for question in (
        ["goals", "2026-W38"],
        ["goals", "2026-W38", "--matrix"],
        ["goals", "--updates"],
        ["goal", "show", "launch"],
    ):
        lines = lived.invoke(*question, "--as-of", lived.as_of).stdout.splitlines()
        assert max(map(len, lines)) <= 80
    head, first, *_ = lived.invoke("goals", "2026-W38", "--as-of", lived.as_of).stdout.splitlines()
    assert first[head.index("actual") - 2 : head.index("actual") + 6].strip().endswith("h")


def test_a_long_name_goes_on_where_it_began(tmp_path: Path) -> None:
    found = orphaned(tmp_path)
    (row,) = found.json("goals", "--orphans")
    lines = found.invoke("goals", "--orphans", "--as-of", found.as_of).stdout.splitlines()
    assert lines[0].startswith(row["person"]["name"])
    assert [line.strip() for line in lines[-3:]] == row["choices"]
