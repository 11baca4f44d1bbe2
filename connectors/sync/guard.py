"""Sudden emptiness is not believed at once: an outage looks like a deletion of everything. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_FEW = 3  # so little may go at once: whoever has two entries deletes both
_SOME = 10  # below it half is a handful


def doubtful(lost: int, held: int) -> bool:
    """Whether so much is gone that another run must confirm it: all of it, or more than half."""
    left = held - lost
    return (left <= 0 and held >= _FEW) or (held >= _SOME and left * 2 < held)


def doubted(lost: Mapping[str, int], held: Mapping[str, int], ended: Collection[str]) -> set[str]:
    """The streams whose losses wait for confirmation, by things lost and things held before.

    A stream that ended as a whole always waits. Where the whole account loses so much, every stream that lost waits.
    """
    losing = {stream for stream, number in lost.items() if number}
    if doubtful(sum(lost.values()), sum(held.values())):
        return losing
    return {one for one in losing if one in ended or doubtful(lost[one], held.get(one, 0))}


def warning(title: str, lost: int, held: int) -> str:
    """What the person is told while it is doubted."""
    return (
        f"{lost} of {held} entries of {title!r} are suddenly gone; nothing was withdrawn: "
        "look whether they are still there, the next sync believes it if it sees the same."
    )
