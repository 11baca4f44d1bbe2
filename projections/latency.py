"""How long an answer usually takes, unanswered mail included, and by when one may be expected (F8).

Waits are pairs (length, ended): a wait that has not ended is *censored*, it says only that the answer takes longer.
An average of the answered alone would flatter whoever answers seldom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log
from operator import itemgetter

HOUR_MS = 3_600_000
PRIOR_WEIGHT = 5  # cases that what is usual of everybody stands for
LIKELY = 0.8  # the quantile by which an answer is expected
LEAST_MS = 4 * HOUR_MS  # of working time: nobody is late before
MOST_DAYS = 5  # working days: everybody is late after
# The world's answers where nothing else is known (Kooti et al. 2015): half of them within 47 minutes, nine in ten
# within a day. Between the two a log-normal: its 0.8 is 47 * (1440 / 47) ** (0.8416 / 1.2816) minutes.
WORLD_MEDIAN_MS = 47 * 60_000
WORLD_LIKELY_MS = round(WORLD_MEDIAN_MS * (1440 / 47) ** (0.8416 / 1.2816))

Wait = tuple[float, bool]


def quantiles(waits: Iterable[Wait], shares: Sequence[float]) -> list[float | None]:
    """The Kaplan-Meier quantiles: the shortest length by which each share has ended; None where so many never did.

    `shares` ascend. At the same length ends come before censorings.
    """
    ordered = sorted(waits, key=itemgetter(0))
    left = [1 - share + 1e-12 for share in shares]
    found: list[float | None] = []
    open_share, count = 1.0, len(ordered)
    first, current, ended = 0, 0.0, 0  # of the length that is being counted: where it begins, and how many ended
    for place, (length, done) in enumerate([*ordered, (float("inf"), False)]):
        if length == current:
            ended += done
            continue
        if ended:
            open_share *= 1 - ended / (count - first)
            while len(found) < len(left) and open_share <= left[len(found)]:
                found.append(current)
            if len(found) == len(left):
                break
        first, current, ended = place, length, done
    return found + [None] * (len(left) - len(found))


def shrunk(own: float, n: int, prior: float) -> float:
    """A person's own number drawn towards that of everybody, as if that were five more cases; on a scale of logs."""
    if own <= 0 or prior <= 0:
        return prior if not n else own
    return exp((n * log(own) + PRIOR_WEIGHT * log(prior)) / (n + PRIOR_WEIGHT))


def usual(waits: Sequence[Wait], shares: Sequence[float], priors: Sequence[float], most: float) -> list[float]:
    """These quantiles drawn each towards its prior, the less the more ended; `most` where too few did."""
    ended = sum([done for _, done in waits])
    if not ended:
        return [*priors]
    return [
        shrunk(most if found is None else found, ended, prior)
        for found, prior in zip(quantiles(waits, shares), priors, strict=True)
    ]


def clamped(likely_ms: float, day_ms: int) -> int:
    """The working time after which an answer is late: between four hours and five working days of `day_ms`."""
    return round(min(max(likely_ms, LEAST_MS), max(MOST_DAYS * day_ms, LEAST_MS)))
