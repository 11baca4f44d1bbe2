"""How strong a tie is (F5), how close it looks, and joint work alone (lessons, L2). Never the sole reason for a flag.

Days are real numbers, counted back from now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp2, log
from typing import NamedTuple

HALF_LIFE_DAYS = 30.0  # (ours) the paper's tuned values are not public
OUTGOING = 2.0  # (ours) what I start says more than what I get
RECENCY_FLOOR_DAYS = 14.0
# Strength is that rank over all groups that hold somebody, slower to fade, and mine beyond theirs weighing less, not
# more: in the mail of 167 employees that found managers more often than counting mails did (`benchmarks/ties.py`).
STRENGTH_HALF_LIFE_DAYS = 180.0
UNRETURNED = 0.5  # what a mail of mine is worth beyond as many as I got
MEETING_MAILS = 4.0  # (ours) a meeting of two says as much as two mails and their answers
HALF_STRENGTH = 100.0  # (ours) two mails a week each way are a strength of 50
WINDOW_DAYS = 180.0  # of episodes in the composite, and of joint work
WORK_HALF_LIFE_DAYS = 90.0
WORK_GROUP = 5  # a meeting of more others is no joint work
WORK_TURNS = 2  # mails on each side that make a thread joint work
BOTH_INITIATE = 1.25
BEGUN = 0.1  # of one piece of joint work: what having written or met is worth at most while nothing came of it


class Bond(NamedTuple):
    """What two people did together, each thing halved every 180 days and counted in mails."""

    mails: float = 0.0  # between the two, at most 18 others on them
    shared: float = 0.0  # others' mails that went to both
    meetings: float = 0.0

    @property
    def worth(self) -> float:
        return sum(self)

    @property
    def strength(self) -> float:
        """Between 0 and 100, and never full: who does more together always stands above."""
        return 100 * self.worth / (self.worth + HALF_STRENGTH)

    def parts(self) -> dict[str, float]:
        """What each kind adds to the strength."""
        whole, strength = self.worth, self.strength
        return {name: strength * part / whole for name, part in self._asdict().items()} if whole else {}


class Tie(NamedTuple):
    """The parts of the composite; their sum is between 0 and 100."""

    recency: float
    frequency: float
    balance: float
    privacy: float
    tenure: float

    @property
    def total(self) -> float:
        return sum(self)


def interactions_rank(
    out_days: Iterable[float], in_days: Iterable[float], half_life: float = HALF_LIFE_DAYS, outgoing: float = OUTGOING
) -> float:
    """Of one group of people: decayed sends and receipts (Roth et al. 2010)."""
    sent = sum(exp2(-days / half_life) for days in out_days)
    return outgoing * sent + sum(exp2(-days / half_life) for days in in_days)


def decayed(days: float) -> float:
    """What is left of one thing after so many days."""
    return exp2(-days / STRENGTH_HALF_LIFE_DAYS)


def mails_worth(sent: float, received: float) -> float:
    """Of what went both ways, each thing decayed."""
    return received + min(sent, received) + UNRETURNED * max(0.0, sent - received)


def meeting_worth(n: int) -> float:
    """In mails: a meeting is shared by those in it (Newman 2001)."""
    return MEETING_MAILS / max(1, n)


def person_rank(groups: Mapping[int, float]) -> float:
    """Over the groups that hold a person: total rank by group size n."""
    return sum(rank / n for n, rank in groups.items())


def gate(score: float, *, ever_sent: bool, ever_met: bool) -> float:
    """0 for whom I never wrote to and never shared an event of at most 18 others with: newsletters win otherwise.

    A mail is such an event where somebody else stands on it to whom I do write.
    """
    return score if ever_sent or ever_met else 0.0


def composite(*, days_since: float, tau: float, episodes: int, b: float, small_share: float, tenure_days: float) -> Tie:
    """How close it looks. `episodes` of the last 180 days, `b` of F7, `small_share` of contacts with n <= 2."""
    return Tie(
        recency=30 * exp2(-days_since / max(RECENCY_FLOOR_DAYS, tau)),
        frequency=25 * min(1.0, log(1 + episodes) / log(53)),  # weekly for a year is full
        balance=20 * (1 - abs(2 * b - 1)),
        privacy=15 * small_share,
        tenure=10 * min(1.0, log(1 + max(0.0, tenure_days)) / log(3651)),  # ten years are full
    )


def collaboration(work_days: Iterable[float], *, both_initiate: bool, begun: int = 0) -> float:
    """From how many days ago each piece of joint work was: a meeting of at most 5 others on a goal, a real thread.

    Each counts 1, halved every 90 days, nothing after 180; a quarter more where both sides begin things. `begun`: my
    mails to them and the meetings we shared, ever; all together they stay below a tenth of one piece.
    """
    worth = sum(exp2(-days / WORK_HALF_LIFE_DAYS) for days in work_days if 0 <= days <= WINDOW_DAYS)
    return worth * (BOTH_INITIATE if both_initiate else 1.0) + BEGUN * begun / (begun + 1)
