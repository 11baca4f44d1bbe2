"""How far a run is: numbers only; how they are shown is the caller's."""

from __future__ import annotations

from typing import NamedTuple


class SyncProgress(NamedTuple):
    """One moment of one stream. `total` is None while the source does not tell how much this run will show."""

    source: str
    title: str
    seen: int
    total: int | None
    seconds: float

    @property
    def items_per_second(self) -> float:
        """The mean rate so far; 0 in the first moment."""
        return self.seen / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What is left of this stream at the rate so far; None where it cannot be known."""
        if self.total is None or not self.seen:
            return None
        return self.seconds * max(self.total - self.seen, 0) / self.seen
