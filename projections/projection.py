"""What a projection is: a class in a file of its own in this folder, found by being there (`PROJECTION = TheClass`)."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import ClassVar

from events.envelope import StoredEvent
from projections.store import Store

_DECLARATION = b"\nPROJECTION = "


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
    """Every projection of this folder, each after those that it names in `after`.

    The other files of this folder are not loaded: many of them, with their patterns, are wanted by questions only.
    """
    found: dict[str, type[Projection]] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if _DECLARATION in path.read_bytes():
            projection = importlib.import_module(f"projections.{path.stem}").PROJECTION
            found[projection.name] = projection
    order = TopologicalSorter({name: sorted(found[name].after) for name in sorted(found)}).static_order()
    return [found[name] for name in order]
