"""Sets of addresses that grow by joins, and refuse a join that would put two people into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from projections.addresses import canonical, numbered
from projections.identity_profile import Profile
from projections.names import compatible

_numbered = lru_cache(maxsize=100_000)(numbered)  # asked of each address again and again


class Clusters:
    """Disjoint sets of addresses. A join is refused across what the owner split, and a guess across a contradiction."""

    def __init__(self, profiles: Mapping[str, Profile], together: Callable[[str, str], bool]) -> None:
        self._profiles = profiles
        self._together = together
        self._root = {address: address for address in profiles}
        self.members: dict[str, list[str]] = {address: [address] for address in profiles}
        self.why: dict[str, list[str]] = {address: [] for address in profiles}
        self._apart: dict[str, set[str]] = {}

    def __contains__(self, address: str) -> bool:
        return address in self._root

    def find(self, address: str) -> str:
        """Give the name of the set that holds the address."""
        while self._root[address] != address:
            self._root[address] = self._root[self._root[address]]
            address = self._root[address]
        return address

    def part(self, first: str, second: str) -> None:
        """Keep two addresses apart from now on, unless they are in one set already."""
        if first in self._root and second in self._root and self.find(first) != self.find(second):
            self._apart.setdefault(first, set()).add(second)
            self._apart.setdefault(second, set()).add(first)

    def join(self, first: str, second: str, why: str, *, guess: bool) -> bool:
        """Make one set of two, for a reason; tell whether they are in one set now."""
        if first not in self._root or second not in self._root:
            return False
        one, other = sorted((self.find(first), self.find(second)))
        if one == other:
            return True
        if self._split(one, other) or (guess and self._contradicts(one, other)):
            return False
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        self._root[other] = one
        self.members[one] += self.members.pop(other)
        self.why[one] += [*self.why.pop(other), why]
        return True

    def _split(self, one: str, other: str) -> bool:
        if not self._apart:
            return False
        return any(b in self._apart.get(a, ()) for a in self.members[one] for b in self.members[other])

    def _contradicts(self, one: str, other: str) -> bool:
        """Tell whether names, numbers in local parts, or one mail with both recipients speak against one person."""
        ours = [self._profiles[a] for a in self.members[one]]
        theirs = [self._profiles[a] for a in self.members[other]]
        if _names_conflict({full for p in ours for full in p.full}, {full for p in theirs for full in p.full}):
            return True
        if any(are_numbered(p.address, q.address) for p in ours for q in theirs):
            return True
        return any(self._together(p.address, q.address) for p in ours for q in theirs)


def _names_conflict(ours: set[tuple[str, ...]], theirs: set[tuple[str, ...]]) -> bool:
    """Tell whether a name of one set cannot be that of the other.

    A set that holds two conflicting names already (a card or the owner joined them: a married name) takes either.
    """
    return any(
        not compatible(a, b) and not _has_other(ours, a, b) and not _has_other(theirs, b, a)
        for a in ours
        for b in theirs
    )


def _has_other(names: set[tuple[str, ...]], own: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    return any(compatible(name, asked) and not compatible(name, own) for name in names)


def are_numbered(first: str, second: str) -> bool:
    """Tell whether one organisation told the two apart by a number: wei.zhang@ and wei.zhang2@."""
    key = _numbered(first)
    return key is not None and key == _numbered(second) and bool(key[1]) and canonical(first) != canonical(second)
