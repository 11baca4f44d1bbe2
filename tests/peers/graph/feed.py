"""What happened in one container (a folder, a calendar, the tree of folders), in order: what delta queries tell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["entered", "changed", "left"]


class Change(NamedTuple):
    """`entry`: the id that the item has, or had, here and that is not immutable. `reason`: of @removed."""

    number: int
    key: int
    entry: str
    kind: Kind
    reason: str = "deleted"


class Feed:
    """`entered`: with which number an item came here; items that left are not in it."""

    def __init__(self) -> None:
        self.log: list[Change] = []
        self.entered: dict[int, int] = {}
        self._numbers: list[int] = []
        self._keys: dict[int, int] = {}
        self._entries: dict[str, int] = {}

    def note(self, change: Change) -> None:
        """Numbers rise."""
        self._keys[change.key] = self._entries[change.entry] = len(self.log)
        self._numbers.append(change.number)
        self.log.append(change)
        if change.kind == "left":
            self.entered.pop(change.key, None)
        elif change.kind == "entered":
            self.entered[change.key] = change.number

    def before(self, number: int) -> int:
        """The number of the change before the last one up to `number`: what a replay begins behind."""
        index = bisect_right(self._numbers, number) - 2
        return self._numbers[index] if index >= 0 else 0

    def since(self, number: int, upto: int, at: int, *, immutable: bool) -> Iterator[tuple[int, Change]]:
        """The last change of each item behind `number`, with the place to go on behind it. `at`: where the page before
        ended. For ids that are not immutable an item that came back is another item."""
        for index in range(max(at, bisect_right(self._numbers, number)), len(self.log)):
            change = self.log[index]
            if change.number > upto:
                return
            if index == (self._keys[change.key] if immutable else self._entries[change.entry]):
                yield index + 1, change

    def back(self, change: Change, since: int) -> bool:
        """Whether the item was here at `since`, left, and has come back (by the immutable id)."""
        if change.kind == "left" or self.entered[change.key] <= since:
            return False
        earlier = self.log[: bisect_right(self._numbers, since)]
        here = [each.kind != "left" for each in earlier if each.key == change.key]
        return bool(here) and here[-1]
