"""Access tokens end, refresh tokens rotate and die; each of it in the fake's time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from connectors.credentials import files
from connectors.credentials.secret import Secret
from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.google.client import Client
from connectors.google.grant import opened, sealed
from connectors.google.renewing import Renewing
from connectors.sync.loop import sync
from connectors.sync.provider import InMemory
from events.log import open_log
from tests.connectors.google.worlds import GmailWorld, client, secret
from tests.peers.google import Google
from tests.peers.google.faults import changed, error, html


def profile(asking: Client) -> str:
    gmail = asking.service("gmail")
    try:
        return str(gmail.ask(gmail.methods.users().getProfile(userId="me"))["emailAddress"])
    finally:
        asking.close()


@pytest.fixture
def keeper(google: Google) -> InMemory:
    return InMemory(secret(google, google.world.grant("gmail.readonly")))


def renewals(google: Google) -> int:
    return google.world.methods().count("oauth.token")


def test_a_token_is_renewed_before_it_ends_and_no_request_is_lost(google: Google, keeper: InMemory) -> None:
    asking = client(google, keeper)
    for _ in range(120):
        assert profile(asking) == "me@example.com"
        google.world.clock.advance(60)
    assert {one.status for one in google.world.asked} == {200}
    assert renewals(google) == 3


def test_what_the_sign_in_gave_is_used_until_it_ends(google: Google, keeper: InMemory) -> None:
    asking = client(google, keeper)
    profile(asking)
    kept = keeper.get()
    assert opened(kept, "x").access_token is None, "what did not rotate is not written again"
    given = google.world.oauth.grants[0]
    ends = int((google.world.clock.now() + 3_600) * 1000)
    grant = msgspec.structs.replace(opened(kept, "x"), access_token=Secret(given.access), expires_ms=ends)
    fresh = sealed(grant)
    before = renewals(google)
    assert profile(client(google, InMemory(fresh))) == "me@example.com"
    assert renewals(google) == before


def test_a_token_that_was_taken_back_early_is_renewed_once(google: Google, keeper: InMemory) -> None:
    asking = client(google, keeper)
    profile(asking)
    google.world.oauth.access.clear()
    assert profile(asking) == "me@example.com"
    assert renewals(google) == 2


def test_a_token_that_is_refused_although_it_is_new_needs_the_person(google: Google, keeper: InMemory) -> None:
    google.world.faults.add("gmail.*", error(401, "authError"))
    with pytest.raises(SignInNeeded, match="although it was just renewed"):
        profile(client(google, keeper))
    assert google.world.methods().count("gmail.users.getProfile") == 2


class _Watching(InMemory):
    """Notes how many requests had been made when a secret was kept; may be killed just before."""

    def __init__(self, first: Secret, google: Google, *, killed: bool = False) -> None:
        super().__init__(first)
        self._google, self._killed = google, killed
        self.kept_at: list[list[str]] = []

    def put(self, secret: Secret) -> None:
        self.kept_at.append(self._google.world.methods())
        if self._killed:
            raise KeyboardInterrupt
        super().put(secret)


def test_a_rotated_token_is_kept_before_anything_is_asked_with_it(google: Google, keeper: InMemory) -> None:
    google.world.oauth.rotate = True
    watching = _Watching(keeper.get(), google)
    asking = client(google, watching)
    profile(asking)
    google.world.clock.advance(3_600)
    profile(asking)
    assert watching.kept_at == [["oauth.token"], ["oauth.token", "gmail.users.getProfile", "oauth.token"]]
    assert opened(watching.get(), "x").refresh_token == Secret(google.world.oauth.grants[0].refresh)


def test_killed_between_receiving_and_keeping_it_says_to_sign_in(google: Google, keeper: InMemory) -> None:
    """The old token is spent then: nobody can save it, and nothing may be asked in a loop."""
    google.world.oauth.rotate = True
    watching = _Watching(keeper.get(), google, killed=True)
    with pytest.raises(KeyboardInterrupt):
        profile(client(google, watching))
    assert google.world.methods() == ["oauth.token"]
    with pytest.raises(SignInNeeded, match="sign in again: amity connect google --account test"):
        profile(client(google, InMemory(watching.get())))


class _Locked(InMemory):
    def __init__(self, first: Secret, path: Path) -> None:
        super().__init__(first)
        self._path = path

    @contextmanager
    def alone(self) -> Iterator[None]:
        with files.alone(self._path):
            yield


def test_two_that_renew_at_once_do_it_one_after_the_other(google: Google, keeper: InMemory, tmp_path: Path) -> None:
    google.world.oauth.rotate = True
    shared = _Locked(keeper.get(), tmp_path / "tokens")
    failed: list[Exception] = []

    def ask() -> None:
        try:
            profile(client(google, shared))
        except Exception as error:  # noqa: BLE001  whatever it is, it is told below
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert not google.world.oauth.grants[0].dead


def test_a_dead_sign_in_is_one_sentence_that_says_why_and_what_to_do(google: Google, tmp_path: Path) -> None:
    world = GmailWorld(google)
    world.add(3)
    google.world.forget_refresh_token()
    log = open_log(f"sqlite:///{tmp_path}/log.db")
    connector = world.connector()
    result = sync(connector, log)
    connector.close()
    log.close()
    assert result.state == "needs_sign_in"
    for words in ("7 days", '"Testing"', "password", "amity connect google --account test", "docs/google.md"):
        assert words in result.error
    assert len(result.error.splitlines()) == 1
    assert google.world.methods() == ["oauth.token"]


def test_seven_days_in_testing(google: Google, keeper: InMemory) -> None:
    google.world.oauth.testing = True
    asking = client(google, keeper)
    profile(asking)
    google.world.clock.advance(8 * 86_400)
    with pytest.raises(SignInNeeded, match="7 days"):
        profile(asking)


def test_a_token_server_that_is_away_is_asked_later(google: Google, keeper: InMemory) -> None:
    google.world.faults.add("oauth.token", html(), {1})
    asking = client(google, keeper)
    with pytest.raises(TryLater):
        profile(asking)
    assert profile(asking) == "me@example.com"


def test_a_token_without_a_token_is_no_answer(google: Google, keeper: InMemory) -> None:
    asking = client(google, keeper)
    google.world.faults.add("oauth.token", changed(lambda _: {}), {1})
    with pytest.raises((TryLater, SignInNeeded)):
        profile(asking)


def test_a_client_that_was_deleted(google: Google, keeper: InMemory) -> None:
    google.world.oauth.clients.clear()
    with pytest.raises(SignInNeeded, match="does not know your client"):
        profile(client(google, keeper))


def test_what_is_kept_is_no_sign_in(google: Google) -> None:
    with pytest.raises(SignInNeeded, match="no sign-in at Google"):
        profile(client(google, InMemory(Secret("hunter2"))))


def test_the_token_goes_to_google_alone(google: Google, keeper: InMemory) -> None:
    """Another host than those that were named gets no token, whatever leads there."""
    asking = client(google, keeper)
    gmail = asking.service("gmail")
    request = gmail.methods.users().getProfile(userId="me")
    request.uri = request.uri.replace("127.0.0.1", "localhost")
    with pytest.raises(Refused):
        gmail.ask(request)
    assert google.world.asked == []


def test_no_token_is_shown(google: Google, keeper: InMemory) -> None:
    given = google.world.oauth.grants[0]
    auth = Renewing(keeper, "x", wall=google.world.clock.now)
    assert given.refresh not in f"{keeper.get()} {auth.grant} {auth!r} {opened(keeper.get(), 'x')}"
