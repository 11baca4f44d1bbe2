"""An account at the fake Google as the contract's worlds: somebody else changes it behind the connector's back."""

from __future__ import annotations

from itertools import count

from connectors.credentials.secret import Secret
from connectors.google.account import GoogleAccount
from connectors.google.client import Client
from connectors.google.gmail import Gmail
from connectors.google.grant import Grant, sealed
from connectors.google.renewing import Renewing
from connectors.google.scopes import Feature, asked
from connectors.sync.provider import InMemory
from tests.contracts.connector import World
from tests.peers.google import Google
from tests.peers.google import World as Fake
from tests.peers.google.oauth import Grant as Given

PAGE = 5


def mail(name: str, words: str = "", header: str = "") -> bytes:
    """A small message that says something of its own."""
    return (
        f"From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: About {name}\r\nMessage-ID: <{name}>\r\n"
        f"Date: Thu, 01 Jan 2026 10:00:00 +0000\r\n{header}\r\nShall we talk about {name}? {words}\r\n"
    ).encode()


def secret(google: Google, given: Given) -> Secret:
    """What a sign-in would have left behind."""
    client, known = next(iter(google.world.oauth.clients.items()))
    return sealed(
        Grant(
            client_id=client, client_secret=Secret(known), token_uri=google.token_uri,
            refresh_token=Secret(given.refresh), scopes=tuple(given.scopes),
        )
    )  # fmt: skip


def client(google: Google, keeper: InMemory, quota: int = 6_000) -> Client:
    """A client in the fake's time, whose waiting lets it pass."""
    clock = google.world.clock
    auth = Renewing(keeper, "test", wall=clock.now)
    return Client(
        auth, "test", endpoint=google.url, quotas={"gmail": quota}, clock=clock.now, wall=clock.now, sleep=clock.advance
    )


class GmailWorld(World):
    """A mailbox, read with its words or by its headers alone."""

    def __init__(self, google: Google, *, words: bool = True, page: int = PAGE) -> None:
        self.google, self.fake = google, google.world
        self.words = words
        self.feature = Feature.WORDS if words else Feature.METADATA
        self.box, self.page = google.world.mail(), page
        scopes = [scope.rpartition("/")[2] for scope in asked([self.feature])]
        self.keeper = InMemory(secret(google, google.world.grant(*scopes)))
        self._ids: dict[str, str] = {}
        self._numbers = count(1)

    def connector(self) -> GoogleAccount:
        parts = {self.feature: lambda client, source: Gmail(client, source, words=self.words, page=self.page)}
        return GoogleAccount(client(self.google, self.keeper), [self.feature], source="google:test", parts=parts)

    def add(self, count: int = 1) -> list[str]:
        return [self.put(mail(name), name) for name in (f"m{next(self._numbers)}@x.example" for _ in range(count))]

    def put(self, raw: bytes, name: str, labels: tuple[str, ...] = ("INBOX", "UNREAD")) -> str:
        self.fake.clock.advance(1)
        self._ids[name] = self.box.add(raw, labels).id
        return name

    def change(self, item: str) -> None:
        there = "UNREAD" in self.box.get(self._ids[item]).labels
        changed = {"UNREAD"}
        self.box.label(self._ids[item], remove=changed) if there else self.box.label(self._ids[item], add=changed)

    def remove(self, item: str) -> None:
        self.box.remove(self._ids.pop(item))

    def living(self) -> set[str]:
        return set(self._ids)

    def requests(self) -> int:
        return len(self.fake.asked)

    def expire(self) -> None:
        self.fake.expire_history()

    def identity(self, item: str) -> str:
        """Gmail's own id."""
        return self._ids[item]


def quiet(fake: Fake) -> Fake:
    """Without limits, for tests of something else."""
    fake.quota.limits = dict.fromkeys(fake.quota.limits, 1 << 40)
    return fake
