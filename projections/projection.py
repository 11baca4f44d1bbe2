"""What a projection is: a class in a file of its own in this folder, found by being there (`PROJECTION = TheClass`)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import ClassVar

from events.envelope import StoredEvent
from projections.store import Store


class Projection:
    """Folds events into its own tables, then settles what depends on more than one event.

    `reads`: wire names of the events it wants. `after`: names of projections that must fold and settle before it.
    A higher `version` builds all tables anew. Whatever a projection keeps between calls belongs to one run; what it
    needs to go on next time stands in its tables. Its tables must depend on the events and their order only, never
    on how they were cut into batches or runs.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    after: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[frozenset[str]] = frozenset()
    tables: ClassVar[str] = ""
    indices: ClassVar[str] = ""  # made when all is folded; each statement ends in `;` and a new line
    late_indices: ClassVar[str] = ""  # made when all is settled

    def __init__(self, store: Store) -> None:
        self.store = store

    def fold(self, event: StoredEvent) -> None:
        """Take one event, in order of position."""

    def flush(self) -> None:
        """Write what a batch of events has left in memory."""

    def settle(self) -> None:
        """Compute anew whatever `store` says is dirty; called once, when every event is folded."""


def discover() -> Sequence[type[Projection]]:
    """Every projection of this folder, each after those that it names in `after`."""
    package = importlib.import_module("projections")
    found: dict[str, type[Projection]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        projection = getattr(importlib.import_module(f"projections.{module.name}"), "PROJECTION", None)
        if projection is not None:
            found[projection.name] = projection
    order = TopologicalSorter({name: sorted(found[name].after) for name in sorted(found)}).static_order()
    return [found[name] for name in order]
