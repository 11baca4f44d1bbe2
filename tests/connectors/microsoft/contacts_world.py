"""Contacts at the fake Graph as the contract's world."""

from __future__ import annotations

from itertools import count

from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.contacts import Contacts
from connectors.microsoft.graph import Graph as Client
from connectors.microsoft.scopes import Feature
from connectors.sync.provider import InMemory
from tests.connectors.microsoft.calendar_world import PAGE, keeper
from tests.connectors.microsoft.worlds import client
from tests.contracts.connector import World
from tests.peers.graph import Graph
from tests.peers.graph.contacts import Contact

_NUMBERS = count(1)


def account(graph: Graph, keeper: InMemory, page: int = PAGE) -> MicrosoftAccount:
    """A connector of the contacts alone."""

    def part(graph: Client, source: str) -> Contacts:
        return Contacts(graph, source, page=page)

    wanted = [Feature.CONTACTS]
    return MicrosoftAccount(client(graph, keeper), wanted, source="microsoft:test", parts={Feature.CONTACTS: part})


class ContactsWorld(World):
    """The default folder, beside one that stays empty."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.fake, self.book = graph, graph.world, graph.world.contacts()
        self.keeper = keeper(graph, Feature.CONTACTS)
        self.book.new_folder("Friends")
        self.items: dict[str, Contact] = {}
        self._changes = count(1)

    def connector(self) -> MicrosoftAccount:
        return account(self.graph, self.keeper)

    def add(self, count: int = 1) -> list[str]:
        return [self._added(f"Ana {next(_NUMBERS)}") for _ in range(count)]

    def change(self, item: str) -> None:
        self.book.change(self.items[item], emailAddresses=[{"address": f"new{next(self._changes)}@y.org"}])

    def remove(self, item: str) -> None:
        self.book.delete(self.items.pop(item))

    def living(self) -> set[str]:
        return set(self.items)

    def requests(self) -> int:
        return len(self.fake.asked)

    def expire(self) -> None:
        self.fake.expire_deltas()

    def _added(self, name: str) -> str:
        made = self.book.put(name, f"{name.replace(' ', '.').lower()}@y.org")
        item = self.book.id(made, immutable=True)
        self.items[item] = made
        return item
