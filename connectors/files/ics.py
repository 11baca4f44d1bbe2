"""Calendar files of any size, entry by entry: a broken one leaves its neighbours whole, memory holds one of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from connectors.content_lines import Component, Loose, components, content_line, unfold
from connectors.errors import ItemMalformed
from connectors.ical import Calendar, ZoneUnknownError, meeting_event, observed
from connectors.items import Item, Problem, Skipped

# What stands in a VCALENDAR by itself; alarms belong to their entries.
COMPONENTS = frozenset({b"VEVENT", b"VTODO", b"VJOURNAL", b"VFREEBUSY", b"VAVAILABILITY", b"VPOLL", b"VTIMEZONE"})
_ANSWERS = frozenset({"reply", "counter", "declinecounter", "refresh"})  # methods that speak *about* a meeting
DEFERRED_BYTES = 16 << 20  # of the entries that may wait for a VTIMEZONE that follows them; such files are small


def read(stream: BinaryIO, *, source: str, where: str, folder: str = "") -> Iterator[Item]:  # noqa: ARG001  readers have one shape
    """One item an entry. The file's name is the calendar's where X-WR-CALNAME does not say it."""
    return entries(stream, Calendar(PurePath(where).stem), source=source, where=where)


def entries(stream: BinaryIO, calendar: Calendar, *, source: str, where: str) -> Iterator[Item]:
    """One item an entry, of a stream from anywhere. `calendar` holds the name, and whether it is a given one."""
    reader = _Reader(source, where, calendar)
    for part in components(stream, COMPONENTS):
        if isinstance(part, Loose):
            reader.take(part)
        elif part.name == "VTIMEZONE":
            reader.calendar.zones.define(unfold(part.lines))
        else:
            yield from reader.item(part)
    yield from reader.deferred()


class _Reader:
    """The state of one file: the calendar that is open, and the entries whose zone is not known yet."""

    def __init__(self, source: str, where: str, calendar: Calendar) -> None:
        self.source, self.where = source, where
        self.name, self.named = calendar.name, calendar.named
        self.calendar = calendar
        self.waiting: list[tuple[Component, Calendar]] = []
        self.held = 0
        self.folded: list[bytes] = []

    def take(self, loose: Loose) -> None:
        """A line outside the entries: a calendar begins, or a property of it, perhaps folded."""
        if loose.data[:1] in {b" ", b"\t"} and self.folded:
            self.folded.append(loose.data)
        else:
            self.flush()
            self.folded = [loose.data]

    def flush(self) -> None:
        for text in unfold(self.folded):
            line = content_line(text)
            if line is not None and line.name == "BEGIN" and line.value.strip().upper() == "VCALENDAR":
                self.calendar = Calendar(self.name, self.calendar.zones, named=self.named)
            elif line is not None:
                self.calendar.take(line)
        self.folded = []

    def item(self, part: Component) -> Iterator[Item]:
        self.flush()
        try:
            yield self._item(part, self.calendar)
        except ZoneUnknownError:
            self.held += sum(map(len, part.lines))
            if self.held <= DEFERRED_BYTES:
                self.waiting.append((part, self.calendar))
            else:
                self.calendar.complete = True
                yield self._item(part, self.calendar)

    def deferred(self) -> Iterator[Item]:
        for part, calendar in self.waiting:
            calendar.complete = True
            yield self._item(part, calendar)

    def _item(self, part: Component, calendar: Calendar) -> Item:
        return entry(part, calendar, source=self.source, where=f"{self.where}:{part.line}")


def entry(part: Component, calendar: Calendar, *, source: str, where: str) -> Item:
    """What one component says. Raises ZoneUnknownError while the calendar is not complete."""
    if part.name != "VEVENT":
        return Skipped("not_a_meeting")
    if calendar.method in _ANSWERS:
        return Skipped("reply")
    try:
        meeting = observed(part, calendar, source=source, where=where)
    except ItemMalformed as error:
        return Problem(where, str(error))
    except (ValueError, ArithmeticError, RecursionError) as error:
        # Whatever a stranger's file makes of our arithmetic, it costs that one entry.
        return Problem(where, f"this calendar entry cannot be read ({type(error).__name__}); export it again")
    return meeting_event(meeting, named=calendar.named)
