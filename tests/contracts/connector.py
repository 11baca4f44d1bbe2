"""What every connector promises, whatever its server is: inherit `ConnectorContract` and give the fixture `world`.

A world is a real (or modelled) server with one account, which the test may change behind the connector's back:

    class TestMine(ConnectorContract):
        @pytest.fixture
        def world(self, my_server: Server) -> Iterator[World]:
            yield MyWorld(my_server.new_account())

What a world cannot do (`move` without a second stream, `expire` without cursors) it says by leaving the method as it
is: that test is skipped with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.sync.loop import sync
from connectors.sync.port import Connector, Held, Page, Position, Stream
from connectors.sync.result import SyncResult
from events.log import Log, open_log
from tests.contracts.living import content, facts, living


class World:
    """One account at one server. Every change is visible to the next connector at once.

    `items` are names that the world gives out itself (whatever finds the item again: a Message-ID, a UID); a name
    stays the item's through changes, moves and recreations.
    """

    def connector(self) -> Connector:
        """A new connector of the account, as after a restart of the program: it has kept nothing."""
        raise NotImplementedError

    def add(self, count: int = 1) -> list[str]:
        """New items, each saying something of its own; at least the first 12 need more than one page together."""
        raise NotImplementedError

    def change(self, item: str) -> None:
        """The item says something else (a mail: another flag; a meeting: another time)."""
        raise NotImplementedError

    def remove(self, item: str) -> None:
        """The item is deleted for good."""
        raise NotImplementedError

    def living(self) -> set[str]:
        """What the log must hold as living: `message_id` of each mail, `uid` of each meeting and card."""
        raise NotImplementedError

    def requests(self) -> int | None:
        """How many requests or commands the server has had so far; None where nobody counts."""
        return None

    def move(self, item: str) -> None:  # noqa: ARG002  those that can move need it
        """The item goes to another stream, unchanged."""
        pytest.skip(f"{type(self).__name__}: items do not move")

    def expire(self) -> None:
        """The server forgets every cursor that it gave out, and nothing else."""
        pytest.skip(f"{type(self).__name__}: cursors do not expire")

    def recreate(self) -> None:
        """The same items under new ids: UIDVALIDITY changes, a collection is deleted and made again as it was."""
        pytest.skip(f"{type(self).__name__}: nothing is recreated")

    def wire(self) -> str:
        """The end of what the server said last, for whoever reads why a test failed; "" where nobody listens."""
        return ""

    def close(self) -> None:
        """Stop what was started."""


class Killed(BaseException):
    """Nothing that a loop may catch."""


class Interrupted:
    """A connector whose program is killed when it asks for one page more than `pages` of a stream."""

    def __init__(self, connector: Connector, pages: int) -> None:
        self._connector, self._pages = connector, pages
        self.source = connector.source

    def streams(self) -> list[Stream]:
        return list(self._connector.streams())

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        for number, page in enumerate(self._connector.pull(stream, at, held)):
            if number == self._pages:
                raise Killed
            yield page

    def close(self) -> None:
        self._connector.close()


class ConnectorContract:
    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    @pytest.fixture
    def new_log(self, tmp_path: Path) -> Iterator[Callable[[], Log]]:
        logs: list[Log] = []

        def make() -> Log:
            logs.append(open_log(f"sqlite:///{tmp_path}/contract-{len(logs)}.db"))
            return logs[-1]

        yield make
        for log in logs:
            log.close()

    @pytest.fixture
    def log(self, new_log: Callable[[], Log]) -> Log:
        return new_log()

    @pytest.fixture
    def like_fresh(self, new_log: Callable[[], Log], world: World) -> Callable[[Log], None]:
        """Holds a log to the server, and to a log that begins now."""

        def check(log: Log) -> None:
            fresh = new_log()
            succeed(world, fresh)
            source = opened(world).source
            mine, other = living(log, source), living(fresh, source)
            assert {one.key for one in mine.values()} == world.living(), world.wire()
            assert {thing: content(one.last) for thing, one in mine.items()} == {
                thing: content(one.last) for thing, one in other.items()
            }

        return check

    def test_a_first_sync_holds_what_the_server_holds(
        self, world: World, log: Log, like_fresh: Callable[[Log], None]
    ) -> None:
        items = world.add(12)
        result = succeed(world, log)
        assert world.living() == set(items)
        assert result.stored == len(items)
        like_fresh(log)

    def test_with_nothing_new_only_the_run_is_recorded(self, world: World, log: Log) -> None:
        world.add(12)
        succeed(world, log)
        first = world.requests()
        before = facts(log)
        result = succeed(world, log)
        assert facts(log) == before
        assert (result.stored, result.withdrawn) == (0, 0)
        second = world.requests()
        if first is not None and second is not None:
            assert second - first <= first

    def test_additions_changes_and_deletions_follow(
        self, world: World, log: Log, like_fresh: Callable[[Log], None]
    ) -> None:
        items = world.add(12)
        succeed(world, log)
        new = world.add(2)
        assert succeed(world, log).stored == len(new)
        before = facts(log)
        world.change(items[3])
        assert succeed(world, log).stored == 1
        assert facts(log) == before + 1
        world.remove(items[5])
        assert succeed(world, log).withdrawn == 1
        assert facts(log) == before + 2
        like_fresh(log)

    def test_all_at_once(self, world: World, log: Log, like_fresh: Callable[[Log], None]) -> None:
        items = world.add(12)
        succeed(world, log)
        world.change(items[0])
        world.remove(items[11])
        world.add(2)
        world.remove(items[6])
        world.change(items[7])
        succeed(world, log)
        like_fresh(log)

    def test_an_empty_account_is_no_error(self, world: World, log: Log) -> None:
        assert succeed(world, log).seen == 0
        assert facts(log) == 0

    def test_killed_behind_any_page_it_goes_on_to_the_same_log(
        self, world: World, new_log: Callable[[], Log], like_fresh: Callable[[Log], None]
    ) -> None:
        world.add(12)
        whole = new_log()
        succeed(world, whole)
        source = opened(world).source
        for pages in range(100):
            log = new_log()
            killed = interrupted(world, log, pages)
            succeed(world, log)
            assert living(log, source) == living(whole, source)
            assert facts(log) == facts(whole)
            log.close()
            if not killed:
                break
        assert pages > 1, "twelve items must need more than one page"
        like_fresh(whole)

    def test_killed_again_and_again_it_arrives(
        self, world: World, log: Log, like_fresh: Callable[[Log], None]
    ) -> None:
        world.add(12)
        runs = 0
        while interrupted(world, log, 1):
            runs += 1
            assert runs < 100, "each run stores a page, so that they come to an end"
        like_fresh(log)

    def test_what_comes_while_a_run_is_interrupted_is_not_lost(
        self, world: World, log: Log, like_fresh: Callable[[Log], None]
    ) -> None:
        items = world.add(12)
        interrupted(world, log, 1)
        world.add(2)
        world.change(items[1])
        world.remove(items[2])
        succeed(world, log)
        succeed(world, log)
        like_fresh(log)

    def test_a_full_sync_of_what_is_known_stores_nothing(self, world: World, log: Log) -> None:
        world.add(12)
        succeed(world, log)
        before = facts(log)
        result = succeed(world, log, full=True)
        assert facts(log) == before
        assert (result.stored, result.withdrawn) == (0, 0)

    def test_an_expired_cursor_stores_nothing_when_nothing_changed(self, world: World, log: Log) -> None:
        world.add(12)
        succeed(world, log)
        before = facts(log)
        world.expire()
        result = succeed(world, log)
        assert facts(log) == before
        assert (result.stored, result.withdrawn) == (0, 0)

    def test_an_expired_cursor_loses_no_change(
        self, world: World, log: Log, like_fresh: Callable[[Log], None]
    ) -> None:
        items = world.add(12)
        succeed(world, log)
        world.change(items[4])
        world.remove(items[8])
        world.add(1)
        world.expire()
        result = succeed(world, log)
        assert result.withdrawn == 1
        like_fresh(log)

    def test_a_move_withdraws_nothing(self, world: World, log: Log, like_fresh: Callable[[Log], None]) -> None:
        items = world.add(12)
        succeed(world, log)
        before = facts(log)
        world.move(items[2])
        assert succeed(world, log).withdrawn == 0
        assert facts(log) == before
        like_fresh(log)

    def test_the_same_items_under_new_ids_are_known(
        self, world: World, log: Log, like_fresh: Callable[[Log], None]
    ) -> None:
        world.add(12)
        succeed(world, log)
        before = facts(log)
        world.recreate()
        result = succeed(world, log)
        assert (result.stored, result.withdrawn) == (0, 0)
        assert facts(log) == before
        like_fresh(log)

    def test_what_goes_back_to_what_it_was_is_news_again(
        self, world: World, log: Log, like_fresh: Callable[[Log], None]
    ) -> None:
        items = world.add(3)
        for _ in range(3):
            world.change(items[0])
            succeed(world, log)
        like_fresh(log)


def opened(world: World) -> Connector:
    connector = world.connector()
    connector.close()
    return connector


def run(world: World, log: Log, *, full: bool = False) -> SyncResult:
    """One run of a program that starts, syncs and ends."""
    connector = world.connector()
    try:
        return sync(connector, log, full=full)
    finally:
        connector.close()


def succeed(world: World, log: Log, *, full: bool = False) -> SyncResult:
    result = run(world, log, full=full)
    assert (result.state, result.error) == ("ok", ""), f"{result}\n{world.wire()}"
    for one in result.streams:
        assert one.seen == one.stored + one.duplicates + sum(one.skipped.values()) + len(one.problems)
    return result


def interrupted(world: World, log: Log, pages: int) -> bool:
    """One run whose program ends behind so many pages; whether it came to that."""
    connector = world.connector()
    try:
        sync(Interrupted(connector, pages), log)
    except Killed:
        return True
    finally:
        connector.close()
    return False
