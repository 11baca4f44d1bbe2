"""What every source shows of one meeting now, and which of them is believed.

An *account* is asked again and again: of it the newest sighting counts, and it can take back what it showed. A file is
a *snapshot*: nobody knows how old it is, so that of all snapshots the highest revision counts, and none takes back
anything. A meeting stands while an account shows it; when the last one takes it back, the snapshots of before go too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from events.vocabulary import MeetingObserved, MeetingWithdrawn
from projections.attendance import Known, is_cancelled, my_answer
from projections.recurrence import expand, instance_key

_ANSWERS = ("", "needs-action", "declined", "tentative", "accepted")  # how much a copy knows of me
_NOBODY = ""  # the source of what stands though its account took it back


class _Entry(NamedTuple):
    """What a source shows of the series or of one instance; `position` is where it was learned.

    `news`: the position, where the source showed something else before; 0 for its first word, which may be an old copy.
    `top`: the highest (SEQUENCE, LAST-MODIFIED) that the source has shown of it.
    """

    source: str
    position: int
    payload: MeetingObserved
    news: int
    top: tuple[int, int]

    @property
    def live(self) -> bool:
        return self.source != _NOBODY and not is_snapshot(self.source)


class Shown:
    """The sightings of one UID that count, while they are learned one by one in order of position."""

    def __init__(self, known: Callable[[str], Known], floating: tzinfo) -> None:
        self._known, self._floating = known, floating
        self._entries: dict[object, list[_Entry]] = {}  # by `instance_key`
        self._keys: dict[tuple[str, str, str], object] = {}  # by source and instance, as an account writes it
        self._let_go: set[tuple[str, object]] = set()
        self._positions: dict[int, _Entry] = {}  # by the payload's id; the entry keeps that payload in being

    def take(self, payload: MeetingObserved | MeetingWithdrawn, position: int, recorded_ms: int) -> bool:
        """Learn one thing; tell whether it says anything."""
        if isinstance(payload, MeetingWithdrawn):
            return self._withdraw(payload, recorded_ms)
        if payload.method == "cancel":
            payload = replace(payload, status="cancelled")
        key = instance_key(payload, self._floating)
        entry = _Entry(payload.source, position, payload, 0, _revision(payload))
        if entry.live:
            self._keys[_named(payload)] = key
            self._live(entry, key)
            return True
        return self._snapshot(entry, key)

    def entries(self) -> list[MeetingObserved]:
        """The entries in the order in which they count where neither revision nor date of change tells which is newer.

        Another calendar that shows the same meeting is a copy and no news: of each calendar the last entry counts, and
        of these the one that knows my answer. Which copy was read first then does not matter. Of those that know as
        much, an account that shows something else than before has the news.
        """
        all_of_them = (entry for some in self._entries.values() for entry in some)
        entries = sorted(all_of_them, key=lambda entry: entry.position)
        if len({_calendar(entry) for entry in entries}) < 2:  # noqa: PLR2004  one calendar has no copies
            return [entry.payload for entry in entries]
        last = {(entry.payload.instance, _calendar(entry)): place for place, entry in enumerate(entries)}.values()
        weights = [
            (self._weight(entry.payload) if place in last else -1, entry.news) for place, entry in enumerate(entries)
        ]
        return [entries[place].payload for place in sorted(range(len(entries)), key=weights.__getitem__)]

    def position(self, payload: MeetingObserved, default: int) -> int:
        """Where an entry was learned."""
        entry = self._positions.get(id(payload))
        return entry.position if entry else default

    def _snapshot(self, entry: _Entry, key: object) -> bool:
        """A file's sighting, unless an account had shown the same or newer and has moved on since."""
        others = self._entries.setdefault(key, [])
        if not self._keys:  # no account shows it: the usual case, and the only one of which there may be very many
            others.append(entry)
            self._positions[id(entry.payload)] = entry
            return True
        if any(one.live and one.news and entry.top <= one.top for one in others):
            return False
        self._put(key, [*(one for one in others if one.source != _NOBODY), entry])
        return True

    def _live(self, entry: _Entry, key: object) -> None:
        others = [one for one in self._entries.get(key, []) if one.source != _NOBODY]
        before = [one for one in others if one.source == entry.source and _replaces(entry, one)]
        if any(_bare(one) == _bare(entry) and one.payload.calendar == entry.payload.calendar for one in before):
            # Said again, though it stood: another calendar of the account, whose word was the last, has let it go.
            before = [one for one in others if one.source == entry.source]
        if before:
            payload = entry.payload
            if not payload.start:  # a cancellation need not repeat when it would have been
                payload = replace(before[-1].payload, status=payload.status, sequence=payload.sequence)
            entry = entry._replace(payload=payload, top=max(entry.top, *(one.top for one in before)))
            others = [one for one in others if one not in before and (one.live or one.top > entry.top)]
        if before or (entry.source, key) in self._let_go:
            entry = entry._replace(news=entry.position)
        self._put(key, [*others, entry])

    def _withdraw(self, gone: MeetingWithdrawn, recorded_ms: int) -> bool:
        """Take back what an account showed; what it does not show, it cannot take back."""
        key = self._keys.get((gone.source, gone.instance, gone.instance_zone))
        taken = [one for one in self._entries.get(key, []) if one.source == gone.source]
        if not taken:
            return False
        self._let_go.add((gone.source, key))
        left = [one for one in self._entries[key] if one.live and one.source != gone.source]
        self._put(key, left or self._what_is_left(taken[-1], key, recorded_ms))
        return True

    def _what_is_left(self, taken: _Entry, key: object, recorded_ms: int) -> list[_Entry]:
        """Of what nobody shows any more: a cancellation; of an instance whose series stands, the rule."""
        if key == "" or not self._series_stands():
            return [taken._replace(source=_NOBODY, payload=replace(taken.payload, status="cancelled"))]
        if taken.payload.this_and_future or not self._is_over(taken.payload, recorded_ms):
            return []
        return [taken._replace(source=_NOBODY)]  # it has taken place like this

    def _series_stands(self) -> bool:
        return any(not is_cancelled(one.payload) for one in self._entries.get("", []))

    def _is_over(self, instance: MeetingObserved, recorded_ms: int) -> bool:
        if is_cancelled(instance):
            return False
        found = expand([instance], floating=self._floating, until_ms=recorded_ms).occurrences
        return bool(found) and found[0].end_ms <= recorded_ms

    def _put(self, key: object, entries: list[_Entry]) -> None:
        self._entries[key] = entries
        self._positions.update((id(one.payload), one) for one in entries)

    def _weight(self, payload: MeetingObserved) -> int:
        if is_cancelled(payload):
            return len(_ANSWERS) + 1
        answer = my_answer(payload, self._known) if payload.attendees or payload.organizer else ""
        return _ANSWERS.index("accepted" if answer == "organizer" else answer)


def is_snapshot(source: str) -> bool:
    """Whether a source is a file that was imported, and no account that is asked again."""
    return source.startswith("files:")


def _replaces(new: _Entry, old: _Entry) -> bool:
    """Whether an account's word takes the place of an earlier one: of the same calendar, or of one that was renamed."""
    return new.payload.calendar == old.payload.calendar or _bare(new) == _bare(old)


def _bare(entry: _Entry) -> MeetingObserved:
    """What is said, wherever it stands."""
    return replace(entry.payload, where="", calendar="")


def _named(payload: MeetingObserved) -> tuple[str, str, str]:
    return payload.source, payload.instance, payload.instance_zone


def _revision(payload: MeetingObserved) -> tuple[int, int]:
    return payload.sequence, payload.modified_ms or 0


def _calendar(entry: _Entry) -> tuple[str, str]:
    """The calendar of an account; of files the calendar's name, "" where it may be that of the file, which is none."""
    if entry.live:
        return entry.source, entry.payload.calendar
    file = PurePosixPath(entry.payload.where.rpartition(":")[0])
    return "", "" if entry.payload.calendar in (file.stem, file.name) else entry.payload.calendar
