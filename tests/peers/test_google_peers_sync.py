"""Our connectors against servers that we did not write: what lies there arrives in the log.

What such a server gets wrong is marked as in the claims, or answered in its stead where the test says so.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded, TryLater
from connectors.google.account import GoogleAccount
from connectors.google.calendar import Calendar
from connectors.google.client import Client, Service
from connectors.google.gmail import Gmail
from connectors.google.grant import Grant, sealed
from connectors.google.refusals import Answered, Failing
from connectors.google.renewing import Renewing
from connectors.google.scopes import Feature, asked
from connectors.sync.loop import sync
from connectors.sync.port import Connector
from connectors.sync.provider import InMemory
from connectors.sync.result import StreamResult
from events import positions
from events.envelope import OWNER
from events.log import Log, open_log
from events.vocabulary import ContactObserved, MeetingObserved, MessageObserved
from tests.contracts.living import living
from tests.peers.google import emulate
from tests.peers.google.claims import Emulate
from tests.peers.places import Place
from tests.peers.test_google_claims import code, filled, mail, post, redeem
from tests.peers.test_google_peers import hour, listed, nothing_leaves, other, place, weekly

__all__ = ["nothing_leaves", "other", "place"]  # fixtures
SOURCE, NOWHERE = "google:test", "http://127.0.0.1:9/none"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = open_log(f"sqlite:///{tmp_path}/log.db")
    yield made
    made.close()


def client(endpoint: str, token: str, feature: Feature, kind: type[Client] = Client) -> Client:
    """With a token that holds for long: neither server is asked for another."""
    grant = Grant(
        client_id="c", client_secret=Secret("s"), token_uri=NOWHERE, refresh_token=Secret("r"),
        access_token=Secret(token), expires_ms=int((time.time() + 9_999) * 1000), scopes=tuple(asked([feature])),
    )  # fmt: skip
    auth = Renewing(InMemory(sealed(grant)), "test")
    return kind(auth, "test", endpoint=endpoint, quotas={"gmail": 1 << 30, "calendar": 1 << 30})


def run(connector: Connector, log: Log) -> StreamResult:
    """One run that must succeed; what it says of the one stream."""
    try:
        result = sync(connector, log, sleep=lambda _: None)
    finally:
        connector.close()
    assert result.state == "ok", result
    (stream,) = result.streams
    return stream


def calendar(place: Place) -> GoogleAccount:
    feature = Feature.CALENDAR
    parts = {feature: partial(Calendar, page=3)}
    asking = client(place.endpoint("calendar"), place.token, feature)
    return GoogleAccount(asking, [feature], source=SOURCE, parts=parts)


def mailbox(place: Place) -> GoogleAccount:
    feature = Feature.WORDS
    parts: dict[Feature, Callable[[Client, str], Gmail]] = {feature: partial(Gmail, words=True, page=3)}
    return GoogleAccount(client(place.endpoint("gmail"), place.token, feature), [feature], source=SOURCE, parts=parts)


def meetings(log: Log) -> dict[str, list[MeetingObserved]]:
    """What is living, by UID, in the order it was said."""
    found: dict[str, list[MeetingObserved]] = {}
    for one in living(log, SOURCE).values():
        found.setdefault(one.key, []).extend(said for said in one.said if isinstance(said, MeetingObserved))
    return found


def messages(log: Log) -> dict[str, MessageObserved]:
    found = living(log, SOURCE).values()
    return {one.key: one.last for one in found if isinstance(one.last, MessageObserved)}


def subjects(log: Log) -> list[str]:
    """Not by Message-ID: myworld writes its own into each mail."""
    return sorted(one.subject for one in messages(log).values())


def spoil(log: Log) -> None:
    """The token that is kept becomes one that the server does not know."""
    with log.writing() as connection:
        for row in positions.streams(connection, OWNER, SOURCE).values():
            token, *more = json.loads(row.cursor or "")
            assert token
            cursor = json.dumps(["bogus", *more])
            positions.put_stream(connection, OWNER, SOURCE, row._replace(cursor=cursor))


def test_calendar_from_the_first_sync_to_a_token_that_ended(place: Place, log: Log) -> None:
    talks = [place.put(summary=f"Talk {number}", **hour(22 + number)) for number in range(6)]
    series = weekly(place)
    assert run(calendar(place), log).stored == 7
    found = meetings(log)
    assert set(found) == {f"{name}@google.com" for name in (*talks, series)}
    assert found[f"{series}@google.com"][0].rules
    place.pass_time()
    assert (run(calendar(place), log).seen, len(meetings(log))) == (0, 7)
    new = place.put(summary="New", **hour(29))
    place.cancel(talks[0])
    place.change(talks[1], **hour(23, 16))
    after = run(calendar(place), log)
    assert (after.stored, after.withdrawn) == (2, 1)
    assert set(meetings(log)) == {f"{name}@google.com" for name in (new, series, *talks[1:])}
    assert len(meetings(log)[f"{talks[1]}@google.com"]) == 2
    place.pass_time()
    place.cancel(new)
    spoil(log)
    again = run(calendar(place), log)
    assert (again.stored, again.withdrawn) == (0, 1)
    assert set(meetings(log)) == {f"{name}@google.com" for name in (series, *talks[1:])}


def test_calendar_shows_what_the_server_shows(place: Place, log: Log) -> None:
    for number in range(4):
        place.put(summary=f"Talk {number}", **hour(22 + number))
    weekly(place)
    run(calendar(place), log)
    shown = {one["iCalUID"]: one["summary"] for one in listed(place)[0].values()}
    assert {uid: said[-1].title for uid, said in meetings(log).items()} == shown


def test_mail_from_the_first_sync_to_a_history_that_ended(place: Place, log: Log) -> None:
    names = [f"Plan {number}" for number in range(7)]
    sent = {name: place.send(f"m{number}@example.org", name) for number, name in enumerate(names)}
    assert run(mailbox(place), log).stored == 7
    assert subjects(log) == names
    assert {one.sender.address for one in messages(log).values() if one.sender} == {"anne@example.org"}
    assert run(mailbox(place), log).stored == 0
    place.send("new@example.org", "New")
    assert run(mailbox(place), log).stored == 1
    assert subjects(log) == ["New", *names]
    place.remove(sent[names[0]])
    place.fail("gmail", "gmail.users.history.list", "not_found")
    after = run(mailbox(place), log)
    assert (after.stored, after.withdrawn) == (0, 1)
    assert subjects(log) == ["New", *names[1:]]


def test_contacts_and_what_changed_in_them(place: Place, log: Log) -> None:
    """myworld gives no sync token: there everything is listed each time."""
    place.meet("Ann", "Moe", "ann@example.org")
    place.meet("Bob", "Moe", "bob@example.org")

    def account() -> GoogleAccount:
        asking = client(place.endpoint("people"), place.token, Feature.CONTACTS)
        return GoogleAccount(asking, [Feature.CONTACTS], source=SOURCE)

    assert run(account(), log).stored == 2
    place.meet("Cleo", "Moe", "cleo@example.org")
    assert run(account(), log).stored == 1
    found = [one.last for one in living(log, SOURCE).values()]
    assert {one.name for one in found if isinstance(one, ContactObserved)} == {"Ann Moe", "Bob Moe", "Cleo Moe"}
    assert run(account(), log).stored == 0


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("rate_limit", TryLater), ("unavailable", Failing), ("not_found", Answered), ("transport_error", Failing),
        ("truncated", TryLater),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_understood_alike(place: Place, kind: str, error: type[Exception]) -> None:
    asking = client(place.endpoint("gmail"), place.token, Feature.WORDS)
    gmail = asking.service("gmail")
    place.fail("gmail", "gmail.users.getProfile", kind)
    try:
        with pytest.raises(error) as caught:
            gmail.ask(gmail.methods.users().getProfile(userId="me"))
        assert type(caught.value) is error
        assert gmail.ask(gmail.methods.users().getProfile(userId="me"))["emailAddress"] == "me@example.com"
    finally:
        asking.close()


class _Profiled(Service):
    """emulate has no profile (https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile):
    what it would say is taken from the newest message."""

    def ask(self, request: Any, units: float = 1.0) -> dict[str, Any]:
        if request.methodId != "gmail.users.getProfile":
            return super().ask(request, units)
        messages = self.methods.users().messages()
        found = super().ask(messages.list(userId="me", includeSpamTrash=True))["messages"]
        got = [super(_Profiled, self).ask(messages.get(userId="me", id=one["id"], format="minimal")) for one in found]
        return {"historyId": max((one["historyId"] for one in got), key=int)}


class _ProfiledClient(Client):
    def service(self, api: str, body: int = 1 << 26) -> Service:
        made = super().service(api, body)
        made.__class__ = _Profiled
        return made


@pytest.fixture
def strange() -> Iterator[str]:
    """emulate's address."""
    found = emulate.programs()
    if found is None:
        pytest.skip("emulate or a Node of 22 is not here; .ci/peers installs them")
    with emulate.emulate(*found) as url:
        yield url


def test_mail_of_emulate_first_and_by_its_history(strange: str, log: Log) -> None:
    there = Emulate(strange)
    ids = filled(there, 7)[::-1]

    def account() -> GoogleAccount:
        feature = Feature.WORDS
        parts: dict[Feature, Callable[[Client, str], Gmail]] = {feature: partial(Gmail, words=True, page=3)}
        asking = client(strange, emulate.TOKEN, feature, _ProfiledClient)
        return GoogleAccount(asking, [feature], source=SOURCE, parts=parts)

    assert run(account(), log).stored == 7
    assert set(messages(log)) == {f"m{number}@example.org" for number in range(7)}
    assert all(one.words for one in messages(log).values())
    assert run(account(), log).seen == 0
    there.add(mail(9, subject="New"), ["INBOX"], 1_789_999_999)
    there.label(ids[3], ["TRASH"], ["INBOX"])
    there.remove(ids[0])
    after = run(account(), log)
    assert (after.stored, after.withdrawn) == (2, 1)
    found = messages(log)
    assert set(found) == {f"m{number}@example.org" for number in (1, 2, 3, 4, 5, 6, 9)}
    assert found["m3@example.org"].box == "trash"


def test_a_sign_in_at_emulate_is_renewed_until_it_is_revoked(strange: str) -> None:
    there = Emulate(strange)
    tokens = redeem(there, code(there)).body
    kept = Grant(
        client_id=emulate.CLIENT, client_secret=Secret(emulate.SECRET), token_uri=f"{strange}{there.token_path}",
        refresh_token=Secret(tokens["refresh_token"]), scopes=tuple(asked([Feature.WORDS])),
    )  # fmt: skip
    asking = Client(Renewing(InMemory(sealed(kept)), "test"), "test", endpoint=strange)
    gmail = asking.service("gmail")
    try:
        assert gmail.ask(gmail.methods.users().messages().list(userId="me"))["messages"]
    finally:
        asking.close()
    assert post(there, there.revoke_path, token=tokens["refresh_token"]).status == 200
    with pytest.raises(SignInNeeded, match="sign in again: amity connect google --account test"):
        Renewing(InMemory(sealed(kept)), "test").header("GET", strange)
