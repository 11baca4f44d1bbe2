"""One page against what is held: the events to append, the rows to write, and each item's fate. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.files.unchanged import READERS
from connectors.items import Problem
from connectors.sync.known import Known
from connectors.sync.port import Change, Gone, Poison, Same, Seen
from connectors.sync.result import StreamResult
from connectors.sync.revisions import Logged, content_of, next_revision
from connectors.sync.texts import shown
from events.admission import Outcome
from events.codec import encode
from events.envelope import NewEvent, revision_of, stream_of
from events.held import ItemRow, Said
from events.positions import StreamRow
from events.vocabulary import ItemQuarantined, MessageObserved


class Folded:
    """What a page comes to. `count` tells the account once the log has said what was new."""

    def __init__(self, known: Known, source: str, row: StreamRow, now_ms: int) -> None:
        self._known, self._source, self._now_ms = known, source, now_ms
        self._stream, self._run = row.stream, row.run
        self.events: list[NewEvent] = []
        self.items: dict[str, ItemRow] = {}
        self.said: dict[tuple[str, bytes], Said] = {}
        self._fates: list[str | Problem | tuple[range, bool]] = []

    def take(self, changes: Sequence[Change]) -> None:
        """In their order: a page may show an item twice, and the later one holds."""
        for change in changes:
            if isinstance(change, Seen):
                self._seen(change)
            elif isinstance(change, Same):
                self._same(change)
            elif isinstance(change, Gone):
                self._gone(change)
            else:
                self._poison(change)

    def count(self, outcomes: Sequence[Outcome], result: StreamResult, *, again: bool = False) -> None:
        """Every item shown is one of: stored, duplicate, skipped, problem. `again`: only what is new is counted."""
        for fate in self._fates:
            if isinstance(fate, tuple) and not isinstance(fate, Problem):
                news = any(_is_news(self.events[at], outcomes[at], held=fate[1]) for at in fate[0])
                result.seen += news or not again
                result.stored += news
                result.duplicates += not (news or again)
            elif isinstance(fate, Problem) and not (again and fate in result.problems):
                result.seen += 1
                result.problems.append(fate)
            elif isinstance(fate, str) and not again:
                result.seen += 1
                result.skipped[fate] = result.skipped.get(fate, 0) + 1

    def _seen(self, seen: Seen) -> None:
        held = seen.item in self._known.items
        self._put(ItemRow(seen.item, seen.version, self._run))
        begin = len(self.events)
        for event in seen.events:
            self._say(seen.item, event)
        self._drop(seen.item, {event.stream for event in seen.events})
        self._fates.append(seen.skip or (range(begin, len(self.events)), held))

    def _say(self, item: str, event: NewEvent) -> None:
        thing, content = event.stream, content_of(event)
        own = self._known.said.get(item, {}).get(thing)
        if own is not None and own.content == content:
            if own.dropped:
                self._put_said(own._replace(dropped=0))
            return
        sayers = self._known.saying.get(thing, {})
        alike = next((one for one in sayers.values() if one.content == content), None) if own is None else None
        stored = alike.stored if alike else self._append(event, sayers)
        self._put_said(Said(self._stream, item, thing, content, stored))

    def _append(self, event: NewEvent, sayers: dict[tuple[str, str], Said]) -> int:
        logged = self._known.logged.setdefault(event.stream, [])
        contents = {one.stored: one.content for one in sayers.values()}
        revision = next_revision(event, self._source, logged, contents=contents, new=not sayers)
        self.events.append(event._replace(revision=revision))
        logged.append(Logged(revision, event.payload.wire, encode(event.payload)))
        return revision

    def _same(self, same: Same) -> None:
        row = self._known.items.get(same.item)
        if row is not None:
            self._put(row._replace(run=self._run, gone=0))
            if row.gone:
                self._revive(same.item)
        self._fates.append((range(0), True))

    def _gone(self, gone: Gone) -> None:
        row = self._known.items.get(gone.item)
        if row is not None:
            self._put(row._replace(gone=1))
            self._drop(gone.item, set())

    def _poison(self, poison: Poison) -> None:
        poison = poison._replace(where=shown(poison.where), why=shown(poison.why))
        before = self._known.items.get(poison.item)
        self._put(
            ItemRow(poison.item, poison.version, self._run, place=poison.where, why=poison.why, reader=READERS)
        )
        if before is not None and before.gone:
            self._revive(poison.item)
        payload = ItemQuarantined(source=self._source, where=poison.where, why=poison.why)
        stream = stream_of(None, "item", self._source, poison.where, poison.why)
        self.events.append(NewEvent(stream, revision_of(encode(payload)), self._now_ms, payload))
        self._fates.append(Problem(poison.where, poison.why))

    def _drop(self, item: str, saying: set[bytes]) -> None:
        """What the item says no more waits for the end of the run: another item may say it by then."""
        for thing, one in list(self._known.said.get(item, {}).items()):
            if thing not in saying and not one.dropped:
                self._put_said(one._replace(dropped=1))

    def _revive(self, item: str) -> None:
        for one in list(self._known.said.get(item, {}).values()):
            self._put_said(one._replace(dropped=0))

    def _put(self, row: ItemRow) -> None:
        self._known.items[row.item] = self.items[row.item] = row

    def _put_said(self, one: Said) -> None:
        self.said[one.item, one.thing] = one
        self._known.said.setdefault(one.item, {})[one.thing] = one
        self._known.saying.setdefault(one.thing, {})[one.stream, one.item] = one


def _is_news(event: NewEvent, outcome: Outcome, *, held: bool) -> bool:
    """Another copy of a known message is a duplicate, as in an import; a change of the copy itself is not."""
    if event.payload.wire == MessageObserved.wire and not held:
        return outcome is Outcome.NEW_STREAM
    return outcome is not Outcome.KNOWN
