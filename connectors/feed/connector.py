"""A calendar feed: one document at one address, fetched when it has changed. One stream; an item is an entry."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from connectors.errors import Refused
from connectors.feed.reading import Entry, Feed, Reading, read_feed, span_in
from connectors.feed.window import is_deleted, is_over, window_of
from connectors.files.unchanged import READERS
from connectors.http import Answer, Http
from connectors.ics_feed import FeedConfig
from connectors.net import shown, typed
from connectors.sync.port import Change, Gone, Held, Kind, Page, Position, Same, Seen, Stream
from events.vocabulary import MeetingObserved

PAGE = 500  # entries
STREAM = "feed"
_ACCEPT = "text/calendar, */*;q=0.1"


class _Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the feed was when it was read: the server's marks of it, and ours."""

    readers: int = 0
    etag: str = ""
    modified: str = ""
    digest: str = ""


class Place(NamedTuple):
    """Where a feed is. `account`: as sentences call it."""

    url: str
    account: str
    private: tuple[str, ...] = ()


class FeedConnector:
    """See `connectors.sync.port.Connector`. `reading`: what is made of each meeting; `now` in seconds since 1970."""

    def __init__(
        self, place: Place, *, source: str, reading: Reading, page: int = PAGE, now: Callable[[], float] = time.time
    ) -> None:
        self.source = source
        self._place, self._reading, self._page, self._now = place, reading, page, now
        self._http = Http(place.account, private=place.private)

    def streams(self) -> Sequence[Stream]:
        return [Stream(STREAM, _title(self._place.url), Kind.CALENDAR)]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:  # noqa: ARG002  there is one
        before = _decoded(at.cursor)
        pages = _pages_before(at.state)
        whole = at.cursor is None or bool(at.state) or before.readers != READERS
        answer = self._fetch(_Cursor() if whole else before)
        if answer is None:
            yield Page((), cursor=at.cursor)
            return
        cursor = _Cursor(
            READERS, answer.headers["etag"] or "", answer.headers["last-modified"] or "", _digest(answer.body)
        )
        text = msgspec.json.encode(cursor).decode()
        if not whole and cursor.digest == before.digest:
            yield Page((), cursor=text)
            return
        changes = list(self._changes(self._read(answer.body), dict(held.all())))
        news = [change for change in changes if not isinstance(change, Same)]
        while len(news) > self._page:
            pages += 1
            yield Page(news[: self._page], state=str(pages), total=len(changes))
            news = news[self._page :]
        # What is as it was stands behind the news, on one page: so an interrupted run gets on each time.
        same = [change for change in changes if isinstance(change, Same)]
        yield Page([*news, *same], cursor=text, total=len(changes))

    def look(self) -> Feed:
        """The feed as it is now."""
        answer = self._fetch(_Cursor())
        return self._read(answer.body if answer else b"")

    def close(self) -> None:
        self._http.close()

    def _fetch(self, before: _Cursor) -> Answer | None:
        """The document; None where the server says that it is the same. Raises the errors of `Http`, and Refused."""
        headers = {"Accept": _ACCEPT}
        if before.etag:
            headers["If-None-Match"] = before.etag
        if before.modified:
            headers["If-Modified-Since"] = before.modified
        answer = self._http.ask("GET", self._place.url, headers=headers, returns={401})
        if answer.status == 304 and (before.etag or before.modified):  # noqa: PLR2004  unchanged
            return None
        if answer.status != 200:  # noqa: PLR2004  all that a feed gives
            raise Refused(
                f"{self._place.account}: {shown(answer.url)}: the server gives no calendar (HTTP {answer.status}); "
                "nothing is withdrawn: look whether the calendar is still published, and copy its address anew"
            )
        return answer

    def _read(self, body: bytes) -> Feed:
        name = _title(self._place.url)
        return read_feed(body, source=self.source, account=self._place.account, name=name, reading=self._reading)

    def _changes(self, feed: Feed, held: dict[str, str]) -> Iterator[Change]:
        """What is new, what is as it was, and what is deleted; nothing of what merely left the window."""
        shown_items = {one.item for one in feed.entries}
        absent = {item: version for item, version in held.items() if item not in shown_items}
        renamed = {version: item for item, version in absent.items()}
        for one in feed.entries:
            version = held.get(one.item)
            if version == one.change.version:
                yield Same(one.item)
            elif version is None and one.change.version in renamed and isinstance(one.change, Seen):
                # The same under another UID: some feeds make up new ones at each download.
                item = renamed.pop(one.change.version)
                del absent[item]
                yield Same(item)
            else:
                yield one.change
        yield from self._deleted(feed.entries, absent)

    def _deleted(self, entries: Sequence[Entry], absent: dict[str, str]) -> Iterator[Gone]:
        """Raises Refused where a calendar is suddenly empty: then nothing of what it held is believed to be deleted."""
        window = window_of(one.span for one in entries if one.span)
        now_ms = int(self._now() * 1000)
        spans = {item: span_in(version) for item, version in absent.items()}
        ahead = sum(span is not None and not is_over(span, now_ms) for span in spans.values())
        if window is None and ahead:
            raise Refused(
                f"{self._place.account}: the feed is suddenly empty, though {ahead} of its entries were still to come; "
                "nothing is withdrawn: look at the calendar where it is kept, and whether it is still published"
            )
        unreadable = tuple(one.uid for one in entries if one.uid and not isinstance(one.change, Seen))
        for item, span in spans.items():
            if span is None or (is_deleted(span, window, now_ms) and not item.startswith(unreadable)):
                yield Gone(item)


def opened(config: FeedConfig, reading: Reading, *, source: str, name: str) -> FeedConnector:
    """The connector of one feed; nothing is sent yet."""
    host = urlsplit(config.address).hostname or ""
    private = (host,) if config.allow_private else typed(config.address)
    return FeedConnector(Place(config.address, name, private), source=source, reading=reading)


def checked(config: FeedConfig, reading: Reading) -> list[str]:
    """What was found and what will be read; see `connectors.sync.provider.Checker`."""
    connector = opened(config, reading, source="", name="Calendar feed")
    try:
        feed = connector.look()
    finally:
        connector.close()
    meetings = [event.payload for one in feed.entries if isinstance(one.change, Seen) for event in one.change.events]
    guests = sum(isinstance(one, MeetingObserved) and bool(one.attendees) for one in meetings)
    named = f"{feed.name!r}" if feed.name else "without a name"
    sentences = [
        f"The calendar {named} was found: {_counted(meetings)}{_between(feed)}, {guests} of them with guests.",
        "Every entry in it will be read, and read again when it changes.",
        "Only GET is ever sent, which reads: nothing is written there.",
    ]
    if meetings and not guests:
        sentences.append(
            "Feeds often leave out who takes part; then no time can be told to anybody: "
            "connect the account itself (caldav) where you can."
        )
    if config.is_bare:
        sentences.append("Warning: this address is http://, so whoever is on the way can read the calendar.")
    return sentences


def _counted(meetings: Sequence[object]) -> str:
    return "1 entry" if len(meetings) == 1 else f"{len(meetings)} entries"


def _between(feed: Feed) -> str:
    window = window_of(one.span for one in feed.entries if one.span)
    if window is None:
        return ""
    first, last = (datetime.fromtimestamp(ms / 1000, UTC).date() for ms in window)
    return f" from {first} to {last}"


def _pages_before(state: str) -> int:
    """How many pages an interrupted run has stored; what they showed is held, and the feed is read anew."""
    return int(state) if state.isascii() and state.isdigit() else 0


def _title(url: str) -> str:
    """What a feed is called until it says it itself: the document's name, where it is none of those that all have."""
    parts = urlsplit(url)
    stem = PurePosixPath(unquote(parts.path)).stem
    return stem if stem.isprintable() and 0 < len(stem) < 16 and stem != "basic" else parts.hostname or url  # noqa: PLR2004  longer ones are secrets


def _decoded(cursor: str | None) -> _Cursor:
    try:
        return msgspec.json.decode(cursor or "{}", type=_Cursor)
    except msgspec.MsgspecError:  # written by another version: reading again is always right
        return _Cursor()


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()
