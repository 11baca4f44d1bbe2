"""Our sign-in at Microsoft, with the real msal, against a certified OpenID provider that knows nothing of us.

Its access tokens last three seconds, its refresh tokens rotate, and one that is used twice ends the sign-in: the worst
that Entra may do. What stands for Graph's /me there checks tokens as the provider issued them. And emulate's Entra.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.authority import cache_of
from connectors.microsoft.clouds import authority_of, base
from connectors.microsoft.grant import opened
from connectors.microsoft.graph import Graph
from connectors.microsoft.renewing import Renewing
from connectors.microsoft.scopes import Feature, asked
from connectors.microsoft.sign_in import Client, Known, sign_in
from connectors.sync.loop import sync
from connectors.sync.provider import InMemory, Talk
from events.log import open_log
from tests.connectors.microsoft import worlds
from tests.peers.google.emulate import programs
from tests.peers.graph import serving
from tests.peers.graph.authority import CLIENT
from tests.peers.oidc import LIFETIME, LOGIN, SignInServer, browse, entra, oidc_provider, provider_program

ALL = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS)
PERSON = {"login": "me", "password": "x"}
AGAIN = "sign in again: amity connect microsoft --account work"


@pytest.fixture(scope="module")
def server() -> Iterator[SignInServer]:
    node = provider_program()
    if node is None:
        pytest.skip("no oidc-provider here (.ci/peers installs it where npm's registry can be reached)")
    with oidc_provider(node) as running:
        yield running


@pytest.fixture(scope="module")
def emulated() -> Iterator[SignInServer]:
    found = programs()
    if found is None:
        pytest.skip("no emulate here (.ci/peers installs it where npm's registry can be reached)")
    with entra(*found) as running:
        yield running


@pytest.fixture
def keeper(server: SignInServer) -> InMemory:
    return InMemory(signed_in(server, browsing(server)).secret)


class Killed(BaseException):
    """Nothing that anybody catches."""


class DiesKeeping(InMemory):
    """A program that is killed when it has a new token and has not stored it."""

    def put(self, secret: Secret) -> None:
        raise Killed(secret)


def who(server: SignInServer) -> Client:
    return Client(CLIENT, authority_of("global", "common"), asked(ALL), endpoint=server.url)


def signed_in(server: SignInServer, talk: Talk, *, device: bool = False) -> Known:
    return sign_in(who(server), ALL, talk, device=device, wait=20)


def browsing(server: SignInServer, seen: list[str] | None = None) -> Talk:
    """A person with a browser, who says yes."""

    def open_it(address: str) -> bool:
        (seen if seen is not None else []).append(address)
        threading.Thread(target=browse, args=(server, address, PERSON), daemon=True).start()
        return True

    return Talk(open_it, _nobody)


def _nobody(question: str) -> str:
    raise AssertionError(question)


def graph(server: SignInServer, keeper: InMemory, wall: Callable[[], float] = time.time) -> Graph:
    """As after a restart of the program."""
    return Graph(Renewing(keeper, "work", endpoint=server.url, wall=wall), "work", base=base("global", server.url))


def me(server: SignInServer, keeper: InMemory, wall: Callable[[], float] = time.time) -> str:
    asking = graph(server, keeper, wall)
    try:
        said = asking.get("/me")
        return str(said.get("preferred_username") or said.get("userPrincipalName"))
    finally:
        asking.close()


def renew(server: SignInServer, keeper: InMemory) -> None:
    """As where a token was refused."""
    auth = graph(server, keeper).auth
    auth.header("GET", server.url)
    auth.challenged("")


def refresh_token(keeper: InMemory) -> str:
    cache = cache_of(opened(keeper.get(), "work").cache)
    (found,) = cache.search(cache.CredentialType.REFRESH_TOKEN)
    return str(found["secret"])


def tokens(server: SignInServer) -> int:
    return server.asked("/token")


def ends(server: SignInServer, keeper: InMemory) -> None:
    """One sentence for the person, and one question to the provider: never a loop."""
    before = tokens(server)
    with pytest.raises(SignInNeeded) as refusal:
        me(server, keeper, lambda: time.time() + LIFETIME)
    assert str(refusal.value).count(AGAIN) == 1
    assert "\n" not in str(refusal.value)
    assert tokens(server) == before + 1


def test_in_a_browser_with_pkce(server: SignInServer) -> None:
    seen: list[str] = []
    found = signed_in(server, browsing(server, seen))
    assert (found.user, tuple(found.given)) == ("me@example.com", ALL)
    assert parse_qs(urlsplit(seen[0]).query)["code_challenge_method"] == ["S256"]
    assert me(server, InMemory(found.secret)) == "me@example.com"


def test_with_a_code_in_another_browser(server: SignInServer) -> None:
    said: list[str] = []

    def typed_in(address: str) -> bool:
        assert address == f"{LOGIN}/device"
        code = said[0].removeprefix("The code is ").partition(".")[0]
        answers = {**PERSON, "user_code": code, "confirm": "yes"}
        threading.Thread(target=browse, args=(server, address, answers), daemon=True).start()
        return True

    found = signed_in(server, Talk(typed_in, _nobody, said.append), device=True)
    assert me(server, InMemory(found.secret)) == "me@example.com"


def test_a_code_of_another_sign_in_is_worth_nothing(server: SignInServer) -> None:
    """Whoever saw the code does not hold the verifier (RFC 7636)."""
    codes: list[str] = []

    def pasting(answer: Callable[[str], str]) -> Talk:
        shown: list[str] = []

        def note(address: str) -> bool:
            shown.append(address)
            return False

        return Talk(note, lambda _question: answer(shown[0]))

    def stolen(address: str) -> str:
        there = browse(server, address, PERSON, follow=False)
        codes.extend(parse_qs(urlsplit(there).query)["code"])
        raise Killed

    with pytest.raises(Killed):
        signed_in(server, pasting(stolen))
    with pytest.raises(SignInNeeded, match="Microsoft ended this sign-in"):
        signed_in(server, pasting(lambda _address: codes[0]))


def test_access_tokens_end_and_refresh_tokens_rotate(server: SignInServer, keeper: InMemory) -> None:
    """The first time by our own clock, before the token has ended; then by the answer of who issued it."""
    used, before = {refresh_token(keeper)}, tokens(server)
    time.sleep(LIFETIME / 2)
    assert me(server, keeper) == "me@example.com"
    assert (tokens(server), server.refused("/me")) == (before + 1, 0)
    used.add(refresh_token(keeper))
    stopped = time.time() - 1
    asking = graph(server, keeper, lambda: stopped)  # msal forgets what has ended: this one was taken before
    for pause in (LIFETIME + 0.5, 0.0):
        assert asking.get("/me")["sub"]
        time.sleep(pause)
    asking.close()
    assert (tokens(server), server.refused("/me")) == (before + 2, 1)
    assert len({*used, refresh_token(keeper)}) == 3


def test_a_refresh_token_that_is_used_twice_ends_the_sign_in(
    server: SignInServer, keeper: InMemory, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A backup was restored: the good token is worth nothing either."""
    backup = InMemory(keeper.get())
    renew(server, keeper)
    ends(server, backup)
    ends(server, keeper)
    with open_log(f"sqlite:///{tmp_path_factory.mktemp('log')}/log.db") as log:
        for _ in range(2):
            before = tokens(server)
            account = MicrosoftAccount(graph(server, backup, lambda: time.time() + LIFETIME), ALL, source="microsoft:x")
            result = sync(account, log)
            account.close()
            assert result.state == "needs_sign_in"
            assert AGAIN in result.error
            assert tokens(server) == before + 1


def test_what_was_taken_back_needs_the_person(server: SignInServer, keeper: InMemory) -> None:
    assert me(server, keeper) == "me@example.com"
    server.revoke(refresh_token(keeper), CLIENT)
    before = tokens(server)
    with pytest.raises(SignInNeeded, match=AGAIN):
        me(server, keeper)
    assert tokens(server) == before + 1


def test_killed_before_the_new_token_was_stored(server: SignInServer, keeper: InMemory) -> None:
    """The stored one is spent, and shows itself so: one sentence, and signing in again mends it."""
    with pytest.raises(Killed):
        renew(server, DiesKeeping(keeper.get()))
    ends(server, keeper)
    assert me(server, InMemory(signed_in(server, browsing(server)).secret)) == "me@example.com"


def test_with_the_entra_of_emulate(emulated: SignInServer) -> None:
    seen: list[str] = []
    found = signed_in(emulated, browsing(emulated, seen))
    assert (found.user, tuple(found.given)) == ("me@example.com", ALL)
    assert parse_qs(urlsplit(seen[0]).query)["code_challenge_method"] == ["S256"]
    keeper = InMemory(found.secret)
    before = refresh_token(keeper)
    assert me(emulated, keeper) == "me@example.com"
    renew(emulated, keeper)
    assert refresh_token(keeper) != before
    assert me(emulated, keeper) == "me@example.com"
    with pytest.raises(SignInNeeded, match=AGAIN):
        renew(emulated, InMemory(found.secret))


def test_killed_before_the_new_token_was_stored_where_the_one_before_still_counts() -> None:
    """As Entra does it."""
    with serving() as fake:
        keeper = InMemory(worlds.signed_in(fake, *ALL).secret)
        fake.world.authority.expire_access_tokens()
        asking = worlds.client(fake, DiesKeeping(keeper.get()))
        with pytest.raises(Killed):
            asking.get("/me")
        asking.close()
        asking = worlds.client(fake, keeper)
        assert asking.get("/me")["userPrincipalName"] == "me@example.com"
        asking.close()
