"""Asking for messages and taking what comes, a page ahead of what is stored, so that the server never waits for us.

A message of at most `WHOLE` bytes is read whole: then its fingerprint is that of the same message in a file, and most
mails with a larger size have attachments. Of a larger one the header and the texts are read, and it is joined to its
copies by Message-ID and sender; without them it is read whole as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.imap.client import Client, Untagged
from connectors.imap.copies import Copy, Reader, copy_in
from connectors.imap.opened import search
from connectors.imap.refusals import ServerSaidNo, busy
from connectors.imap.structure import Part, message, parts_of, wanted
from connectors.imap.tokens import Token
from connectors.imap.uids import written
from connectors.mime.headers import read_head
from connectors.sync.port import Change, Held, Poison, Same, Seen

WHOLE = 128 << 10
_AT_ONCE = 500  # UIDs in one command: of 7 digits each 4,000 bytes, within the 8,192 of RFC 7162
_SICK = 10  # refused messages, and no other one readable: it is the server that is out of order


class Asked(NamedTuple):
    """What was asked for of one page: `shown` needs no text, `small` comes whole, `large` in parts."""

    shown: list[Change]
    small: dict[int, Copy]
    large: dict[int, Copy]
    tags: list[bytes]


class Fetcher:
    """Reads the messages of the opened folder."""

    def __init__(self, client: Client, reader: Reader, held: Held) -> None:
        self._client, self._reader, self._held = client, reader, held
        self._beside = b"UID FLAGS" + (b" X-GM-LABELS" if client.has("X-GM-EXT-1") else b"")

    def pages(self, chunks: Iterable[list[int]], *, quiet: bool, changed: frozenset[int]) -> Iterator[list[Change]]:
        """What is to be told of each chunk of UIDs. `quiet`: held ones outside `changed` are as they were."""
        unchanged = changed if quiet else None
        remaining = iter(chunks)
        waiting: Asked | None = None
        copies = self._ask_copies(next(remaining, None), unchanged)
        while copies is not None:
            told = self._texts(waiting) if waiting is not None else {}
            asked = self._sort(copies)
            done = self._rest(waiting, told) if waiting is not None else None
            asked.tags.extend(self._ask_texts(asked.small))
            copies = self._ask_copies(next(remaining, None), unchanged)
            if done is not None:
                yield done
            waiting = asked
        if waiting is not None:
            yield self._rest(waiting, self._texts(waiting))

    def _ask_copies(self, chunk: list[int] | None, unchanged: frozenset[int] | None) -> _Copies | None:
        if chunk is None:
            return None
        versions = self._held.versions(map(self._reader.item, chunk))
        silent = (
            set()
            if unchanged is None
            else {uid for uid in chunk if uid not in unchanged and self._reader.item(uid) in versions}
        )
        asked = [uid for uid in chunk if uid not in silent]
        items = b"(%s RFC822.SIZE)" % self._beside
        tags = [self._client.send(b"UID FETCH", uids, items) for uids in _sets(asked)]
        return _Copies(asked, [Same(self._reader.item(uid)) for uid in silent], dict(versions), tags)

    def _sort(self, copies: _Copies) -> Asked:
        asked = Asked(copies.shown, {}, {}, [])
        wanted_uids = set(copies.asked)
        for copy, _ in self._copies(copies.tags):
            if copy.uid in wanted_uids:
                wanted_uids.discard(copy.uid)
                self._sort_one(copy, copies.versions, asked)
        for uid in self._present(wanted_uids):
            asked.small[uid] = Copy(uid, frozenset())
        return asked

    def _present(self, uids: Iterable[int]) -> list[int]:
        """Of what an answer left out, what the folder still holds: the rest was removed between."""
        return [uid for some in _sets(uids) for uid in search(self._client, b"UID " + some)]

    def _sort_one(self, copy: Copy, versions: dict[str, str], asked: Asked) -> None:
        item = self._reader.item(copy.uid)
        if versions.get(item) == copy.version:
            asked.shown.append(Same(item))
        elif copy.box == "draft":
            asked.shown.append(Seen(item, copy.version, skip="draft"))
        elif copy.size > WHOLE:
            asked.large[copy.uid] = copy
        else:
            asked.small[copy.uid] = copy

    def _ask_texts(self, copies: Iterable[int]) -> list[bytes]:
        items = b"(%s BODY.PEEK[])" % self._beside
        return [self._client.send(b"UID FETCH", uids, items) for uids in _sets(copies)]

    def _texts(self, asked: Asked) -> dict[int, Change]:
        """What came of the texts that were asked for; a refused command leaves some out."""
        told: dict[int, Change] = {}
        for copy, fields in self._copies(asked.tags):
            raw = fields.get(b"BODY[]")
            if copy.uid in asked.small and copy.uid not in told and isinstance(raw, bytes):
                told[copy.uid] = self._reader.read(copy, raw)
        return told

    def _rest(self, asked: Asked, told: dict[int, Change]) -> list[Change]:
        """The whole page: large messages, and one by one what the server left out."""
        missing = [uid for uid in asked.small if uid not in told]
        refused = 0
        for uid in self._present(missing):
            told[uid] = self._alone(asked.small[uid], b"BODY.PEEK[]", b"BODY[]")
            refused += isinstance(told[uid], Poison)
            if refused >= _SICK and refused == len(told):
                self._client.channel.fail(f"it gives none of {len(missing)} messages; it will be asked again later")
        for uid, copy in asked.large.items():
            change = self._large(copy)
            if change is not None:
                told[uid] = change
        return [*asked.shown, *(told[uid] for uid in sorted(told, reverse=True))]

    def _alone(self, copy: Copy, item: bytes, name: bytes) -> Change:
        for found, fields in self._fetch([copy.uid], item):
            raw = fields.get(name)
            if found.uid == copy.uid and isinstance(raw, bytes):
                return self._reader.read(found, raw)
        return self._reader.poison(copy, "the mail server lists this message but does not give it")

    def _large(self, copy: Copy) -> Change | None:
        """A message with attachments; None where it is no more."""
        fields = self._fields(copy, b"BODYSTRUCTURE BODY.PEEK[HEADER]")
        if fields is None:
            return self._whole(copy) if self._present([copy.uid]) else None
        header, part = fields.get(b"BODY[HEADER]"), parts_of(fields.get(b"BODYSTRUCTURE"))
        if not isinstance(header, bytes) or part is None or not _can_be_joined(header):
            return self._whole(copy)
        raw = self._sections(copy, part, header)
        return self._whole(copy) if raw is None else self._reader.read(copy, raw)

    def _sections(self, copy: Copy, part: Part, header: bytes) -> bytes | None:
        fields = self._fields(copy, b" ".join(wanted(part, header)))
        if fields is None:
            return None
        return message(part, {name: text for name, text in fields.items() if isinstance(text, bytes)})

    def _whole(self, copy: Copy) -> Change:
        return self._alone(copy, b"BODY.PEEK[]<0.%d>" % self._client.channel.limits.literal_bytes, b"BODY[]<0>")

    def _fields(self, copy: Copy, items: bytes) -> dict[bytes, Token] | None:
        found = [fields for other, fields in self._fetch([copy.uid], items) if other.uid == copy.uid]
        return next((fields for fields in found if b"BODY[HEADER]" in fields), None)

    def _fetch(self, uids: Iterable[int], items: bytes) -> list[tuple[Copy, dict[bytes, Token]]]:
        tags = [self._client.send(b"UID FETCH", some, b"(%s %s)" % (self._beside, items)) for some in _sets(uids)]
        return list(self._copies(tags))

    def _copies(self, tags: Iterable[bytes]) -> Iterator[tuple[Copy, dict[bytes, Token]]]:
        """Everything that comes with a UID; a refusal ends one command, unless the server is busy."""
        for tag in tags:
            try:
                for one in self._client.answers(tag):
                    found = _fetched(one)
                    if found is not None:
                        yield found
            except ServerSaidNo as refused:
                if busy(refused.answer):
                    raise


class _Copies(NamedTuple):
    """What was asked for of a chunk, what is known without asking, and the versions held."""

    asked: list[int]
    shown: list[Change]
    versions: dict[str, str]
    tags: list[bytes]


def _fetched(one: Untagged) -> tuple[Copy, dict[bytes, Token]] | None:
    return copy_in(one.tokens[0]) if one.kind == b"FETCH" and one.tokens else None


def _sets(uids: Iterable[int]) -> list[bytes]:
    ordered = sorted(uids, reverse=True)
    return [written(ordered[at : at + _AT_ONCE]) for at in range(0, len(ordered), _AT_ONCE)]


def _can_be_joined(header: bytes) -> bool:
    head = read_head(header)
    return bool(head.first(b"message-id")) and bool(head.first(b"from"))
