"""A person with a mailbox, or a shared mailbox: what hangs below /me and /users/{id}."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from tests.peers.google.clock import Clock
from tests.peers.graph.calendars import CalendarBook
from tests.peers.graph.contacts import ContactBook
from tests.peers.graph.counter import Counter
from tests.peers.graph.mailbox import Mailbox


@dataclass
class Resets:
    """`generations`: of the tokens that still count, by kind of delta; `how` a token of before is refused."""

    generations: dict[str, int] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)

    def expire(self, kind: str, how: str) -> None:
        self.generations[kind] = self.generations.get(kind, 0) + 1
        self.how[kind] = how

    def generation(self, kind: str) -> int:
        return self.generations.get(kind, 0)


class User:
    """`number`: of the mailbox. `no_mailbox`: on-premises or without a licence. `personal`: of Outlook.com."""

    def __init__(self, address: str, clock: Clock, name: str = "", *, number: int = 0) -> None:
        self.address = address
        self.name = name or address.partition("@")[0].title()
        self.id = str(uuid.uuid5(uuid.NAMESPACE_URL, address))
        self.proxies: list[str] = [f"SMTP:{address}"]
        self.other_mails: list[str] = []
        self.categories: dict[str, str] = {}
        self.no_mailbox = self.personal = False
        self.counter = Counter(clock, number)
        self.mail = Mailbox(self.counter, address, self.name)
        self.calendars = CalendarBook(self.counter, address, self.name)
        self.contacts = ContactBook(self.counter)
        self.resets = Resets()
