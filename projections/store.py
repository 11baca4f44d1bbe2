"""What the projections of one run share: the connection, the rules, the addresses, and what has become dirty."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, islice
from typing import Any

import msgspec

from projections.addresses import canonical, keyed
from projections.intervals import day_of, plain_day
from projections.rules import Rules

NEVER_MS = 2**62
EARLIEST_MS, LATEST_MS = -2_208_988_800_000, 7_258_118_400_000  # 1900 to 2200: what is dated outside has no real date
REACH_MS = 2 * 3_600_000 + 1_200_000  # a mail merge (an hour) behind a compose (twenty minutes), twice
MASK = 2**63 - 1
_TOGETHER = 50  # rows


def key_of(text: str) -> int:
    """63 bits of a hash: fits a SQLite integer, and collides once in 10^7 mailboxes of a million mails."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") & MASK


def key_of_bytes(data: bytes) -> int:
    """The same of a text that is encoded already."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") & MASK


def insert_rows(
    db: sqlite3.Connection,
    table: str,
    rows: Sequence[Sequence[object]],
    values: str = "",
    *,
    replace: bool = False,
    then: str = "",
) -> None:
    """Insert rows: fifty to a statement take half the time of one to a statement.

    `values`: what a row's columns are, where some are not just its next value: `?, NULL, nullif(?, 0)`. Truth goes in
    as 0 and 1 and what is mostly missing as some number of which SQL makes NULL: the driver takes eight times as long
    for True and None, because it looks for somebody's adapter first. `then`: an upsert clause.
    """
    if not rows:
        return
    one = f"({values or ', '.join('?' * len(rows[0]))})"
    begin = f"{'REPLACE' if replace else 'INSERT'} INTO {table} VALUES "
    whole = len(rows) // _TOGETHER * _TOGETHER
    some = (rows[at : at + _TOGETHER] for at in range(0, whole, _TOGETHER))
    db.executemany(begin + ", ".join([one] * _TOGETHER) + then, (tuple(chain.from_iterable(these)) for these in some))
    db.executemany(begin + one + then, rows[whole:])


class Store:
    """One run over `views.db`, inside one transaction.

    `fresh`: the tables are being built anew, so that everything is dirty and nobody keeps account of it.
    `now_ms`: what the run takes for now (the newest `recorded_ms`, or `as_of_ms`): it ends endless series.
    """

    def __init__(self, db: sqlite3.Connection, rules: Rules, *, fresh: bool, as_of_ms: int | None = None) -> None:
        self.db = db
        self.rules = rules
        self.zone = rules.zone()
        self.fresh = fresh
        self.as_of_ms = NEVER_MS if as_of_ms is None else as_of_ms
        self.now_ms = 0
        self.dirty_days: set[int] = set()
        self.dirty_uids: set[str] = set()
        self.dirty_messages: set[int] = set()  # new or changed, for what depends on other messages
        self.dirty_threads: set[int] = set()
        self.late_keys: set[int] = set()  # of Message-IDs that were mentioned before their message came
        self.marked: set[int] = set()  # positions that the owner has said a word on, or taken one back
        self.placed: set[str] = set()  # addresses of whom the owner placed in a goal, or took out again
        self.dirty_persons: set[int] = set()  # whose interactions have changed
        self.dirty_people = False  # evidence of who is who has changed
        self._last_day = (1, 0, 0)  # [start_ms, end_ms) and its day, where no clock changes within it
        self.addresses = Addresses(db, rules)
        self.aliases = Aliases(db, self.addresses)

    def day(self, at_ms: int) -> int:
        """The local day (proleptic ordinal) of an instant."""
        since_ms, until_ms, day = self._last_day
        if since_ms <= at_ms < until_ms:  # mail comes in order of time
            return day
        day = day_of(at_ms, self.zone)
        self._last_day = (*plain_day(day, self.zone), day)
        return day

    def touch_days(self, start_ms: int, end_ms: int) -> None:
        """Every local day that `[start_ms, end_ms]` touches is to be computed anew."""
        self.dirty_days.update(range(self.day(start_ms), self.day(max(start_ms, end_ms)) + 1))

    def meta(self, key: str) -> str | None:
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        self.db.execute("REPLACE INTO meta VALUES (?, ?)", (key, value))

    def select_in(self, sql: str, values: Iterable[int | str]) -> list[Any]:
        """Rows of a statement whose one parameter is a JSON list: `… IN (SELECT value FROM json_each(?))`."""
        return self.db.execute(sql, (msgspec.json.encode(sorted(values)).decode(),)).fetchall()


class Address(msgspec.Struct, gc=False):
    """What was counted about one address in this run; numbers are added to those of its row."""

    id: int
    mine: bool
    listed: bool = False
    room: bool = False
    robotic: int = 0
    human: int = 0
    messages_in: int = 0
    messages_out: int = 0


_UPDATE = """
UPDATE address SET listed = listed | ?, room = room | ?, robotic = robotic + ?, human = human + ?,
    messages_in = messages_in + ?, messages_out = messages_out + ? WHERE id = ?"""


class Addresses:
    """Addresses by number, in the order in which the log first shows them."""

    def __init__(self, db: sqlite3.Connection, rules: Rules) -> None:
        self._db = db
        self._own = frozenset(canonical(address) for address in rules.addresses)
        self.mine: set[int] = set()
        self._known: dict[str, Address] = {}
        self._list: list[Address] = []
        for address, mine in db.execute("SELECT address, mine FROM address ORDER BY id"):
            self._add(address, mine=bool(mine))
        self._saved = len(self._list)

    def is_mine(self, address: str) -> bool:
        return canonical(address) in self._own

    def __getitem__(self, address: str) -> Address:
        found = self._known.get(address)
        return self._add(address, mine=self.is_mine(address)) if found is None else found

    def get(self, address: str) -> Address | None:
        """The address if it was seen before."""
        return self._known.get(address)

    def after(self, number: int) -> Iterator[str]:
        """Those with a higher number."""
        return islice(self._known, number, None)

    def by_id(self, id_: int) -> Address:
        return self._list[id_ - 1]

    def _add(self, address: str, *, mine: bool) -> Address:
        one = self._known[address] = Address(len(self._list) + 1, mine)
        self._list.append(one)
        if mine:
            self.mine.add(one.id)
        return one

    def flush(self) -> None:
        """Write new addresses and what was counted since the last call."""
        new: list[Sequence[Any]] = []
        changed: list[Sequence[Any]] = []
        for address, one in self._known.items():
            counted = (int(one.listed), int(one.room), one.robotic, one.human, one.messages_in, one.messages_out)
            if one.id > self._saved:
                new.append((one.id, address, int(one.mine), *counted))
            elif any(counted):
                changed.append((*counted, one.id))
            one.robotic = one.human = one.messages_in = one.messages_out = 0
            one.listed = one.room = False
        insert_rows(self._db, "address", new, "?, ?, 0, ?, ?, ?, ?, ?, ?, ?")
        self._db.executemany(_UPDATE, changed)
        self._saved = len(self._list)


_ADD_TO_ALIAS = """
ON CONFLICT DO UPDATE SET n = n + excluded.n,
    first_ms = min(coalesce(first_ms, excluded.first_ms), coalesce(excluded.first_ms, first_ms)),
    last_ms = max(coalesce(last_ms, excluded.last_ms), coalesce(excluded.last_ms, last_ms))"""

_ADD_REPLY = "INSERT INTO reply_to VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"


class Seen(msgspec.Struct, gc=False):
    """How often an address was seen with a name since the last flush; `id` is the address's, 0 for an empty one."""

    id: int
    n: int = 0
    first_ms: int = NEVER_MS
    last_ms: int = -NEVER_MS


class Aliases:
    """Which names stood beside which addresses, by where they were seen."""

    def __init__(self, db: sqlite3.Connection, addresses: Addresses) -> None:
        self._db = db
        self._addresses = addresses
        self._seen: dict[tuple[int, str, str], Seen] = {}
        self._replies: Counter[tuple[int, int]] = Counter()

    def entry(self, box: Sequence[str], source: str) -> Seen:
        """The counter of (address, name), kept for the whole run; `source` is mail, meeting, contact or note."""
        if not box[0]:
            return Seen(0)
        address, name = box[0], box[1] if len(box) > 1 else ""
        id_ = self._addresses[address if self._addresses.is_mine(address) else keyed(address, name)].id
        return self._seen.setdefault((id_, name, source), Seen(id_))

    def add(self, address: int, name: str, source: str, at_ms: int | None) -> None:
        """One more sighting."""
        seen = self._seen.setdefault((address, name, source), Seen(address))
        seen.n += 1
        if at_ms is not None:
            seen.first_ms = min(seen.first_ms, at_ms)
            seen.last_ms = max(seen.last_ms, at_ms)

    def names_after(self, number: int) -> Iterator[str]:
        """The names of this run in the order in which it met them beside an address, without the first `number`."""
        return (name for _, name, _ in islice(self._seen, number, None))

    def reply(self, sender: int, reply_to: int) -> None:
        """A human mail from one address asks for answers to another."""
        self._replies[sender, reply_to] += 1

    def flush(self) -> bool:
        """Write what was seen since the last call, in the order of the table; tell whether there was anything."""
        seen = sorted((key, one) for key, one in self._seen.items() if one.n)
        dated = [
            (*key, one.n, *((one.first_ms, one.last_ms) if one.first_ms != NEVER_MS else (None, None)))
            for key, one in seen
        ]
        insert_rows(self._db, "alias", dated, then=_ADD_TO_ALIAS)
        for _, one in seen:
            one.n, one.first_ms, one.last_ms = 0, NEVER_MS, -NEVER_MS
        self._db.executemany(_ADD_REPLY, ((*pair, self._replies[pair]) for pair in sorted(self._replies)))
        any_seen = bool(seen or self._replies)
        self._replies.clear()
        return any_seen
