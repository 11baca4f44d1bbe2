"""Contacts at the fake Google as the contract's worlds."""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import Any

import pytest

from connectors.google.account import GoogleAccount
from connectors.google.people import People
from connectors.google.people_card import person_in, uid_of
from connectors.google.people_lists import DIRECTORY, MINE, OTHER
from connectors.google.scopes import Feature, asked
from connectors.sync.provider import InMemory
from tests.connectors.google.worlds import client, secret
from tests.contracts.connector import World
from tests.peers.google import Google

BOOKS = {Feature.CONTACTS: MINE, Feature.OTHER: OTHER, Feature.DIRECTORY: DIRECTORY}
PAGE = 5
_NUMBERS = count(1)


def account(google: Google, *features: Feature, page: int = PAGE) -> GoogleAccount:
    """A connector of these lists, in the fake's time."""
    keeper = InMemory(secret(google, google.world.grant(*(scope.rpartition("/")[2] for scope in asked(features)))))
    parts = {feature: partial(People, book=BOOKS[feature], page=page) for feature in features}
    return GoogleAccount(client(google, keeper), features, source="google:test", parts=parts)


class PeopleWorld(World):
    """One of the lists."""

    def __init__(self, google: Google, feature: Feature = Feature.CONTACTS, page: int = PAGE) -> None:
        self.google, self.fake, self.feature, self._page = google, google.world, feature, page
        contacts = self.contacts = google.world.contacts()
        self._put = {
            Feature.CONTACTS: contacts.put, Feature.OTHER: contacts.other, Feature.DIRECTORY: contacts.colleague,
        }[feature]  # fmt: skip
        self.rows = {
            Feature.CONTACTS: contacts.connections, Feature.OTHER: contacts.others,
            Feature.DIRECTORY: contacts.directory,
        }[feature]  # fmt: skip
        self._names: dict[str, str] = {}
        self._changes = count(1)

    def connector(self) -> GoogleAccount:
        return account(self.google, self.feature, page=self._page)

    def add(self, count: int = 1) -> list[str]:
        return [self._added(f"Ana {next(_NUMBERS)}") for _ in range(count)]

    def change(self, item: str) -> None:
        row: dict[str, Any] = dict(self.rows.kept[self._names[item]])
        row["emailAddresses"] = [{"value": f"new{next(self._changes)}@y.org"}]
        self.rows.put(row)

    def remove(self, item: str) -> None:
        self.rows.remove(self._names.pop(item))

    def living(self) -> set[str]:
        return set(self._names)

    def requests(self) -> int:
        return len(self.fake.asked)

    def expire(self) -> None:
        self.fake.expire_sync_tokens()

    def recreate(self) -> None:
        """Linked with profiles: all have new resource names."""
        if self.feature is not Feature.CONTACTS:
            pytest.skip("only contacts are linked with profiles")
        for item, name in list(self._names.items()):
            self._names[item] = f"people/9{name.removeprefix('people/c')}"
            self.rows.rename(name, self._names[item])

    def _added(self, name: str) -> str:
        made = self._put(name, f"{name.replace(' ', '.').lower()}@y.org")
        uid = uid_of(person_in(made))
        self._names[uid] = made["resourceName"]
        return uid
