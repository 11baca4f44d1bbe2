"""Everything the fake knows: persons with mailboxes; what was asked; what goes wrong.

    world = World()
    mail = world.mail().add("inbox", raw)
    meeting = world.calendar().put("Plan", at("2026-09-22T10:00"), attendees=["ann@example.org"])
    grant = world.grant("Mail.ReadBasic", "Calendars.Read")
    with serving(world) as graph: …                  # graph.url + "/v1.0", grant.access, grant.refresh

A test changes the world from outside only while no request is under way, or by `faults.meanwhile`.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from tests.peers.google.clock import Clock
from tests.peers.graph.authority import Authority, Grant
from tests.peers.graph.contacts import ContactBook
from tests.peers.graph.delta import FOR_EVER, HOW, SIZES
from tests.peers.graph.diary import Diary
from tests.peers.graph.faults import Faults
from tests.peers.graph.mailbox import Mailbox
from tests.peers.graph.pushing import Pushing
from tests.peers.graph.throttle import Throttle
from tests.peers.graph.user import User


class Asked(NamedTuple):
    """One request. `path`: without version and query. `time`: by the world's clock. `batched`: a part of a $batch."""

    verb: str
    path: str
    target: str
    status: int
    time: float
    user: str = ""
    prefer: str = ""
    batched: bool = False


class World:
    """`replays`: each page repeats a row, each round the last change of the one before. `removed_at_first`: tombstones
    also in first rounds. `shows_uid`: the property uid of beta beside iCalUId. `latency`: real seconds of a request.
    `slow_window`: a view of more days comes to no end in time (504, graph-docs issue 6499)."""

    def __init__(self, clock: Clock | None = None, *, me: str = "me@example.com") -> None:
        self.clock = clock or Clock()
        self.me = me
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.throttle, self.faults = Throttle(self.clock), Faults()
        self.pushing = Pushing(self.clock)
        self.asked: list[Asked] = []
        self.crashes: list[str] = []
        self.replays = self.removed_at_first = self.links_with_parentheses = self.shows_uid = False
        self.skip_token, self.delta_token = "$skiptoken", "$deltatoken"
        self.delta_cap, self.longest_window, self.latency = 5000, 1825, 0.0
        self.slow_window = self.longest_window
        self.authority = Authority(self.clock, self.user())

    def user(self, address: str | None = None, name: str = "") -> User:
        """Made when first named."""
        key = address or self.me
        if key not in self.users:
            self.users[key] = User(key, self.clock, name, number=len(self.users))
        return self.users[key]

    def mail(self, address: str | None = None) -> Mailbox:
        return self.user(address).mail

    def calendar(self, identity: str = "", address: str | None = None) -> Diary:
        """By id; "": the default one."""
        book = self.user(address).calendars
        return Diary(book, book.calendar(identity))

    def new_calendar(self, name: str, *, owner: tuple[str, str] | None = None, address: str | None = None) -> Diary:
        """`owner`: (name, address) of somebody who shares it; then it cannot be edited."""
        book = self.user(address).calendars
        return Diary(book, book.calendar(book.new_calendar(name, owner=owner, editable=owner is None)))

    def contacts(self, address: str | None = None) -> ContactBook:
        return self.user(address).contacts

    def grant(self, *scopes: str, address: str | None = None) -> Grant:
        """Signed in already, with short scopes: Mail.ReadBasic."""
        return self.authority.grant(self.user(address), *scopes)

    def expire_deltas(self, kind: str = "", how: str = "syncStateNotFound", address: str | None = None) -> None:
        """All tokens of a kind (message, mailFolder, event, contact, contactFolder; "": all) are refused from now on,
        as `delta.HOW` has it: location, syncStateNotFound, lower, resyncRequired, syncStateInvalid, badRequest, gone;
        or as `delta.FOR_EVER` has it, as if it were an accident.
        """
        if how not in (*HOW, *FOR_EVER) or kind not in ("", *SIZES):
            raise ValueError(kind, how)
        for each in [kind] if kind else SIZES:
            self.user(address).resets.expire(each, how)

    def move_mailbox(self, address: str | None = None) -> None:
        """To another server: every id changes, the immutable ones too, and no token counts any more."""
        user = self.user(address)
        user.counter.epoch += 1
        for book in (user.mail, user.calendars, user.contacts):
            book.renew_ids()
        self.expire_deltas(address=address)

    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [each.path for each in self.asked]

    def verbs(self) -> set[str]:
        """The HTTP verbs used on Graph, but for the POST of a $batch."""
        return {each.verb for each in self.asked if "oauth2" not in each.path and not each.path.endswith("/$batch")}
