"""Who stands on mails: lists of recipients looked up once, however many mails they are on; `circle` and `member`."""

from __future__ import annotations

import msgspec

from projections.store import NEVER_MS, Aliases, Seen, Store, insert_rows, key_of_bytes

Box = tuple[str, ...]
"""A Mailbox as it stands in the payload, address and name: hashable as it is decoded."""

_CIRCLE_BITS = 40
_MANY_ROWS, _MANY_LISTS = 100_000, 10_000  # that are kept in memory: ten megabytes each
_TOGETHER = 300
# SQLite takes the numbers apart again, at a third of the time that Python takes for it and for three values a row.
_MEMBERS = f"""
INSERT INTO member
SELECT column1 >> {_CIRCLE_BITS}, column1 >> 1 & {(1 << _CIRCLE_BITS - 1) - 1}, column1 & 1 FROM (VALUES (?)"""
NOBODY = b"[]"
_BEGIN, _BETWEEN, _END = b'[["', b'"],["', b'"]]'
ON_TO, ON_CC = 1, 2  # where the owner stands on a mail
_decode = msgspec.json.Decoder(tuple[Box, ...]).decode
_encode = msgspec.json.Encoder().encode


class Recipients(msgspec.Struct, gc=False):
    """Those on To, Cc and Bcc of mails, and what was counted of these mails since the last flush.

    `ids`: every address.id; `to`, `copied`: those that are not the owner's; `to_me`: ON_TO, ON_CC or 0;
    `circle`: 0 until a mail to them is new.
    """

    seen: list[Seen]
    ids: list[int]
    to: list[int]
    copied: list[int]
    to_me: int
    people: int
    circle: int = 0
    n: int = 0
    first_ms: int = NEVER_MS
    last_ms: int = -NEVER_MS
    sent: int = 0  # new mails of mine

    def see(self, at_ms: int | None) -> None:
        """Count one more mail."""
        self.n += 1
        if at_ms is not None:
            if at_ms > self.last_ms:  # noqa: PLR1730  the call of max() is most of this function's time
                self.last_ms = at_ms
            if at_ms < self.first_ms:  # noqa: PLR1730  likewise
                self.first_ms = at_ms

    def enter(self, store: Store) -> None:
        """Enter what was counted with each address, and begin anew."""
        n, first_ms, last_ms = self.n, self.first_ms, self.last_ms
        for seen in self.seen:
            seen.n += n
            if last_ms > seen.last_ms:  # noqa: PLR1730  as above
                seen.last_ms = last_ms
            if first_ms < seen.first_ms:  # noqa: PLR1730  likewise
                seen.first_ms = first_ms
        if self.sent:
            for one in self.ids:
                store.addresses.by_id(one).messages_out += self.sent
        self.n, self.first_ms, self.last_ms, self.sent = 0, NEVER_MS, -NEVER_MS, 0


class _Boxes(dict[Box, Seen]):
    """The counter of each mailbox, from its first look-up on."""

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases

    def __missing__(self, box: Box) -> Seen:
        seen = self[box] = self._aliases.entry(box, "mail")
        return seen


class _Encoded(dict[bytes, Seen]):
    """The same by what stands between the brackets in the log: most are met again, and need not be decoded.

    Raises ValueError for what is no mailbox.
    """

    def __init__(self, boxes: _Boxes) -> None:
        self._boxes = boxes

    def __missing__(self, inner: bytes) -> Seen:
        (box,) = _decode(_BEGIN + inner + _END)
        seen = self[inner] = self._boxes[box]
        return seen

    def on(self, data: bytes) -> list[Seen]:
        """The counters of a JSON list of mailboxes; raises msgspec's and Unicode's errors where it is none.

        Within a string a quotation mark has a backslash before it. So the brackets between two mailboxes, if they stand
        in a name at all, cut it behind a backslash, and what is left is no mailbox.
        """
        if data.startswith(_BEGIN) and data.endswith(_END):
            try:
                return [*map(self.__getitem__, data[len(_BEGIN) : -len(_END)].split(_BETWEEN))]
            except ValueError:
                pass
        return [*map(self._boxes.__getitem__, _decode(data))]


class Parties:
    """Looks up who is on a mail, and writes `circle` and `member`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._boxes = _Boxes(store.aliases)
        self._encoded = _Encoded(self._boxes)
        self._recipients: dict[tuple[bytes, bytes, bytes], Recipients] = {}
        self._circles: dict[int, int] = {}  # key -> id
        self._new: list[tuple[int, int, str]] = []
        self._members: list[int] = []  # address, circle and is_to in one number: sorted ten times as fast as tuples

    def sender(self, box: Box, at_ms: int | None) -> int:
        """The address.id of a sender, 0 for an empty address; counts that it was seen with its name."""
        seen = self._boxes[box]
        seen.n += 1
        if at_ms is not None:
            if at_ms > seen.last_ms:  # noqa: PLR1730  as above
                seen.last_ms = at_ms
            if at_ms < seen.first_ms:  # noqa: PLR1730  likewise
                seen.first_ms = at_ms
        return seen.id

    def recipients(self, to: bytes, cc: bytes, bcc: bytes) -> Recipients:
        """Those who stand on three JSON lists of mailboxes; raises msgspec's and Unicode's errors where they are none.

        The answers in a thread, and all that goes to me alone, have lists that were met before.
        """
        found = self._recipients.get((to, cc, bcc))
        if found is None:
            found = self._recipients[to, cc, bcc] = self._look_up((to, cc, bcc))
        return found

    def circle(self, message: int, recipients: Recipients) -> int:
        """The circle of a new message, the first with these recipients; a new one is named after it."""
        others = _encode((recipients.to, recipients.copied))
        key = key_of_bytes(others)
        known = self._circles.get(key) or self._stored(key)
        if not known:
            known = message
            self._new.append((message, key, others.decode()))
            at = message << 1
            self._members += [one << _CIRCLE_BITS | at | 1 for one in recipients.to]
            self._members += [one << _CIRCLE_BITS | at for one in recipients.copied]
        recipients.circle = self._circles[key] = known
        return known

    def flush(self) -> None:
        """Enter what was counted, write new circles, and members where they have become many."""
        for one in self._recipients.values():
            if one.n:
                one.enter(self._store)
        if len(self._recipients) > _MANY_LISTS:
            self._recipients.clear()
        insert_rows(self._store.db, "circle", self._new)
        self._new.clear()
        if len(self._members) > _MANY_ROWS:
            self.write()

    def write(self) -> None:
        """Write all members, in the order of the table."""
        self._members.sort()
        for at in range(0, len(self._members), _TOGETHER):
            some = self._members[at : at + _TOGETHER]
            self._store.db.execute(_MEMBERS + ", (?)" * (len(some) - 1) + ")", some)
        self._members.clear()

    def _stored(self, key: int) -> int:
        """The id of a circle that an earlier run has met, 0 for none."""
        if self._store.fresh:
            return 0
        row = self._store.db.execute("SELECT id FROM circle WHERE key = ?", (key,)).fetchone()
        return row[0] if row else 0

    def _look_up(self, lists: tuple[bytes, bytes, bytes]) -> Recipients:
        mine = self._store.addresses.mine
        on_to, on_cc, on_bcc = [self._encoded.on(data) if data != NOBODY else [] for data in lists]
        seen = on_to + on_cc + on_bcc
        ids, first = [one.id for one in seen], len(on_to)
        different = set(ids)
        if len(different) < len(ids) or 0 in different:  # an address that stands there twice, or none
            first = len({one.id for one in on_to} - {0})
            ids = [id_ for id_ in dict.fromkeys(ids) if id_]
        to, copied, to_me = ids[:first], ids[first:], 0
        if not mine.isdisjoint(different):
            to_me = ON_TO if not mine.isdisjoint(to) else 0 if mine.isdisjoint([one.id for one in on_cc]) else ON_CC
            to, copied = [one for one in to if one not in mine], [one for one in copied if one not in mine]
        return Recipients(seen, ids, to, copied, to_me, len(to) + len(copied))
