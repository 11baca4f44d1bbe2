"""What a life costs, to the unit: read once however often it is killed, and almost nothing afterwards.

With the numbers of a whole life: `python -m benchmarks.sync_google`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.files.unchanged import READERS
from connectors.google.account import GoogleAccount
from connectors.google.client import Ok, Transport
from connectors.google.endpoints import APIS
from connectors.google.gmail import PAGE
from connectors.google.scopes import Feature, asked
from connectors.sync.provider import InMemory
from connectors.sync.result import SyncResult
from events import held
from events.envelope import OWNER
from events.held import Scope
from events.log import Log, open_log
from tests.connectors.google.crowd import Size, busiest, cost, fetched, fill, first_units
from tests.connectors.google.told import run
from tests.connectors.google.worlds import client, mail, secret
from tests.contracts.connector import Killed
from tests.contracts.living import living
from tests.peers.google import Google

LONG = Size(messages=1_100, meetings=300, series=12, contacts=200)
SHORT = Size(messages=520, meetings=60, series=4, contacts=40)
QUOTA = 6_000
KILLS = 20
FEATURES = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS)
SOURCE = "google:test"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = open_log(f"sqlite:///{tmp_path}/log.db")
    yield made
    made.close()


def lived(google: Google, size: Size) -> Google:
    fill(google.world, size)
    google.world.quota.limits = {"gmail": QUOTA, **{api: APIS[api].quota for api in ("calendar", "people")}}
    google.world.clock.advance(3_600)
    return google


class Person:
    """Syncs the same account again and again."""

    def __init__(self, google: Google, log: Log) -> None:
        self.google, self.log = google, log
        scopes = [scope.rpartition("/")[2] for scope in asked(FEATURES)]
        self._keeper = InMemory(secret(google, google.world.grant(*scopes)))

    def sync(self) -> SyncResult:
        account = GoogleAccount(client(self.google, self._keeper, QUOTA), FEATURES, source=SOURCE)
        return run(account, self.log, self.google.world.clock)

    def stored(self) -> set[str]:
        """The messages that the log holds, by their ids at Gmail."""
        with self.log.reading() as connection:
            return {item for item, _ in held.after(Scope(connection, OWNER, SOURCE), "mail", "", READERS)}


def deadly(monkeypatch: pytest.MonkeyPatch, after: int, *, answered: bool) -> None:
    """The program is killed with its `after`th request, before it is sent or behind its answer."""
    left = [after]

    def request(self: Transport, *given: Any, **named: Any) -> tuple[Ok, bytes]:
        left[0] -= 1
        if left[0] == 0 and not answered:
            raise Killed
        found = send(self, *given, **named)
        if left[0] == 0:
            raise Killed
        return found

    send = Transport.request
    monkeypatch.setattr(Transport, "request", request)


def complete(log: Log, size: Size) -> bool:
    """Every mail, meeting, exception and contact is in the log, once."""
    found = living(log, SOURCE).values()
    expected = size.messages + size.meetings + size.series + size.contacts
    return len(found) == expected and all(len(one.said) == 1 for one in found)


def test_a_first_sync_costs_what_it_must_and_keeps_to_the_quota(google: Google, log: Log) -> None:
    person = Person(lived(google, SHORT), log)
    assert person.sync().state == "ok"
    assert complete(log, SHORT)
    asked_for = google.world.asked
    spent = cost(asked_for)
    assert spent.of("gmail") == first_units(SHORT.messages)
    assert spent.requests["calendar.events.list"] == 1
    assert spent.requests["people.people.connections.list"] == 1
    assert {one.status for one in asked_for} == {200}
    most = busiest(asked_for)
    assert QUOTA * 0.98 < most["gmail"] <= QUOTA
    assert most["calendar"] <= APIS["calendar"].quota
    assert most["people"] <= APIS["people"].quota


def test_killed_at_random_points_nothing_that_was_stored_is_got_again(
    google: Google, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, chance, asked_for = Person(lived(google, LONG), log), random.Random(4), google.world.asked  # noqa: S311  no secret
    wasted = 0
    for _ in range(KILLS):
        before, begun = person.stored(), len(asked_for)
        with monkeypatch.context() as patch:
            deadly(patch, chance.randrange(1, 150), answered=chance.random() < 0.5)
            with pytest.raises(Killed):
                person.sync()
        got = fetched(asked_for[begun:])
        assert len(set(got)) == len(got)
        assert not before & set(got)
        lost = set(got) - person.stored()
        assert len(lost) <= PAGE
        wasted += len(lost)
    before, begun = person.stored(), len(asked_for)
    assert 0 < len(before) < LONG.messages
    assert person.sync().state == "ok"
    assert complete(log, LONG)
    assert set(fetched(asked_for[begun:])) == person.stored() - before
    listing = first_units(LONG.messages) - 20 * LONG.messages  # once a run; the profile is asked for in the first alone
    assert cost(asked_for[begun:]).of("gmail") == listing - 1 + 20 * (LONG.messages - len(before))
    gets = 20 * (LONG.messages + wasted)
    assert gets < cost(asked_for).of("gmail") <= gets + (KILLS + 1) * listing
    assert {one.status for one in asked_for} == {200}
    assert busiest(asked_for)["gmail"] <= QUOTA


def test_nothing_new_costs_almost_nothing_and_ten_messages_cost_ten(google: Google, log: Log) -> None:
    person, world = Person(lived(google, SHORT), log), google.world
    world.new_calendar("two@group.calendar.google.com")
    person.sync()
    begun = len(world.asked)
    assert person.sync().stored == 0
    quiet = cost(world.asked[begun:])
    assert quiet.requests == {
        "gmail.users.history.list": 1, "calendar.calendarList.list": 1, "calendar.events.list": 2,
        "people.people.connections.list": 1, "people.contactGroups.list": 1, "oauth.token": 1,
    }  # fmt: skip
    assert quiet.of("gmail") == 2
    for number in range(10):
        world.mail().add(mail(f"new{number}@x.example"))
    begun = len(world.asked)
    assert person.sync().stored == 10
    busy = cost(world.asked[begun:])
    assert busy.requests == {**quiet.requests, "gmail.users.labels.list": 1, "gmail.users.messages.get": 10}
    assert busy.of("gmail") == 2 + 1 + 10 * 20
