"""Sudden emptiness is not believed at once: an outage looks like a deletion of everything. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

_FEW = 3  # so little may go at once: whoever has two entries deletes both
_SOME = 10  # below it half is a handful


def doubtful(lost: int, held: int) -> bool:
    """Whether so much is gone that another run must confirm it: all of it, or more than half."""
    left = held - lost
    return (left <= 0 and held >= _FEW) or (held >= _SOME and left * 2 < held)


class Loss(NamedTuple):
    """Of one stream's things: how many there were, how many it shows no more, how many no other stream shows either."""

    held: int
    missed: int
    lost: int


def doubted(losses: Mapping[str, Loss], ended: Collection[str], *, lost: int, held: int) -> set[str]:
    """The streams whose losses wait for confirmation; `lost` and `held` are those of the whole account.

    A stream that ended as a whole always waits. Where the whole account loses so much, every stream that lost waits.
    """
    losing = {name: loss for name, loss in losses.items() if loss.lost}
    if doubtful(lost, held):
        return set(losing)
    return {name for name, loss in losing.items() if name in ended or doubtful(loss.missed, loss.held)}


def warning(title: str, loss: Loss) -> str:
    """What the person is told while it is doubted."""
    return (
        f"{loss.lost} of {loss.held} entries of {title!r} are suddenly gone; nothing was withdrawn: "
        "look whether they are still there, the next sync believes it if it sees the same."
    )
