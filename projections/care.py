"""Who cares about the owner, and to whom the owner gives less than they give (F7). Facts are listed, not the mean."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

EVENTS_NEEDED = 5
CARES = 0.6
QUIET_ASKED = 3  # (ours) mails of theirs that could be answered; fewer tell nothing
QUIET_SHARE = 0.5


def smoothed(hits: float, of: float) -> float:
    """A share that few cases keep near one half."""
    return (hits + 1) / (of + 2)


def speed_percentile(own: float | None, others: Sequence[float]) -> float:
    """The smoothed share of `others` (sorted usual answer times, own included) slower than `own`; ties count half.

    0.5 for somebody who never answered anything.
    """
    if own is None:
        return 0.5
    faster, same = bisect_left(others, own), bisect_right(others, own)
    slower = len(others) - same + (same - faster - 1) / 2
    return smoothed(slower, len(others) - 1)


def care(theirs: int, openings: int, answered: int, asked: int, speed: float) -> float:
    """The mean of three shares: they opened `theirs` of `openings`, answered `answered` of `asked`, and how fast."""
    return (smoothed(theirs, openings) + smoothed(answered, asked) + speed) / 3


def cares(mean: float, events: int) -> bool:
    """Whether somebody stands on the care list."""
    return events >= EVENTS_NEEDED and mean >= CARES


def owed(my_seconds: float, their_seconds: float, my_initiative: float) -> bool:
    """Whether I give somebody who cares less than I get: of our writing time and of our beginnings, both below half."""
    return my_seconds < their_seconds and my_initiative < 0.5  # noqa: PLR2004  half


def is_quiet(their_asked: int, i_answered: int) -> bool:
    """Whether fewer than half of what somebody wrote to me and could be answered was."""
    return their_asked >= QUIET_ASKED and i_answered < QUIET_SHARE * their_asked
