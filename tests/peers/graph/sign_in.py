"""The authority's pages and endpoints: /{tenant}/v2.0/.well-known/openid-configuration and /{tenant}/oauth2/v2.0/…"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.peers.graph.aadsts import OAuthError
from tests.peers.graph.authority import TENANT, with_query
from tests.peers.graph.call import Request
from tests.peers.graph.dispatch import json_answer
from tests.peers.graph.failures import GraphError
from tests.peers.graph.faults import Answer, Fault
from tests.peers.graph.world import Asked, World

_ENDS = (
    "/.well-known/openid-configuration", "/oauth2/v2.0/authorize", "/oauth2/v2.0/token", "/oauth2/v2.0/devicecode",
    "/discovery/v2.0/keys", "/discovery/instance", "/adminconsent",
)  # fmt: skip
_HTML = {"Content-Type": "text/html; charset=utf-8"}


def is_ours(request: Request) -> bool:
    return path_of(request).endswith(_ENDS)


def path_of(request: Request) -> str:
    return urlsplit(request.target).path


def answered(world: World, request: Request, faults: Iterable[Fault]) -> Answer:
    """The lock is held."""
    try:
        for fault in faults:
            if fault.before:
                fault.before()
        answer = _said(world, request)
    except OAuthError as error:
        answer = json_answer(error.status, error.body())
    except GraphError as error:
        said = {"error": error.code, "error_description": str(error)}
        answer = json_answer(error.status, said, error.headers)
    for fault in faults:
        answer = fault.wire(answer) if fault.wire else answer
    path = path_of(request)
    world.asked.append(Asked(request.verb, path, request.target, answer.status, world.clock.now()))
    return answer


def _said(world: World, request: Request) -> Answer:
    path = path_of(request)
    tenant = path.strip("/").partition("/")[0]
    if tenant == "unknown":
        raise OAuthError(90002)
    known = {"openid-configuration": _configuration, "keys": _keys, "instance": _instances}.get(path.rpartition("/")[2])
    return json_answer(200, known(request, tenant)) if known else _asked(world, request, path)


def _asked(world: World, request: Request, path: str) -> Answer:
    query = dict(parse_qsl(urlsplit(request.target).query))
    form = dict(parse_qsl(request.body.decode())) if request.verb == "POST" else {}
    if path.endswith("/authorize"):
        return _page(world, {**query, **form})
    if path.endswith("/adminconsent"):
        world.authority.admin_consent = ""
        where = with_query(query.get("redirect_uri", ""), {"admin_consent": "True", "tenant": TENANT})
        return Answer(302, {"Location": where}, b"")
    if request.verb != "POST":
        return json_answer(405, {"error": "invalid_request", "error_description": "Method Not Allowed"})
    return json_answer(200, world.authority.device(form) if path.endswith("code") else world.authority.token(form))


def _page(world: World, query: Mapping[str, str]) -> Answer:
    """The person has signed in already and says yes, or what the switches say."""
    try:
        where, said = world.authority.authorize(query)
    except OAuthError as error:
        return Answer(200, _HTML, f"<html><title>Sign in</title><p>{html.escape(str(error))}</p></html>".encode())
    if query.get("response_mode") != "form_post":
        return Answer(302, {"Location": with_query(where, said)}, b"")
    fields = "".join(f'<input type="hidden" name="{name}" value="{html.escape(said[name])}">' for name in said)
    page = f'<html><body><form method="POST" action="{html.escape(where)}">{fields}</form></body></html>'
    return Answer(200, _HTML, page.encode())


def _configuration(request: Request, tenant: str) -> dict[str, Any]:
    root = request.base.removesuffix("/v1.0")
    shared = tenant in ("common", "organizations", "consumers")
    return {
        "token_endpoint": f"{root}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{root}/{tenant}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"], "response_types_supported": ["code", "id_token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{root}/{'{tenantid}' if shared else TENANT}/v2.0", "request_uri_parameter_supported": False,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": f"{root}/{tenant}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/{tenant}/oauth2/v2.0/devicecode",
        "tenant_region_scope": None, "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }  # fmt: skip


def _keys(_request: Request, _tenant: str) -> dict[str, Any]:
    """None: signatures are not looked at."""
    return {"keys": []}


def _instances(request: Request, tenant: str) -> dict[str, Any]:
    root = request.base.removesuffix("/v1.0")
    host = urlsplit(root).netloc
    return {
        "tenant_discovery_endpoint": f"{root}/{tenant}/v2.0/.well-known/openid-configuration", "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }  # fmt: skip
