"""A calendar feed's bytes to its entries. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from connectors.content_lines import Component, Loose, components, content_line, unescape, unfold
from connectors.errors import Refused
from connectors.feed.window import Span, span_of
from connectors.files.ics import COMPONENTS, entry
from connectors.ical import Calendar, ZoneUnknownError, meeting_event
from connectors.items import Problem, Skipped
from connectors.sync.port import Poison, Seen
from connectors.uids import meeting_uid
from events.codec import encode
from events.envelope import NewEvent
from events.vocabulary import MeetingObserved

# What is made of a meeting; the function gives the text of any property of its entry, "" where there is none.
Reading: TypeAlias = Callable[[MeetingObserved, Callable[[str], str]], MeetingObserved]


class Entry(NamedTuple):
    """One entry: what it says for the loop, and when it takes place, where it says."""

    change: Seen | Poison
    uid: str
    span: Span | None = None
    rank: tuple[int, int] = (0, 0)  # SEQUENCE and LAST-MODIFIED: of two with one UID the higher holds

    @property
    def item(self) -> str:
        return self.change.item


class Feed(NamedTuple):
    """A whole feed. `name`: what it calls itself, "" where it does not. `entries`: one an item, the latest first."""

    name: str
    entries: list[Entry]


def read_feed(body: bytes, *, source: str, account: str, name: str, reading: Reading) -> Feed:
    """The entries of a feed; `name` is the calendar's where the feed has none, `reading` what is made of each meeting.

    Raises Refused for what is no calendar, and for a calendar that does not end: the next sync reads it anew.
    """
    _check(body, account)
    calendars = _Calendars(name)
    found: dict[str, Entry] = {}
    waiting = []  # for a VTIMEZONE that follows
    for part, calendar in calendars.parts(body):
        try:
            _keep(found, _entry(part, calendar, source, reading))
        except ZoneUnknownError:
            waiting.append((part, calendar))
    if calendars.open:
        raise Refused(
            f"{account}: the feed ends in the middle; nothing of it is used, and nothing is withdrawn: sync again later"
        )
    for part, calendar in waiting:
        calendar.complete = True
        _keep(found, _entry(part, calendar, source, reading))
    latest = sorted(found.values(), key=lambda one: one.span.first if one.span else 0, reverse=True)
    return Feed(calendars.name, latest)


def _keep(found: dict[str, Entry], one: Entry) -> None:
    if one.item not in found or one.rank >= found[one.item].rank:
        found[one.item] = one


def span_in(version: str) -> Span | None:
    """When the entry of a version takes place."""
    return Span.read(version.partition(" ")[2])


class _Calendars:
    """Parts a feed into its components, each with the calendar that it stands in."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calendar = Calendar(name)
        self._loose: list[bytes] = []
        self.open = 0

    @property
    def name(self) -> str:
        """What the feed calls itself."""
        return self._calendar.name if self._calendar.named else ""

    def parts(self, body: bytes) -> Iterable[tuple[Component, Calendar]]:
        for part in components(BytesIO(body), COMPONENTS):
            if isinstance(part, Loose):
                if part.data[:1] not in {b" ", b"\t"}:
                    self._flush()
                self._loose.append(part.data)
                continue
            self._flush()
            if part.name == "VTIMEZONE":
                self._calendar.zones.define(unfold(part.lines))
            else:
                yield part, self._calendar
        self._flush()

    def _flush(self) -> None:
        for text in unfold(self._loose):
            line = content_line(text)
            if line is None:
                continue
            is_edge = line.value.strip().upper() == "VCALENDAR"
            if line.name == "BEGIN" and is_edge:
                self._calendar = Calendar(self._name, self._calendar.zones)
                self.open += 1
            elif line.name == "END" and is_edge:
                self.open -= 1
            else:
                self._calendar.take(line)
        self._loose = []


def _check(body: bytes, account: str) -> None:
    """Raise Refused unless a calendar begins here."""
    begin = body[:4096].decode("utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "replace").lstrip()
    if begin[:15].upper() == "BEGIN:VCALENDAR":
        return
    if not begin:
        raise Refused(
            f"{account}: the feed is empty, which no calendar is; nothing is withdrawn: "
            "look whether the calendar is still published"
        )
    what = "a web page (a sign-in, or an error)" if begin.startswith("<") else "something else"
    raise Refused(
        f"{account}: the address gives {what} instead of a calendar; nothing is withdrawn: "
        "open it in a browser, and copy the calendar's address anew if it has changed"
    )


def _entry(part: Component, calendar: Calendar, source: str, reading: Reading) -> Entry:
    said = entry(part, calendar, source=source, where="")
    if isinstance(said, NewEvent) and isinstance(said.payload, MeetingObserved):
        made = reading(said.payload, partial(_text, part))
        return _meeting(said if made is said.payload else meeting_event(made, named=calendar.named), made, calendar)
    uid, own = meeting_uid(_text(part, "UID")), _hash(_without_stamps(part))
    if isinstance(said, Skipped):
        return Entry(Seen(f"{part.name} {uid or own}", said.reason, skip=said.reason), uid)
    item = f"{uid} unreadable {own}"
    why = said.why if isinstance(said, Problem) else "it says nothing that is understood"
    return Entry(Poison(item, own, uid or f"line {part.line}", why), uid)


def _meeting(event: NewEvent, made: MeetingObserved, calendar: Calendar) -> Entry:
    item = f"{made.uid} {made.instance}" if made.instance else made.uid
    span = span_of(made)
    seen = Seen(item, _version(made, calendar, span), (event._replace(payload=replace(made, where=item)),))
    return Entry(seen, made.uid, span, (made.sequence, made.modified_ms or 0))


def _version(meeting: MeetingObserved, calendar: Calendar, span: Span | None) -> str:
    """What an entry says, but for its UID and its stamps, which some feeds make anew at each download; and its span."""
    name = meeting.calendar if calendar.named else ""
    said = replace(meeting, source="", where="", uid="", calendar=name, sequence=0, modified_ms=None, created_ms=None)
    return f"{_hash(encode(said))} {span.text() if span else ''}"


def _text(part: Component, name: str) -> str:
    """The text of a property of the component itself, not of its alarms, as far as it can be told."""
    depth = 0
    for line in map(content_line, unfold(part.lines)):
        if line is not None and line.name in {"BEGIN", "END"}:
            depth += 1 if line.name == "BEGIN" else -1
        elif line is not None and line.name == name and depth == 1:
            return unescape(line.value)
    return ""


def _without_stamps(part: Component) -> bytes:
    return b"\n".join(line for line in part.lines if not line.upper().startswith(b"DTSTAMP"))


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()
