"""When to ask again, and how much may be asked at all. Pure: clock and chance are given."""

from __future__ import annotations

from typing import NamedTuple

PATIENCE = 60.0  # seconds that one stream may wait within a run, in all
TRIES = 6  # failures in a row without a page between them
LONGEST = 7 * 86_400.0  # seconds; who says more has made a mistake, and is asked again after a week
_BASE, _CAP = 1.0, 30.0  # seconds; the first pause and the longest one, before chance shortens them


class Pause(NamedTuple):
    """Wait so many seconds, then ask again."""

    seconds: float


class GiveUp(NamedTuple):
    """Not within this run; `seconds`: what the source asked for, 0 where it asked for nothing."""

    seconds: float


def after_failure(asked: float | None, *, failures: int, waited: float, chance: float) -> Pause | GiveUp:
    """What to do after the `failures`th failure in a row (1 is the first).

    `asked`: the seconds that the source asked for, None where it asked for nothing; `waited`: what this stream waited
    in this run; `chance`: in [0, 1). Never earlier than asked; a little later, so that not all come back at once.
    """
    if asked is not None:
        asked = min(max(asked, 0.0), LONGEST) if asked == asked else 0.0  # noqa: PLR0124  NaN is no number of seconds
        pause = max(asked * (1 + 0.05 * chance), chance * _BASE)
    else:
        # full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        pause = chance * min(_CAP, _BASE * 2 ** min(failures, 10))
    if failures >= TRIES or waited + pause > PATIENCE:
        return GiveUp(asked or 0.0)
    return Pause(pause)


class Budget:
    """A token bucket: `burst` units at once, then `per_second`. For connectors whose provider counts requests."""

    def __init__(self, per_second: float, burst: float, now: float) -> None:
        self._rate, self._burst = per_second, burst
        self._left, self._at = burst, now

    def spend(self, units: float, now: float) -> float:
        """Take units; the seconds to wait before using them, 0 where there were enough."""
        self._left = min(self._burst, self._left + max(now - self._at, 0.0) * self._rate) - units
        self._at = max(now, self._at)
        return max(0.0, -self._left / self._rate)
