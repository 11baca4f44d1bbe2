"""Whose minutes: overlapping meetings share the clock (F2), a meeting's clock is split over its people (F3).

    A  accepted   |-----------|             10:00 to 11:00    45 minutes
    B  accepted         |-----------|       10:30 to 11:30    45 minutes
    C  tentative        |-----|             10:30 to 11:00     0: better evidence stands beside it
    segments      |  A  | A+B |  B  |       together 90 minutes, the union

Equal parts are the expected value where nothing tells which meeting was attended, and no order of arrival matters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from projections.intervals import MINUTE_MS, Span, union

MEANINGFUL = 18  # the largest group that is an interaction between people (Viva's "meaningful interaction")
HOUR_COST = 75.0  # dollars per attendee and hour, Viva's default
NETWORK_CONTACTS = 2  # meaningful interactions in 28 days that make somebody part of the network (Viva)


class Slot(NamedTuple):
    """A counted meeting on the clock: `[start_ms, end_ms)`; a lower `tier` is better evidence of having been there."""

    key: int
    start_ms: int
    end_ms: int
    tier: int


class Shares(NamedTuple):
    """Attributed minutes: `each` for every one of the n people, or all of it as `broadcast`."""

    each: float
    broadcast: float


class _Segment(NamedTuple):
    length_ms: int
    tier: int  # the best tier here
    sharing: int  # how many meetings of that tier share the segment
    running: int  # how many meetings of any tier run


def _changes(slots: Sequence[Slot], ooo: Iterable[Span]) -> list[tuple[int, int, int, int]]:
    """`(at_ms, +1 or -1, tier, index)` for every start and end; out-of-office has index -1."""
    changes: list[tuple[int, int, int, int]] = []
    for index, slot in enumerate(slots):
        if slot.start_ms < slot.end_ms:
            changes += (slot.start_ms, 1, slot.tier, index), (slot.end_ms, -1, slot.tier, index)
    for start, end in union(ooo):
        changes += (start, 1, -1, -1), (end, -1, -1, -1)
    return sorted(changes)


def _sweep(slots: Sequence[Slot], ooo: Iterable[Span]) -> Iterator[tuple[_Segment | None, int, int]]:
    """Every start and end in order: the segment that it closes (None where nothing counts), its index, its sign."""
    running: Counter[int] = Counter()
    away = False
    before = 0
    for at_ms, sign, tier, index in _changes(slots, ooo):
        segment = None
        if not away and at_ms > before and (tiers := [t for t, k in running.items() if k]):
            best = min(tiers)
            segment = _Segment(at_ms - before, best, running[best], sum(running.values()))
        yield segment, index, sign
        before = at_ms
        if index < 0:
            away = sign > 0
        else:
            running[tier] += sign


def share_clock(slots: Sequence[Slot], ooo: Iterable[Span]) -> dict[int, float]:
    """Minutes of clock per `key`, every key present; their sum is the union of the slots less the out-of-office.

    Each segment between two changes goes to the meetings of the best tier that runs there, in equal parts. Slots of
    the same key add up. Takes n log n steps, however many meetings overlap: one running total per tier, read at a
    meeting's start and end.
    """
    total: dict[int, float] = {}
    at_start: dict[int, float] = {}
    minutes = dict.fromkeys((slot.key for slot in slots), 0.0)
    for segment, index, sign in _sweep(slots, ooo):
        if segment:
            total[segment.tier] = total.get(segment.tier, 0.0) + segment.length_ms / segment.sharing
        if index < 0:
            continue
        slot = slots[index]
        now = total.get(slot.tier, 0.0)
        if sign > 0:
            at_start[index] = now
        else:
            minutes[slot.key] += (now - at_start[index]) / MINUTE_MS
    return minutes


def conflict_minutes(slots: Sequence[Slot], ooo: Iterable[Span]) -> float:
    """Minutes in which at least two of the slots run, of whatever tier, outside out-of-office."""
    overlapped = sum(segment.length_ms for segment, _, _ in _sweep(slots, ooo) if segment and segment.running > 1)
    return overlapped / MINUTE_MS


def split(minutes: float, n: int) -> Shares:
    """`minutes` over the `n` other participants (n >= 1): equal parts, or a broadcast above 18."""
    return Shares(0.0, minutes) if n > MEANINGFUL else Shares(minutes / n, 0.0)


def cost(hours: float, people: int, rate: float = HOUR_COST) -> float:
    """What a meeting cost: attendee hours times an hourly rate."""
    return hours * people * rate


def network_size(interactions: Iterable[int]) -> int:
    """How many people had at least two meaningful interactions; one count per person, of 28 days."""
    return sum(1 for count in interactions if count >= NETWORK_CONTACTS)
