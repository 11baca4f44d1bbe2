"""What goes wrong on purpose: resets, throttling, batches, errors in Graph's shapes, answers that break off."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead
from typing import Any

import pytest

from tests.peers.graph import Clock, Graph, World, serving
from tests.peers.graph import faults as f
from tests.peers.graph.asking import IMMUTABLE, Asker

INBOX = "/me/mailFolders/inbox/messages/delta"
GLOB = "/me/mailFolders/*/messages/delta"


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


@pytest.fixture
def asker(graph: Graph) -> Asker:
    return Asker(graph)


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("location", 410, "resyncRequired"), ("syncStateNotFound", 410, "SyncStateNotFound"),
        ("lower", 410, "syncStateNotFound"), ("resyncRequired", 410, "resyncRequired"), ("gone", 410, "Gone"),
        ("syncStateInvalid", 400, "SyncStateInvalid"), ("badRequest", 400, "BadRequest"),
    ],
)  # fmt: skip
def test_resets_in_every_spelling(graph: Graph, asker: Asker, how: str, status: int, code: str) -> None:
    mail = graph.world.mail()
    kept, deleted = mail.add(subject="kept"), mail.add(subject="deleted")
    _, link = asker.round(INBOX, {"$select": "subject"})
    _, tree = asker.round("/me/mailFolders/delta")
    mail.delete(deleted)
    graph.world.expire_deltas("message", how)
    said = asker.get(link)
    assert (said.status, said.code) == (status, code)
    assert asker.get(tree).status == 200
    again = said.headers.get("location", INBOX)
    assert again.endswith("$deltatoken=") == (how == "location")
    rows, _ = asker.round(again)
    assert [row["id"] for row in rows] == [mail.id(kept, immutable=True)]
    assert ("body" in rows[0]) == (how != "location")


def test_a_link_within_a_round_expires_too(graph: Graph, asker: Asker) -> None:
    for _ in range(11):
        graph.world.mail().add()
    first = asker.get(INBOX)
    graph.world.expire_deltas()
    assert asker.get(first.next).code == "SyncStateNotFound"


def test_four_requests_at_once_for_each_mailbox(graph: Graph, asker: Asker) -> None:
    graph.world.latency = 0.2
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(asker.get(INBOX).status)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 200, 429]
    assert graph.world.throttle.peak["me@example.com"] == 5
    assert graph.world.throttle.in_flight["me@example.com"] == 0


def test_ten_minutes_have_so_many_requests(graph: Graph, asker: Asker) -> None:
    graph.world.throttle.in_window, graph.world.throttle.retry_after = 2, "120"
    said = [asker.get(INBOX) for _ in range(3)]
    assert [each.status for each in said] == [200, 200, 429]
    assert (said[2].code, said[2].headers["retry-after"]) == ("ApplicationThrottled", "120")
    graph.world.clock.advance(600)
    assert asker.get(INBOX).status == 200
    assert isinstance(graph.world.clock, Clock)


def ask_batch(asker: Asker, *requests: dict[str, Any]) -> dict[str, dict[str, Any]]:
    said = asker.ask("POST", "/v1.0/$batch", json.dumps({"requests": requests}), Content_Type="application/json")
    assert said.status == 200, said
    return {each["id"]: each for each in said.body["responses"]}


def test_a_batch_answers_each_request(graph: Graph, asker: Asker) -> None:
    mail = graph.world.mail()
    message = mail.add(subject="in a batch")
    name = mail.id(message, immutable=True)
    graph.world.faults.add("/me/mailFolders/inbox", f.error(429, "ApplicationThrottled", retry_after="3"))
    said = ask_batch(
        asker,
        {"id": "1", "method": "GET", "url": f"/me/messages/{name}", "headers": {"Prefer": IMMUTABLE}},
        {"id": "2", "method": "GET", "url": "/me/messages/nothing"},
        {"id": "3", "method": "GET", "url": "/me/mailFolders/inbox"},
        {"id": "4", "method": "GET", "url": "/me/messages", "dependsOn": ["2"]},
        {"id": "5", "method": "GET", "url": f"/me/messages/{name}"},
    )
    assert list(said) == ["5", "4", "3", "2", "1"]
    assert {key: each["status"] for key, each in said.items()} == {"1": 200, "2": 404, "3": 429, "4": 424, "5": 200}
    assert said["3"]["headers"]["Retry-After"] == "3"
    assert (said["1"]["body"]["id"] == name, said["5"]["body"]["id"] == name) == (True, False)
    parts = [{"id": str(n), "method": "GET", "url": "/me/messages"} for n in range(21)]
    assert asker.ask("POST", "/v1.0/$batch", json.dumps({"requests": parts})).status == 400
    assert asker.ask("POST", "/v1.0/me/messages", "{}").status == 403
    assert graph.world.verbs() == {"GET", "POST"}


def test_parts_of_a_batch_find_no_room(graph: Graph, asker: Asker) -> None:
    graph.world.throttle.enter("me@example.com")
    graph.world.throttle.enter("me@example.com")
    parts = [{"id": str(n), "method": "GET", "url": "/me/messages"} for n in range(8)]
    assert [each["status"] for each in ask_batch(asker, *parts).values()] == [429, 429, 200, 200] * 2


def test_only_the_calls_that_were_named_go_wrong(graph: Graph, asker: Asker) -> None:
    graph.world.faults.add(GLOB, f.error(503, "serviceNotAvailable", retry_after="7"), calls={2})
    graph.world.faults.add(GLOB, f.error(509, "bandwidthLimitExceeded"), calls={3})
    graph.world.faults.add(GLOB, f.error(504, "UnknownError"), calls={4})
    assert [asker.get(INBOX).status for _ in range(5)] == [200, 503, 509, 504, 200]
    assert asker.get("/me/contacts/delta").status == 200
    assert graph.world.paths()[-2:] == ["/me/mailFolders/inbox/messages/delta", "/me/contacts/delta"]
    assert [each.status for each in graph.world.asked][:2] == [200, 503]


def test_answers_that_break_off(graph: Graph, asker: Asker) -> None:
    rules, whole = graph.world.faults, len(json.dumps(asker.get(INBOX).body))
    for fault, problem in (
        (f.cut(150 + whole // 2), IncompleteRead), (f.cut(5), HTTPException), (f.reset(10), ConnectionResetError),
        (f.wrong_length(1), IncompleteRead), (f.truncated(30), json.JSONDecodeError),
    ):  # fmt: skip
        rules.clear()
        rules.add(GLOB, fault)
        with pytest.raises(problem):
            asker.get(INBOX)
    rules.clear()
    rules.add(GLOB, f.html(502))
    said = asker.get(INBOX)
    assert (said.status, said.headers["content-type"]) == (502, "text/html")


def test_pages_that_mislead(graph: Graph, asker: Asker) -> None:
    world = graph.world
    for _ in range(25):
        world.mail().add()
    world.faults.add(GLOB, f.same_link(), calls={2})
    first = asker.get(INBOX)
    second = asker.get(first.next)
    assert second.next == first.next
    world.faults.clear()
    world.faults.add(GLOB, f.repeated())
    rows, _ = asker.round(INBOX)
    assert (len(rows), len({row["id"] for row in rows})) == (27, 25)
    world.faults.clear()
    world.faults.add(GLOB, f.meanwhile(lambda: world.mail().add(subject="meanwhile")), calls={2})
    rows, link = asker.round(INBOX)
    assert (len(rows), [row["subject"] for row in asker.round(link)[0]]) == (25, ["meanwhile"])


def test_tokens_that_are_not_good(graph: Graph, asker: Asker) -> None:
    said = asker.get(INBOX, Authorization="Bearer nonsense")
    assert (said.status, said.code) == (401, "InvalidAuthenticationToken")
    assert "authorization_uri" in said.headers["www-authenticate"]
    graph.world.clock.advance(3600)
    assert "Lifetime validation failed" in str(asker.get(INBOX).body)
    graph.world.authority.revoke(graph.world.user())
    assert asker.get(INBOX).status == 401


def test_a_mistake_of_the_fake_is_not_hidden() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    world = World()
    world.faults.add("/me", f.meanwhile(broken))
    with (
        pytest.raises(RuntimeError, match="ZeroDivisionError"),
        serving(world) as graph,
        pytest.raises(HTTPException),
    ):
        Asker(graph).get("/me")
