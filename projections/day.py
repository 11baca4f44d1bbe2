"""One local day: who of its meetings and mails earned which minutes (F1 duplicates, F2, F4). Pure.

The day is always computed whole: one new meeting changes the shares of every meeting that overlaps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from projections.attribution import Slot, conflict_minutes, share_clock
from projections.intervals import MINUTE_MS, Span, clip, subtract, union_ms
from projections.mailtime import Send, Writing, cap_day, writings

ALONE_TIER = 4  # a block of my own gives way to any meeting: what is left of it was kept
HOLDS = frozenset({"busy", "hold", "blocked", "block", "private", "occupied", "unavailable"})  # names of copied entries


class Held(NamedTuple):
    """An occurrence as the day sees it. `people`: who takes part, as persons; `title` bare; `alone`: my own block."""

    id: int
    start_ms: int
    end_ms: int
    tier: int
    title: str
    people: frozenset[int]
    alone: bool
    position: int


class Clock(NamedTuple):
    """Minutes per occurrence within one day, and the day's own sums, found on a second way."""

    minutes: dict[int, float]
    meeting: float
    alone: float
    conflict: float
    away: float


def duplicates(held: Iterable[Held]) -> set[int]:
    """Find occurrences that are copies of another at the same time: same title and people, or a hold without people.

    The one with the best evidence is kept, of equals the one that the log saw first.
    """
    at: dict[Span, list[Held]] = {}
    for one in held:
        at.setdefault((one.start_ms, one.end_ms), []).append(one)
    found: set[int] = set()
    for together in at.values():
        if len(together) == 1:
            continue
        kept: dict[tuple[str, frozenset[int]], Held] = {}
        meetings = [one for one in together if not one.alone]
        for one in sorted(meetings, key=lambda one: (one.tier, one.position, one.id)):
            first = kept.setdefault((one.title, one.people), one)
            if first is not one and one.people:
                found.add(one.id)
        titles = {one.title for one in meetings}
        found.update(one.id for one in together if one.alone and meetings and one.title in titles | HOLDS)
    return found


def clock(held: Sequence[Held], away: Sequence[Span], span: Span) -> Clock:
    """Share the day `span` = [start, end) between the occurrences that count, less the out-of-office intervals."""
    slots: list[Slot] = []
    for one in held:
        start_ms, end_ms = max(one.start_ms, span[0]), min(one.end_ms, span[1])
        if start_ms < end_ms:
            slots.append(Slot(one.id, start_ms, end_ms, ALONE_TIER if one.alone else one.tier))
    ooo = clip(away, *span)
    meetings = [slot for slot in slots if slot.tier != ALONE_TIER]
    busy = union_ms(subtract(_spans(meetings), ooo))
    everything = union_ms(subtract(_spans(slots), ooo))
    return Clock(
        share_clock(slots, ooo) if slots else {},
        busy / MINUTE_MS,
        (everything - busy) / MINUTE_MS,
        conflict_minutes(meetings, ooo) if len(meetings) > 1 else 0.0,
        union_ms(ooo) / MINUTE_MS,
    )


def written(sends: Sequence[Send], held: Iterable[Held], away: Sequence[Span], *, model: str) -> Mapping[int, Writing]:
    """What each sent mail took; within a counted meeting, and not in out-of-office, it is multitasking."""
    if not sends:
        return {}
    since, until = min(send.at_ms for send in sends) - 2_000_000, max(send.at_ms for send in sends)
    meetings = clip(((one.start_ms, one.end_ms) for one in held if not one.alone), since, until)
    return writings(sends, subtract(meetings, away), model=model)


def read(seconds: Mapping[int, float]) -> dict[int, float]:
    """Minutes per mail read on this day, at most four hours together."""
    return {key: value / 60 for key, value in cap_day(seconds).items()}


def part_of(writing: Writing, span: Span, whole: float) -> float:
    """Minutes of the `whole` writing of a mail that lie within `span`: what crosses midnight is split there."""
    if not writing.spans or (writing.spans[0][0] >= span[0] and writing.spans[-1][1] <= span[1]):
        return whole
    return writing.share * union_ms(clip(writing.spans, *span)) / MINUTE_MS


def _spans(slots: Iterable[Slot]) -> list[Span]:
    return [(slot.start_ms, slot.end_ms) for slot in slots]
