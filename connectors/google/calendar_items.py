"""Entries of one calendar to changes; above all what a cancelled one means, of which Google may tell only the id.

A cancelled instance of a series that lives is told, as long as the series lives. Anything else that is cancelled is a
tombstone. What must be known of a series then stands in the versions of what is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from connectors.errors import ItemMalformed
from connectors.google.calendar_entry import CANCELLED, Around, Entry, cancelled, entry_in, instant_ms, observed, uid_of
from connectors.ical import meeting_event
from connectors.sync.port import Change, Gone, Held, Poison, Seen

NOT_MINE = "not_mine"
# Asks for an entry by its id: the answer, or None where there is none any more.
Get = Callable[[str], "dict[str, Any] | None"]


class Version(msgspec.Struct, array_like=True, frozen=True, omit_defaults=True):
    """What is kept of an entry. `series`: of which it is an instance; `uid`: where it was told; `repeats`: a series."""

    etag: str
    uid: str = ""
    sequence: int = 0
    modified_ms: int | None = None
    series: str = ""
    repeats: bool = False
    cancelled: bool = False


class Items:
    """Translates the pages of one run. `mine`: addresses of the person, where only what they take part in is told."""

    def __init__(self, around: Around, calendar: str, held: Held, get: Get, *, mine: frozenset[str] | None) -> None:
        self._around, self._calendar, self._held, self._get, self._mine = around, calendar, held, get, mine
        self._asked: dict[str, str] = {}

    def changes(self, documents: Iterable[dict[str, Any]]) -> list[Change]:
        """What one page says, an entry in its last state."""
        told: dict[str, Entry | Poison] = {}
        for document in documents:
            item = document.get("id")
            if isinstance(item, str) and item:
                told.pop(item, None)
                told[item] = self._entry(item, document)
        found = {item: one for item, one in told.items() if isinstance(one, Entry)}
        versions = self._versions(found.values())
        changes: list[Change] = [one for one in told.values() if isinstance(one, Poison)]
        changes += [self._change(one, found, versions) for one in found.values()]
        ended = {item for item, one in found.items() if _is_gone(one) and _repeats(versions.get(item))}
        return [*changes, *self._left_behind(ended, told.keys())]

    def _entry(self, item: str, document: dict[str, Any]) -> Entry | Poison:
        try:
            return entry_in(document)
        except ItemMalformed as error:
            etag = document.get("etag")
            return Poison(item, _text(Version(etag if isinstance(etag, str) else "")), self._where(item), str(error))

    def _versions(self, found: Iterable[Entry]) -> Mapping[str, Version]:
        """What is held of the cancelled entries and of their series."""
        gone = [one for one in found if one.status == CANCELLED]
        items = {one.id for one in gone} | {one.recurring_event_id for one in gone if one.exception}
        return {item: _version(text) for item, text in self._held.versions(items).items()}

    def _change(self, entry: Entry, page: Mapping[str, Entry], versions: Mapping[str, Version]) -> Change:
        try:
            if entry.status != CANCELLED:
                return self._told(entry)
            return self._cancelled(entry, page, versions) if entry.exception else Gone(entry.id)
        except ItemMalformed as error:
            return Poison(entry.id, _text(Version(entry.etag)), self._where(entry.id), str(error))

    def _told(self, entry: Entry) -> Seen:
        version = Version(entry.etag, series=entry.recurring_event_id, repeats=bool(entry.recurrence))
        if not self._is_mine(entry):
            return Seen(entry.id, _text(version), skip=NOT_MINE)
        said = observed(entry, self._around, self._where(entry.id))
        version = msgspec.structs.replace(version, uid=said.uid, sequence=said.sequence, modified_ms=said.modified_ms)
        return Seen(entry.id, _text(version), (meeting_event(said),))

    def _cancelled(self, entry: Entry, page: Mapping[str, Entry], versions: Mapping[str, Version]) -> Change:
        """An instance that does not take place; where its series ended too, it went with it."""
        uid = self._series_uid(entry.recurring_event_id, page, versions)
        if not uid:
            return Gone(entry.id)
        uid = uid_of(entry) if entry.uid else uid
        before = versions.get(entry.id, Version(""))
        sequence = max(entry.sequence, before.sequence)
        modified = instant_ms(entry.updated) or before.modified_ms
        told = cancelled(
            entry, self._around, self._where(entry.id), uid=uid, sequence=sequence, modified_ms=modified
        )
        version = Version(entry.etag, uid, sequence, modified, entry.recurring_event_id, cancelled=True)
        return Seen(entry.id, _text(version), (meeting_event(told),))

    def _series_uid(self, item: str, page: Mapping[str, Entry], versions: Mapping[str, Version]) -> str:
        """The UID of a series; "" where it ended, or is not told."""
        if item in page:
            return self._living_uid(page[item])
        if item in versions:
            return versions[item].uid
        if item not in self._asked:
            document = self._get(item)
            self._asked[item] = self._living_uid(entry_in(document)) if document else ""
        return self._asked[item]

    def _living_uid(self, entry: Entry) -> str:
        return uid_of(entry) if entry.status != CANCELLED and self._is_mine(entry) else ""

    def _left_behind(self, ended: set[str], told: Iterable[str]) -> Iterator[Change]:
        """The instances of series that ended, of which Google says nothing: it is asked whether they still stand."""
        if not ended:
            return
        known = set(told)
        for item, text in list(self._held.all()):
            version = _version(text)
            if version.series not in ended or item in known:
                continue
            document = None if version.cancelled else self._get(item)
            if document is None or document.get("status") == CANCELLED:
                yield Gone(item)

    def _is_mine(self, entry: Entry) -> bool:
        return self._mine is None or any(one.email.lower() in self._mine for one in entry.attendees)

    def _where(self, item: str) -> str:
        return f"{self._around.source}/{self._calendar}/{item}"


def _is_gone(entry: Entry) -> bool:
    return entry.status == CANCELLED and not entry.exception


def _repeats(version: Version | None) -> bool:
    return version is not None and version.repeats


def _text(version: Version) -> str:
    return msgspec.json.encode(version).decode()


def _version(text: str) -> Version:
    try:
        return msgspec.json.decode(text, type=Version)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Version("")
