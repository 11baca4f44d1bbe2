"""A provider, its accidents, and the programs that follow it: a model world for the loop, with clocks of its own.

Everything that happens is a method with plain numbers, so that a seed or a shrinking search can choose. `check` holds
the log to the model.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, event, text

from connectors.errors import CursorExpired, TryLater
from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync import lease
from connectors.sync.loop import sync
from connectors.sync.port import Held, Kind, Page, Position, Stream
from connectors.sync.result import SyncResult
from events import held, positions
from events.codec import decode
from events.held import Scope
from events.log import Log, open_log
from events.vocabulary import Payload
from tests.contracts.living import _OBSERVED, _WITHDRAWN, RUNS, Living

KINDS = {"inbox": Kind.MAIL, "archive": Kind.MAIL, "work": Kind.CALENDAR, "home": Kind.CALENDAR, "cards": Kind.CONTACTS}
TEXTS = ("one", "two", "three")


class Killed(BaseException):
    """The process ends here, by SIGKILL: nothing behind it runs, not even what lets go of leases."""


class MortalLog(Log):
    """A log whose process can be killed before or behind any of its commits."""

    commits_left: int | None = None
    before = False
    dead = False

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        if self.dead:
            raise Killed
        with super().writing() as connection:
            yield connection
            if self.commits_left == 0 and self.before:
                self.dead = True
                raise Killed
        if self.commits_left == 0:
            self.dead = True
            raise Killed
        if self.commits_left is not None:
            self.commits_left -= 1


class Disk:
    """One database for many worlds, each with an owner of its own. Its clock is set by the world that runs."""

    def __init__(self, url: str) -> None:
        self.log = open_log(url)
        self.seconds = 1_800_000_000.0
        event.listen(self.log.engine, "connect", self._connected)
        self.log.engine.dispose()

    def _connected(self, connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")
        connection.create_function("julianday", 1, lambda _: self.seconds / 86_400 + 2440587.5)

    def opened(self, owner: str) -> MortalLog:
        """The log of an owner as one more process opens it."""
        return MortalLog(self.log.engine, owner)


class Connected(MemoryConnector):
    """A connector whose pages may be duplicated, reordered, or cut off; and which counts what comes too early."""

    def __init__(self, world: World, skew: float = 0.0) -> None:
        super().__init__(world.server)
        self._world, self._skew = world, skew

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        world = self._world
        before: list[Any] = []
        for page in super().pull(stream, at, held):
            changes = [*page.changes]
            if world.untidy:
                changes = [*before[-1:], *changes[::-1]]
            world.answered()
            yield page._replace(changes=changes)
            before = [one for one in page.changes if type(one).__name__ != "Gone"]


class World:
    """One account at one provider, and the programs of its owner."""

    def __init__(self, disk: Disk, owner: str, *, page: int = 3) -> None:
        self.disk, self.owner = disk, owner
        self.server = MemoryServer(page=page)
        for box, kind in KINDS.items():
            self.server.make(box, kind)
        self.server.on_request = self._on_request
        self.now = disk.seconds
        self.untidy = False
        self._numbers = 0
        self._allowed = 0.0  # no request before
        self._faults: list[Callable[[str], None]] = []
        self._meanwhile: dict[int, Callable[[], None]] = {}  # by the number of pages that are still to come
        self._hidden: dict[str, dict[str, Entry]] = {}
        self._removed: set[str] = set()
        self._last_positions = 0
        self.problems: list[str] = []

    # What people do at the provider.

    def add(self, box: int, text: int = 0) -> None:
        if self._box(box) not in self.server.boxes:
            return
        self._numbers += 1
        entry = Entry(f"key-{self._numbers}", TEXTS[text % 3])
        self.server.put(self._box(box), entry)

    def copy(self, box: int, pick: int, text: int) -> None:
        """The same thing a second time, in another box of its kind, perhaps saying something else."""
        found = self._pick(box, pick)
        other = self._other(box)
        if found and other:
            self.server.put(other, found[1]._replace(text=TEXTS[text % 3]))

    def change(self, box: int, pick: int, text: int) -> None:
        self._rewrite(box, pick, lambda entry: entry._replace(text=TEXTS[text % 3]))

    def vary(self, box: int, pick: int, text: int) -> None:
        """A meeting gets, changes or loses a changed instance."""
        others = () if text % 3 == 0 else (("2026-04-01T10:00:00", TEXTS[text % 3]),)
        if self.server.boxes.get(self._box(box)) and KINDS[self._box(box)] is Kind.CALENDAR:
            self._rewrite(box, pick, lambda entry: entry._replace(others=others))

    def spoil(self, box: int, pick: int) -> None:
        self._rewrite(box, pick, lambda entry: entry._replace(broken=not entry.broken))

    def hide(self, box: int, pick: int) -> None:
        self._rewrite(box, pick, lambda entry: entry._replace(skip="" if entry.skip else "draft"))

    def remove(self, box: int, pick: int) -> None:
        found = self._pick(box, pick)
        if found:
            self._removed.add(found[1].key)
            self.server.remove(self._box(box), found[0])

    def move(self, box: int, pick: int) -> None:
        found, other = self._pick(box, pick), self._other(box)
        if found and other:
            self.server.put(other, self.server.remove(self._box(box), found[0]))

    def expire(self, box: int) -> None:
        if self._box(box) in self.server.boxes:
            self.server.expire(self._box(box))

    def recreate(self, box: int) -> None:
        if self._box(box) in self.server.boxes:
            self.server.recreate(self._box(box))

    def toggle(self, box: int) -> None:
        """A box is deleted with what is in it, or made again and empty."""
        name = self._box(box)
        gone = self.server.boxes.pop(name, None)
        if gone is None:
            self.server.make(name, KINDS[name])
        else:
            self._removed.update(entry.key for entry in gone.entries.values())

    # What programs do.

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.disk.seconds = self.now

    def run(self, *, full: bool = False, skew: float = 0.0) -> SyncResult | None:
        """One run; None where its process was killed."""
        return self._run(self.disk.opened(self.owner), full=full, skew=skew)

    def run_killed(self, commits: int, *, before: bool) -> None:
        log = self.disk.opened(self.owner)
        log.commits_left, log.before = commits, before
        self._run(log)
        if log.dead and commits % 2:
            self.wait(lease.SECONDS + 1)

    def run_beside(self, request: int, *, late: bool, skew: float, change: int) -> None:
        """While one worker holds a page in its hands, another one comes; `late`: the lease of the first is over."""

        def other() -> None:
            if late:
                self.wait(lease.SECONDS + 1)
            self.change(change, change, change)
            self.remove(change, change + 1)
            # what is not before a moment needs one clock
            result = self.run(skew=skew if self._allowed <= self.now else 0.0)
            if late and result and result.state == "ok":
                overtaken.append(self._facts())

        overtaken: list[int] = []
        self._faults.clear()  # likewise
        self._meanwhile[request] = other
        self.run()
        if overtaken and overtaken[0] != self._facts():
            self.problems.append("a worker that was overtaken has stored something")

    def run_throttled(self, request: int, asked: float | None) -> None:
        def throttle(_: str) -> None:
            self._allowed = self.now + (asked or 0.0)
            raise TryLater("The server is busy", asked)

        self._meanwhile.clear()  # a worker with a clock of its own would write down another moment
        self._at(request, throttle)
        self.run()

    def run_expired(self, request: int, times: int) -> None:
        """The server forgets pages and cursors in the middle of a run, perhaps again and again."""

        def expired(name: str) -> None:
            if name.startswith("pull"):
                raise CursorExpired("It is too old.")

        for number in range(times):
            self._at(request + number, expired)
        self.run()

    def run_broken(self, request: int) -> None:
        """A list stops, or the connector has a mistake."""

        def broken(_: str) -> None:
            raise (ConnectionResetError if request % 2 else ValueError)("secret")

        for number in range(1 + request % 7):
            self._at(request + number, broken)
        self.run()

    def run_shifting(self, request: int, change: int) -> None:
        """The pages change while they are read."""

        def shift(_: str) -> None:
            self.add(change)
            self.remove(change, change)
            self.change(change, change + 1, change)
            self.move(change + 1, change)

        self._at(request, shift)
        self.run()

    def run_blind(self, box: int, keep: int) -> None:
        """For one run a box shows nothing, or less than half, as if that were all."""
        name = self._box(box)
        with self.disk.log.reading() as connection:
            counts = held.counts(Scope(connection, self.owner, "memory:test")).get(name, (0, 0))
            rows = positions.streams(connection, self.owner, "memory:test")
        known = counts[0] - counts[1]
        if name not in self.server.boxes or any(row.doubted for row in rows.values()) or known < (10 if keep else 3):
            return
        whole = self.server.boxes[name]
        shown = dict(list(whole.entries.items())[: known // 3 if keep else 0])
        self._hidden[name], whole.entries = whole.entries, shown
        self.server.expire(name)
        self.run()
        whole.entries = self._hidden.pop(name)
        self.server.expire(name)

    # What must be true.

    def settle(self) -> None:
        """Everything is mended, and the programs run until nothing is open."""
        self._faults.clear()
        self._meanwhile.clear()
        for name, box in self.server.boxes.items():
            for item, entry in list(box.entries.items()):
                if entry.broken:
                    self.server.put(name, entry._replace(broken=False, version=entry.version + 1), item)
        self.wait(8 * 86_400)
        results = [self.run() for _ in range(3)]  # the second believes what the first doubts
        for result in results:
            if result is None or result.state != "ok":
                self.problems.append(f"not ok at the end: {result}")
        if results[-1] and any(one.warning for one in results[-1].streams):
            self.problems.append("still in doubt at the end")

    def check(self) -> None:
        """After `settle`: the log holds exactly the model's things, saying what the model says."""
        found, expected = self._living(), self._expected()
        for thing in found.keys() | expected.keys():
            if thing not in found:
                self.problems.append(f"{expected[thing][0]} lives, but not in the log")
            elif thing not in expected:
                self.problems.append(f"{found[thing].last} lives in the log only")
            elif found[thing].last not in expected[thing]:
                self.problems.append(f"{found[thing].last} is outdated: {expected[thing]}")
        before = self._facts()
        self.run(full=True)
        if self._facts() != before:
            self.problems.append("a full run of what is known stored something")
        assert not self.problems, self.problems

    # How it is done.

    def _run(self, log: MortalLog, *, full: bool = False, skew: float = 0.0) -> SyncResult | None:
        self._removed.clear()
        begin = log.head()
        try:
            result = sync(
                Connected(self), log, full=full,
                clock=lambda: self.now + skew, sleep=self.wait, chance=lambda: 0.37,
            )  # fmt: skip
        except Killed:
            result = None
            with self.disk.log.reading() as connection:  # whoever is killed before it could write it down, forgets
                told = positions.account(connection, self.owner, "memory:test").not_before_ms / 1000
            self._allowed = min(self._allowed, told)
        for one in result.streams if result else ():
            if one.seen != one.stored + one.duplicates + sum(one.skipped.values()) + len(one.problems):
                self.problems.append(f"the account of {one.stream} does not add up")
        self._check_news(begin)
        return result

    def _check_news(self, begin: int) -> None:
        """Of what was appended: nothing living was withdrawn, nothing was said twice."""
        living = self._expected(hidden=True)
        news = {event.stream for page in self.disk.log.of(self.owner).read(begin) for event in page}
        for page in self.disk.log.of(self.owner).read(begin):
            for one in page:
                payload = decode(one.type, one.data)
                key = str(getattr(payload, "uid", "") or getattr(payload, "message_id", ""))
                if isinstance(payload, _WITHDRAWN) and one.stream in living and key not in self._removed:
                    self.problems.append(f"{payload} was withdrawn, but lives")
        last: dict[bytes, Payload] = {}
        for one in self.disk.log.of(self.owner).history(news):
            payload = decode(one.type, one.data)
            if isinstance(payload, (*_OBSERVED, *_WITHDRAWN)):
                bare = msgspec.structs.replace(payload, where="") if isinstance(payload, _OBSERVED) else payload
                if last.get(one.stream) == bare:
                    self.problems.append(f"{bare} was stored twice in a row")
                last[one.stream] = bare

    def _living(self) -> dict[bytes, Living]:
        found: dict[bytes, Living] = {}
        for page in self.disk.log.of(self.owner).read():
            for one in page:
                payload = decode(one.type, one.data)
                if isinstance(payload, _WITHDRAWN):
                    found.pop(one.stream, None)
                elif isinstance(payload, _OBSERVED):
                    found[one.stream] = Living("", msgspec.structs.replace(payload, where=""), ())
        return found

    def _expected(self, *, hidden: bool = False) -> dict[bytes, list[Payload]]:
        """What each thing's items say. `hidden`: also what was read of an item before it was broken."""
        connector = MemoryConnector(self.server)
        expected: dict[bytes, list[Payload]] = {}
        read: set[tuple[str, str]] = set()
        if hidden:
            with self.disk.log.reading() as connection:
                sql = text("SELECT stream, item FROM sync_things WHERE owner = :owner AND dropped = 0")
                read = {(stream, item) for stream, item in connection.execute(sql, {"owner": self.owner})}
        for name, box in self.server.boxes.items():
            for item, entry in self._hidden.get(name, box.entries).items():
                if entry.broken and (name, item) not in read:
                    continue
                shown = entry._replace(broken=False)
                for said in connector._events(box.kind, item, shown):
                    assert not isinstance(said.payload, tuple)
                    expected.setdefault(said.stream, []).append(msgspec.structs.replace(said.payload, where=""))
        return expected

    def _facts(self) -> int:
        return sum(one.type not in RUNS for page in self.disk.log.of(self.owner).read() for one in page)

    def answered(self) -> None:
        """A page is on its way to a program."""
        waiting, self._meanwhile = self._meanwhile, {}
        for pages, happens in waiting.items():
            if pages == 0:
                happens()
            else:
                self._meanwhile[pages - 1] = happens

    def _on_request(self, name: str) -> None:
        if self.now < self._allowed:
            self.problems.append(f"{name} was asked {self._allowed - self.now} s too early")
        if self._faults:
            fault = self._faults.pop(0)
            fault(name)

    def _at(self, request: int, fault: Callable[[str], None]) -> None:
        """Let it happen at so many requests from now."""
        while len(self._faults) <= request:
            self._faults.append(lambda _: None)
        self._faults[request] = fault

    def _box(self, number: int) -> str:
        return list(KINDS)[number % len(KINDS)]

    def _other(self, number: int) -> str | None:
        name = self._box(number)
        return next(
            (other for other in self.server.boxes if other != name and KINDS[other] is KINDS[name]), None
        )

    def _pick(self, box: int, pick: int) -> tuple[str, Entry] | None:
        found = self.server.boxes.get(self._box(box))
        if found is None or not found.entries:
            return None
        return list(found.entries.items())[pick % len(found.entries)]

    def _rewrite(self, box: int, pick: int, change: Callable[[Entry], Entry]) -> None:
        found = self._pick(box, pick)
        if found:
            item, entry = found
            if change(entry)._replace(text="", version=0) != entry._replace(text="", version=0):
                self._removed.add(entry.key)
            self.server.put(self._box(box), change(entry)._replace(version=entry.version + 1), item)
