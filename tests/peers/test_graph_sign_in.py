"""The fake's authority, driven by Microsoft's own msal."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import msal
import pytest
import requests

from tests.peers.graph import Graph, faults, serving
from tests.peers.graph.asking import Asker
from tests.peers.graph.authority import CLIENT, DEVICE, Grant
from tests.peers.graph.browser import browse, session

SCOPES = ["Mail.ReadBasic", "Calendars.Read"]
REDIRECT = "http://localhost:53682/"


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


@pytest.fixture
def http(graph: Graph) -> Iterator[requests.Session]:
    with session(graph) as made:
        yield made


@pytest.fixture
def app(http: requests.Session) -> Any:
    return application(http)


def application(http: requests.Session, host: str = "login.microsoftonline.com", **more: Any) -> Any:
    authority = f"https://{host}/common"
    return msal.PublicClientApplication(CLIENT, authority=authority, http_client=http, instance_discovery=False, **more)


def signed_in(graph: Graph, app: Any) -> dict[str, Any]:
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT, response_mode="form_post")
    result: dict[str, Any] = app.acquire_token_by_auth_code_flow(flow, browse(graph, flow["auth_uri"]))
    return result


def silent(app: Any, **more: Any) -> dict[str, Any]:
    """A refresh."""
    (account,) = app.get_accounts()
    result: dict[str, Any] = app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True, **more)
    return result


def refreshed(graph: Graph, token: str) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", graph.port, timeout=10)
    form = f"client_id={CLIENT}&grant_type=refresh_token&refresh_token={token}"
    connection.request("POST", "/common/oauth2/v2.0/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
    body: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return body


@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize("host", ["login.microsoftonline.com", "login.microsoftonline.us"])
@pytest.mark.filterwarnings("ignore:response_mode")
def test_a_code_with_pkce_and_rotation(graph: Graph, http: requests.Session, mode: str, host: str) -> None:
    app = application(http, host)
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT, response_mode=mode)
    answer = browse(graph, flow["auth_uri"])
    result = app.acquire_token_by_auth_code_flow(flow, answer)
    assert set(result["scope"].split()) == {*SCOPES, "openid", "profile"}
    assert result["id_token_claims"]["preferred_username"] == "me@example.com"
    assert [account["username"] for account in app.get_accounts()] == ["me@example.com"]
    assert requests.get(f"{graph.url}/v1.0/me/messages", headers=bearer(result), timeout=10).status_code == 200
    again = silent(app)
    assert again["refresh_token"] != result["refresh_token"]
    assert app.acquire_token_by_auth_code_flow(flow, answer)["error_codes"] == [54005]


def bearer(result: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {result['access_token']}"}


def test_a_wrong_verifier_and_a_forged_state(graph: Graph, app: Any) -> None:
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT, response_mode="form_post")
    answer = browse(graph, flow["auth_uri"])
    refused = app.acquire_token_by_auth_code_flow({**flow, "code_verifier": "x" * 43}, answer)
    assert refused["error_codes"] == [501481]
    graph.world.authority.wrong_state = True
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT, response_mode="form_post")
    with pytest.raises(ValueError, match="state"):
        app.acquire_token_by_auth_code_flow(flow, browse(graph, flow["auth_uri"]))


def test_what_people_and_administrators_refuse(graph: Graph, app: Any) -> None:
    authority = graph.world.authority
    authority.denied = True
    declined = signed_in(graph, app)
    assert (declined["error"], "AADSTS65004" in declined["error_description"]) == ("access_denied", True)
    authority.admin_consent = "redirect"
    assert "AADSTS90094" in signed_in(graph, app)["error_description"]
    authority.admin_consent = "page"
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT, response_mode="form_post")
    assert browse(graph, flow["auth_uri"]) == {}
    link = f"https://login.microsoftonline.com/organizations/adminconsent?client_id={CLIENT}&redirect_uri={REDIRECT}"
    assert browse(graph, link)["admin_consent"] == "True"
    authority.denied = False
    assert "access_token" in signed_in(graph, app)
    authority.refuse["authorization_code"] = 65001
    assert signed_in(graph, app)["suberror"] == "consent_required"


def test_a_device_code(graph: Graph, app: Any) -> None:
    authority = graph.world.authority
    flow = app.initiate_device_flow(SCOPES)
    assert app.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)["error_codes"] == [70016]
    flow = app.initiate_device_flow(SCOPES)
    authority.enter(flow["user_code"])
    assert "refresh_token" in app.acquire_token_by_device_flow(flow)
    flow = app.initiate_device_flow(SCOPES)
    authority.enter(flow["user_code"], allow=False)
    assert app.acquire_token_by_device_flow(flow)["error_codes"] == [65004]
    flow = app.initiate_device_flow(SCOPES)
    graph.world.clock.advance(901)
    assert app.acquire_token_by_device_flow(flow)["error_codes"] == [70020]
    authority.refuse[DEVICE] = 53003
    assert app.acquire_token_by_device_flow(app.initiate_device_flow(SCOPES))["error_codes"] == [53003]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (65001, "invalid_grant"), (70043, "invalid_grant"), (700082, "invalid_grant"), (50173, "invalid_grant"),
        (50076, "interaction_required"),
    ],
)  # fmt: skip
def test_refusals_of_a_refresh(graph: Graph, app: Any, code: int, error: str) -> None:
    signed_in(graph, app)
    graph.world.authority.refuse["refresh_token"] = code
    graph.world.authority.claims = '{"access_token":{"capolids":{"essential":true,"values":["1"]}}}'
    said = silent(app)
    assert (said["error"], said["error_codes"], f"AADSTS{code}: " in said["error_description"]) == (error, [code], True)
    assert json.loads(said["claims"])["access_token"]["capolids"]["values"] == ["1"]


def test_a_replayed_refresh_token(graph: Graph, app: Any) -> None:
    old = signed_in(graph, app)["refresh_token"]
    new = silent(app)["refresh_token"]
    assert "access_token" in refreshed(graph, old)  # Entra lets an old one pass
    graph.world.authority.reuse_kills = True
    assert refreshed(graph, old)["error"] == "invalid_grant"
    assert refreshed(graph, new)["error_codes"] == [70000]
    again = signed_in(graph, app)["refresh_token"]
    graph.world.authority.revoke(graph.world.user())
    assert refreshed(graph, again)["error_codes"] == [50173]


@pytest.mark.parametrize("interactive", [False, True])
def test_a_claims_challenge(graph: Graph, http: requests.Session, *, interactive: bool) -> None:
    app = application(http, client_capabilities=["CP1"])
    result = signed_in(graph, app)
    authority = graph.world.authority
    authority.challenge()
    authority.interactive = interactive
    asker = Asker(graph, grant=Grant(graph.world.user(), frozenset(), "", access=result["access_token"]))
    said = asker.get("/me/messages")
    header = said.headers["www-authenticate"]
    assert (said.status, 'error="insufficient_claims"' in header) == (401, True)
    claims = b64decode(header.partition('claims="')[2].partition('"')[0]).decode()
    again = silent(app, claims_challenge=claims)
    if interactive:
        assert (again["error"], again["error_codes"]) == ("interaction_required", [50076])
        flow = app.initiate_auth_code_flow(
            SCOPES, redirect_uri=REDIRECT, response_mode="form_post", claims_challenge=claims
        )  # fmt: skip
        again = app.acquire_token_by_auth_code_flow(flow, browse(graph, flow["auth_uri"]))
    asker.grant.access = again["access_token"]
    assert asker.get("/me/messages").status == 200


def test_personal_accounts_and_unknown_tenants(graph: Graph, http: requests.Session, app: Any) -> None:
    graph.world.user().personal = True
    assert signed_in(graph, app)["id_token_claims"]["tid"].startswith("9188040d")
    said = http.get("https://login.microsoftonline.com/unknown/v2.0/.well-known/openid-configuration").json()
    assert (said["error"], said["error_codes"]) == ("invalid_tenant", [90002])


def test_the_token_endpoint_fails_too(graph: Graph, http: requests.Session, app: Any) -> None:
    signed_in(graph, app)
    graph.world.faults.add("*/token", faults.refused(70043), calls={1})
    graph.world.faults.add("*/token", faults.html(502), calls={2})
    assert silent(app)["error_codes"] == [70043]
    assert silent(app)["error_codes"] == [70043]  # msal keeps a refusal for a minute and asks nobody
    url = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    assert http.post(url).status_code == 502
    assert http.post(url).json()["error_codes"] == [700016]
    assert graph.world.paths().count("/common/oauth2/v2.0/token") == 4
