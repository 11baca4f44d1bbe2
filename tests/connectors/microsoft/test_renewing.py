"""Access tokens end, refresh tokens rotate and die: msal renews, and what it got is kept before it is used."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded, TryLater
from connectors.microsoft.grant import opened
from connectors.microsoft.scopes import Feature
from connectors.sync.loop import sync
from connectors.sync.provider import InMemory
from events.log import Log
from tests.connectors.microsoft.worlds import MailWorld, client, signed_in
from tests.peers.graph import Graph
from tests.peers.graph.faults import error, html

REFRESH = "refresh_token"


def asked(graph: Graph, keeper: InMemory) -> str:
    asking = client(graph, keeper)
    try:
        return str(asking.get("/me")["userPrincipalName"])
    finally:
        asking.close()


def tokens(graph: Graph) -> int:
    return sum(one.path.endswith("/token") for one in graph.world.asked)


@pytest.fixture
def keeper(graph: Graph) -> InMemory:
    return InMemory(signed_in(graph, Feature.WORDS).secret)


def test_the_token_of_the_sign_in_is_used_until_it_ends(graph: Graph, keeper: InMemory) -> None:
    before = len(graph.world.asked)
    assert asked(graph, keeper) == asked(graph, keeper) == "me@example.com"
    assert [one.path for one in graph.world.asked[before:]] == ["/me", "/me"]


def test_a_token_that_was_taken_back_is_renewed_once_and_kept_before_it_is_used(graph: Graph) -> None:
    kept: list[int] = []

    class Noting(InMemory):
        def put(self, secret: Secret) -> None:
            super().put(secret)
            kept.append(len(graph.world.asked))

    noting = Noting(signed_in(graph, Feature.WORDS).secret)
    before = tokens(graph)
    graph.world.authority.expire_access_tokens()
    assert asked(graph, noting) == "me@example.com"
    assert tokens(graph) == before + 1
    last = graph.world.asked[-1]
    assert (last.path, last.status, kept) == ("/me", 200, [len(graph.world.asked) - 1])
    assert graph.world.authority.grants[0].refresh in opened(noting.get(), "x").cache.reveal()


def test_who_cannot_keep_a_token_does_not_use_it(graph: Graph) -> None:
    class Full(InMemory):
        def put(self, _secret: Secret) -> None:
            raise OSError(28, "No space left on device")

    asking = client(graph, Full(signed_in(graph, Feature.WORDS).secret))
    asking.get("/me")
    graph.world.authority.expire_access_tokens()
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            asking.get("/me")
    asking.close()
    assert [one.status for one in graph.world.asked if one.path == "/me"] == [200, 401, 401]


def test_a_token_that_another_process_renewed_is_used_as_it_is(graph: Graph, keeper: InMemory) -> None:
    asking = client(graph, keeper)
    asking.get("/me")
    graph.world.authority.expire_access_tokens()
    asked(graph, keeper)
    before = tokens(graph)
    asking.get("/me")
    asking.close()
    assert tokens(graph) == before


def test_renewing_is_done_alone(graph: Graph) -> None:
    held: list[str] = []

    class Locked(InMemory):
        def alone(self) -> AbstractContextManager[None]:
            held.append("alone")
            return nullcontext()

    locked = Locked(signed_in(graph, Feature.WORDS).secret)
    graph.world.authority.expire_access_tokens()
    asked(graph, locked)
    assert held == ["alone"]


def test_a_replayed_refresh_token_needs_the_person_and_is_not_tried_again(graph: Graph, keeper: InMemory) -> None:
    """A backup was restored: what it held was used before. The grant is dead then, for the good token too."""
    old = InMemory(keeper.get())
    fake = graph.world.authority
    fake.reuse_kills = True
    fake.expire_access_tokens()
    asked(graph, keeper)
    fake.expire_access_tokens()
    for one in (old, keeper):
        before = tokens(graph)
        with pytest.raises(SignInNeeded, match="sign in again: amity connect microsoft --account test"):
            asked(graph, one)
        assert tokens(graph) == before + 1


@pytest.mark.parametrize(
    ("code", "words"),
    [(70043, "more often"), (50076, "another proof"), (65001, "adminconsent"), (50173, "the password was changed")],
)
def test_a_sign_in_that_ended_stops_the_account_with_one_sentence(
    graph: Graph, log: Log, code: int, words: str
) -> None:
    world = MailWorld(graph)
    world.add(3)
    graph.world.authority.expire_access_tokens()
    graph.world.authority.refuse[REFRESH] = code
    connector = world.connector()
    result = sync(connector, log)
    connector.close()
    assert result.state == "needs_sign_in"
    assert words in result.error
    assert result.error.count("amity connect microsoft --account test") == 1
    graph.world.authority.refuse.clear()
    again = world.connector()
    assert sync(again, log).state == "ok"
    again.close()


def test_more_that_the_organisation_wants_of_a_token_is_asked_for(graph: Graph, keeper: InMemory) -> None:
    """Continuous access evaluation: first msal tries with the claims; only where that is refused the person is."""
    graph.world.authority.challenge()
    graph.world.authority.refuse[REFRESH] = 50076
    with pytest.raises(SignInNeeded, match="another proof of who you are"):
        asked(graph, keeper)
    assert [one.status for one in graph.world.asked if one.path == "/me"] == [401]


def test_a_sign_in_that_is_out_of_order_is_no_end(graph: Graph, keeper: InMemory) -> None:
    graph.world.authority.expire_access_tokens()
    graph.world.faults.add("*/token", html(502), calls={1})
    graph.world.faults.add("*/token", html(200), calls={2})
    for _ in range(2):
        with pytest.raises(TryLater):
            asked(graph, keeper)
    assert asked(graph, keeper) == "me@example.com"


def test_a_token_that_is_refused_although_it_is_new_needs_the_person(graph: Graph, keeper: InMemory) -> None:
    graph.world.faults.add("/me", error(401, "InvalidAuthenticationToken"))
    with pytest.raises(SignInNeeded, match="although it was just renewed"):
        asked(graph, keeper)
    assert [one.path for one in graph.world.asked].count("/me") == 2


def test_what_is_kept_and_no_sign_in_says_so(graph: Graph) -> None:
    for text in ("", "{}", '{"client_id": 1}'):
        with pytest.raises(SignInNeeded, match="no sign-in at Microsoft"):
            asked(graph, InMemory(Secret(text)))
