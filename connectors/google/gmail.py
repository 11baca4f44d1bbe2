"""Gmail's mailbox as one stream: the history since the last run, or everything, newest first.

The cursor is the mailbox' history id, taken before anything was read: what happens meanwhile is told again the next
time, and costs nothing then, since each held version knows the history that it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from connectors.errors import CursorExpired, TryLater
from connectors.google.client import Client
from connectors.google.gmail_fetch import HISTORY, SMALL, Fetcher
from connectors.google.gmail_history import Changed, changed
from connectors.google.gmail_labels import SKIPPED, Labels
from connectors.google.gmail_listing import Listing, token_in
from connectors.google.gmail_mail import Version, number, version_in
from connectors.google.refusals import Answered
from connectors.sync.port import Change, Gone, Held, Kind, Page, Position, Same, Seen, Stream

PAGE = 50  # messages that are fetched for one page: ten seconds of the usual quota
_SHOWN = 1_000  # messages of a page that need not be fetched
_RECORDS = 100  # of history in a page: most tell of one message each
_NONE = Labels(frozenset())
_EXPIRED = frozenset({400, 404})  # on history.list: that id, or that page of it, is not known any more


class _Listed(msgspec.Struct, array_like=True, frozen=True):
    """A listing in progress: the history id it leads to, the last message shown, whether labels are compared.

    `cut`: how often the page behind was cut short.
    """

    history: str
    last: str = ""
    compares: bool = False
    cut: int = 0


class _Followed(msgspec.Struct, array_like=True, frozen=True):
    """A history in progress: the id it leads to, the page that comes next, and how often that one was cut short."""

    history: str
    token: str = ""
    cut: int = 0


class _Mailbox(NamedTuple):
    """All messages, newest first, and the labels that tell those apart that are held."""

    items: Sequence[str]
    labels: Mapping[str, Labels]


class _Cut(NamedTuple):
    """What was told before Google made us stop, and why it did; None where it did not."""

    changes: Sequence[Change]
    why: TryLater | None


class Gmail:
    """A `Part`. `words`: whether texts are read, or headers alone; `page`: messages fetched for a page."""

    prefix = "mail"

    def __init__(self, client: Client, source: str, *, words: bool, page: int = PAGE) -> None:
        self._service, self._page = client.service("gmail"), page
        self._users = self._service.methods.users()
        self._fetcher = Fetcher(client, source, words=words)
        self._mailboxes: dict[str, _Mailbox] = {}  # by history id: a listing that goes on need not begin anew

    def streams(self) -> Sequence[Stream]:
        return [Stream(self.prefix, "Mail", Kind.MAIL)]

    def notes(self) -> Sequence[str]:
        return ()

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:  # noqa: ARG002  there is one
        return self._everything(at.state, held) if at.cursor is None else self._since(at.cursor, at.state, held)

    def _everything(self, text: str, held: Held) -> Iterator[Page]:
        state = msgspec.json.decode(text, type=_Listed) if text else self._begun(held)
        mailbox = self._listed(state)
        items = mailbox.items
        at = items.index(state.last) + 1 if state.last in items else 0
        total = len(items) - at
        while True:
            known, fetch, end = self._window(mailbox, at, held, compares=state.compares)
            told = self._fetched(fetch)
            changes = [*known, *told.changes]
            if told.why is not None:
                if told.changes:
                    state = msgspec.structs.replace(state, cut=state.cut + 1)
                    yield Page(changes, _encoded(state), total=total, listed=True)
                raise told.why
            if end == len(items):
                break
            state = msgspec.structs.replace(state, last=items[end - 1], cut=0)
            yield Page(changes, _encoded(state), total=total, listed=True)
            at = end
        yield Page(changes, cursor=state.history, total=total, listed=True)
        self._mailboxes.clear()

    def _begun(self, held: Held) -> _Listed:
        profile = self._service.ask(self._users.getProfile(userId="me"), SMALL)
        history = str(profile.get("historyId") or "")
        if not number(history):
            raise TryLater("Gmail does not say where its history stands; it is tried again later")
        return _Listed(history, compares=next(iter(held.all()), None) is not None)

    def _listed(self, state: _Listed) -> _Mailbox:
        if state.history not in self._mailboxes:
            listing = Listing(self._service)
            items = listing.ids(state.history)
            labels = listing.labels(self._fetcher.reader.names, all_of_them=state.compares)
            self._mailboxes = {state.history: _Mailbox(items, labels)}
        return self._mailboxes[state.history]

    def _window(
        self, mailbox: _Mailbox, at: int, held: Held, *, compares: bool
    ) -> tuple[list[Change], list[str], int]:
        """From a place on: what is told without fetching, what is to be fetched, and where the next page begins."""
        items = mailbox.items[at : at + _SHOWN]
        versions = held.versions(items)
        known: list[Change] = []
        fetch: list[str] = []
        for number_of_item, item in enumerate(items, at + 1):
            change = self._known(item, versions.get(item), mailbox.labels.get(item, _NONE), compares=compares)
            if change is not None:
                known.append(change)
                continue
            fetch.append(item)
            if len(fetch) == self._page:
                return known, fetch, number_of_item
        return known, fetch, at + len(items)

    def _known(self, item: str, version: str | None, labels: Labels, *, compares: bool) -> Change | None:
        """What is told of a message without fetching it. What was stored since the history id was taken is true."""
        digest = self._fetcher.reader.names.digest(labels)
        same = version is not None and (version_in(version).digest == digest or not (compares or labels.skip))
        if same:
            return Same(item)
        return Seen(item, Version(0, digest).text, skip=labels.skip) if labels.skip else None

    def _since(self, cursor: str, text: str, held: Held) -> Iterator[Page]:
        state = msgspec.json.decode(text, type=_Followed) if text else _Followed("")
        while True:
            document = self._history(cursor, state.token)
            found = changed(document)
            history = state.history or str(document.get("historyId") or cursor)
            known, fetch = _sorted(found, held)
            told = self._fetched(fetch)
            changes = [*known, *told.changes]
            if told.why is not None:
                if told.changes:
                    yield Page(changes, _encoded(_Followed(history, state.token, state.cut + 1)))
                raise told.why
            token = token_in(document)
            if token is None:
                break
            state = _Followed(history, token)
            yield Page(changes, _encoded(state))
        yield Page(changes, cursor=history)

    def _history(self, cursor: str, token: str) -> dict[str, Any]:
        request = self._users.history().list(
            userId="me", startHistoryId=cursor, pageToken=token or None, maxResults=_RECORDS
        )
        try:
            return self._service.ask(request, HISTORY)
        except Answered as refused:
            if refused.status in _EXPIRED:
                raise CursorExpired(str(refused)) from None
            raise

    def _fetched(self, items: Iterable[str]) -> _Cut:
        changes: list[Change] = []
        try:
            for change in self._fetcher.changes(items):
                changes.append(change)  # noqa: PERF402  what came before a failure counts
        except TryLater as why:
            return _Cut(changes, why)
        return _Cut(changes, None)


def _sorted(found: Changed, held: Held) -> tuple[list[Change], list[str]]:
    """What is told of changed messages without fetching them, and what is to be fetched."""
    versions = held.versions(found.items)
    known: list[Change] = [Gone(item) for item in sorted(found.gone)]
    fetch: list[str] = []
    for item, record in found.items.items():
        if item in versions and version_in(versions[item]).history >= record:
            known.append(Same(item))
        elif item in found.drafts:
            known.append(Seen(item, Version(record, SKIPPED["DRAFT"]).text, skip=SKIPPED["DRAFT"]))
        else:
            fetch.append(item)
    return known, fetch


def _encoded(state: _Listed | _Followed) -> str:
    return msgspec.json.encode(state).decode()
