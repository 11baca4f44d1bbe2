"""Everything the fake knows: persons with mailboxes, calendars and contacts; what was asked; what goes wrong.

    world = World()
    mail = world.mail().add(raw, ["INBOX"])
    meeting = world.calendar().put(summary="Plan", start={"dateTime": "2026-09-22T10:00:00+02:00"}, end=…)
    grant = world.grant("gmail.metadata", "calendar.readonly")
    with serving(world) as google: …                 # google.url, grant.access, grant.refresh

A test changes the world from outside only while no request is under way, or by `faults.meanwhile`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.peers.google.calendar_list import CalendarList
from tests.peers.google.calendars import Calendar
from tests.peers.google.clock import Clock
from tests.peers.google.contacts import Contacts
from tests.peers.google.faults import Faults
from tests.peers.google.mailbox import Mailbox
from tests.peers.google.oauth import Grant, OAuth
from tests.peers.google.pushing import Pushing
from tests.peers.google.quota import Quota


class Asked(NamedTuple):
    """One request. `method`: id of the discovery document, oauth.token, gmail.batch; "" for none of ours. `time`: by
    the world's clock. `units`: of quota."""

    method: str
    verb: str
    path: str
    time: float
    status: int
    account: str = ""
    units: int = 0


class Account:
    def __init__(self, address: str, clock: Clock) -> None:
        self.address = address
        self.mail = Mailbox(address, clock)
        self.calendars = CalendarList(address)
        self.contacts = Contacts(clock)


class World:
    """`pages_shift`: listings are paged by number, so that what comes and goes meanwhile moves the pages.

    `checked`: what is no answer by Google's discovery documents is a 500; what `faults.changed` makes of it is free.
    `certificates`: keys that are published beside the usual one; `fetched`: how often they were asked for.
    """

    def __init__(self, clock: Clock | None = None, *, me: str = "me@example.com") -> None:
        self.clock = clock or Clock()
        self.me = me
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.calendars: dict[str, Calendar] = {}
        self.oauth, self.quota, self.faults = OAuth(self.clock), Quota(self.clock), Faults()
        self.pushing = Pushing(self.clock)
        self.certificates: dict[str, str] = {}
        self.fetched = 0
        self.asked: list[Asked] = []
        self.pages_shift, self.checked = False, True
        self.account()
        self.oauth.signed_in = me

    def account(self, address: str | None = None) -> Account:
        """A person at Google, with an own calendar; made when first named."""
        name = address or self.me
        if name not in self.accounts:
            self.accounts[name] = Account(name, self.clock)
            self.new_calendar(name, owner=name)
        return self.accounts[name]

    def mail(self, address: str | None = None) -> Mailbox:
        return self.account(address).mail

    def calendar(self, identity: str | None = None) -> Calendar:
        """By id; None: one's own."""
        return self.calendars[identity or self.me]

    def contacts(self, address: str | None = None) -> Contacts:
        return self.account(address).contacts

    def person(self, name: str, *emails: str, **fields: Any) -> dict[str, Any]:
        """A contact of one's own; see `Contacts.put`."""
        return self.contacts().put(name, *emails, **fields)

    def new_calendar(
        self, identity: str, *, owner: str | None = None, summary: str = "", time_zone: str = "Europe/Berlin"
    ) -> Calendar:
        """A calendar in its owner's list."""
        made = Calendar(identity, owner or self.me, self.clock, summary=summary, time_zone=time_zone)
        self.calendars[identity] = made
        self.account(made.owner).calendars.put(identity)
        return made

    def share(self, identity: str, role: str, address: str | None = None) -> None:
        """The calendar appears in the person's list."""
        self.calendars[identity].share(address or self.me, role)
        self.account(address).calendars.put(identity)

    def unshare(self, identity: str, address: str | None = None) -> None:
        del self.calendars[identity].roles[address or self.me]
        self.account(address).calendars.remove(identity)

    def grant(self, *scopes: str, address: str | None = None) -> Grant:
        """Signed in already, with short scopes: gmail.readonly."""
        return self.oauth.grant(self.account(address).address, *scopes)

    def expire_history(self, address: str | None = None) -> None:
        self.mail(address).expire_history()

    def expire_sync_tokens(self) -> None:
        """Of all calendars, lists of calendars, and contacts."""
        for calendar in self.calendars.values():
            calendar.expire_sync_tokens()
        for account in self.accounts.values():
            contacts = account.contacts
            for kept in (account.calendars, contacts.connections, contacts.others, contacts.directory, contacts.groups):
                kept.generation += 1

    def forget_refresh_token(self, address: str | None = None) -> None:
        """The person took the access back, or changed the password: every grant of the account is dead."""
        for grant in self.oauth.grants:
            if grant.account == (address or self.me):
                grant.dead = True

    def expire_access_tokens(self) -> None:
        self.oauth.access.clear()

    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [each.method for each in self.asked]

    def verbs(self, apart: Iterable[str] = ("oauth.token", "oauth.revoke")) -> set[str]:
        """The HTTP verbs used, but for these methods."""
        return {each.verb for each in self.asked if each.method not in set(apart)}
