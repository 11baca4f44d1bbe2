"""A source that lives in memory: what the loop is tested with, and the shortest example of a connector.

`MemoryServer` is the provider: boxes of entries, a journal of changes, and a horizon behind which it forgets cursors.
`MemoryConnector` talks to it in pages, newest first, as to any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from connectors.contacts import contact_event
from connectors.errors import CursorExpired, StreamEnded
from connectors.ical import meeting_event
from connectors.sync.port import Change, Gone, Held, Kind, Page, Poison, Position, Same, Seen, Stream
from events.envelope import NewEvent, revision_of, stream_of
from events.vocabulary import ContactObserved, MeetingObserved, MessageObserved


class Entry(NamedTuple):
    """What an item says. `others`: changed instances of a meeting, as (wall time, title)."""

    key: str  # the identity of the thing: Message-ID, UID
    text: str
    version: int = 1
    others: tuple[tuple[str, str], ...] = ()
    broken: bool = False
    skip: str = ""


class _Box:
    def __init__(self, kind: Kind, epoch: int) -> None:
        self.kind = kind
        self.epoch = epoch  # of the ids: raised where a box is made anew
        self.entries: dict[str, Entry] = {}  # in the order in which they came
        self.journal: list[str] = []  # the items that changed, came or went
        self.horizon = 0  # cursors before this place in the journal are forgotten


class MemoryServer:
    """The provider's side. `on_request` is called before each answer, and may raise what a source may raise."""

    def __init__(self, *, page: int = 3) -> None:
        self.page = page
        self.boxes: dict[str, _Box] = {}
        self.requests = 0
        self.on_request: Callable[[str], None] = lambda _: None
        self._numbers = self._epochs = 0

    def make(self, box: str, kind: Kind) -> None:
        self._epochs += 1
        self.boxes[box] = _Box(kind, self._epochs)

    def put(self, box: str, entry: Entry, item: str = "") -> str:
        """A new item, or another version of an item; its id."""
        if not item:
            self._numbers += 1
            item = f"{self.boxes[box].epoch}.{self._numbers:06}"
        self.boxes[box].entries[item] = entry
        self.boxes[box].journal.append(item)
        return item

    def remove(self, box: str, item: str) -> Entry:
        self.boxes[box].journal.append(item)
        return self.boxes[box].entries.pop(item)

    def expire(self, box: str) -> None:
        """Forget every cursor of a box that was given out before now, and every page."""
        self.boxes[box].journal.append("")
        self.boxes[box].horizon = len(self.boxes[box].journal)

    def recreate(self, box: str) -> None:
        """The same entries under new ids; nobody is told what is gone."""
        old = self.boxes[box]
        self.make(box, old.kind)
        for entry in old.entries.values():
            self.put(box, entry)

    def answer(self, request: str) -> None:
        self.requests += 1
        self.on_request(request)


class MemoryConnector:
    """One account at a `MemoryServer`. Cursor and state: `epoch:place in the journal[:last item shown]`."""

    def __init__(self, server: MemoryServer, name: str = "test") -> None:
        self.source = f"memory:{name}"
        self._server = server

    def streams(self) -> Sequence[Stream]:
        self._server.answer("streams")
        return [Stream(name, name.title(), box.kind) for name, box in self._server.boxes.items()]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        while True:
            self._server.answer(f"pull {stream.name}")
            box = self._server.boxes.get(stream.name)
            if box is None:
                raise StreamEnded(f"{self.source}, {stream.title!r}: it is not there any more.")
            page = self._changes(box, at, held) if at.cursor is not None else self._listing(box, at, held)
            yield page
            if not page.state:
                return
            at = at._replace(state=page.state)

    def close(self) -> None:
        pass

    def _changes(self, box: _Box, at: Position, held: Held) -> Page:
        """What the journal holds behind the cursor, each item as it is now."""
        begin = _place(box, at.state or at.cursor or "")
        end = min(begin + self._server.page, len(box.journal))
        items = [item for item in dict.fromkeys(box.journal[begin:end]) if item]
        changes = self._shown(box, items, held)
        left = len(box.journal) - begin
        cursor = f"{box.epoch}:{end}"
        if end < len(box.journal):
            return Page(changes, state=cursor, total=left)
        return Page(changes, cursor=cursor, total=left)

    def _listing(self, box: _Box, at: Position, held: Held) -> Page:
        """All items, newest first, from behind the last that was shown; the cursor is that of the beginning."""
        cursor, _, last = at.state.partition("/")
        cursor = cursor or f"{box.epoch}:{len(box.journal)}"
        _place(box, cursor)
        left = sorted((item for item in box.entries if not last or item < last), reverse=True)
        items = left[: self._server.page]
        changes = self._shown(box, items, held)
        if len(left) > len(items):
            return Page(changes, state=f"{cursor}/{items[-1]}", total=len(box.entries))
        return Page(changes, cursor=cursor, total=len(box.entries), listed=True)

    def _shown(self, box: _Box, items: Sequence[str], held: Held) -> list[Change]:
        versions = held.versions(items)
        return [self._change(box, item, versions.get(item)) for item in items]

    def _change(self, box: _Box, item: str, version: str | None) -> Change:
        entry = box.entries.get(item)
        if entry is None:
            return Gone(item)
        if version == str(entry.version):
            return Same(item)
        if entry.broken:
            return Poison(item, str(entry.version), f"{self.source} {item}", "its text ends in the middle of a word")
        return Seen(item, str(entry.version), tuple(self._events(box.kind, item, entry)), entry.skip)

    def _events(self, kind: Kind, item: str, entry: Entry) -> Iterator[NewEvent]:
        if entry.skip:
            return
        if kind is Kind.MAIL:
            mail = MessageObserved(source=self.source, where=item, message_id=entry.key, labels=(entry.text,))
            stream = stream_of(None, "message", entry.key)
            yield NewEvent(stream, revision_of(entry.text.encode()), 0, mail)
        elif kind is Kind.CONTACTS:
            yield contact_event(ContactObserved(source=self.source, where=item, uid=entry.key, name=entry.text))
        else:
            start = "2026-03-02T10:00:00"
            said = [("", entry.text), *entry.others]
            for instance, title in said:
                yield meeting_event(MeetingObserved(
                    source=self.source, where=item, uid=entry.key, instance=instance, start=instance or start,
                    zone="UTC", seconds=3600, title=title,
                ))  # fmt: skip


def _place(box: _Box, cursor: str) -> int:
    epoch, _, place = cursor.partition(":")
    if int(epoch) != box.epoch or int(place) < box.horizon:
        raise CursorExpired("The cursor is too old.")
    return int(place)

