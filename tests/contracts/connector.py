"""What every connector promises, whichever server is behind it: inherit `ConnectorContract` and give the fixture `world`.

A world is a real (or modelled) server with one account, which the test may change behind the connector's back:

    class TestMine(ConnectorContract):
        @pytest.fixture
        def world(self, my_server: Server) -> Iterator[World]:
            yield MyWorld(my_server.new_account())

What a world cannot do (`move` without a second stream, `expire` without cursors) it says by leaving the method as it
is: that test is skipped with the reason.
"""

from __future__ import annotations

import pytest

from connectors.sync.port import Connector


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

    def move(self, item: str) -> None:
        """The item goes to another stream, unchanged."""
        pytest.skip(f"{type(self).__name__}: items do not move")

    def expire(self) -> None:
        """The server forgets every cursor that it gave out, and nothing else."""
        pytest.skip(f"{type(self).__name__}: cursors do not expire")

    def recreate(self) -> None:
        """The same items under new ids: UIDVALIDITY changes, a collection is deleted and made again with its content."""
        pytest.skip(f"{type(self).__name__}: nothing is recreated")

    def close(self) -> None:
        """Stop what was started."""
