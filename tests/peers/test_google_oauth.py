"""Sign-in at the fake: the flow of installed applications, and every way in which it ends badly."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.peers.google import Google, World, serving
from tests.peers.google.asking import MAIL, Asker, Said
from tests.peers.google.oauth import PREFIX

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CLIENT, SECRET = next(iter(World().oauth.clients.items()))
REDIRECT = "http://127.0.0.1:9/"
READ, DATES = f"{PREFIX}gmail.readonly", f"{PREFIX}calendar.readonly"


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        yield made


def consent(google: Google, **changes: str) -> tuple[Said, dict[str, str]]:
    """The page, and the query that the browser brings to the loopback address."""
    query = {
        "client_id": CLIENT, "redirect_uri": REDIRECT, "response_type": "code", "scope": f"{READ} {DATES}",
        "state": "s1", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    said = Asker(google).ask("GET", f"/o/oauth2/v2/auth?{urlencode(query)}")
    return said, dict(parse_qsl(urlsplit(said.headers.get("location", "")).query))


def post(google: Google, path: str, **form: str) -> Said:
    kind = "application/x-www-form-urlencoded"
    return Asker(google).ask("POST", path, urlencode(form), kind)


def redeem(google: Google, code: str, **changes: str) -> Said:
    form = {"grant_type": "authorization_code", "client_id": CLIENT, "client_secret": SECRET, "code": code,
            "redirect_uri": REDIRECT, "code_verifier": VERIFIER, **changes}  # fmt: skip
    return post(google, "/token", **form)


def refresh(google: Google, token: str, **changes: str) -> Said:
    form = {"grant_type": "refresh_token", "client_id": CLIENT, "client_secret": SECRET, "refresh_token": token}
    return post(google, "/token", **{**form, **changes})


def signed_in(google: Google) -> dict[str, Any]:
    return redeem(google, consent(google)[1]["code"]).body


def profile(google: Google, access: str) -> Said:
    asker = Asker(google)
    asker.grant.access = access
    return asker.get(f"{MAIL}/profile")


def test_a_sign_in_brings_tokens_that_work(google: Google) -> None:
    said, back = consent(google)
    assert (said.status, back["state"], back["scope"]) == (302, "s1", f"{DATES} {READ}")
    tokens = redeem(google, back["code"]).body
    assert tokens.keys() == {"access_token", "refresh_token", "expires_in", "scope", "token_type"}
    assert profile(google, tokens["access_token"]).body["emailAddress"] == "me@example.com"
    assert "refresh_token" not in refresh(google, tokens["refresh_token"]).body


def test_a_code_is_good_once_for_its_verifier_and_address(google: Google) -> None:
    wrongs: list[dict[str, str]] = [{"code_verifier": "w" * 43}, {"redirect_uri": "http://127.0.0.1:10/"}]
    for wrong in wrongs:
        assert redeem(google, consent(google)[1]["code"], **wrong).status == 400
    code = consent(google)[1]["code"]
    assert redeem(google, code).status == 200
    assert redeem(google, code).body["error"] == "invalid_grant"


def test_wrong_clients_are_refused(google: Google) -> None:
    assert consent(google, client_id="x")[0].status == 400
    assert consent(google, redirect_uri="https://example.org/")[0].status == 400
    assert redeem(google, "c", client_id="x").body["error"] == "invalid_client"
    assert redeem(google, "c", client_secret="x").status == 401  # noqa: S106  no secret
    assert refresh(google, "r", grant_type="password").body["error"] == "unsupported_grant_type"


def test_the_person_unticks_denies_or_somebody_forges(google: Google) -> None:
    google.world.oauth.untick = frozenset({"calendar.readonly"})
    assert signed_in(google)["scope"] == READ
    google.world.oauth.wrong_state = True
    assert consent(google)[1]["state"] != "s1"
    google.world.oauth.denied, google.world.oauth.wrong_state = True, False
    assert consent(google)[1] == {"error": "access_denied", "state": "s1"}


def test_access_tokens_run_out_and_are_renewed(google: Google) -> None:
    tokens = signed_in(google)
    google.world.clock.advance(3601)
    said = profile(google, tokens["access_token"])
    assert (said.status, said.reason) == (401, "authError")
    assert "invalid_token" in said.headers["www-authenticate"]
    assert profile(google, refresh(google, tokens["refresh_token"]).body["access_token"]).status == 200


def test_a_revoked_or_forgotten_grant_is_invalid(google: Google) -> None:
    tokens, others = signed_in(google), signed_in(google)
    assert post(google, "/revoke", token=tokens["refresh_token"]).status == 200
    assert post(google, "/revoke", token=tokens["refresh_token"]).status == 400
    assert profile(google, tokens["access_token"]).status == 401
    assert refresh(google, tokens["refresh_token"]).body["error"] == "invalid_grant"
    assert refresh(google, others["refresh_token"]).status == 200
    google.world.forget_refresh_token()
    assert refresh(google, others["refresh_token"]).body["error"] == "invalid_grant"


def test_in_testing_a_grant_lives_for_seven_days(google: Google) -> None:
    google.world.oauth.testing = True
    tokens = signed_in(google)
    assert tokens["refresh_token_expires_in"] == 7 * 86_400
    google.world.clock.advance(7 * 86_400)
    assert refresh(google, tokens["refresh_token"]).status == 200
    google.world.clock.advance(1)
    assert refresh(google, tokens["refresh_token"]).body["error"] == "invalid_grant"


def test_a_rotated_token_that_is_used_again_kills_the_grant(google: Google) -> None:
    google.world.oauth.rotate = True
    first = signed_in(google)["refresh_token"]
    second = refresh(google, first).body["refresh_token"]
    third = refresh(google, second).body["refresh_token"]
    assert len({first, second, third}) == 3
    assert refresh(google, second).body["error"] == "invalid_grant"
    assert refresh(google, third).body["error"] == "invalid_grant"


def test_scopes_are_enforced(google: Google) -> None:
    asker = Asker(google, "calendar.readonly")
    said = asker.get(f"{MAIL}/profile")
    assert (said.status, said.reason) == (403, "insufficientPermissions")
    assert said.body["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert Asker(google, "gmail.metadata").get(f"{MAIL}/settings/sendAs").status == 403
