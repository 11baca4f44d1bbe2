"""The loop, as small as can be: what an account shows, kept as a connector tells it, without a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from connectors.errors import CursorExpired
from connectors.sync.port import Change, Connector, Gone, Poison, Position, Same, Stream
from events.envelope import NewEvent
from events.vocabulary import ContactObserved, MeetingObserved


@dataclass
class Shelf:
    """What is held of one stream; `connectors.sync.port.Held`."""

    items: dict[str, str] = field(default_factory=dict)
    events: dict[str, tuple[NewEvent, ...]] = field(default_factory=dict)
    skips: dict[str, str] = field(default_factory=dict)
    poison: dict[str, str] = field(default_factory=dict)
    position: Position = field(default_factory=lambda: Position(None))
    shown: set[str] = field(default_factory=set)  # in the run that goes on

    def versions(self, items: Iterable[str]) -> Mapping[str, str]:
        return {item: self.items[item] for item in items if item in self.items}

    def all(self) -> Iterator[tuple[str, str]]:
        return iter(sorted(self.items.items()))

    def drop(self, item: str) -> None:
        for kept in (self.items, self.events, self.skips, self.poison):
            kept.pop(item, None)

    def take(self, change: Change) -> bool:
        """Hold what a change says; whether it brought something."""
        if isinstance(change, Gone):
            self.drop(change.item)
            return False
        self.shown.add(change.item)
        if isinstance(change, Same):
            assert change.item in self.items, "an item that nobody holds"
            return False
        self.drop(change.item)
        self.items[change.item] = change.version
        if isinstance(change, Poison):
            self.poison[change.item] = change.why
            return False
        self.events[change.item] = change.events
        if change.skip:
            self.skips[change.item] = change.skip
        return True


@dataclass
class Mirror:
    """`pages`: stop after as many in a run, as a crash would. `expired`: how often a cursor was refused."""

    shelves: dict[str, Shelf] = field(default_factory=dict)
    seen: int = 0
    expired: int = 0
    listings: int = 0

    def run(self, connector: Connector, pages: int | None = None) -> Mirror:
        self.seen = 0
        for stream in connector.streams():
            shelf = self.shelves.setdefault(stream.name, Shelf())
            try:
                self._pull(connector, stream, shelf, pages)
            except CursorExpired:
                self.expired += 1
                shelf.position = Position(None)
                self._pull(connector, stream, shelf, pages)
        connector.close()
        return self

    def _pull(self, connector: Connector, stream: Stream, shelf: Shelf, pages: int | None) -> None:
        if not shelf.position.state:
            shelf.shown = set()
        states = {shelf.position.state}
        for number, page in enumerate(connector.pull(stream, shelf.position, shelf)):
            if pages is not None and number >= pages:
                return
            self.seen += sum(map(shelf.take, page.changes))
            assert not page.state or page.state not in states, "the same page twice"
            states.add(page.state)
            assert bool(page.state) != (page.cursor is not None), "a page goes on, or it ends the run"
            shelf.position = (
                Position(page.cursor) if page.cursor is not None else Position(shelf.position.cursor, page.state)
            )
        if page.listed and pages is None:
            self.listings += 1
            for item in set(shelf.items) - shelf.shown:
                shelf.drop(item)

    def says(self) -> set[tuple[str, str, int | None]]:
        """Everything that is shown now: stream, thing and the revision of what was said of it, wherever it stands."""
        return {
            (name, event.stream.hex(), event.revision)
            for name, shelf in self.shelves.items()
            for events in shelf.events.values()
            for event in events
        }

    def uids(self) -> set[str]:
        found = [
            event.payload for shelf in self.shelves.values() for events in shelf.events.values() for event in events
        ]
        return {one.uid for one in found if isinstance(one, MeetingObserved | ContactObserved)}

    def poisoned(self) -> dict[str, str]:
        return {item: why for shelf in self.shelves.values() for item, why in shelf.poison.items()}
