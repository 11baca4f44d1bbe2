"""Rows of a calendar's delta to changes. An item is a single meeting, or a series with all of its instances.

Whatever happens in a series, it is read as a whole: of a deleted occurrence nothing else may tell. And a tombstone may
mean that an entry only left the window, so that of every one that is held the server is asked again.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from connectors.errors import ItemMalformed
from connectors.ical import meeting_event
from connectors.microsoft.calendar_entry import Around, Entry, alone, entry_in, observed
from connectors.microsoft.calendar_series import Shown, said
from connectors.sync.port import Change, Gone, Held, Poison, Same, Seen
from events.vocabulary import MeetingObserved

Row = dict[str, Any]
_REMOVED, _ETAG = "@removed", "@odata.etag"
_PARTS = frozenset({"occurrence", "exception"})
_WHOLE = frozenset({"start", "end", "subject", "attendees"})  # an update may show no more than what changed
_DIGEST = 6  # characters


class Asker(Protocol):
    """What is asked beside the delta. `until`: the instances of series are read up to there."""

    until: datetime

    def entry(self, item: str) -> Row | None:
        """An entry by its id; None where there is none any more."""

    def is_here(self, item: str) -> bool:
        """Whether an entry lies in this calendar and in no other one."""

    def instances(self, master: Entry) -> list[Row] | None:
        """Every instance of a series that begins before `until`; None where there is no such series any more."""


class Version(msgspec.Struct, array_like=True, frozen=True, omit_defaults=True):
    """What is kept of an item. `listing`: the last that showed it; `parts`: digests of the ids of its instances."""

    key: str
    listing: str = ""
    parts: str = ""


class _Told(NamedTuple):
    """What a page tells: single meetings and masters; of series the instances that it shows; tombstones."""

    entries: dict[str, Row]
    series: dict[str, list[Row]]
    removed: dict[str, None]


class Items:
    """Translates the pages of one run. `listing`: see `Version`."""

    def __init__(self, around: Around, asker: Asker, held: Held, listing: str) -> None:
        self._around, self._asker, self._held, self._listing = around, asker, held, listing
        self._read: dict[str, frozenset[str]] = {}  # of each series that was read in this run, all change keys

    def changes(self, rows: Iterable[Row]) -> list[Change]:
        """What one page says. Rows may repeat, in any order, and contradict each other."""
        told = _told(rows)
        again = self._again(told)
        changes: list[Change] = []
        for item in again:
            told.entries.pop(item, None)
            told.series.pop(item, None)
            changes += self.asked(item)
        for item, row in told.entries.items():
            if row.get("type") != "seriesMaster":
                changes += self._single(item, row) if row.keys() >= _WHOLE else self.asked(item)
        for item, parts in told.series.items():
            changes += self._series(item, told.entries.get(item), parts)
        return changes

    def asked(self, item: str) -> list[Change]:
        """An item as the server shows it now."""
        row = self._asker.entry(item)
        if row is None or not self._asker.is_here(item):
            return [self._lost(item)]
        if row.get("type") == "seriesMaster":
            self._read.pop(item, None)
            return self._series(item, row, [])
        return self._single(item, row)

    def _again(self, told: _Told) -> list[str]:
        """Whom tombstones concern: what is held or shown beside them, and the series of which an instance is gone."""
        held = self._held.versions(told.removed)
        again = {item for item in told.removed if item in held or item in told.entries}
        unknown = {_digest(item) for item in told.removed if item not in again}
        if unknown:
            again |= {item for item, text in list(self._held.all()) if unknown & _digests(_version(text).parts)}
        return sorted(again)

    def _single(self, item: str, row: Row) -> list[Change]:
        return [self._seen(item, row, lambda: [self._observed(item, row)])]

    def _observed(self, item: str, row: Row) -> MeetingObserved:
        entry = entry_in(row)
        return observed(entry, self._around, self._where(item), alone(entry))

    def _series(self, item: str, row: Row | None, parts: list[Row]) -> list[Change]:
        """A series of which a page shows the master (`row`), instances (`parts`), or both."""
        if self._is_known(item, row, parts):
            return [Same(item)]
        if row is None or not row.keys() >= _WHOLE or not row.get("recurrence"):
            row = self._asker.entry(item)
        if row is None:
            return [self._lost(item), *self._left(parts)]
        if row.get("type") != "seriesMaster":  # it was one
            return self._single(item, row)
        return [Same(item)] if self._is_known(item, row, parts) else self._whole(item, row, parts)

    def _whole(self, item: str, row: Row, parts: list[Row]) -> list[Change]:
        try:
            master = entry_in(row)
            shown = self._asker.instances(master)
        except ItemMalformed as error:
            return [self._poison(item, row, error)]
        if shown is None:
            return [self._lost(item), *self._left(parts)]
        self._read[item] = frozenset({_key(row), *map(_key, shown)})
        digests = "".join(sorted({_digest(str(one.get("id"))) for one in shown}))
        return [self._seen(item, row, lambda: self._said(item, master, shown), digests)]

    def _said(self, item: str, master: Entry, shown: list[Row]) -> list[MeetingObserved]:
        entries = [entry_in(one) for one in shown]
        return said(Shown(master, entries, self._asker.until), self._around, self._where(item))

    def _is_known(self, item: str, row: Row | None, parts: list[Row]) -> bool:
        """Whether the series was read since it became what these rows show. Plain occurrences have no change key."""
        keys = {_key(one) for one in (*([row] if row else []), *parts)} - {""}
        return bool(row) and item in self._read and keys <= self._read[item]

    def _lost(self, item: str) -> Gone:
        """Whatever is shown of it later in this run is asked about again."""
        self._read.pop(item, None)
        return Gone(item)

    def _left(self, parts: list[Row]) -> Iterator[Change]:
        """Changed instances of a series that is not there: one was invited to them alone."""
        for row in parts:
            if row.get("type") == "exception":
                yield from self._single(str(row["id"]), row)

    def _seen(self, item: str, row: Row, say: Any, parts: str = "") -> Change:
        try:
            events = tuple(meeting_event(one) for one in say())
        except ItemMalformed as error:
            return self._poison(item, row, error)
        return Seen(item, _text(Version(_key(row), self._listing, parts)), events)

    def _poison(self, item: str, row: Row, error: ItemMalformed) -> Poison:
        return Poison(item, _text(Version(_key(row), self._listing)), self._where(item), str(error))

    def _where(self, item: str) -> str:
        return f"{self._around.source}/{self._around.title}/{item}"


def unseen(held: Held, listing: str) -> list[str]:
    """The items that a listing did not show."""
    return [item for item, text in held.all() if _version(text).listing != listing]


def _told(rows: Iterable[Row]) -> _Told:
    told = _Told({}, {}, {})
    for row in rows:
        item, series = row.get("id"), row.get("seriesMasterId")
        if not isinstance(item, str) or not item:
            continue
        if _REMOVED in row:
            told.removed[item] = None
        elif row.get("type") in _PARTS and isinstance(series, str) and series:
            told.series.setdefault(series, []).append(row)
        else:
            told.entries[item] = row
            if row.get("type") == "seriesMaster":
                told.series.setdefault(item, [])
    return told


def _key(row: Mapping[str, Any]) -> str:
    """By which a change is known; "" for a plain occurrence of a delta."""
    return str(row.get("changeKey") or row.get(_ETAG) or "")


def _digest(item: str) -> str:
    return b64encode(hashlib.blake2b(item.encode("utf-8", "replace"), digest_size=4).digest()).decode()[:_DIGEST]


def _digests(parts: str) -> set[str]:
    return {parts[at : at + _DIGEST] for at in range(0, len(parts), _DIGEST)}


def _text(version: Version) -> str:
    return msgspec.json.encode(version).decode()


def _version(text: str) -> Version:
    try:
        return msgspec.json.decode(text, type=Version)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Version("")
