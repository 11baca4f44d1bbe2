"""Asking Graph to tell of news: what is sent, what is kept, and what happens where Graph does not want to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from connectors.credentials.secret import Secret
from connectors.errors import Refused, TryLater
from connectors.microsoft.clouds import base
from connectors.microsoft.refusals import Answered
from connectors.microsoft.renewing import Renewing
from connectors.microsoft.scopes import Feature
from connectors.microsoft.subscribing import LASTS_MS, GraphSubscriber
from connectors.notified.door import Door
from connectors.notified.gmail import Expected
from connectors.notified.keys import Keys
from connectors.notified.port import Made, Place, proof_of
from connectors.notified.server import receiving
from connectors.sync.provider import InMemory
from tests.connectors.microsoft.worlds import signed_in
from tests.peers.graph import Graph, serving
from tests.peers.graph.faults import error
from tests.peers.post import OUTSIDE

PLACE = Place(OUTSIDE)
ALL = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS)
_OPEN: list[GraphSubscriber] = []


@pytest.fixture
def graph() -> Iterator[Graph]:
    """With a receiver that answers handshakes."""
    with ExitStack() as stack:
        made = stack.enter_context(serving())
        door = Door(Expected("", ""), Keys(), lambda _: None)
        made.world.pushing.post.port = stack.enter_context(receiving("127.0.0.1:0", door))
        yield made
        while _OPEN:
            _OPEN.pop().close()


@pytest.fixture
def keeper(graph: Graph) -> InMemory:
    return InMemory(Secret(signed_in(graph, *ALL).secret.reveal()))


def subscriber(graph: Graph, keeper: InMemory, *features: Feature, off: float = 0.0) -> GraphSubscriber:
    """`off`: seconds by which its clock is wrong."""
    auth = Renewing(keeper, "m", endpoint=graph.url)  # tokens live in the machine's time, as msal does
    made = GraphSubscriber(
        auth, "m", features or ALL, base=base("global", graph.url), wall=lambda: graph.world.clock.now() + off
    )
    _OPEN.append(made)
    return made


def now_ms(graph: Graph) -> int:
    return int(graph.world.clock.now() * 1000)


def test_what_is_read_can_be_told_of(graph: Graph, keeper: InMemory) -> None:
    assert subscriber(graph, keeper).names([]) == ["calendar", "contacts", "mail"]
    assert subscriber(graph, keeper, Feature.METADATA).names(["mail:x"]) == ["mail"]
    assert subscriber(graph, keeper, Feature.CALENDAR, Feature.SHARED).names([]) == ["calendar", "calendar:others"]


@pytest.mark.parametrize("name", ["mail", "calendar", "contacts"])
def test_a_subscription_is_made_tried_and_kept_without_its_secret(graph: Graph, keeper: InMemory, name: str) -> None:
    made = subscriber(graph, keeper).make(name, PLACE)
    held = graph.world.pushing.held[made.id.removeprefix("graph:")]
    assert graph.world.pushing.validations == 2, "the address of news, and that of lifecycle events"
    assert made.heard
    assert made.proof == proof_of(held.body["clientState"])
    assert held.body["clientState"] not in str(made)
    assert len(held.body["clientState"]) <= 128
    assert held.body["lifecycleNotificationUrl"] == held.body["notificationUrl"] == f"{OUTSIDE}/graph"
    assert made.expires_ms - now_ms(graph) == pytest.approx(LASTS_MS, abs=60_000)
    assert made.renew_ms - now_ms(graph) == pytest.approx(LASTS_MS / 2, abs=60_000)


@pytest.mark.parametrize("off", [-3_600.0, 0.0, 3_600.0])
@pytest.mark.parametrize("longest", [4_230.0, 10_080.0])
def test_with_a_clock_that_is_an_hour_off_it_is_made_and_renewed_before_it_ends(
    graph: Graph, keeper: InMemory, off: float, longest: float
) -> None:
    graph.world.pushing.longest = longest
    made = subscriber(graph, keeper, off=off).make("mail", PLACE)
    told = (made.renew_ms - now_ms(graph)) / 1000 - off  # when that clock says so
    graph.world.clock.advance(told)
    again = subscriber(graph, keeper, off=off).renew("mail", made, PLACE)
    assert again
    assert (again.id, again.proof) == (made.id, made.proof)
    assert again.expires_ms > made.expires_ms


def test_one_that_graph_does_not_know_any_more(graph: Graph, keeper: InMemory) -> None:
    made = subscriber(graph, keeper).make("mail", PLACE)
    graph.world.pushing.held.clear()
    assert subscriber(graph, keeper).renew("mail", made, PLACE) is None
    subscriber(graph, keeper).end("mail", made)


def test_it_ends(graph: Graph, keeper: InMemory) -> None:
    made = subscriber(graph, keeper).make("mail", PLACE)
    subscriber(graph, keeper).end("mail", made)
    assert not graph.world.pushing.held


def test_where_nobody_receives_there_is_none(graph: Graph, keeper: InMemory) -> None:
    graph.world.pushing.post.port = 0
    with pytest.raises(Answered, match="validation"):
        subscriber(graph, keeper).make("mail", PLACE)
    assert not graph.world.pushing.held


def test_of_the_calendars_of_others_nobody_tells(graph: Graph, keeper: InMemory) -> None:
    with pytest.raises(Refused, match="calendars of others"):
        subscriber(graph, keeper).make("calendar:others", PLACE)


def test_busy_is_later(graph: Graph, keeper: InMemory) -> None:
    graph.world.faults.add("/subscriptions", error(429, "ApplicationThrottled", retry_after="77"))
    with pytest.raises(TryLater) as refused:
        subscriber(graph, keeper).make("mail", PLACE)
    assert refused.value.after_seconds == 77


def test_what_graph_tells_is_what_was_asked_for(graph: Graph, keeper: InMemory) -> None:
    """Mail that is read is not news; mail that comes is."""
    made = subscriber(graph, keeper).make("mail", PLACE)
    held = graph.world.pushing.held[made.id.removeprefix("graph:")]
    with graph.world.lock:
        mail = graph.world.mail().add("inbox")
        (letter,) = graph.world.pushing.letters()
        graph.world.mail().change(mail, isRead=True)
        assert graph.world.pushing.letters() == []
    (said,) = json.loads(letter.body)["value"]
    assert (said["changeType"], said["subscriptionId"]) == ("created", held.id)


def test_only_its_own_subscriptions(graph: Graph, keeper: InMemory) -> None:
    made = subscriber(graph, keeper).make("mail", PLACE)
    again = subscriber(graph, keeper).renew("mail", made, PLACE)
    subscriber(graph, keeper).end("mail", again or Made("", "", "", 0, 0))
    asked = {(one.verb, one.path) for one in graph.world.asked if not one.path.endswith("/token")}
    assert {verb for verb, path in asked if path.startswith("/subscriptions")} == {"POST", "PATCH", "DELETE"}
    assert {verb for verb, path in asked if not path.startswith("/subscriptions")} <= {"GET"}
