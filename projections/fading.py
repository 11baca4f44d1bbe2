"""Whether time together is running dry (F6.7), and whether somebody is quieter than usual (lessons, L8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp2, log
from typing import NamedTuple

from projections.cadence import Standing

WINDOW_DAYS = 360.0
SHORT_DAYS, LONG_DAYS = 30.0, 180.0
FADING_RATIO = 0.5
FLOOR = 2.0  # minutes a day of rate_180: below it there is little to lose
UNUSUAL = 1.0  # r and z from which the silence is long for this person
RECENT_EPISODES, BAD_EPISODES = 4, 2
BAD_APART_DAYS = 6.0  # (ours) of two weeks, not of one: what happens weekly is seldom seven whole days apart
SIGNAL_HALF_LIFE_DAYS = 30.0


class Rates(NamedTuple):
    """Minutes a day, recent ones weighing more; `ratio` of the short to the long one, 1 where there is none."""

    rate_30: float
    rate_180: float
    ratio: float


def rate(history: Iterable[tuple[float, float]], half_life: float) -> float:
    """Minutes a day from (days ago, minutes) of the last 360 days; a constant flow gives that flow."""
    weighed = sum(minutes * exp2(-days / half_life) for days, minutes in history if 0 <= days <= WINDOW_DAYS)
    return log(2) / half_life * weighed / (1 - exp2(-WINDOW_DAYS / half_life))


def rates(history: Sequence[tuple[float, float]]) -> Rates:
    """Of (days ago, minutes)."""
    short, long = rate(history, SHORT_DAYS), rate(history, LONG_DAYS)
    return Rates(short, long, short / long if long > 0 else 1.0)


def is_less(now: Rates, accepted: float = 1.0) -> bool:
    """Less than half of the usual time, where there was any to speak of.

    `accepted` is the ratio that the owner called fine, 1 for none: from there it must halve again.
    """
    return now.rate_180 > FLOOR and now.ratio < FADING_RATIO * min(1.0, accepted)


def is_fading(now: Rates, silence: Standing, accepted: float = 1.0) -> bool:
    """`is_less`, and the silence is long for this person."""
    return is_less(now, accepted) and silence.r >= UNUSUAL and silence.z >= UNUSUAL


def is_quieter(days_ago: Sequence[float | None]) -> bool:
    """From the last four episodes: how many days ago a negative signal fell in each, None where there was none.

    One bad week is nothing: at least two signals, of two weeks, not yet expired by their half-life.
    """
    bad = [days for days in days_ago[-RECENT_EPISODES:] if days is not None]
    if len(bad) < BAD_EPISODES or max(bad) - min(bad) < BAD_APART_DAYS:
        return False
    return sum(exp2(-days / SIGNAL_HALF_LIFE_DAYS) for days in bad) >= 1.0
