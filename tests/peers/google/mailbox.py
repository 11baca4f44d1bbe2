"""A mailbox at Gmail: messages, labels, threads, and the history of changes."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

from tests.peers.google.clock import Clock
from tests.peers.google.failures import not_found

SYSTEM = (
    "INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "CHAT", "UNREAD", "STARRED", "IMPORTANT", "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS",
)  # fmt: skip
FIRST_HISTORY = 2**63 + 1001  # ids are uint64: they do not fit into SQLite's integers
LONGEST_THREAD = 100  # Gmail breaks a conversation off there
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_REPLY = re.compile(r"^\s*(?:re|fwd?|aw|wg)\s*:\s*", re.IGNORECASE)


@dataclass
class Stored:
    """A message as kept. `received`: milliseconds since 1970. `history`: the last record that changed it."""

    id: str
    thread: str
    raw: bytes
    labels: set[str]
    received: int
    history: int
    headers: Message = field(repr=False)


class Change(NamedTuple):
    """`kind`: messagesAdded, messagesDeleted, labelsAdded or labelsRemoved. `labels`: of the message afterwards."""

    kind: str
    message: str
    thread: str
    labels: tuple[str, ...]
    changed: tuple[str, ...] = ()


class Record(NamedTuple):
    id: int
    changes: tuple[Change, ...]


class Mailbox:
    """`horizon`: the oldest history id that history.list still knows. `aliases`: more addresses of the person."""

    def __init__(self, address: str, clock: Clock) -> None:
        self.address, self._clock = address, clock
        self.aliases: list[str] = []
        self.names: dict[str, str] = {}  # labels of the person's own: id → name
        self.messages: dict[str, Stored] = {}
        self.order: list[tuple[int, str]] = []  # (-received, id): newest first
        self.records: list[Record] = []
        self.history = self.horizon = FIRST_HISTORY
        self._threads: dict[str, list[str]] = {}
        self._known: dict[str, str] = {}  # Message-ID → id
        self._made = 0

    def add(
        self, raw: bytes, labels: Iterable[str] = ("INBOX",), *, at: float | None = None, thread: str = ""
    ) -> Stored:
        """A mail arrives, or was always there. `at`: when Google took it, in seconds since 1970; None: now."""
        self._made += 1
        received = int((self._clock.now() if at is None else at) * 1000)
        headers = BytesHeaderParser().parsebytes(raw)
        name = f"{(received << 20) + self._made:016x}"
        message = Stored(name, thread or self._thread(headers) or name, raw, set(labels), received, 0, headers)
        self.messages[name] = message
        insort(self.order, (-received, name))
        self._threads.setdefault(message.thread, []).append(name)
        for written in _MESSAGE_ID.findall(str(headers.get("Message-ID", ""))):
            self._known.setdefault(written, name)
        self._record(message, _change("messagesAdded", message))
        return message

    def remove(self, message: str) -> None:
        """Deleted for good (not to the bin: that is the label TRASH)."""
        gone = self.get(message)
        self._record(gone, _change("messagesDeleted", gone))
        del self.messages[message]
        self.order.remove((-gone.received, message))
        self._threads[gone.thread].remove(message)

    def label(self, message: str, add: Collection[str] = (), remove: Collection[str] = ()) -> Stored:
        """Both kinds of change in one record."""
        kept = self.get(message)
        new, old = sorted(set(add) - kept.labels), sorted(set(remove) & kept.labels)
        kept.labels = (kept.labels | set(add)) - set(remove)
        changes = [("labelsAdded", new), ("labelsRemoved", old)]
        self._record(kept, *(_change(kind, kept, labels) for kind, labels in changes if labels))
        return kept

    def name_label(self, name: str) -> str:
        """A label of the person's own; its id."""
        made = f"Label_{len(self.names) + 1}"
        self.names[made] = name
        return made

    def get(self, message: str) -> Stored:
        if message not in self.messages:
            raise not_found()
        return self.messages[message]

    def threads(self) -> Iterator[tuple[str, list[Stored]]]:
        """Newest first by the thread's newest message; messages oldest first."""
        for name in sorted(self._threads, key=lambda thread: max(self._threads[thread], default=""), reverse=True):
            if self._threads[name]:
                yield name, sorted((self.messages[each] for each in self._threads[name]), key=lambda m: m.received)

    def thread_count(self) -> int:
        return sum(map(bool, self._threads.values()))

    def expire_history(self) -> None:
        """Everything before now is too old to be asked for."""
        self.horizon = self.history
        self.records.clear()

    def _record(self, message: Stored, *changes: Change) -> None:
        if not changes:
            return
        self.history += 1 + self.history % 37  # ids rise, with gaps
        message.history = self.history
        self.records.append(Record(self.history, changes))

    def _thread(self, headers: Message) -> str:
        """The thread of a mail that this one answers: by References or In-Reply-To, and the same subject."""
        named = f"{headers.get('References', '')} {headers.get('In-Reply-To', '')}"
        for written in reversed(_MESSAGE_ID.findall(named)):
            parent = self.messages.get(self._known.get(written, ""))
            if parent is None or _subject(parent.headers) != _subject(headers):
                continue
            if len(self._threads[parent.thread]) < LONGEST_THREAD:
                return parent.thread
        return ""


def decimal(identity: str) -> str:
    """The id as Takeout and IMAP write it: X-GM-MSGID, X-GM-THRID."""
    return str(int(identity, 16))


def _change(kind: str, message: Stored, labels: Iterable[str] = ()) -> Change:
    return Change(kind, message.id, message.thread, tuple(sorted(message.labels)), tuple(labels))


def _subject(headers: Message) -> str:
    subject = str(headers.get("Subject", ""))
    while stripped := _REPLY.match(subject):
        subject = subject[stripped.end() :]
    return " ".join(subject.split()).lower()
