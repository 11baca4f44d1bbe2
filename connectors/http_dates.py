"""When a server wants to be asked again (RFC 9110, 10.2.3). Pure."""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime

from connectors.sync.retry import LONGEST


def retry_after(value: str | None, now: float, served: str | None = None) -> float | None:
    """Seconds to wait by a Retry-After header, in both of its forms; None where it says nothing that can be followed.

    `now`: our clock, in seconds since 1970; `served`: the Date header of the same answer, by which a date counts where
    there is one, since two clocks seldom agree. What is past, or negative, says nothing; a week is the longest.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        seconds = float(text) if text[:1].isdigit() else _instant(text) - _served(served, now)
    except (ValueError, TypeError, OverflowError):
        return None
    if not math.isfinite(seconds) or seconds <= 0:
        return None
    return min(seconds, LONGEST)


def _instant(text: str) -> float:
    """An HTTP date, in seconds since 1970; raises ValueError."""
    told = parsedate_to_datetime(text)
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def _served(text: str | None, now: float) -> float:
    try:
        return now if text is None else _instant(text)
    except (ValueError, TypeError, OverflowError):
        return now
