from __future__ import annotations

from projections.page import difference, page
from projections.rules import Goal

GOALS = (Goal("launch", public=True, match=("canary-word",), people={"canary@x.org": 1.0}), Goal("canary-goal"))


def test_of_a_goal_only_its_name_and_only_when_public() -> None:
    found = page(GOALS, ("Amity 1.0",), ("partners",), "Mon-Fri 09:00-17:00", "UTC").document()
    assert found == {
        "working_on": ["Amity 1.0"], "goals": ["launch"], "help_wanted": ["partners"],
        "hours": "Mon-Fri 09:00-17:00", "timezone": "UTC",
    }  # fmt: skip


def test_the_difference_names_what_came_and_what_went() -> None:
    before = page(GOALS, ("Amity 0.9",), ("partners",), "Mon-Fri 09:00-17:00", "UTC")
    now = page(GOALS, ("Amity 1.0",), ("partners",), "Mon-Thu 09:00-17:00", "UTC")
    assert difference(before, now) == {
        "came": {"working_on": ["Amity 1.0"], "goals": [], "help_wanted": [], "hours": ["Mon-Thu 09:00-17:00"]},
        "went": {"working_on": ["Amity 0.9"], "goals": [], "help_wanted": [], "hours": ["Mon-Fri 09:00-17:00"]},
    }


def test_a_goal_that_became_private_is_not_named_when_it_goes() -> None:
    before = page((Goal("merger", public=True),), (), (), "", "UTC")
    now = page((Goal("merger"),), (), (), "", "UTC")
    assert difference(before, now, private=["merger"])["went"]["goals"] == []
    assert difference(before, now)["went"]["goals"] == ["merger"]
