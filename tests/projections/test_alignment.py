"""Goals beside what was planned: the numbers of the sample report, and weeks that were missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from projections import alignment, overinvestment
from projections.rules import Goal

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
GOALS = (
    Goal("launch", 0.4, 600),
    Goal("fundraise", 0.3, 360),
    Goal("hiring", 0.3, 180),
    Goal("growth", 0, 240, solo=True),
)
SPENT = {"launch": 7.2, "fundraise": 4.1, "hiring": 3.4, "growth": 1.5, "unassigned": 6.8}
FOUR_WEEKS = {"launch": 7.9, "fundraise": 3.2, "hiring": 2.0, "growth": 2.6, "unassigned": 6.2}


def test_the_sample_report() -> None:
    assert sum(SPENT.values()) == pytest.approx(EXAMPLES["R_total_h"])
    assert sum(FOUR_WEEKS.values()) == pytest.approx(EXAMPLES["R_4wk_total"])
    assert alignment.alignment(SPENT) == pytest.approx(EXAMPLES["R_aligned_share_total"], abs=5e-4)
    assert alignment.alignment(FOUR_WEEKS) == pytest.approx(EXAMPLES["R_4wk_align"], abs=5e-4)
    assert alignment.fit(alignment.plan(GOALS), SPENT) == pytest.approx(EXAMPLES["R_fit"], abs=5e-4)
    percent = {goal.slug: round(100 * 60 * SPENT[goal.slug] / (goal.weekly_minutes or 1) + 1e-9) for goal in GOALS}
    assert percent == {"launch": 72, "fundraise": 68, "hiring": 113, "growth": 38} == EXAMPLES["R_pct"]


def test_the_sample_report_s_victor() -> None:
    """7.6 h of four weeks, of at most 4; people-time is all but growth, and he is key to no goal."""
    people = (EXAMPLES["R_4wk_total"] - FOUR_WEEKS["growth"]) * 4
    assert overinvestment.value_ratio(7.6 / people, 0) == pytest.approx(EXAMPLES["R_victor_OI_4wk"], abs=5e-3)
    weekly = overinvestment.Spending([114.0] * 4, [people * 15] * 4, 0, 60.0)
    assert overinvestment.judge(weekly).ratio == pytest.approx(EXAMPLES["R_victor_budget_4wk"], abs=5e-2)


def test_targets_are_the_plan_and_weights_where_one_is_missing() -> None:
    assert alignment.plan(GOALS) == {"launch": 600, "fundraise": 360, "hiring": 180, "growth": 240}
    assert alignment.plan([*GOALS, Goal("more", 0.5)]) == {"launch": 0.4, "fundraise": 0.3, "hiring": 0.3, "more": 0.5}
    assert alignment.plan([Goal("bare")]) == {}


def test_weeks_below_are_counted_back_from_the_last() -> None:
    below, met, off = (60.0, 120.0, 5.0), (120.0, 120.0, 5.0), (0.0, 120.0, 0.0)
    assert alignment.weeks_below([below, met, below, off, below]) == 2
    assert alignment.weeks_below([below, met]) == 0
    assert alignment.weeks_below([off, off]) == 0
    assert alignment.weeks_below([(60.0, 120.0, 2.0)]) == 0  # two days: 48 minutes were meant
    assert not alignment.is_neglected([below])
    assert alignment.is_neglected([below, off, below])
