"""When a server wants to be asked again (RFC 9110, 10.2.3). Pure."""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_S = 7 * 86_400.0  # nobody plans an outage of a week by a header: what is longer is a mistake, and is cut to it


def retry_after(value: str | None, now: float, served: str | None = None) -> float | None:
    """Seconds to wait by a Retry-After header, in both of its forms; None where it says nothing that can be followed.

    `now`: our clock, in seconds since 1970; `served`: the Date header of the same answer, by which a date counts where
    there is one, since two clocks seldom agree.
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
    return min(seconds, LONGEST_S)


def _instant(text: str) -> float:
    """An HTTP date, in seconds since 1970; raises ValueError."""
    told = parsedate_to_datetime(text)
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def _served(text: str | None, now: float) -> float:
    try:
        return now if text is None else _instant(text)
    except (ValueError, TypeError, OverflowError):
        return now
