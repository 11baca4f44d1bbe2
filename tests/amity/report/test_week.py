"""One's own week in the report: the load line, what was kept, and questions, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import Home, guests, vevent

GROWTH = '[goals.growth]\nsolo = true\nweekly = "4h"\nmatch = ["deep work"]\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Since four weeks 45 minutes a week with somebody of no goal; late on Tuesday; a block that lost an hour."""
    found = Home(tmp_path, more=GROWTH)
    found.as_of = "2026-09-21T00:00:00Z"
    habit = vevent("habit", "20260831T100000Z", "20260831T104500Z", "RRULE:FREQ=WEEKLY", *guests("cy&co@x.org"))
    late = vevent("late", "20260915T173000Z", "20260915T180000Z", *guests("ana@x.org"))
    block = vevent("block", "20260916T090000Z", "20260916T110000Z", title="Deep work")
    taken = vevent("taken", "20260916T100000Z", "20260916T110000Z", *guests("ana@x.org"))
    found.calendar(habit, late, block, taken)
    return found


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_every_format_tells_of_the_week_and_asks(home: Home, form: str) -> None:
    result = home.invoke("report", "2026-W38", "--format", form, "--as-of", home.as_of)
    assert result.exit_code == 0
    text = result.stdout.replace("\\", "")
    for said in ("Your week", "after hours 0.5 h (0.0 h)", "kept 1.0 h, displaced 1.0 h: Ana 1.0 h",
                 "What is this time for?" if form != "text" else "what is this time for?", "own-sake"):  # fmt: skip
        assert said in text
    assert "cy&co" not in text or form != "html"
    if form == "text":
        assert max(map(len, text.splitlines())) <= 80


def test_a_question_is_asked_in_one_report_only(home: Home) -> None:
    asked = [[one["person"]["addresses"] for one in home.json("report", week)["questions"]]
             for week in ("2026-W36", "2026-W37", "2026-W38")]  # fmt: skip
    assert asked == [[], [], [["cy&co@x.org"]]]
    home.as_of = "2026-09-29T00:00:00Z"
    assert home.json("report", "2026-W39")["questions"] == []


def test_a_month_has_no_load_line(home: Home) -> None:
    assert home.json("report", "2026-09")["load"] is None
    assert home.invoke("report", "2026-09", "--as-of", home.as_of).exit_code == 0


def test_the_load_cites_what_lay_outside(home: Home) -> None:
    load = home.json("report", "2026-W38")["load"]
    late = next(one for one in home.json("explain", "ana@x.org")["items"] if one["at"].startswith("2026-09-15"))
    assert load["evidence"] == [late["position"]]
