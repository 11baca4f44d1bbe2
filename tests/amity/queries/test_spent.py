from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from amity.queries.spent import KEYS
from tests.home import Home, guests, vevent

PERIODS = ("2026-W38", "2026-09", "2026", "all", "2026-09-14..2026-09-17")


def total(answer: Any) -> float:
    return float(sum(row["minutes"] for row in answer["rows"]))


@pytest.mark.parametrize("period", PERIODS)
def test_the_totals_reconcile(lived: Home, period: str) -> None:
    totals = lived.totals(period)
    parts = totals["meeting_minutes"] + totals["mail_minutes"]
    assert totals["clock_minutes"] == pytest.approx(parts + totals["solo_minutes"])
    assert totals["attributed_minutes"] + totals["broadcast_minutes"] == pytest.approx(parts)
    assert totals["clock_minutes"] > 0


@pytest.mark.parametrize("keys", [",".join(keys) for n in (1, 2) for keys in combinations(KEYS, n)])
def test_rows_by_any_keys_add_up(lived: Home, keys: str) -> None:
    totals = lived.totals("2026-W38")
    clock = lived.json("time", "2026-W38", "--by", keys, "--measure", "clock")
    attributed = lived.json("time", "2026-W38", "--by", keys, "--measure", "attributed")
    assert total(clock) == pytest.approx(totals["clock_minutes"])
    assert total(attributed) == pytest.approx(totals["attributed_minutes"] + totals["broadcast_minutes"])
    for row in attributed["rows"]:
        assert row["minutes"] == pytest.approx(row["meeting_minutes"] + row["mail_minutes"])


def test_days_add_up_to_their_week_and_weeks_to_all(lived: Home) -> None:
    week = lived.totals("2026-W38")["clock_minutes"]
    assert total(lived.json("time", "2026-W38", "--by", "day")) == pytest.approx(week)
    weeks = lived.json("time", "all", "--by", "week")["rows"]
    assert [row["week"] for row in weeks] == sorted(row["week"] for row in weeks)
    assert next(row["minutes"] for row in weeks if row["week"] == "2026-W38") == pytest.approx(week)
    assert sum(row["minutes"] for row in weeks) == pytest.approx(lived.totals("all")["clock_minutes"])


def test_a_goal_with_nothing_still_has_a_row(lived: Home) -> None:
    rows = lived.json("time", "2020-01", "--by", "goal")["rows"]
    assert {row["goal"]: row["minutes"] for row in rows} == dict.fromkeys(
        ("launch", "fundraise", "hiring", "growth", "unassigned"), 0
    )


@pytest.mark.parametrize("subject", ["victor", "launch", "growth", "unassigned", "(broadcast)"])
def test_what_is_explained_adds_up_to_what_was_told(lived: Home, subject: str) -> None:
    answer = lived.json("explain", subject, "2026-W38")
    assert sum(item["minutes"] for item in answer["items"]) == pytest.approx(answer["minutes"])
    by = "goal" if "goal" in answer else "person"
    name = answer.get("goal") or answer["person"]["id"]
    rows = lived.json("time", "2026-W38", "--by", by, "--measure", "clock")["rows"]
    told = {row[by] if by == "goal" else row[by]["id"]: row["minutes"] for row in rows}
    assert answer["minutes"] == pytest.approx(told[name])
    assert all(item["position"] > 0 and item["how"] for item in answer["items"])


def test_everything_of_a_day_is_explained_or_uncounted(lived: Home) -> None:
    asked = lived.json("query", "select position from v_messages where at_utc between '2026-09-14' and '2026-09-19'")
    explained: set[int] = set()
    for row in lived.json("time", "2026-W38", "--by", "goal")["rows"]:
        explained |= {item["position"] for item in lived.json("explain", row["goal"], "2026-W38")["items"]}
    left_out = {item["position"] for item in lived.json("uncounted", "2026-W38")}
    assert {row["position"] for row in asked} <= explained | left_out


def test_a_meeting_that_is_going_on_counts_until_now(tmp_path: Path) -> None:
    home = Home(tmp_path)
    hour = ("20260901T100000Z", "20260901T110000Z")
    home.calendar(
        vevent("a", *hour, *guests("ana@y.org")),
        vevent("b", "20260901T104500Z", "20260901T111500Z", *guests("bo@y.org")),
        vevent("c", "20260901T120000Z", "20260901T130000Z", *guests("cy@y.org")),
    )
    spent = {}
    for moment in ("09:00", "10:30", "11:00", "12:30", "23:00"):
        home.as_of = f"2026-09-01T{moment}:00Z"
        spent[moment] = home.minutes("person", "2026-09-01")
        assert home.totals("2026-09-01")["clock_minutes"] == pytest.approx(sum(spent[moment].values()))
    assert spent["09:00"] == {}
    assert spent["10:30"] == {"ana@y.org": 30}
    assert spent["11:00"] == {"ana@y.org": 52.5, "bo@y.org": 7.5}
    assert spent["12:30"] == {"ana@y.org": 52.5, "bo@y.org": 22.5, "cy@y.org": 30}
    assert spent["23:00"] == {"ana@y.org": 52.5, "bo@y.org": 22.5, "cy@y.org": 60}


def test_a_second_import_changes_no_number(life_copy: Home) -> None:
    questions = (("report", "2026-W38"), ("time", "all", "--by", "person,goal"), ("people", "--all"), ("neglected",))
    before = [life_copy.json(*question) for question in questions]
    files = [str(life_copy.inbox / name) for name in ("mail.mbox", "calendar.ics", "contacts.vcf")]
    assert life_copy.json("import", *files, as_of=None)["stored"] == 0
    after = [life_copy.json(*question) for question in questions]
    for old, new in zip(before, after, strict=True):
        if isinstance(old, dict):
            old.pop("sources", None), new.pop("sources", None)
        assert new == old
