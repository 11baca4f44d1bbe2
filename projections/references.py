"""Threads by References and In-Reply-To: the connected components over Message-IDs, known or merely mentioned.

A thread is named by its first message in the log. Where a later message connects two threads, the smaller name has
both; `thread_into` remembers that, so that a name once given out can always be followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

from projections.store import Store, insert_rows

TABLES = """
CREATE TABLE mail_key(                          -- a Message-ID by its hash: the message that has it (0: none yet)
    key INTEGER PRIMARY KEY, message INTEGER NOT NULL, thread INTEGER NOT NULL);
CREATE TABLE thread_into(                       -- a thread that turned out to be part of another
    thread INTEGER PRIMARY KEY, target INTEGER NOT NULL);
"""

_MARKS = 1 << 20  # bytes; the keys of 300,000 mails leave three in four of them free, and more would cost more to touch
_NONE = repeat(0)


class Met:
    """Which keys a run that began with empty tables has met: most keys of mail are new, and need not be looked for.

    One mark for each remainder of a hash: now and then one is looked for in vain. Later runs have everything to ask.
    """

    def __init__(self, *, fresh: bool) -> None:
        self._marks = bytearray(_MARKS if fresh else 0)

    def among(self, keys: Iterable[int]) -> Iterable[int]:
        """Those that may have been added."""
        marks = self._marks
        return [key for key in keys if marks[key % _MARKS]] if marks else keys

    def add(self, keys: Iterable[int]) -> None:
        """Note keys that are stored from now on."""
        marks = self._marks
        if marks:
            for key in keys:
                marks[key % _MARKS] = 1


class References:
    """Union-find over thread names, with the keys of one batch at hand: `messages` and their threads, by key.

    `messages`: 0 for one that was only mentioned.
    """

    def __init__(self, store: Store) -> None:
        self._db = store.db
        self._store = store
        self._into: dict[int, int] = dict(store.db.execute("SELECT thread, target FROM thread_into"))
        self._joined: set[int] = set()
        self._met = Met(fresh=store.fresh)
        self.messages: dict[int, int] = {}
        self._threads: dict[int, int] = {}
        self._changed: set[int] = set()

    def load(self, keys: Iterable[int]) -> None:
        """Fetch what is known of the Message-IDs of a batch."""
        sql = "SELECT key, message, thread FROM mail_key WHERE key IN (SELECT value FROM json_each(?))"
        for key, message, thread in self._store.select_in(sql, set(self._met.among(keys))):
            self.messages[key], self._threads[key] = message, thread

    def place(self, message: int, own: int, references: Sequence[int]) -> int:
        """Give the thread of a new message, and remember its Message-ID if nobody had it before."""
        threads = self._known(own, references)
        thread = min(threads) if threads else message
        self._connect(thread, threads, message, own, references)
        return thread

    def join(self, thread: int, message: int, own: int, references: Sequence[int]) -> None:
        """Connect what a further sighting of a message mentions with the thread that the message is in."""
        threads = self._known(own, references) | {self.find(thread)}
        self._connect(min(threads), threads, message, own, references)

    def find(self, thread: int) -> int:
        """Follow a thread to the one that has taken it in."""
        while (target := self._into.get(thread, thread)) != thread:
            thread = target
        return thread

    def _known(self, own: int, references: Sequence[int]) -> set[int]:
        """The threads of what is known of these keys."""
        found = {*map(self._threads.get, references, _NONE), self._threads.get(own, 0)}
        found.discard(0)
        return found if self._into.keys().isdisjoint(found) else {self.find(thread) for thread in found}

    def _connect(self, thread: int, threads: set[int], message: int, own: int, references: Sequence[int]) -> None:
        if len(threads) > 1:
            for other in threads - {thread}:
                self._into[other] = thread
                self._joined.add(other)
        known = self._threads
        for key in references:
            if key not in known:
                self.messages[key], known[key] = 0, thread
                self._changed.add(key)
        if own and not self.messages.get(own):
            if own in known:
                self._store.late_keys.add(own)
            self.messages[own], known[own] = message, thread
            self._changed.add(own)

    def flush(self) -> None:
        changed = sorted(self._changed)
        messages, threads = map(self.messages.__getitem__, changed), map(self._threads.__getitem__, changed)
        insert_rows(self._db, "mail_key", list(zip(changed, messages, threads, strict=True)), replace=True)
        rows_into = [(thread, self._into[thread]) for thread in sorted(self._joined)]
        self._db.executemany("REPLACE INTO thread_into VALUES (?, ?)", rows_into)
        self._met.add(changed)
        for one in (self._changed, self._joined, self.messages, self._threads):
            one.clear()
