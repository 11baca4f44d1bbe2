"""How often two people are usually in touch, and whether the silence is long for them (F6).

Days are real numbers. A person is compared with their own rhythm and their own spread, never with other people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from projections.intervals import DAY_MS

EPISODE_GAP_DAYS = 2.0  # contacts this close are one episode: mail comes in bursts
GAPS_KEPT = 12
GAPS_NEEDED = 4  # for a rhythm of one's own
SPAN_NEEDED_DAYS = 20.0  # (ours) and this long together: an incident or a hiring loop of two weeks is no habit
USUAL_SHARE, USUAL_TIMES = 1 / 5, 2  # (ours) a silence as long as that many of the own gaps, and twice, is usual
TIER_WEIGHT = 3  # how many gaps the tier's default counts for, while there are fewer than four
MAD_TO_SIGMA = 1.4826
SPREAD_OF_TAU, SPREAD_FLOOR_DAYS = 0.25, 3.0
DUE, OVERDUE, DORMANT, UNUSUAL_Z = 1.0, 1.5, 3.0, 1.5
# The circles people keep: 5 weekly, 15 monthly, 150 yearly (Dunbar); 50 is the geometric mean of its neighbours (ours).
LAYERS = ((5, 7.0), (15, 30.0), (50, (30 * 365) ** 0.5), (150, 365.0))


class Rhythm(NamedTuple):
    """The usual distance between episodes; `explicit` when the owner set it. Days."""

    tau: float
    spread: float
    own: float  # 1.4826 x MAD of the own gaps; 0 while there are fewer than four
    explicit: bool


class Standing(NamedTuple):
    """The silence beside the rhythm: `r` times the usual, `z` spreads above it, `p` the smoothed share of gaps as long.

    `is_usual`: enough of at least four own gaps were as long.
    """

    elapsed: float
    r: float
    z: float
    p: float
    is_usual: bool = False


def episodes(days: Iterable[float]) -> list[tuple[float, float]]:
    """Contacts as (first, last) day of each episode, in order: contacts at most two days apart are one."""
    found: list[tuple[float, float]] = []
    for day in sorted(days):
        if found and day - found[-1][1] <= EPISODE_GAP_DAYS:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def episode_starts(instants: Sequence[int]) -> list[int]:
    """Where the episodes begin, of contacts in ms, sorted: the first days of `episodes`, in a fraction of the time."""
    apart = round(EPISODE_GAP_DAYS * DAY_MS)
    return [*instants[:1], *[later for earlier, later in pairwise(instants) if later - earlier > apart]]


def gaps(starts: Sequence[int]) -> list[int]:
    """Milliseconds between the starts (ms) of the last episodes, at most twelve, oldest first."""
    return [later - earlier for earlier, later in pairwise(starts[-GAPS_KEPT - 1 :])]


def median(values: Sequence[float]) -> float:
    """Of at least one value."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def layer_days(members: int) -> float:
    """A circle's usual distance by its size, where the owner set none."""
    return next((days for size, days in LAYERS if members <= size), LAYERS[-1][1])


def is_habit(own_gaps: Sequence[float]) -> bool:
    """Whether the last gaps make a rhythm: four of them, and no burst of two weeks; twelve have more before them."""
    return len(own_gaps) >= GAPS_KEPT or (len(own_gaps) >= GAPS_NEEDED and sum(own_gaps) >= SPAN_NEEDED_DAYS)


def rhythm(own_gaps: Sequence[float], target: float | None = None, tier_days: float | None = None) -> Rhythm | None:
    """From the last gaps, an explicit `target` and the default of a tier; None where nothing tells.

    A target outranks everything; a habit makes a rhythm; fewer gaps are drawn towards the tier's default.
    """
    m = len(own_gaps)
    enough = is_habit(own_gaps)
    if target is None and not enough and tier_days is None:
        return None
    centre = median(own_gaps) if m else 0.0
    own = MAD_TO_SIGMA * median([abs(gap - centre) for gap in own_gaps]) if enough else 0.0
    if target is not None:
        tau = target
    elif enough or tier_days is None:
        tau = centre
    else:
        tau = (m * centre + TIER_WEIGHT * tier_days) / (m + TIER_WEIGHT)
    return rhythm_of(tau, own, explicit=target is not None)


def rhythm_of(tau: float, own: float, *, explicit: bool = False) -> Rhythm:
    """With the spread that follows from the usual distance and the own one; days."""
    return Rhythm(tau, max(own, SPREAD_OF_TAU * tau, SPREAD_FLOOR_DAYS), own, explicit)


def standing(usual: Rhythm, own_gaps: Sequence[float], elapsed: float) -> Standing:
    """`elapsed` days since the last episode, paused days already taken off."""
    as_long = len([gap for gap in own_gaps if gap >= elapsed])
    z = (elapsed - usual.tau) / usual.spread
    m = len(own_gaps)
    is_usual = m >= GAPS_NEEDED and as_long >= max(USUAL_SHARE * m, USUAL_TIMES)
    return Standing(elapsed, elapsed / usual.tau, z, (1 + as_long) / (m + 1), is_usual)


def state(now: Standing, *, explicit: bool) -> str:
    """`ok`, `due`, `overdue`, `dormant`; the last two only if unusual for this person, or if the owner set a target."""
    if now.r < DUE:
        return "ok"
    is_unusual = now.z >= UNUSUAL_Z and not now.is_usual
    if now.r < OVERDUE or not (is_unusual or explicit):
        return "due"
    return "dormant" if now.r >= DORMANT else "overdue"


def rank(r: float, importance: float) -> float:
    """What orders the flags: importance times how far over, capped at three times the usual."""
    return importance * min(1.0, max(0.0, (r - DUE) / 2))
