"""The connector's contract on the one in memory, for each kind of thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync.port import Connector, Kind
from events.log import Log, open_log
from tests.contracts.connector import ConnectorContract, World
from tests.peers.postgres import Cluster


class MemoryWorld(World):
    def __init__(self, kind: Kind) -> None:
        self.server = MemoryServer()
        self.server.make("first", kind)
        self.server.make("second", kind)
        self._made = 0

    def connector(self) -> Connector:
        return MemoryConnector(self.server)

    def add(self, count: int = 1) -> list[str]:
        names = [f"thing-{self._made + number}" for number in range(count)]
        self._made += count
        for name in names:
            self.server.put("first", Entry(name, "one"))
        return names

    def change(self, item: str) -> None:
        box, key = self._find(item)
        entry = self.server.boxes[box].entries[key]
        said = "two" if entry.text == "one" else "one"
        self.server.put(box, entry._replace(text=said, version=entry.version + 1), key)

    def remove(self, item: str) -> None:
        self.server.remove(*self._find(item))

    def living(self) -> set[str]:
        return {entry.key for box in self.server.boxes.values() for entry in box.entries.values()}

    def requests(self) -> int:
        return self.server.requests

    def move(self, item: str) -> None:
        self.server.put("second", self.server.remove(*self._find(item)))

    def expire(self) -> None:
        for box in self.server.boxes:
            self.server.expire(box)

    def recreate(self) -> None:
        for box in self.server.boxes:
            self.server.recreate(box)

    def _find(self, name: str) -> tuple[str, str]:
        return next(
            (box, key) for box, found in self.server.boxes.items() for key, entry in found.entries.items()
            if entry.key == name
        )  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
class TestMemory(ConnectorContract):
    @pytest.fixture
    def world(self, kind: Kind) -> World:
        return MemoryWorld(kind)


class TestMemoryOnPostgreSQL(ConnectorContract):
    @pytest.fixture
    def world(self) -> World:
        return MemoryWorld(Kind.CALENDAR)

    @pytest.fixture
    def new_log(self, postgres: Cluster) -> Iterator[Callable[[], Log]]:
        logs: list[Log] = []

        def make() -> Log:
            logs.append(open_log(postgres.new_database()))
            return logs[-1]

        yield make
        for log in logs:
            log.close()
