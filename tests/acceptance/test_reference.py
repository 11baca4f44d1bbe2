"""Random worlds through the command line: every number beside a slow reference that shares no code with the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.compare import compare, moments, opened
from tests.acceptance.worlds import files, world
from tests.home import Home

QUESTIONS = (
    ("time", "all", "--by", "person,day,goal,channel"),
    ("time", "all", "--by", "goal", "--measure", "clock"),
    ("uncounted", "all"),
    ("people", "--all"),
    ("report", "all"),
    ("neglected",),
    ("over",),
)


@pytest.mark.parametrize("seed", [1, 10, 38, 65, 112])
def test_every_number_of_a_world(tmp_path: Path, seed: int) -> None:
    assert not compare(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("decade", range(12))
def test_every_number_of_ten_worlds(tmp_path: Path, decade: int) -> None:
    for seed in range(1000 + 10 * decade, 1010 + 10 * decade):
        assert not compare(tmp_path / str(seed), seed), seed


def _answers(home: Home) -> list[str]:
    return [home.invoke(*words, "--as-of", home.as_of, "--json").stdout for words in QUESTIONS]


def test_rebuilding_and_reading_again_change_nothing(tmp_path: Path) -> None:
    made = world(2)
    home = opened(tmp_path, made)
    home.as_of = moments(made, 2)[0].isoformat()
    numbers = home.minutes("person"), home.minutes("goal", measure="clock"), home.reasons()
    for name, text in files(made).items():
        assert home.bring(name, text)["stored"] == 0
    assert (home.minutes("person"), home.minutes("goal", measure="clock"), home.reasons()) == numbers
    before = _answers(home)
    home.json("rebuild", as_of=None)
    assert _answers(home) == before
    (home.folder / "views.db").unlink()
    assert _answers(home) == before


def test_the_order_of_imports_changes_no_number(tmp_path: Path) -> None:
    made = world(3)
    homes = [opened(tmp_path / str(order), made, order=order) for order in (1, -1)]
    for home in homes:
        home.as_of = moments(made, 3)[0].isoformat()
    one, other = homes
    assert one.minutes("person") == other.minutes("person")
    assert one.minutes("goal", measure="clock") == other.minutes("goal", measure="clock")
    assert one.minutes("day", measure="clock") == other.minutes("day", measure="clock")
    assert one.reasons() == other.reasons()


def test_known_at_gives_the_very_report_of_then(tmp_path: Path) -> None:
    """A second file, other goals, another zone and a decision come later: before them, nothing was different."""
    made = world(4)
    home = Home(tmp_path, zone=made.zone, addresses=("me@x.org", "me@corp.com"), more=made.settings())
    home.as_of = moments(made, 4)[0].isoformat()
    (first, text), *later = files(made).items()
    home.bring(first, text)
    position = home.json("status")["log"]["last_position"]
    before = [home.invoke(*words, "--as-of", home.as_of, "--json").stdout for words in QUESTIONS]
    for name, text in later:
        home.bring(name, text)
    home.settings((home.folder / "amity.toml").read_text().replace('"launch", ', '"talk", ').replace(made.zone, "UTC"))
    home.json("note", home.json("people")[0]["addresses"][0], "a walk", "--minutes", "30")
    then = ("--known-at", str(position))
    assert [home.invoke(*words, *then, "--as-of", home.as_of, "--json").stdout for words in QUESTIONS] == before
    assert _answers(home) != before


def test_a_new_goal_labels_the_past_anew_and_keeps_its_hours(tmp_path: Path) -> None:
    made = world(6)
    home = opened(tmp_path, made)
    home.as_of = moments(made, 6)[0].isoformat()
    totals, people = home.totals(), home.minutes("person")
    home.settings((home.folder / "amity.toml").read_text() + '[goals.talks]\nmatch = ["talk", "matter"]\n')
    assert home.minutes("goal", measure="clock")["talks"] > 0
    assert (home.totals(), home.minutes("person")) == (totals, people)
