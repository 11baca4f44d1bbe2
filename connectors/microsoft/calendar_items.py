"""Rows of a calendar's delta to changes. An item is a single meeting, or a series with all of its instances.

Whatever happens in a series, it is read as a whole: of a deleted occurrence nothing else may tell. And a tombstone may
mean that an entry only left the window, so that of every one that is held the server is asked again.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from connectors.errors import ItemMalformed
from connectors.ical import meeting_event
from connectors.microsoft.calendar_entry import Around, Entry, alone, entry_in, observed
from connectors.microsoft.calendar_series import Shown, said
from connectors.microsoft.calendar_windows import Waiting
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

    def entry(self, item: str, *, series: bool) -> Row | None:
        """An entry by its id; None where there is none any more. `series`: with its changed instances."""

    def is_here(self, item: str) -> bool:
        """Whether an entry lies in this calendar and in no other one."""

    def answers(self) -> None:
        """Raises TryLater where nothing is shown of the calendar."""

    def instances(self, row: Row, master: Entry) -> list[Row] | None:
        """Every instance of a series that begins before `until`; None where there is no such series any more.

        `row`: what `entry` showed of it, as a series; `master`: the same.
        """


class Version(msgspec.Struct, array_like=True, frozen=True, omit_defaults=True):
    """What is kept of an item. `listing`: the last that showed it.

    Of a series, `parts`: digests of the ids of its instances, `keys`: of the change keys of the changed ones, and
    `until`: the day up to which it was read.
    """

    key: str
    listing: str = ""
    parts: str = ""
    keys: str = ""
    until: str = ""


class _Told(NamedTuple):
    """What a page tells: single meetings and masters; of series the instances that it shows; tombstones."""

    entries: dict[str, Row]
    series: dict[str, list[Row]]
    removed: dict[str, None]


class Items:
    """Translates the pages of one run. `listing`: see `Version`."""

    def __init__(self, around: Around, asker: Asker, held: Held, listing: str) -> None:
        self._around, self._asker, self._held, self._listing = around, asker, held, listing
        self._until = f"{asker.until:%Y-%m-%d}"

    def changes(self, found: Iterable[Row]) -> tuple[list[Change], tuple[Waiting, ...]]:
        """What one page says, and what must be asked for. Rows repeat, in any order, and contradict each other."""
        told = _told(found)
        waiting = {item: Waiting(item, doubted=True) for item in self._again(told)}
        changes: list[Change] = []
        for item, row in told.entries.items():
            if item in waiting or item in told.series:
                continue
            if row.keys() >= _WHOLE:
                changes.append(self._single(item, row))
            else:
                waiting[item] = Waiting(item, doubted=True)
        versions = self._held.versions(told.series)
        for item, parts in told.series.items():
            master = told.entries.get(item)
            if item in waiting:
                continue
            if master and self._is_known(_version(versions.get(item, "")), [master, *parts]):
                changes.append(Same(item))
            else:
                changed = (str(one["id"]) for one in parts if one.get("type") == "exception")
                waiting[item] = Waiting(item, parts=tuple(dict.fromkeys(changed)))
        return changes, tuple(waiting.values())

    def read(self, one: Waiting) -> list[Change]:
        """An item as the server shows it now."""
        row = self._asker.entry(one.item, series=not one.doubted)
        if row is None or (one.doubted and not self._asker.is_here(one.item)):
            return [Gone(one.item), *self._left(one.parts)]
        if row.get("type") != "seriesMaster":
            return [self._single(one.item, row)]
        whole = self._asker.entry(one.item, series=True) if one.doubted else row
        return self._whole(one.item, whole, one.parts)

    def given_up(self, one: Waiting) -> list[Change]:
        """An item that Graph does not show, while it shows others. Raises TryLater where it shows none."""
        self._asker.answers()
        why = "Microsoft Graph is out of order for this entry alone; what was read of it before stays"
        return [Poison(one.item, _text(Version("", self._listing)), self._where(one.item), why)]

    def _again(self, told: _Told) -> list[str]:
        """Whom tombstones concern: what is held or shown beside them, and the series of which an instance is gone."""
        held = self._held.versions(told.removed)
        again = {item for item in told.removed if item in held or item in told.entries}
        unknown = {_digest(item) for item in told.removed if item not in again}
        if unknown:
            again |= {item for item, text in list(self._held.all()) if unknown & _digests(_version(text).parts)}
        return sorted(again)

    def _is_known(self, version: Version, shown: Sequence[Row]) -> bool:
        """Whether the series was read, by this listing and as far, since it became what these rows show.

        Plain occurrences have no change key: when one of them is deleted, it is the series that has another one.
        """
        if (version.listing, version.until) != (self._listing, self._until):
            return False
        keys = _digests(version.keys)
        return _key(shown[0]) == version.key and all(_digest(_key(one)) in keys for one in shown[1:] if _key(one))

    def _single(self, item: str, row: Row) -> Change:
        return self._seen(item, row, lambda: [self._observed(item, row)])

    def _observed(self, item: str, row: Row) -> MeetingObserved:
        entry = entry_in(row)
        return observed(entry, self._around, self._where(item), alone(entry))

    def _whole(self, item: str, row: Row | None, parts: Sequence[str]) -> list[Change]:
        try:
            master = entry_in(row) if row else None
            shown = self._asker.instances(row, master) if row and master else None
        except (ItemMalformed, ValueError, OverflowError) as error:
            return [self._poison(item, row or {}, error)]
        if row is None or master is None or shown is None:
            return [Gone(item), *self._left(parts)]
        series, instances = master, shown
        version = Version(
            _key(row),
            self._listing,
            "".join(sorted({_digest(str(one.get("id"))) for one in shown})),
            "".join(sorted({_digest(_key(one)) for one in shown if one.get("type") == "exception"})),
            self._until,
        )
        return [self._seen(item, row, lambda: self._said(item, series, instances), version)]

    def _said(self, item: str, master: Entry, shown: list[Row]) -> list[MeetingObserved]:
        entries = [entry_in(one) for one in shown]
        return said(Shown(master, entries, self._asker.until), self._around, self._where(item))

    def _left(self, parts: Iterable[str]) -> Iterator[Change]:
        """Changed instances of a series that is not there: one was invited to them alone."""
        for item in parts:
            row = self._asker.entry(item, series=False)
            if row is not None:
                yield self._single(item, row)

    def _seen(
        self, item: str, row: Row, say: Callable[[], list[MeetingObserved]], version: Version | None = None
    ) -> Change:
        try:
            events = tuple(meeting_event(one) for one in say())
        except Exception as error:  # noqa: BLE001  one entry must never cost the others
            return self._poison(item, row, error)
        return Seen(item, _text(version or Version(_key(row), self._listing)), events)

    def _poison(self, item: str, row: Row, error: Exception) -> Poison:
        """Never the text of an error that is not meant for people."""
        told = isinstance(error, ItemMalformed)
        why = str(error) if told else f"this calendar entry cannot be read ({type(error).__name__})"
        return Poison(item, _text(Version(_key(row), self._listing)), self._where(item), why)

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
        elif str(row.get("type")) in _PARTS and isinstance(series, str) and series:
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
