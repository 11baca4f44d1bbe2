"""Messages: every sighting of a mail joined to one row, whatever folders, files and accounts showed it.

Two sightings are one message when the log has them in one stream (same date, sender, subject, recipients and text), or
when they have the same Message-ID and the same sender (a list adds a footer to its copy). The first sighting tells the
row; later ones add what is true of any: seen in one place is seen, a direct copy outranks a list's copy.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import astuple

from events import codec
from events.envelope import StoredEvent
from events.vocabulary import MessageObserved
from projections import counting, references
from projections.parties import Box, Parties, Recipients
from projections.projection import Projection
from projections.store import EARLIEST_MS, LATEST_MS, MASK, Store, insert_rows, key_of
from projections.subjects import bare

_ROBOTIC = frozenset({"automatic", "bulk", "bounce"})  # what only programs send; "list" says nothing of the sender
_HUMAN = frozenset({"invitation", "out_of_office"})
_NONE = msgspec.Raw(b"[]")


class _Mail(msgspec.Struct, gc=False):
    """The fields of MessageObserved that are folded, those on To, Cc and Bcc undecoded: most were met before."""

    message_id: str = ""
    sent_ms: int | None = None
    sender: Box | None = None
    actor: Box | None = None
    reply_to: tuple[Box, ...] = ()
    to: msgspec.Raw = _NONE
    cc: msgspec.Raw = _NONE
    bcc: msgspec.Raw = _NONE
    unlisted: int = 0
    subject: str = ""
    references: tuple[str, ...] = ()
    words: int = 0
    body: str = ""
    kind: str = ""
    why: str = ""
    list_id: str = ""
    seen: bool | None = None
    box: str = ""
    labels: tuple[str, ...] = ()
    asks: bool = False
    closer: bool = False
    says: str = ""


class Row(msgspec.Struct, gc=False):
    """A row of `message`, in the order of its columns."""

    id: int
    message_id: str
    thread: int
    at_ms: int | None
    day: int | None
    direction: str
    sender: int
    subject: str
    words: int
    body: str
    kind: str
    to_me: int
    recipients: int
    answers: int
    answered_ms: int | None
    asks: bool
    closer: bool
    says: str
    counted: bool
    reason: str
    minutes: float
    multitasking: float
    goal: str
    labels: str
    position: int
    circle: int
    seen: int
    boxes: int
    actor: bool
    parent_key: int | None
    topic: int | None
    is_reply: bool
    ref_thread: int


class _Sighting(msgspec.Struct, gc=False):
    """One event on its way to a row."""

    row: Row
    stream_key: int
    id_key: int  # of the Message-ID, 0 without one
    references: list[int]
    recipients: Recipients


_SENDER = 0x9E3779B97F4A7C15  # spreads small numbers over 64 bits (Knuth's multiplicative hash)
_HASH_BITS = 21  # beside 42 bits of milliseconds, which last until 2109
_LAST_MS = (1 << 42) - 1
_decode = msgspec.json.Decoder(_Mail).decode
_encode = msgspec.json.Encoder().encode
_STANDING = "UPDATE message SET kind=?, to_me=?, labels=?, seen=?, boxes=?, actor=? WHERE id=?"
_INSERT = f"INSERT INTO message VALUES ({', '.join('?' * len(Row.__struct_fields__))})"


class Messages(Projection):
    """`message`, `circle` and `member`, and the keys that find them again."""

    name = "messages"
    version = 2
    reads = frozenset({MessageObserved.wire})
    tables = (
        references.TABLES
        + """
CREATE TABLE message_key(                       -- where a stream was put, or a Message-ID that several senders have
    key INTEGER PRIMARY KEY, message INTEGER NOT NULL);
"""
    )
    indices = """\
CREATE INDEX circle_key ON circle(key);
CREATE INDEX message_circle ON message(circle);
CREATE INDEX message_sender ON message(sender);
"""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.references = references.References(store)
        self._batch: list[_Sighting] = []
        self._hashes: dict[str, int] = {}
        self.parties = Parties(store)

    def fold(self, event: StoredEvent) -> None:
        mail = _read(event)
        at_ms, position, mine = mail.sent_ms, event.position, self.store.addresses.mine
        if at_ms is not None and not EARLIEST_MS <= at_ms < LATEST_MS:
            at_ms = None
        from_id = self.parties.sender(mail.sender, at_ms) if mail.sender else 0
        to = self._recipients(event, mail)
        to.see(at_ms)
        id_key = self._hash(mail.message_id) if mail.message_id else 0
        mentioned = [self._hash(reference) for reference in mail.references]
        topic, is_reply = ("", True) if mentioned else bare(mail.subject)
        self._batch.append(
            _Sighting(
                Row(
                    position, mail.message_id, 0, at_ms, None if at_ms is None else self.store.day(at_ms),
                    "out" if from_id in mine else "in", from_id, mail.subject, mail.words, mail.body, mail.kind,
                    to.to_me, to.people + mail.unlisted, 0, None, mail.asks, mail.closer, mail.says, False,
                    counting.by_kind(mail.kind, at_ms), 0.0, 0.0, "",
                    _encode(sorted(mail.labels)).decode() if mail.labels else "[]", position,
                    0, -1 if mail.seen is None else int(mail.seen),
                    counting.BOXES.get(mail.box, counting.ELSEWHERE), mail.actor is not None and self._is_actor(mail),
                    mentioned[-1] if mentioned else None, key_of(topic) if topic else None, is_reply, 0,
                ),
                _stream_key(event.stream),
                id_key,
                mentioned,
                to,
            )
        )  # fmt: skip
        self._note(mail, from_id, to.ids)

    def _recipients(self, event: StoredEvent, mail: _Mail) -> Recipients:
        try:
            return self.parties.recipients(bytes(mail.to), bytes(mail.cc), bytes(mail.bcc))
        except (msgspec.DecodeError, UnicodeDecodeError):
            codec.decode(event.type, event.data)  # says in its own words what is damaged
            raise

    def _hash(self, text: str) -> int:
        found = self._hashes.get(text)
        if found is None:
            found = self._hashes[text] = key_of(text)
        return found

    def _is_actor(self, mail: _Mail) -> bool:
        """Whether an assistant or a shared mailbox sent it; a list that names itself as Sender is none."""
        return bool(mail.actor and not mail.kind and not self.store.addresses.is_mine(mail.actor[0]))

    def _note(self, mail: _Mail, sender: int, recipients: list[int]) -> None:
        """Note what the headers say about the addresses on them."""
        addresses = self.store.addresses
        if mail.list_id:
            for address in (mail.list_id.lower(), mail.list_id.lower().replace(".", "@", 1)):
                if (one := addresses.get(address)) and one.id in recipients:
                    one.listed = True
        if not sender or mail.sender is None:
            return
        if mail.reply_to and not mail.kind:
            for box in mail.reply_to:
                if box[0] and box[0] != mail.sender[0]:
                    self.store.aliases.reply(sender, addresses[box[0]].id)
        one = addresses.by_id(sender)
        if not mail.kind or mail.kind in _HUMAN:
            one.human += 1
        elif mail.kind in _ROBOTIC and not mail.why.startswith("Precedence"):
            one.robotic += 1

    def flush(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        self._hashes.clear()
        placed: dict[int, int] = {}
        self.references.load(key for one in batch for key in (one.id_key, *one.references) if key)
        keys = self._known_keys(batch)
        rows = self._known_rows(batch, keys)
        known = set(rows)
        for one in batch:
            found = keys.get(one.stream_key) or self._with_id(one, keys, rows)
            if found:
                row = rows[found]
                _add(row, one.row)
                self.store.dirty_messages.add(row.id)
                self.references.join(row.ref_thread, row.id, one.id_key, one.references)
            else:
                row = rows[one.row.id] = self._begin(one)
            for key in (one.stream_key, self._second_key(one, row)):
                if key and key not in keys:
                    keys[key] = placed[key] = row.id
        db = self.store.db
        db.executemany(_INSERT, [astuple(rows[id_]) for id_ in sorted(rows) if id_ not in known])
        db.executemany(_STANDING, [_standing(rows[id_]) for id_ in sorted(known)])
        insert_rows(db, "message_key", sorted(placed.items()))
        self.references.flush()
        self.parties.flush()

    def settle(self) -> None:
        self.parties.write()

    def _begin(self, one: _Sighting) -> Row:
        """Make the first sighting a row of its own."""
        row, to = one.row, one.recipients
        if not self.store.fresh:
            self.store.dirty_messages.add(row.id)
        row.ref_thread = row.thread = self.references.place(row.id, one.id_key, one.references)
        if row.parent_key is not None:
            row.answers = self.references.message(row.parent_key)
        if not row.boxes & counting.DRAFT:
            if row.direction == "out":
                to.sent += 1
            elif row.sender:
                self.store.addresses.by_id(row.sender).messages_in += 1
        row.circle = self.parties.circle(row.id, to)
        return row

    def _with_id(self, one: _Sighting, keys: dict[int, int], rows: dict[int, Row]) -> int:
        """The message with this Message-ID and this sender, 0 for none."""
        first = self.references.message(one.id_key) if one.id_key else 0
        if not first or rows[first].sender == one.row.sender:
            return first
        return keys.get(_sent_key(one), 0)

    def _second_key(self, one: _Sighting, row: Row) -> int:
        """What finds a message whose Message-ID another sender's message had before; 0 for most."""
        return _sent_key(one) if one.id_key and self.references.message(one.id_key) != row.id else 0

    def _known_keys(self, batch: list[_Sighting]) -> dict[int, int]:
        wanted = {one.stream_key for one in batch}
        wanted.update(_sent_key(one) for one in batch if one.id_key and self.references.message(one.id_key))
        sql = "SELECT key, message FROM message_key WHERE key IN (SELECT value FROM json_each(?))"
        return dict(self.store.select_in(sql, wanted))

    def _known_rows(self, batch: list[_Sighting], keys: dict[int, int]) -> dict[int, Row]:
        """The rows that this batch may add to."""
        ids = set(keys.values()) | {self.references.message(one.id_key) for one in batch}
        if ids == {0}:
            return {}
        sql = "SELECT * FROM message WHERE id IN (SELECT value FROM json_each(?))"
        return {row[0]: Row(*row) for row in self.store.select_in(sql, ids)}


def _stream_key(stream: bytes) -> int:
    """63 bits of a stream: its time of creation first, so that keys arrive in order; of an undated one all is hash."""
    created_ms = int.from_bytes(stream[:6], "big")
    digest = int.from_bytes(stream[-8:], "big")
    if not 0 < created_ms <= _LAST_MS:
        return digest >> 1
    return created_ms << _HASH_BITS | digest >> 64 - _HASH_BITS


def _sent_key(one: _Sighting) -> int:
    return (one.id_key ^ (one.row.sender * _SENDER)) & MASK


def _read(event: StoredEvent) -> _Mail:
    data = event.data
    if event.type in codec.UPCASTS:
        data = codec.encode(codec.decode(event.type, data))
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        codec.decode(event.type, data)  # says in its own words what is damaged
        raise


def _add(row: Row, other: Row) -> None:
    """Add a further sighting; the order of further sightings does not matter."""
    if row.kind and not other.kind:
        row.kind = ""
    row.to_me = min(row.to_me or other.to_me, other.to_me or row.to_me)  # on To in one copy is on To
    row.actor = row.actor and other.actor
    row.seen = max(row.seen, other.seen)
    row.boxes |= other.boxes
    if other.labels not in ("[]", row.labels):
        both = {*msgspec.json.decode(row.labels), *msgspec.json.decode(other.labels)}
        row.labels = _encode(sorted(both)).decode()


def _standing(row: Row) -> tuple[object, ...]:
    return row.kind, row.to_me, row.labels, row.seen, row.boxes, row.actor, row.id


PROJECTION = Messages
