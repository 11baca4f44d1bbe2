"""Resources to changes: what is held already, what an item says now, and what of it cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from connectors.dav.around import Around
from connectors.dav.fetch import Content, Failed, Fetched, Fetcher
from connectors.dav.resources import Resource
from connectors.sync.port import Change, Gone, Poison, Same, Seen

_RETRY = ""  # the version of what could not be fetched: no server lists it, and so it is asked for again


class Reading(NamedTuple):
    """How the items of one collection are read. `source` is that of the account."""

    source: str
    around: Around
    fetcher: Fetcher

    def split(
        self, items: Iterable[str], etags: Mapping[str, str], held: Mapping[str, str]
    ) -> tuple[list[Change], list[str]]:
        """What is held in the version that is listed, and the items that must be fetched."""
        same: list[Change] = []
        wanted: list[str] = []
        for item in items:
            etag = etags.get(item)
            version = held.get(item)
            if not etag or version is None or version != self._version(etag):
                wanted.append(item)
                continue
            same.append(Same(item))
            if part_of(item) in held:
                same.append(Same(part_of(item)))
        return same, wanted

    def read(
        self, contents: Mapping[str, Fetched], etags: Mapping[str, str], held: Mapping[str, str]
    ) -> tuple[list[Change], list[str]]:
        """What the items say now, and those that the server lists and did not give."""
        changes: list[Change] = []
        failing = []
        for item, found in contents.items():
            if isinstance(found, Content):
                changes += self._changes(item, found, etags.get(item, ""), held)
            elif isinstance(found, Failed):
                failing.append(item)
                changes.append(Poison(item, _RETRY, item, f"{found.why}; it is asked for again in the next run"))
        return changes, failing

    def _changes(self, item: str, content: Content, etag: str, held: Mapping[str, str]) -> Iterable[Change]:
        # The listed etag goes first: should the content be newer, it is merely fetched once more.
        version = self._version(etag or content.etag or f"={_hash(content.body)}")
        if held.get(item) == version:
            yield Same(item)
            if part_of(item) in held:
                yield Same(part_of(item))
            return
        says = self.around.translate(content.body, source=self.source, where=item)
        yield from _said(item, version, says)
        if part_of(item) in held and not (says.events and says.problems):
            yield Gone(part_of(item))

    def _version(self, etag: str) -> str:
        return f"{etag} {self.around.mark}" if self.around.mark else etag


def part_of(item: str) -> str:
    """The name of what cannot be read of an item of which the rest can: a fragment, which no path holds."""
    return f"{item}#"


def whole_of(item: str) -> str:
    """The item that a name is of, or of a part of which."""
    return item.removesuffix("#")


def _said(item: str, version: str, says: Resource) -> Iterable[Change]:
    """One broken instance of a series costs neither its master nor the other instances."""
    if says.problems and not says.events:
        yield _poison(item, version, says)
        return
    yield Seen(item, version, says.events, says.skip)
    if says.problems:
        yield _poison(part_of(item), version, says)


def _poison(item: str, version: str, says: Resource) -> Poison:
    return Poison(item, version, says.problems[0].where, says.problems[0].why)


def _hash(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=12).hexdigest()
