"""Who is believed, and what comes of it: forged, expired, foreign, replayed and broken notifications of each sender."""

from __future__ import annotations

import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import TryLater
from connectors.notified.door import Door
from connectors.notified.gmail import Expected
from connectors.notified.keys import Keys
from connectors.notified.notice import Notice, Said
from connectors.notified.port import proof_of
from connectors.notified.wire import Answer, Request
from tests.peers.google.pushing import Push, pubsub, signer

AUDIENCE = "https://push.example.net/gmail"
SENDER = "push@project.iam.gserviceaccount.com"


class Known(Keys):
    """The keys that a test knows."""

    def __init__(self, *, away: bool = False) -> None:
        super().__init__()
        self.away = away

    def get(self, name: str) -> str | None:
        if self.away:
            raise TryLater("away")
        return {signer().name: signer().certificate}.get(name)


class Taken:
    def __init__(self, *, away: bool = False, sender: str = SENDER) -> None:
        self.notices: list[Notice] = []
        self.door = Door(Expected(AUDIENCE, sender), Known(away=away), self.take)

    def take(self, notices: Sequence[Notice]) -> None:
        self.notices += notices

    def post(self, path: str, body: bytes = b"", query: str = "", **headers: str) -> Answer:
        told = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        return self.door(Request("POST", path, query, told, body))

    def mail(self, token: str, data: object = None) -> Answer:
        said = {"emailAddress": "Me@Example.com", "historyId": 9} if data is None else data
        letter = pubsub(AUDIENCE, token, said)  # type: ignore[arg-type]
        return self.post("/gmail", letter.body, authorization=letter.headers["Authorization"])


def claims(**other: Any) -> dict[str, Any]:
    return {**Push(AUDIENCE, SENDER).claims(time.time()), **other}


def test_what_google_signed_for_us_is_believed() -> None:
    taken = Taken()
    assert taken.mail(signer().token(claims())) == Answer(204)
    assert taken.notices == [Notice("gmail:me@example.com", "")]


def test_a_replay_says_nothing_but_the_same_again() -> None:
    taken, token = Taken(), signer().token(claims())
    for _ in range(3):
        taken.mail(token)
    assert set(taken.notices) == {Notice("gmail:me@example.com", "")}


@pytest.mark.parametrize(
    "other",
    [
        {"aud": "https://push.example.net/graph"}, {"aud": "https://other.example/gmail"}, {"aud": [AUDIENCE, "x"]},
        {"aud": None}, {"iss": "https://accounts.example"}, {"iss": None}, {"email": "other@x.iam.gserviceaccount.com"},
        {"email": None}, {"email_verified": False}, {"email_verified": "true"}, {"email_verified": None},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}, {"iat": int(time.time()) + 7200},
        {"exp": None}, {"exp": "soon"}, {"iat": None},
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_this_is_not_believed(other: dict[str, Any]) -> None:
    taken = Taken()
    assert taken.mail(signer().token(claims(**other))) == Answer(403)
    assert not taken.notices


@pytest.mark.parametrize("missing", ["aud", "iss", "email", "email_verified", "exp", "iat"])
def test_each_claim_must_be_there(missing: str) -> None:
    taken, said = Taken(), claims()
    del said[missing]
    assert taken.mail(signer().token(said)) == Answer(403)
    assert not taken.notices


def part(document: object) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def forged() -> dict[str, str]:
    good = signer().token(claims())
    head, body, mark = good.split(".")
    other = signer("forger")
    public = signer().certificate
    return {
        "another key under its name": other.token(claims()).replace(
            other.token({}).split(".")[0], part({"typ": "JWT", "alg": "RS256", "kid": signer().name})
        ),
        "a key that is not published": other.token(claims()),
        "no algorithm": f"{part({'alg': 'none', 'kid': signer().name})}.{body}.",
        "no signature": f"{head}.{body}.",
        "another body": f"{head}.{part(claims(email=SENDER, sub='x'))}.{mark}",
        "the certificate as a password": jwt.encode(
            claims(), public[27:80], algorithm="HS256", headers={"kid": signer().name}
        ),
        "no name of a key": f"{part({'alg': 'RS256'})}.{body}.{mark}",
        "a name that is none": f"{part({'alg': 'RS256', 'kid': ['x']})}.{body}.{mark}",
        "an elliptic one": f"{part({'alg': 'ES256', 'kid': signer().name})}.{body}.{mark}",
        "a part too many": f"{good}.x", "nothing": "", "dots": "..", "no base64": "a.b.c", "not ASCII": "\u00e4.b.c",
        "a number": f"{part(1)}.{part(2)}.{mark}", "deep": f"{'W' * 9000}.{body}.{mark}",
    }  # fmt: skip


@pytest.mark.parametrize("how", list(forged()))
def test_what_google_did_not_sign_is_not_believed(how: str) -> None:
    taken = Taken()
    assert taken.mail(forged()[how]) == Answer(403)
    assert not taken.notices


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "bearer ", "Token x"])
def test_without_a_token_nobody_is_believed(header: str) -> None:
    taken = Taken()
    body = pubsub(AUDIENCE, "", {"emailAddress": "me@example.com"}).body
    assert taken.post("/gmail", body, authorization=header) == Answer(403)
    assert taken.post("/gmail", body) == Answer(403)
    assert not taken.notices


def test_where_no_sender_is_set_nobody_is_believed() -> None:
    taken = Taken(sender="")
    assert taken.mail(signer().token(claims(email=""))) == Answer(403)


def test_without_googles_keys_it_is_to_be_sent_again() -> None:
    taken = Taken(away=True)
    assert taken.mail(signer().token(claims())) == Answer(503)
    assert not taken.notices


@pytest.mark.parametrize(
    "data", [{}, {"emailAddress": 1}, {"emailAddress": "x" * 400}, [], "text", 7, {"historyId": "1"}]
)
def test_a_signed_body_that_is_no_news_is_refused(data: object) -> None:
    taken = Taken()
    assert taken.mail(signer().token(claims()), data) == Answer(400)
    assert not taken.notices


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"message":{"data":"*"}}', b'{"message":{}}'])
def test_a_signed_body_that_is_broken_is_refused(body: bytes) -> None:
    taken = Taken()
    assert taken.post("/gmail", body, authorization=f"Bearer {signer().token(claims())}") == Answer(400)
    assert not taken.notices


def test_both_alphabets_of_base64() -> None:
    """Pub/Sub writes the first, others the second."""
    data = json.dumps({"emailAddress": "a\u00ff\u00fe>?@example.com"}, ensure_ascii=False).encode()
    for encode in (b64encode, urlsafe_b64encode):
        taken = Taken()
        body = json.dumps({"message": {"data": encode(data).decode().rstrip("=")}}).encode()
        assert taken.post("/gmail", body, authorization=f"Bearer {signer().token(claims())}").status == 204


def channel(taken: Taken, own: str, token: str, state: str = "exists") -> Answer:
    return taken.post(
        "/calendar", x_goog_channel_id=own, x_goog_channel_token=token, x_goog_resource_state=state,
        x_goog_message_number="7",
    )  # fmt: skip


@pytest.mark.parametrize("state", ["sync", "exists", "not_exists"])
def test_a_channel_shows_the_secret_that_it_was_given(state: str) -> None:
    taken = Taken()
    assert channel(taken, "c1", "secret", state) == Answer(200)
    assert taken.notices == [Notice("calendar:c1", proof_of("secret"))]
    assert "secret" not in str(taken.notices)


def test_known_or_unknown_with_the_secret_or_without_the_answer_is_one() -> None:
    taken = Taken()
    assert {channel(taken, own, token) for own in ("c1", "c2") for token in ("secret", "", "x" * 500)} == {Answer(200)}
    bodies = [graph(one, state) for one in ("s1", "s2") for state in ("secret", None, "", 3 * "\u00e4")]
    assert {taken.post("/graph", body) for body in bodies} == {Answer(202)}
    addresses = ["me@example.com", "nobody@example.com", "%s", "\u0000"]
    token = signer().token(claims())
    assert {taken.mail(token, {"emailAddress": one}) for one in addresses} == {Answer(204)}


@pytest.mark.parametrize("headers", [{}, {"x_goog_channel_id": "c"}, {"x_goog_resource_state": "sync"}])
def test_what_is_no_message_of_a_channel_is_refused(headers: dict[str, str]) -> None:
    taken = Taken()
    assert taken.post("/calendar", b"", "", **headers) == Answer(400)
    assert not taken.notices


def graph(own: str, state: str | None, event: str | None = None, **more: Any) -> bytes:
    one = {"subscriptionId": own, "clientState": state, "changeType": "created", **more}
    return json.dumps({"value": [one | ({"lifecycleEvent": event} if event else {})]}).encode()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (None, Said.NEWS), ("missed", Said.MISSED), ("reauthorizationRequired", Said.LAPSING),
        ("subscriptionRemoved", Said.REMOVED), ("SubscriptionRemoved", Said.REMOVED),
    ],
)  # fmt: skip
def test_graph_tells_of_news_and_of_its_subscriptions(event: str | None, said: Said) -> None:
    taken = Taken()
    assert taken.post("/graph", graph("s1", "secret", event)) == Answer(202)
    assert taken.notices == [Notice("graph:s1", proof_of("secret"), said)]


def test_an_event_that_is_not_known_yet_is_passed_over() -> None:
    taken = Taken()
    assert taken.post("/graph", graph("s1", "secret", "somethingNew")) == Answer(202)
    assert not taken.notices


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b'{"value":{}}', b'{"value":[{}]}', b'{"value":[{"subscriptionId":1}]}', b"\xff\xfe",
        b'{"value":[{"subscriptionId":"s","clientState":{}}]}', b'{"value":' + b"[" * 50_000,
    ],
)  # fmt: skip
def test_what_is_no_notification_of_graph_is_refused(body: bytes) -> None:
    taken = Taken()
    assert taken.post("/graph", body) == Answer(400)
    assert not taken.notices


def test_of_very_many_in_one_only_so_many_are_looked_at() -> None:
    taken = Taken()
    many = json.dumps({"value": [{"subscriptionId": str(number)} for number in range(1_500)]}).encode()
    assert taken.post("/graph", many) == Answer(202)
    assert len(taken.notices) == 1_000


GIVEN = "Validation: Testing client application reachability for subscription Request-Id: 8f3c8f1c-3b8a"


def test_the_handshake_gives_the_token_back_as_plain_text() -> None:
    taken = Taken()
    assert taken.post("/graph", query=f"validationToken={quote(GIVEN)}") == Answer(200, GIVEN)
    assert taken.post("/graph", query=f"validationToken={quote(GIVEN, safe='').replace('%20', '+')}").text == GIVEN
    assert not taken.notices


def test_html_in_the_token_is_no_html_in_the_answer() -> None:
    said = Taken().post("/graph", query=f"validationToken={quote('<script>alert(1)</script>&')}")
    assert said == Answer(200, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;")


@pytest.mark.parametrize(
    "query",
    [
        "validationToken=", "validationToken=a&validationToken=b", f"validationToken={'x' * 5_000}",
        "validationToken=a%0d%0aSet-Cookie:%20x", "validationToken=%00", "validationToken=%ff%fe",
        "validationToken=a&" + "&".join(f"a{number}=b" for number in range(20)),
    ],
)  # fmt: skip
def test_a_handshake_that_graph_would_not_make_is_refused(query: str) -> None:
    assert Taken().post("/graph", query=query) == Answer(400)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/gmail", "/calendar", "/graph", "/"])
def test_nothing_but_post_is_answered(method: str, path: str) -> None:
    taken = Taken()
    assert taken.door(Request(method, path, "validationToken=x", {}, graph("s", "x"))) == Answer(404)


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/graph/", "/Graph", "//graph", "/graph/../gmail", "/x"])
def test_no_other_path_is_answered(path: str) -> None:
    taken = Taken()
    assert taken.post(path, graph("s", "x"), "validationToken=x") == Answer(404)
    assert not taken.notices


NAMES = st.sampled_from(["authorization", "x-goog-channel-id", "x-goog-resource-state"])
PATHS = st.sampled_from(["/gmail", "/calendar", "/graph"])


@given(PATHS, st.binary(max_size=300), st.text(max_size=60), st.dictionaries(NAMES, st.text(max_size=40)))
def test_whatever_comes_is_answered_with_a_number(path: str, body: bytes, query: str, headers: dict[str, str]) -> None:
    taken = Taken()
    found = taken.door(Request("POST", path, query, headers, body))
    assert found.status in {200, 202, 204, 400, 403}
    assert path != "/gmail" or not taken.notices
