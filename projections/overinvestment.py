"""Whether somebody gets more time than the owner means to give (F10), on attributed minutes of four weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log1p
from typing import NamedTuple

from projections.cadence import MAD_TO_SIGMA, median
from projections.rules import Goal

WEEKS = 4
EPSILON = 0.05
OVER_BUDGET, OVER_VALUE, UNDER_VALUE = 1.2, 2.0, 0.5
MINUTES_NEEDED, WEEKS_NEEDED = 60.0, 2
ORPHAN_MINUTES = 120.0  # four-week minutes without a goal from which the owner is asked (lessons, L1)
SPREAD_FLOOR = 0.25  # of the logarithm: a quarter more or less is nothing unusual
LEAST_MINUTES = min(MINUTES_NEEDED, ORPHAN_MINUTES)  # with less only who is of value to a goal is told


class Spending(NamedTuple):
    """One person's attributed minutes in each of the four weeks beside everybody's, and what the owner wants."""

    minutes: Sequence[float]
    everybody: Sequence[float]  # broadcast included: the same weeks' people time
    value_share: float
    max_week: float | None = None
    configured: bool = False  # in a goal, a tier or `[people]`
    protected: bool = False
    goals_weighted: bool = True  # without any weighted goal there is no value to compare with


class Verdict(NamedTuple):
    """`state` is over, to-decide, under or ""; `by` names the test that decided: budget, value, hours or ""."""

    state: str
    by: str
    time_share: float
    value_ratio: float
    budget_ratio: float | None  # None without a budget
    weeks: int  # single weeks that are over by themselves

    @property
    def ratio(self) -> float:
        """Spent by allowed where there is a budget, else time share by value share."""
        return self.value_ratio if self.budget_ratio is None else self.budget_ratio


def value_ratio(time_share: float, value_share: float) -> float:
    """How much more of the time than of the value: 1 is in balance."""
    return (time_share + EPSILON) / (value_share + EPSILON)


def value_shares(goals: Iterable[Goal], memberships: Mapping[str, Mapping[int, float]]) -> dict[int, float]:
    """Person -> sum over goals of goal weight (made to add up to 1) x the person's part of that goal.

    `memberships`: goal -> person -> part, as written; parts that add up to more than 1 are scaled down to 1.
    """
    weights = {goal.slug: goal.weight for goal in goals if goal.weight > 0}
    total = sum(weights.values())
    shares: dict[int, float] = {}
    for slug, weight in weights.items():
        parts = memberships.get(slug, {})
        scale = max(1.0, sum(parts.values()))
        for person, part in parts.items():
            shares[person] = shares.get(person, 0.0) + weight / total * part / scale
    return shares


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _over_value(minutes: float, everybody: float, value_share: float) -> bool:
    return minutes > 0 and value_ratio(_share(minutes, everybody), value_share) >= OVER_VALUE


def _over_budget(minutes: float, allowed: float | None) -> bool:
    return allowed is not None and minutes > OVER_BUDGET * allowed


def _single_weeks(of: Spending, *, by_budget: bool) -> int:
    if by_budget:
        return sum(_over_budget(week, of.max_week) for week in of.minutes)
    return sum(_over_value(week, all_, of.value_share) for week, all_ in zip(of.minutes, of.everybody, strict=True))


def _decide(of: Spending, spent: float, everybody: float) -> tuple[str, str]:
    """State and test. Both tests need an hour, two active weeks, and two single weeks over by themselves."""
    heavy = spent >= MINUTES_NEEDED and sum(1 for week in of.minutes if week > 0) >= WEEKS_NEEDED
    allowed = None if of.max_week is None else of.max_week * WEEKS
    if heavy and _over_budget(spent, allowed) and _single_weeks(of, by_budget=True) >= WEEKS_NEEDED:
        return "over", "budget"
    above = _over_value(spent, everybody, of.value_share) and _single_weeks(of, by_budget=False) >= WEEKS_NEEDED
    if heavy and above and not of.configured:
        return "to-decide", "value"
    if heavy and above and of.goals_weighted:
        return "over", "value"
    if not of.configured and spent > ORPHAN_MINUTES:
        return "to-decide", "hours"
    if of.value_share > 0 and value_ratio(_share(spent, everybody), of.value_share) <= UNDER_VALUE:
        return "under", "value"
    return "", ""


def judge(of: Spending) -> Verdict:
    """The two tests over four weeks; who is protected is never named."""
    spent, everybody = sum(of.minutes), sum(of.everybody)
    time_share = _share(spent, everybody)
    state, by = ("", "") if of.protected else _decide(of, spent, everybody)
    return Verdict(
        state=state,
        by=by,
        time_share=time_share,
        value_ratio=value_ratio(time_share, of.value_share),
        budget_ratio=spent / (of.max_week * WEEKS) if of.max_week else None,
        weeks=_single_weeks(of, by_budget=by == "budget"),
    )


def robust_z(now: float, before: Sequence[float]) -> float:
    """How unusual this week's minutes are beside 8 to 12 earlier ones: a spike, or a habit. Of at least one earlier."""
    logs = [log1p(minutes) for minutes in before]
    centre = median(logs)
    spread = max(MAD_TO_SIGMA * median([abs(value - centre) for value in logs]), SPREAD_FLOOR)
    return (log1p(now) - centre) / spread
