"""Who stands on mails: lists of recipients looked up once, however many mails they are on, and the rows of `party`."""

from __future__ import annotations

import msgspec

from projections.store import NEVER_MS, Seen, Store

Box = tuple[str, ...]
"""A Mailbox as it stands in the payload, address and name: hashable as it is decoded."""

_ROLES = ("bcc", "cc", "from", "to")  # in the order of the table
_ROLE = {role: place for place, role in enumerate(_ROLES)}
_ROLE_BITS, _MESSAGE_BITS = 2, 40
_MANY_ROWS, _MANY_LISTS = 100_000, 10_000  # that are kept in memory: ten megabytes each
_NOBODY = b"[]"
_decode = msgspec.json.Decoder(tuple[Box, ...]).decode
_encode = msgspec.json.Encoder().encode


class Recipients(msgspec.Struct, gc=False):
    """Those on To, Cc and Bcc of mails, and what was counted of these mails since the last flush.

    `roles`: by address.id; `others`: JSON [[address.id on To], [on Cc and Bcc]], the owner's left out; `people`: how
    many these are; `to_me`: the owner is on To or Cc.
    """

    seen: list[Seen]
    roles: dict[int, str]
    others: str
    people: int
    to_me: bool
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
            for one in self.roles:
                store.addresses.by_id(one).messages_out += self.sent
        self.n, self.first_ms, self.last_ms, self.sent = 0, NEVER_MS, -NEVER_MS, 0


class Parties:
    """Looks up who is on a mail, and writes `party`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._boxes: dict[Box, Seen] = {}
        self._recipients: dict[tuple[bytes, bytes, bytes], Recipients] = {}
        self._rows: list[int] = []  # address, message and role in one number: sorted ten times as fast as tuples

    def sender(self, box: Box, at_ms: int | None) -> int:
        """The address.id of a sender, 0 for an empty address; counts that it was seen with its name."""
        seen = self._box(box)
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
            found = self._recipients[to, cc, bcc] = self._look_up((("to", to), ("cc", cc), ("bcc", bcc)))
        return found

    def stand(self, message: int, sender: int, recipients: Recipients) -> None:
        """Remember who stands on a new message."""
        at = message << _ROLE_BITS
        self._rows += [one << _MESSAGE_BITS | at | _ROLE[role] for one, role in recipients.roles.items()]
        if sender:
            self._rows.append(sender << _MESSAGE_BITS | at | _ROLE["from"])

    def flush(self) -> None:
        """Enter what was counted; write rows where they have become many."""
        for one in self._recipients.values():
            if one.n:
                one.enter(self._store)
        if len(self._recipients) > _MANY_LISTS:
            self._recipients.clear()
        if len(self._rows) > _MANY_ROWS:
            self.write()

    def write(self) -> None:
        """Write all rows, in the order of the table."""
        self._rows.sort()
        message = (1 << _MESSAGE_BITS - _ROLE_BITS) - 1
        rows = [(one >> _MESSAGE_BITS, one >> _ROLE_BITS & message, _ROLES[one & 3]) for one in self._rows]
        self._store.db.executemany("INSERT INTO party VALUES (?, ?, ?)", rows)
        self._rows.clear()

    def _look_up(self, lists: tuple[tuple[str, bytes], ...]) -> Recipients:
        found: list[Seen] = []
        roles: dict[int, str] = {}
        known = self._boxes
        for role, boxes in [(role, _decode(data)) for role, data in lists if data != _NOBODY]:
            for box in boxes:
                seen = known.get(box) or self._box(box)
                found.append(seen)
                if seen.id not in roles:
                    roles[seen.id] = role
        roles.pop(0, None)
        mine, to_me = self._store.addresses.mine, False
        to: list[int] = []
        copied: list[int] = []
        for one, role in roles.items():
            if one in mine:
                to_me = to_me or role != "bcc"
            else:
                (to if role == "to" else copied).append(one)
        return Recipients(found, roles, _encode((to, copied)).decode(), len(to) + len(copied), to_me)

    def _box(self, box: Box) -> Seen:
        seen = self._boxes.get(box)
        if seen is None:
            seen = self._boxes[box] = self._store.aliases.entry(box, "mail")
        return seen
