"""Messages: every sighting of a mail joined to one row, whatever folders, files and accounts showed it.

Two sightings are one message when the log has them in one stream (same date, sender, subject, recipients and text), or
when they have the same Message-ID and the same sender (a list adds a footer to its copy). The first sighting tells the
row; later ones add what is true of any: seen in one place is seen, a direct copy outranks a list's copy.
"""

from __future__ import annotations

import struct

import msgspec
from msgspec.structs import astuple

from events import codec
from events.envelope import StoredEvent
from events.vocabulary import MessageObserved
from projections import counting, references
from projections.parties import NOBODY, Box, Parties, Recipients
from projections.projection import Projection
from projections.store import EARLIEST_MS, LATEST_MS, MASK, Store, insert_rows, key_of
from projections.subjects import bare

_ROBOTIC = frozenset({"automatic", "bulk", "bounce"})  # what only programs send; "list" says nothing of the sender
_HUMAN = frozenset({"invitation", "out_of_office"})
_NONE = msgspec.Raw(NOBODY)


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
    """A row of `message` without what only others say of it; 0 and 1 for what is false and true."""

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
    asks: int
    closer: int
    says: str
    reason: str
    labels: str
    position: int
    circle: int
    seen: int
    boxes: int
    actor: int
    parent_key: int  # 0: none
    topic: int  # 0: none
    is_reply: int
    ref_thread: int


class _Hashes(dict[str, int]):
    """The keys of texts, each computed once."""

    def __missing__(self, text: str) -> int:
        key = self[text] = key_of(text)
        return key


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
_HALVES = struct.Struct(">QQ")
_decode = msgspec.json.Decoder(_Mail).decode
_encode = msgspec.json.Encoder().encode
_STANDING = "UPDATE message SET kind=?, to_me=?, labels=?, seen=?, boxes=?, actor=? WHERE id=?"
# The columns of `message`: a Row, and between its values what is not yet known.
_VALUES = (
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, FALSE, ?, 0.0, 0.0, '', "
    "?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), ?, ?"
)
_KNOWN = f"""
SELECT {", ".join(Row.__struct_fields__)} FROM message WHERE id IN (SELECT value FROM json_each(?))"""


class Messages(Projection):
    """`message`, `circle` and `member`, and the keys that find them again."""

    name = "messages"
    version = 3
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
        self._hashes = _Hashes()  # of the Message-IDs of a batch
        self._placed = references.Met(fresh=store.fresh)
        self.parties = Parties(store)

    def fold(self, event: StoredEvent) -> None:
        mail = _read(event)
        at_ms, position, mine = mail.sent_ms, event.position, self.store.addresses.mine
        if at_ms is not None and not EARLIEST_MS <= at_ms < LATEST_MS:
            at_ms = None
        from_id = self.parties.sender(mail.sender, at_ms) if mail.sender else 0
        to = self._recipients(event, mail)
        to.see(at_ms)
        id_key = self._hashes[mail.message_id] if mail.message_id else 0
        mentioned = [*map(self._hashes.__getitem__, mail.references)]
        topic, is_reply = ("", True) if mentioned else bare(mail.subject)
        self._batch.append(
            _Sighting(
                Row(
                    position, mail.message_id, 0, at_ms, None if at_ms is None else self.store.day(at_ms),
                    "out" if from_id in mine else "in", from_id, mail.subject, mail.words, mail.body, mail.kind,
                    to.to_me, to.people + mail.unlisted, 0, 1 if mail.asks else 0, 1 if mail.closer else 0, mail.says,
                    counting.by_kind(mail.kind, at_ms),
                    _encode(sorted(mail.labels)).decode() if mail.labels else "[]", position,
                    0, -1 if mail.seen is None else int(mail.seen),
                    counting.BOXES.get(mail.box, counting.ELSEWHERE), 1 if mail.actor and self._is_actor(mail) else 0,
                    mentioned[-1] if mentioned else 0, key_of(topic) if topic else 0, 1 if is_reply else 0, 0,
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
            to = NOBODY if mail.to is _NONE else bytes(mail.to)
            cc = NOBODY if mail.cc is _NONE else bytes(mail.cc)
            bcc = NOBODY if mail.bcc is _NONE else bytes(mail.bcc)
            return self.parties.recipients(to, cc, bcc)
        except (msgspec.DecodeError, UnicodeDecodeError):
            codec.decode(event.type, event.data)  # says in its own words what is damaged
            raise

    def _is_actor(self, mail: _Mail) -> bool:
        """Whether an assistant or a shared mailbox sent it; a list that names itself as Sender is none."""
        return bool(mail.actor and not mail.kind and not self.store.addresses.is_mine(mail.actor[0]))

    def _note(self, mail: _Mail, sender: int, recipients: list[int]) -> None:
        """Note what the headers say about the addresses on them."""
        addresses = self.store.addresses
        if mail.list_id:
            for address in _list_addresses(mail.list_id):
                if (one := addresses.get(address)) and one.id in recipients and not addresses.is_mine(address):
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
        self.references.load(self._hashes.values())
        self._hashes.clear()
        keys = self._known_keys(batch)
        rows = self._known_rows(batch, keys)
        known, new, placed = sorted(rows), [], {}
        with_id = self.references.messages
        for one in batch:
            first = with_id.get(one.id_key, 0)  # the message with this Message-ID
            found = keys.get(one.stream_key, 0)
            if first and not found:
                found = first if rows[first].sender == one.row.sender else keys.get(_sent_key(one), 0)
            if found:
                row = rows[found]
                _add(row, one.row)
                self.store.dirty_messages.add(row.id)
                self.references.join(row.ref_thread, row.id, one.id_key, one.references)
            else:
                row = rows[one.row.id] = self._begin(one)
                new.append(row)
            if one.stream_key not in keys:
                keys[one.stream_key] = placed[one.stream_key] = row.id
            if first not in (0, row.id):  # another sender's message had this Message-ID before
                key = _sent_key(one)
                if key not in keys:
                    keys[key] = placed[key] = row.id
        db = self.store.db
        insert_rows(db, "message", list(map(astuple, new)), _VALUES)
        db.executemany(_STANDING, [_standing(rows[id_]) for id_ in known])
        insert_rows(db, "message_key", sorted(placed.items()))
        self._placed.add(placed)
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
        if row.parent_key:
            row.answers = self.references.messages.get(row.parent_key, 0)
        if not row.boxes & counting.DRAFT:
            if row.direction == "out":
                to.sent += 1
            elif row.sender:
                self.store.addresses.by_id(row.sender).messages_in += 1
        row.circle = to.circle or self.parties.circle(row.id, to)
        return row

    def _known_keys(self, batch: list[_Sighting]) -> dict[int, int]:
        known = self.references.messages
        wanted = {one.stream_key for one in batch}
        wanted.update([_sent_key(one) for one in batch if known.get(one.id_key)])
        sql = "SELECT key, message FROM message_key WHERE key IN (SELECT value FROM json_each(?))"
        return dict(self.store.select_in(sql, self._placed.among(wanted)))

    def _known_rows(self, batch: list[_Sighting], keys: dict[int, int]) -> dict[int, Row]:
        """The rows that this batch may add to."""
        known = self.references.messages
        ids = {*keys.values(), *[known.get(one.id_key, 0) for one in batch]} - {0}
        return {row[0]: Row(*row) for row in self.store.select_in(_KNOWN, ids)}


def _stream_key(stream: bytes) -> int:
    """63 bits of a stream: its time of creation first, so that keys arrive in order; of an undated one all is hash."""
    begin: int
    digest: int
    begin, digest = _HALVES.unpack(stream)
    created_ms = begin >> 16
    if not 0 < created_ms <= _LAST_MS:
        return digest >> 1
    return created_ms << _HASH_BITS | digest >> 64 - _HASH_BITS


def _list_addresses(list_id: str) -> tuple[str, str]:
    """What a List-Id (RFC 2919: "Dev <dev.lists.org>") names, as it stands there and as the address that it may be."""
    name = list_id.rpartition("<")[2].partition(">")[0].strip().lower()
    return name, name.replace(".", "@", 1)


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
