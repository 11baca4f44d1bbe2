"""What the database holds of a page's items before it is folded, and what a connector may ask of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from connectors.files.unchanged import READERS
from connectors.sync.port import Change, Seen
from connectors.sync.revisions import Logged
from connectors.sync.texts import storable
from events import held
from events.held import ItemRow, Said, Scope
from events.log import Log


class Known(NamedTuple):
    """`said`: by item and thing; `saying`: by thing, every item of the source; `logged`: of this source, in order."""

    items: dict[str, ItemRow]
    said: dict[str, dict[bytes, Said]]
    saying: dict[bytes, dict[tuple[str, str], Said]]
    logged: dict[bytes, list[Logged]]


class Place(NamedTuple):
    """Where a page belongs."""

    log: Log
    source: str

    @property
    def owner(self) -> str:
        return self.log.owner


def read_known(place: Place, stream: str, changes: Sequence[Change]) -> Known:
    """The rows of the page's items; of what they say anew also who else says it, and what the log holds of it."""
    some = {change.item for change in changes}
    if not some:
        return Known({}, {}, {}, {})
    said: dict[str, dict[bytes, Said]] = defaultdict(dict)
    saying: dict[bytes, dict[tuple[str, str], Said]] = defaultdict(dict)
    with place.log.reading() as connection:
        scope = Scope(connection, place.owner, place.source)
        items = held.items(scope, stream, some)
        for one in held.said_by(scope, stream, items):
            said[one.item][one.thing] = one
        news = _news(changes, said)
        for one in held.saying(scope, news):
            saying[one.thing][one.stream, one.item] = one
    return Known(items, said, saying, history(place, news))


def history(place: Place, things: Iterable[bytes]) -> dict[bytes, list[Logged]]:
    """What the log holds of these things from this source, oldest first."""
    logged: dict[bytes, list[Logged]] = defaultdict(list)
    for event in place.log.history(list(things)):
        if _SOURCE.decode(event.data).source == place.source:
            logged[event.stream].append(Logged(event.revision, event.type, event.data))
    return logged


def _news(changes: Sequence[Change], said: Mapping[str, Mapping[bytes, Said]]) -> set[bytes]:
    """The things of which the page may say something else than is stored."""
    news: set[bytes] = set()
    shown: dict[tuple[str, bytes], int] = {}
    for change in changes:
        if not isinstance(change, Seen):
            continue
        for event in change.events:
            row = said[change.item].get(event.stream) if change.item in said else None
            before = shown.get((change.item, event.stream), row.content if row else None)
            if before != event.revision:
                news.add(event.stream)
            shown[change.item, event.stream] = event.revision or 0
    return news


class _Source(msgspec.Struct):
    source: str = ""


_SOURCE = msgspec.json.Decoder(_Source)


class HeldStream:
    """`port.Held`, read from the log's tables at each question."""

    def __init__(self, place: Place, stream: str) -> None:
        self._place, self._stream = place, stream

    def versions(self, items: Iterable[str]) -> Mapping[str, str]:
        with self._place.log.reading() as connection:
            scope = Scope(connection, self._place.owner, self._place.source)
            return held.versions(scope, self._stream, list(filter(storable, items)), READERS)

    def all(self) -> Iterator[tuple[str, str]]:
        after = ""
        while True:
            with self._place.log.reading() as connection:
                scope = Scope(connection, self._place.owner, self._place.source)
                rows = held.after(scope, self._stream, after, READERS)
            yield from rows
            if len(rows) < held.CHUNK:
                return
            after = rows[-1][0]
