"""Who starts: initiations either way, and how sure one can be that it is lopsided (F7)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb
from typing import NamedTuple

SURE = 0.9
MINE_ABOVE, THEIRS_BELOW = 0.6, 0.4
CHASING_EVENTS = 5  # fewer tell nothing
CHASING_REPLY_RATIO = 0.3
TELLING_PEOPLE = 8  # (ours) so many people were written to often enough to tell whether answers reach these records


class Initiative(NamedTuple):
    """Initiations of mine and theirs, my smoothed share `b`, and what is certain enough to say."""

    mine: int
    theirs: int
    b: float
    verdict: str  # i-chase, they-chase, unclear


@lru_cache(maxsize=4096)
def beta_cdf(x: float, a: int, b: int) -> float:
    """P(B <= x) of a Beta(a, b) with whole a, b >= 1: the chance of at least a hits in a + b - 1 throws of chance x."""
    n = a + b - 1
    if n > 1000:  # noqa: PLR2004  binomials beyond the range of floats; the posterior is a needle there
        return float(x >= a / (a + b))
    return sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))


def share(mine: int, theirs: int) -> float:
    """My smoothed share of the initiations."""
    return (mine + 1) / (mine + theirs + 2)


@lru_cache(maxsize=4096)
def initiative(mine: int, theirs: int) -> Initiative:
    """The verdict from the counts: a posterior Beta(1 + mine, 1 + theirs) must be nine tenths beyond 0.6 or 0.4."""
    verdict = "unclear"
    if 1 - beta_cdf(MINE_ABOVE, 1 + mine, 1 + theirs) >= SURE:
        verdict = "i-chase"
    elif beta_cdf(THEIRS_BELOW, 1 + mine, 1 + theirs) >= SURE:
        verdict = "they-chase"
    return Initiative(mine, theirs, share(mine, theirs), verdict)


def is_unheard(answered: int, asked: int) -> bool:
    """Whether fewer than three in ten of my mails that could be answered were."""
    return asked > 0 and answered / asked < CHASING_REPLY_RATIO


def shows_answers(unheard: Sequence[bool]) -> bool:
    """Whether these records hold answers at all: of each who was written to five times or more, whether in vain.

    Where most answers came another way, or were thrown away, silence tells nothing of anybody.
    """
    return len(unheard) < TELLING_PEOPLE or sum(unheard) * 2 <= len(unheard)


def is_chasing(who: Initiative, answered: int, asked: int, *, has_goal: bool) -> bool:
    """Whether I reach out in vain: I start, fewer than three in ten are answered, and no goal asks for it.

    `asked`: my mails that could be answered; `answered`: how many were.
    """
    enough = who.mine + who.theirs >= CHASING_EVENTS and is_unheard(answered, asked)
    return enough and who.verdict == "i-chase" and not has_goal
