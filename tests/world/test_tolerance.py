"""What must change nothing: a bad week, a job title, the order in which files arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home
from tests.world.evaluate import home_of
from tests.world.plot import Plot
from tests.world.values import Guest, Who

SEED = 5
JUDGED = ("neglected", "over", "fading", "care", "owe")
ASKED = (*JUDGED, "people", "intros", "inbox", "waiting", "asks")
IN_THE_LOG = frozenset(
    {"evidence", "position", "positions", "why"}
)  # where things stand in the log, and how it is told
MOODY = ("kept", "carer", "irregular", "collaborator", "circle-kept")


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(tmp_path_factory.mktemp("calm"), SEED)[0]


def states(home: Home) -> dict[str, dict[str, str]]:
    """By judgement: the state of everybody named."""
    return {
        judgement: {one["person"]["addresses"][0]: one["state"] for one in home.json(judgement)} for judgement in JUDGED
    }


def moody(plot: Plot) -> list[Who]:
    wanted = {address for archetype in MOODY for address in plot.truth.cast[archetype]}
    return [who for who in plot.people if who.address in wanted]


def bad_weeks(*weeks: int) -> Callable[[Plot], None]:
    """In each of these weeks: a meeting of two that they decline, one that they cancel, an answer after four days."""

    def change(plot: Plot) -> None:
        for who in moody(plot):
            for week in weeks:
                monday = plot.monday(week)
                decline = plot.meet(
                    plot.on(monday + timedelta(days=3), 20), 30, "Chat", [Guest(*_box(who), "DECLINED")]
                )
                decline.created = plot.on(monday, 8)
                cancelled = plot.meet(plot.on(monday + timedelta(days=4), 20), 30, "Call", [who], organizer=who)
                cancelled.lines.append("STATUS:CANCELLED")
                if who.address in plot.truth.cast["carer"]:
                    at = plot.on(monday, 9)
                    plot.exchange(at, who, theirs=False, hours=(95, 96))

    return change


def _box(who: Who) -> tuple[str, str]:
    return who.address, who.name


def test_one_bad_week_leaves_all_states_as_they_are(calm: Home, tmp_path: Path) -> None:
    home, _ = home_of(tmp_path, SEED, bad_weeks(2))
    assert states(home) == states(calm)


def test_four_bad_weeks_are_quieter_and_nothing_stronger(calm: Home, tmp_path: Path) -> None:
    home, world = home_of(tmp_path, SEED, bad_weeks(1, 2, 3, 4))
    before, after = states(calm), states(home)
    fading = after.pop("fading")
    assert set(fading.values()) <= {"fading", "quieter"}
    new = fading.keys() - before.pop("fading").keys()
    wanted = {address for archetype in MOODY for address in world.truth.cast[archetype]}
    assert new
    assert new <= wanted
    assert {fading[address] for address in new} == {"quieter"}
    assert {name: flagged(found) for name, found in after.items()} == {
        name: flagged(found) for name, found in before.items()
    }


def flagged(found: dict[str, str]) -> dict[str, str]:
    """Four more answers, late ones, are a rhythm of their own; nobody is flagged for them."""
    return {address: state for address, state in found.items() if state not in {"ok", "due"}}


def titled(plot: Plot) -> None:
    for who in plot.people:
        who.title = "Managing Director" if not who.title else ""


def test_a_job_title_changes_nothing(calm: Home, tmp_path: Path) -> None:
    home, _ = home_of(tmp_path, SEED, titled)
    for question in ASKED:
        assert home.json(question) == calm.json(question), question


def timeless(value: Any) -> Any:
    """Without what depends on the place in the log."""
    if isinstance(value, dict):
        return {key: timeless(one) for key, one in value.items() if key not in IN_THE_LOG}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def test_the_order_of_arrival_changes_nothing(calm: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.settings((calm.folder / "amity.toml").read_text(encoding="utf-8"))
    home.as_of = calm.as_of
    for path in sorted(calm.inbox.iterdir(), reverse=True):
        if path.name != "amity.toml":
            home.json("import", str(path), as_of=None)
    for question in ASKED:
        assert timeless(home.json(question)) == timeless(calm.json(question)), question
