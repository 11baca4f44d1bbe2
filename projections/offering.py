"""Which times may be offered to somebody (L4): their windows, less what is busy, within what is left of the budget.

    windows     |-----------------------|         |-----------|
    busy              |-----|
    slots       |--||          |--||--|           |--||--||--|      each as long as agreed, on a quarter of an hour
    budget      |--|                              |--|              two of them are left: one a day first

All slots of a week together fit into its budget: whichever of them are taken, it holds.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from projections.intervals import MINUTE_MS, Span, subtract, union

STEP_MS = 15 * MINUTE_MS  # (ours) people meet on the quarter
SHORTEST_MS = 15 * MINUTE_MS  # (ours) where less than one whole slot is left of a budget

Day = TypeVar("Day", bound=Hashable)


def within(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time that is in both."""
    first = union(spans)
    return subtract(first, subtract(first, others))


def slots(windows: Iterable[Span], busy: Iterable[Span], length_ms: int) -> list[Span]:
    """Consecutive slots of a length in what is left of the windows, each beginning on a quarter of an hour."""
    found = []
    for since, until in subtract(windows, busy):
        start = -(-since // STEP_MS) * STEP_MS
        while start + length_ms <= until:
            found.append((start, start + length_ms))
            start = -(-(start + length_ms) // STEP_MS) * STEP_MS
    return found


def length_for(length_ms: int, left_ms: int | None) -> int:
    """How long the slots of a week are: as agreed, or what is left of its budget; 0 where that is next to nothing."""
    if left_ms is None or left_ms >= length_ms:
        return length_ms
    whole = left_ms // STEP_MS * STEP_MS
    return whole if whole >= SHORTEST_MS else 0


def spread(by_day: Mapping[Day, Sequence[Span]], left_ms: int | None) -> list[Span]:
    """As many as fit into the budget, in order of time: the first of each day, then the second of each, and so on."""
    rounds = sorted((place, span) for spans in by_day.values() for place, span in enumerate(spans))
    if left_ms is None:
        return sorted(span for _, span in rounds)
    chosen, left = [], left_ms
    for _, (start, end) in rounds:
        if end - start <= left:
            chosen.append((start, end))
            left -= end - start
    return sorted(chosen)
