"""When an entry that a feed no longer shows may be taken for deleted. Pure.

A feed is a snapshot of a window that moves: what has left it at either end is still in the calendar. So an absence is a
deletion only where the feed shows its surroundings, before and behind it, and only of what is still to come.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC
from typing import NamedTuple

from connectors.ical_values import stamp
from connectors.zones import ZULU
from events.clocks import DAY, clock_of, wall_of
from events.vocabulary import MeetingObserved

_PART = re.compile(r"(?:^|;)\s*(FREQ|INTERVAL|COUNT|UNTIL|BY[A-Z]+)\s*=\s*([^;]*)", re.IGNORECASE)
_DAYS = {"WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}  # from one occurrence to the next, at most; else 1
_GAPS = 4  # as many may be left out in a row: by exceptions, by months without a 31st, by years without a 29 February


class Span(NamedTuple):
    """When an entry takes place, in ms: `[first, own_end)` is its own time, `last` the end of its last repetition.

    `last` is None for an endless series, and is early rather than late where only the rule's expansion would tell.
    `gap`: the longest time without an occurrence; 0 for what is no series.
    """

    first: int
    own_end: int
    last: int | None
    gap: int

    def text(self) -> str:
        return f"{self.first}/{self.own_end}/{'' if self.last is None else self.last}/{self.gap}"

    @staticmethod
    def read(text: str) -> Span | None:
        """What `text` has written; None for anything else."""
        parts = text.split("/")
        try:
            first, own_end, last, gap = parts
            return Span(int(first), int(own_end), int(last) if last else None, int(gap))
        except ValueError:
            return None


def span_of(meeting: MeetingObserved) -> Span | None:
    """When a meeting takes place; None where it does not say."""
    if not meeting.start:
        return None
    first = clock_of(meeting.zone, meeting.offsets, UTC).to_ms(wall_of(meeting.start))
    length = (meeting.seconds + meeting.days * DAY) * 1000
    last: int | None = first + length
    gaps = []
    for rule in meeting.rules:
        found = {key.upper(): value.strip() for key, value in _PART.findall(rule)}
        every = _DAYS.get(found.get("FREQ", "").upper(), 1) * _number(found.get("INTERVAL", ""), 1) * DAY * 1000
        gaps.append(_GAPS * every)
        end = _rule_end(found, first, every)
        last = None if end is None or last is None else max(last, end + length)
    return Span(first, first + length, last, min(gaps, default=0))


def window_of(spans: Iterable[Span]) -> tuple[int, int] | None:
    """From the earliest start to the latest end of the entries themselves, in ms; None where there is none."""
    known = list(spans)
    if not known:
        return None
    return min(span.first for span in known), max(span.own_end for span in known)


def is_over(span: Span, now_ms: int) -> bool:
    """Whether the last repetition has ended."""
    return span.last is not None and span.last <= now_ms


def is_deleted(span: Span, window: tuple[int, int] | None, now_ms: int) -> bool:
    """Whether an entry that is not shown is deleted: the window has room for it, and it is not over."""
    if window is None or is_over(span, now_ms):
        return False
    begin, end = window
    if not span.gap:
        return begin <= span.first and span.own_end <= end
    return begin <= max(span.first, now_ms) and max(span.first, now_ms) + span.gap <= end


def _rule_end(rule: dict[str, str], first: int, every: int) -> int | None:
    """Start of the last occurrence, in ms, rather too early than too late; None for an endless rule."""
    if "UNTIL" in rule:
        try:
            return stamp(rule["UNTIL"], ZULU).instant() * 1000
        except ValueError:
            return first
    if "COUNT" in rule:
        at_once = 1
        for key, value in rule.items():
            at_once *= value.count(",") + 1 if key.startswith("BY") else 1
        return first + (_number(rule["COUNT"], 1) - 1) // at_once * every
    return None


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 else default  # noqa: PLR2004  digits
