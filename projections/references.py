"""Threads by References and In-Reply-To: the connected components over Message-IDs, known or merely mentioned.

A thread is named by its first message in the log. Where a later message connects two threads, the smaller name has
both; `thread_into` remembers that, so that a name once given out can always be followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from projections.store import Store

TABLES = """
CREATE TABLE mail_key(                          -- a Message-ID by its hash: the message that has it (0: none yet)
    key INTEGER PRIMARY KEY, message INTEGER NOT NULL, thread INTEGER NOT NULL);
CREATE TABLE thread_into(                       -- a thread that turned out to be part of another
    thread INTEGER PRIMARY KEY, target INTEGER NOT NULL);
"""


class References:
    """Union-find over thread names, with the keys of one batch at hand."""

    def __init__(self, store: Store) -> None:
        self._db = store.db
        self._store = store
        self._into: dict[int, int] = dict(store.db.execute("SELECT thread, target FROM thread_into"))
        self._joined: set[int] = set()
        self._keys: dict[int, tuple[int, int]] = {}
        self._changed: set[int] = set()

    def load(self, keys: Iterable[int]) -> None:
        """Fetch what is known of the Message-IDs of a batch."""
        sql = "SELECT key, message, thread FROM mail_key WHERE key IN (SELECT value FROM json_each(?))"
        self._keys = {key: (message, thread) for key, message, thread in self._store.select_in(sql, set(keys))}

    def place(self, message: int, own: int, references: Sequence[int]) -> int:
        """Give the thread of a new message, and remember its Message-ID if nobody had it before."""
        keys = self._keys
        if not references and own not in keys:  # most mail
            if own:
                self._learn(own, message, message)
            return message
        threads = {keys[key][1] for key in (own, *references) if key in keys}
        if not self._into.keys().isdisjoint(threads):
            threads = {self.find(thread) for thread in threads}
        return self._connect(min(threads, default=message), threads, message, own, references)

    def join(self, thread: int, message: int, own: int, references: Sequence[int]) -> None:
        """Connect what a further sighting of a message mentions with the thread that the message is in."""
        thread = self.find(thread)
        threads = {self.find(self._keys[key][1]) for key in (own, *references) if key in self._keys} | {thread}
        self._connect(min(threads), threads, message, own, references)

    def message(self, key: int) -> int:
        """The message with this Message-ID, 0 while it is unknown."""
        return self._keys[key][0] if key in self._keys else 0

    def find(self, thread: int) -> int:
        """Follow a thread to the one that has taken it in."""
        while (target := self._into.get(thread, thread)) != thread:
            thread = target
        return thread

    def _connect(self, thread: int, threads: set[int], message: int, own: int, references: Sequence[int]) -> int:
        if len(threads) > 1:
            for other in threads - {thread}:
                self._into[other] = thread
                self._joined.add(other)
        keys = self._keys
        for key in references:
            if key not in keys:
                keys[key] = (0, thread)
                self._changed.add(key)
        if own and (own not in keys or not keys[own][0]):
            self._learn(own, message, thread)
        return thread

    def _learn(self, key: int, message: int, thread: int) -> None:
        self._keys[key] = (message, thread)
        self._changed.add(key)
        if not self._store.fresh:
            self._store.new_keys.add(key)

    def flush(self) -> None:
        rows = [(key, *self._keys[key]) for key in sorted(self._changed)]
        self._db.executemany("REPLACE INTO mail_key VALUES (?, ?, ?)", rows)
        rows_into = [(thread, self._into[thread]) for thread in sorted(self._joined)]
        self._db.executemany("REPLACE INTO thread_into VALUES (?, ?)", rows_into)
        self._changed.clear()
        self._joined.clear()
        self._keys = {}
