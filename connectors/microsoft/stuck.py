"""What Graph never answers: after some runs a link is given up for a listing, which loses nothing and invents nothing.

Whoever gets as far as a stream's link was answered just before, with the list of the folders or calendars: it is not
Graph as a whole that is out of order. How many runs failed there is stored with the position, by the stream's owner.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.errors import CursorExpired
from connectors.microsoft.refusals import Answered, Failing
from connectors.sync.port import Change, Poison

REFUSED = "refused"  # the version of an item that was not even shown: unlike any other
RUNS = 3  # that failed at one place; an outage is over by then, or the list is not answered either
_MOST = 500  # items that are remembered; a listing finds the others


class Stuck:
    """The streams of an account that failed in this run: each counts once, however often it asks."""

    def __init__(self) -> None:
        self.counted: set[str] = set()
        self.given_up: set[str] = set()


class Failures:
    """Those of one stream."""

    def __init__(self, stuck: Stuck, stream: str) -> None:
        self._stuck, self._stream = stuck, stream

    def are_too_many(self, before: int) -> bool:
        """Whether one more is one too many; `before`: how many runs in a row failed here, as it is stored."""
        counted = self._stream in self._stuck.counted
        return self._stream in self._stuck.given_up or (not counted and before + 1 >= RUNS)

    def behind(self, before: int, error: Failing | Answered) -> int:
        """How many runs failed here, this one among them.

        Raises the error where this run is counted already, and where it says that the thing is not there; CursorExpired
        where there are too many, in this run for whatever follows.
        """
        if isinstance(error, Answered) and error.missing:
            raise error
        if self.are_too_many(before):
            self._stuck.given_up.add(self._stream)
            raise CursorExpired(f"{str(error).rstrip('.')}, for {RUNS} runs") from error
        if self._stream in self._stuck.counted:
            raise error
        self._stuck.counted.add(self._stream)
        return before + 1


def sick_behind(before: Iterable[str], changes: Iterable[Change]) -> tuple[str, ...]:
    """The items that were not shown, behind these changes: the next run asks for them again."""
    found = dict.fromkeys(before)
    for one in changes:
        if isinstance(one, Poison) and one.version == REFUSED:
            found[one.item] = None
        else:
            found.pop(one.item, None)
    return tuple(found)[:_MOST]
