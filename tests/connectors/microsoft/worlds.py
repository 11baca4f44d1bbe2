"""A mailbox at the fake Graph as the contract's worlds: somebody else changes it behind the connector's back."""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

from connectors.credentials.secret import Secret
from connectors.http import Limits
from connectors.microsoft import MicrosoftConfig
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.clouds import authority_of, base
from connectors.microsoft.graph import Graph as Client
from connectors.microsoft.mail import Mail
from connectors.microsoft.renewing import Renewing
from connectors.microsoft.scopes import Feature, asked
from connectors.microsoft.sign_in import Client as Who
from connectors.microsoft.sign_in import Known, sign_in
from connectors.sync.provider import InMemory, Talk
from tests.contracts.connector import World
from tests.peers.graph import Graph
from tests.peers.graph.authority import CLIENT
from tests.peers.graph.browser import browse

PAGE = 5
_NUMBERS = count(1)


def mail(name: str, words: str = "", header: str = "") -> bytes:
    """A small message that says something of its own."""
    return (
        f"From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: About {name}\r\nMessage-ID: <{name}>\r\n"
        f"Date: Thu, 01 Jan 2026 10:00:00 +0000\r\n{header}\r\nShall we talk about {name}? {words}\r\n"
    ).encode()


def config(graph: Graph, **more: Any) -> MicrosoftConfig:
    return MicrosoftConfig(client_id=CLIENT, endpoint=graph.url, **more)


def who(graph: Graph, *features: Feature, **more: Any) -> Who:
    made = Who(CLIENT, authority_of("global", "common"), asked(features), endpoint=graph.url)
    return made._replace(**more)


def browsing(graph: Graph, seen: list[str] | None = None) -> Talk:
    """A person with a browser, who says yes."""

    def open_it(address: str) -> bool:
        (seen if seen is not None else []).append(address)
        threading.Thread(target=browse, args=(graph, address), kwargs={"follow": True}, daemon=True).start()
        return True

    return Talk(open_it, _nobody)


def _nobody(question: str) -> str:
    raise AssertionError(question)


def signed_in(graph: Graph, *features: Feature) -> Known:
    return sign_in(who(graph, *features), features, browsing(graph), device=False)


def client(graph: Graph, keeper: InMemory, limits: Limits = Limits()) -> Client:  # noqa: B008  immutable
    """Graph in the fake's time; tokens live in the machine's, as msal does."""
    auth = Renewing(keeper, "test", endpoint=graph.url)
    return Client(auth, "test", base=base("global", graph.url), limits=limits, wall=graph.world.clock.now)


class MailWorld(World):
    """A mailbox, read with its words or by its headers alone."""

    def __init__(self, graph: Graph, *, words: bool = True, page: int = PAGE, named: int = 2 * PAGE) -> None:
        self.graph, self.fake, self.box = graph, graph.world, graph.world.mail()
        self.words, self.page, self.named = words, page, named
        self.feature = Feature.WORDS if words else Feature.METADATA
        self.keeper = InMemory(Secret(signed_in(graph, self.feature).secret.reveal()))
        self.items: dict[str, Any] = {}

    def connector(self) -> MicrosoftAccount:
        def part(graph: Client, source: str) -> Mail:
            return Mail(graph, source, words=self.words, page=self.page, named=self.named)

        parts = {self.feature: part}
        return MicrosoftAccount(client(self.graph, self.keeper), [self.feature], source="microsoft:test", parts=parts)

    def add(self, count: int = 1) -> list[str]:
        return [self.put(mail(name), name) for name in (f"m{next(_NUMBERS)}@x.example" for _ in range(count))]

    def put(self, raw: bytes, name: str, folder: str = "inbox", **more: Any) -> str:
        self.fake.clock.advance(1)
        self.items[name] = self.box.add(folder, raw, **more)
        return name

    def change(self, item: str) -> None:
        held = self.items[item]
        self.box.change(held, isRead=not held.body["isRead"])

    def remove(self, item: str) -> None:
        self.box.delete(self.items.pop(item))

    def move(self, item: str) -> None:
        self.box.move(self.items[item], "archive")

    def living(self) -> set[str]:
        return set(self.items)

    def requests(self) -> int:
        return len(self.fake.asked)

    def expire(self) -> None:
        self.fake.expire_deltas()

    def recreate(self) -> None:
        """The mailbox goes to another server: every id is another one."""
        self.fake.move_mailbox()
