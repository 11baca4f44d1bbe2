"""Lists that are followed by sync tokens, as Calendar and People have them: one run, page by page.

A token belongs to the parameters that it was made with, and to what was made of the entries then: both are in the mark
beside it, and where they changed everything is listed anew. So it is where a token is older than it may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import msgspec

from connectors.errors import CursorExpired, TryLater
from connectors.google.gmail_listing import entries, token_in
from connectors.sync.port import Change, Held, Page, Position

ENDLESS = float("inf")


class Source(Protocol):
    """One list. `key`: where its entries stand in an answer; `name`: what an entry's id is called.

    `lasts`: seconds for which the tokens that descend from one listing are used.
    """

    key: str
    name: str
    mark: str
    lasts: float

    def page(self, page: str, token: str) -> dict[str, Any]:
        """One answer. `page` and `token` are "" on the first page, and in a listing of all."""

    def changes(self, documents: Iterable[dict[str, Any]]) -> list[Change]:
        """What the entries of a page say."""


class _State(msgspec.Struct, array_like=True, frozen=True):
    """A run in progress: the page that comes next, and the sync token it began with ("" a listing of all).

    `listed`: when all was listed from which the token descends, seconds since 1970. `first`: nothing was held then.
    """

    page: str
    token: str
    mark: str
    listed: float
    first: bool

    @property
    def all(self) -> bool:
        return not self.token


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    token: str
    mark: str
    listed: float


class Shown:
    """What the pages of a listing showed up to a state, as long as the program runs."""

    def __init__(self) -> None:
        self.state = ""
        self.names: set[str] = set()


def pages(source: Source, at: Position, held: Held, shown: Shown, now: float) -> Iterator[Page]:
    """The pages from a position on; `now` in seconds since 1970. Raises CursorExpired.

    Where a listing of many pages misses something that is held, or nobody knows any more what it has shown, a second
    one is made before anything is believed to be gone.
    """
    if shown.state != at.state or not at.state:
        shown.state, shown.names = "", set()
    state = _begun(source, at, held, now)
    while True:
        document = source.page(state.page, state.token)
        found = entries(document, source.key)
        shown.names |= _names(source, found)
        changes = source.changes(found)
        page = token_in(document)
        if page is None:
            break
        state = msgspec.structs.replace(state, page=page)
        shown.state = msgspec.json.encode(state).decode()
        yield Page(changes, shown.state, listed=state.all)
    if state.all and state.page and not state.first and _misses(held, shown.names):
        changes += source.changes(_overlooked(source, shown.names))
    token = document.get("nextSyncToken")
    cursor = _Cursor(token, source.mark, state.listed) if isinstance(token, str) and token else None
    yield Page(changes, cursor=msgspec.json.encode(cursor).decode() if cursor else None, listed=state.all)


def _begun(source: Source, at: Position, held: Held, now: float) -> _State:
    if at.state:
        state = msgspec.json.decode(at.state, type=_State)
        if state.mark != source.mark:
            raise CursorExpired("names were changed while the list was read")
        return state
    cursor = msgspec.json.decode(at.cursor, type=_Cursor) if at.cursor else None
    if cursor and cursor.mark == source.mark and now < cursor.listed + source.lasts:
        return _State("", cursor.token, source.mark, cursor.listed, first=False)
    return _State("", "", source.mark, now, first=next(iter(held.all()), None) is None)


def _misses(held: Held, shown: set[str]) -> bool:
    return any(item not in shown for item, _ in held.all())


def _overlooked(source: Source, shown: set[str]) -> list[dict[str, Any]]:
    """What a second listing shows and the first did not: pages may shift while they are read, and nothing is gone."""
    found: list[dict[str, Any]] = []
    page, known = "", {""}
    while True:
        document = source.page(page, "")
        found += [one for one in entries(document, source.key) if one.get(source.name) not in shown]
        following = token_in(document)
        if following is None:
            return found
        if following in known:
            raise TryLater("Google shows the same page again and again; it is tried again later")
        page = following
        known.add(page)


def _names(source: Source, found: Iterable[dict[str, Any]]) -> set[str]:
    return {name for one in found if isinstance(name := one.get(source.name), str)}
