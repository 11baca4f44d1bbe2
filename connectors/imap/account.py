"""One IMAP account: which folders it has, and what is new in each of them.

A folder's cursor holds the marks that were taken before anything was read: UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ, and how
many messages there were. With CONDSTORE and QRESYNC the server says what changed since; without them all UIDs and flags
are compared with what is held.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from connectors.credentials.secret import Secret
from connectors.errors import CursorExpired, StreamEnded
from connectors.imap.channel import USUAL, Limits
from connectors.imap.client import Client
from connectors.imap.copies import Reader
from connectors.imap.fetching import Fetcher
from connectors.imap.folders import Folder, Marks, folders
from connectors.imap.opened import all_uids, changes, examine, search
from connectors.imap.refusals import ServerSaidNo, at_folder
from connectors.imap.sign_in import Address, sign_in
from connectors.imap.uids import Range, listed
from connectors.sync.port import Change, Gone, Held, Page, Position, Stream
from events.errors import AmityError

PAGE = 500  # messages of a page that may all have to be read
_HELD = 4  # times as many where most are held
_TOMBSTONES = 10_000  # more are compared with what is held, since a range may name any number that never was


class _State(msgspec.Struct, array_like=True):
    """A listing in progress: the cursor it leads to, the UID below which it goes on, and how many it shows in all."""

    marks: Marks
    below: int
    total: int


class _Plan(NamedTuple):
    """What a run shows. `quiet`: held messages outside `changed` are as they were. `pages`: how many make one here."""

    uids: Sequence[int]
    total: int
    listed: bool
    gone: Sequence[Change] = ()
    quiet: bool = False
    changed: frozenset[int] = frozenset()
    pages: int = _HELD


class ImapAccount:
    """A `Connector`. One connection, opened when it is needed, and again after it broke."""

    def __init__(
        self,
        address: Address,
        secret: Secret,
        *,
        source: str,
        name: str,
        limits: Limits = USUAL,
        ignored: frozenset[str] = frozenset(),
        page: int = PAGE,
    ) -> None:
        self.source = source
        self._address, self._secret, self._name = address, secret, name
        self._limits, self._ignored, self._page = limits, ignored, page
        self._client: Client | None = None
        self._folders: dict[str, Folder] = {}
        self._told: dict[str, Marks] = {}  # what the last run of each folder leads to

    def streams(self) -> Sequence[Stream]:
        self._folders = {folder.stream.name: folder for folder in folders(self._connected())}
        return [folder.stream for folder in self._folders.values()]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        client = self._connected()
        folder = self._folder(stream)
        try:
            yield from self._pages(client, folder, at, held)
        except ServerSaidNo as refused:
            raise at_folder(refused.answer, client.who, folder.stream.title) from None
        finally:
            with contextlib.suppress(AmityError):
                client.drain()

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Wait for news of a folder, so many seconds at most; whether there may be some.

        A server without IDLE says nothing by itself: there may be some when the time is over.
        """
        client = self._connected()
        if not client.has("IDLE"):
            client.channel.ready(seconds)
            return True
        folder = self._folder(stream)
        told = self._told.get(stream.name)
        try:
            now = examine(client, folder)
            return now != (told or now) or client.idle(seconds)
        except ServerSaidNo as refused:
            raise at_folder(refused.answer, client.who, folder.stream.title) from None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> Client:
        if self._client is None or self._client.channel.closed:
            self._client = sign_in(self._address, self._secret, self._name, self._limits, self._ignored)
        return self._client

    def _folder(self, stream: Stream) -> Folder:
        if stream.name not in self._folders:
            self.streams()
        if stream.name not in self._folders:
            raise StreamEnded(f"{self._name}: the folder {stream.title} is no longer on the mail server")
        return self._folders[stream.name]

    def _pages(self, client: Client, folder: Folder, at: Position, held: Held) -> Iterator[Page]:
        before = None if at.cursor is None else msgspec.json.decode(at.cursor, type=Marks)
        self._folders[folder.stream.name] = folder._replace(now=None)  # it is true once
        if before and before.modseq and folder.now == before:
            self._told[folder.stream.name] = before
            yield Page((), cursor=at.cursor, total=0)
            return
        now = examine(client, folder)
        reader = Reader(self.source, folder, now.uidvalidity)
        if before is None:
            plan, now = self._listing(client, folder, at, now)
        else:
            plan = self._since(client, before, now, held, reader)
        yield from self._run(Fetcher(client, reader, held), plan, now)
        self._told[folder.stream.name] = now

    def _listing(self, client: Client, folder: Folder, at: Position, now: Marks) -> tuple[_Plan, Marks]:
        """Everything, newest first: where an earlier listing stopped, or from the beginning."""
        state = msgspec.json.decode(at.state, type=_State) if at.state else None
        if state and state.marks.uidvalidity != now.uidvalidity:
            raise CursorExpired(f"{client.who} has numbered the folder {folder.stream.title} anew")
        marks, below = (state.marks, state.below) if state else (now, now.uidnext)
        uids = all_uids(client, below)
        return _Plan(uids, state.total if state else len(uids), listed=True, pages=1), marks

    def _since(self, client: Client, before: Marks, now: Marks, held: Held, reader: Reader) -> _Plan:
        """What is new since the cursor, by the best means the server has."""
        if now.uidvalidity != before.uidvalidity or (now.modseq and before.modseq and now.modseq < before.modseq):
            title = reader.folder.stream.title
            raise CursorExpired(f"{client.who} has numbered the folder {title} anew")
        if not now.modseq or not before.modseq:
            uids = all_uids(client, now.uidnext)
            return _Plan(uids, len(uids), listed=True)
        if now == before:
            return _Plan((), 0, listed=False)
        flags, vanished = changes(client, before.modseq)
        new = _new_uids(client, before.uidnext, now.uidnext)
        changed = frozenset(uid for uid in (*flags, *new) if uid < now.uidnext)
        if not client.has("QRESYNC") and now.messages != before.messages + len(new):
            uids = all_uids(client, now.uidnext)
            return _Plan(uids, len(uids), listed=True, quiet=True, changed=changed)
        gone = _gone(vanished, held, reader)
        return _Plan(sorted(changed, reverse=True), len(changed) + len(gone), listed=False, gone=gone)

    def _run(self, fetcher: Fetcher, plan: _Plan, marks: Marks) -> Iterator[Page]:
        size = self._page * plan.pages
        chunks = [plan.uids[at : at + size] for at in range(0, len(plan.uids), size)]
        states = [_encoded(_State(marks, chunk[-1], plan.total)) for chunk in chunks]
        cursor = _encoded(marks)
        told = fetcher.pages(map(list, chunks), quiet=plan.quiet, changed=plan.changed)
        first: Sequence[Change] = plan.gone
        if not chunks:
            yield Page(first, cursor=cursor, total=plan.total, listed=plan.listed)
        for number, found in enumerate(told, 1):
            last = number == len(chunks)
            yield Page(
                [*first, *found],
                state="" if last else states[number - 1],
                cursor=cursor if last else None,
                total=plan.total,
                listed=plan.listed,
            )
            first = ()


def _new_uids(client: Client, before: int, now: int) -> list[int]:
    """UIDs in [before, now). `n:*` names the last message too, even where its UID is below n."""
    return [uid for uid in search(client, b"UID %d:*" % before) if before <= uid < now] if now > before else []


def _gone(vanished: Iterable[Range], held: Held, reader: Reader) -> list[Change]:
    ranges = list(vanished)
    uids = listed(ranges, _TOMBSTONES)
    if uids is not None:
        items = [reader.item(uid) for uid in uids]
        known = held.versions(items)
        return [Gone(item) for item in items if item in known]
    prefix = reader.item(0).removesuffix("0")
    found = []
    for item, _ in held.all():
        uid = int(item.removeprefix(prefix)) if item.startswith(prefix) else 0
        if any(low <= uid <= high for low, high in ranges):
            found.append(Gone(item))
    return list(found)


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()
