"""How the owner's time agrees with the owner's goals (F11). Minutes by goal; `unassigned` is what no goal explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from projections.rules import Goal
from projections.schema import UNASSIGNED

WORK_WEEK_DAYS = 5
BELOW_WEEKS = 2
IN_TOUCH = frozenset({"ok", "due"})


def alignment(minutes: Mapping[str, float]) -> float:
    """Assigned minutes by all minutes, 0 where there are none."""
    total = sum(minutes.values())
    return 1 - minutes.get(UNASSIGNED, 0.0) / total if total > 0 else 0.0


def fit(planned: Mapping[str, float], minutes: Mapping[str, float]) -> float:
    """1 minus half of what planned and actual shares differ; unassigned time is planned 0 and lowers it.

    0 where nothing is planned or nothing was spent.
    """
    plan, total = sum(planned.values()), sum(minutes.values())
    if plan <= 0 or total <= 0:
        return 0.0
    apart = (abs(planned.get(goal, 0.0) / plan - minutes.get(goal, 0.0) / total) for goal in {*planned, *minutes})
    return 1 - sum(apart) / 2


def plan(goals: Iterable[Goal]) -> dict[str, float]:
    """What each goal was to get, as parts of any whole: weekly targets, solo goals included, as in the sample report.

    Weights, where some goal that has one has no target beside it.
    """
    known = list(goals)
    if any(goal.weight > 0 and goal.weekly_minutes is None for goal in known):
        return {goal.slug: goal.weight for goal in known if goal.weight > 0}
    return {goal.slug: goal.weekly_minutes for goal in known if goal.weekly_minutes}


def scaled_target(weekly: float, available_days: float) -> float:
    """A weekly target in a week with days off."""
    return weekly * available_days / WORK_WEEK_DAYS


def coverage(states: Iterable[str]) -> tuple[int, int]:
    """Key people in touch (ok or due), and all key people, from their cadence states."""
    listed = list(states)
    return sum(1 for state in listed if state in IN_TOUCH), len(listed)


def weeks_below(weeks: Sequence[tuple[float, float, float]], least: float = 1.0) -> int:
    """For how many weeks running, up to the last, a goal stayed below `least` of its scaled target.

    `weeks` are (minutes, weekly target, available days), oldest first; those without an available day do not count.
    """
    below = [minutes < least * scaled_target(weekly, days) for minutes, weekly, days in weeks if days > 0]
    return next((place for place, missed in enumerate(reversed(below)) if not missed), len(below))


def is_neglected(weeks: Sequence[tuple[float, float, float]], least: float = 1.0) -> bool:
    """Whether a goal stayed below `least` of its scaled target in the last two weeks that had available days."""
    return weeks_below(weeks, least) >= BELOW_WEEKS


def reactive_share(started_by_others_unassigned: float, total: float) -> float:
    """Minutes that others began and no goal explains, by all minutes."""
    return started_by_others_unassigned / total if total > 0 else 0.0
