"""A request becomes an answer: who asks, may they, can they afford it, what is scripted, then the method itself."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.peers.google import calendar_list, discovery, gmail, people, pushing
from tests.peers.google.call import Call, checked
from tests.peers.google.discovery import Method, document
from tests.peers.google.failures import ApiError
from tests.peers.google.faults import Answer, Fault
from tests.peers.google.fields import only, parse
from tests.peers.google.oauth import Grant, short
from tests.peers.google.validate import problems
from tests.peers.google.world import Asked, World

Json = dict[str, Any]
HANDLERS: dict[str, Callable[[Call], Json]] = {
    **gmail.METHODS, **calendar_list.METHODS, **people.METHODS, **pushing.METHODS,
}  # fmt: skip
_TYPE = {"Content-Type": "application/json; charset=UTF-8"}
_REALM = 'Bearer realm="https://accounts.google.com/"'
_EMPTY = "~"  # begins the token of the page that an empty one names, and alone is that of the first page


class Request(NamedTuple):
    verb: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def api(world: World, request: Request) -> Answer:
    """One request to an API, alone or out of a batch."""
    url = urlsplit(request.target)
    found = discovery.find(request.verb, url.path)
    if found is None:
        nothing = ApiError(404, "notFound", "The requested URL was not found on this server.")
        world.asked.append(Asked("", request.verb, request.target, world.clock.now(), nothing.status))
        return json_answer(nothing.status, nothing.body("gmail"))
    method, path = found
    scripted, account, units = world.faults.of(method.id), "", 0
    try:
        grant = _allowed(world, method, request.headers)
        account = grant.account
        for fault in scripted:
            if fault.before:
                fault.before()
        units = world.quota.charge(method.api, method.id, account)
        query = parse_qs(url.query, keep_blank_values=True)
        checked(method, query)
        call = Call(world, world.account(account), method, path, query, grant.scopes, _told(method, request.body))
        said = _answer(call, scripted)
        answer = json_answer(200, said) if method.response else Answer(204, {}, b"")
    except ApiError as error:
        answer = json_answer(error.status, error.body(method.api), error.headers)
    answer = _packed(answer, request)
    for fault in scripted:
        answer = fault.wire(answer) if fault.wire else answer
    entry = Asked(method.id, request.verb, request.target, world.clock.now(), answer.status, account, units)
    world.asked.append(entry)
    return answer


def json_answer(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {**_TYPE, **(headers or {})}, json.dumps(body).encode())


def _packed(answer: Answer, request: Request) -> Answer:
    """Google compresses whatever a client can read compressed."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return answer
    headers = {**answer.headers, "Content-Encoding": "gzip", "Vary": "Origin, X-Origin, Referer"}
    return answer._replace(headers=headers, body=gzip.compress(answer.body, compresslevel=1, mtime=0))


def _allowed(world: World, method: Method, headers: Mapping[str, str]) -> Grant:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    grant = world.oauth.holder(token.strip()) if scheme.lower() == "bearer" else None
    if grant is None:
        message = (
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
            "valid authentication credential."
        )
        raise ApiError(
            401, "authError", message, location="Authorization", info="ACCESS_TOKEN_EXPIRED",
            headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'},
        )  # fmt: skip
    if not grant.scopes & method.scopes:
        wanted = " ".join(sorted(method.scopes))
        raise ApiError(
            403, "insufficientPermissions", "Request had insufficient authentication scopes.",
            info="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{wanted}"'},
        )  # fmt: skip
    return grant


def _told(method: Method, body: bytes) -> Json:
    """What a request says. Raises ApiError where that is nothing that the discovery document knows."""
    if not method.request or not body:
        return {}
    told: Json = json.loads(body)
    if wrong := problems(document(method.api), method.request, told):
        raise ApiError(400, "invalidArgument", f"Invalid JSON payload received. {wrong[0]}")
    return told


def _answer(call: Call, faults: list[Fault]) -> Json:
    handler = HANDLERS.get(call.method.id)
    if handler is None:
        raise ApiError(501, "notImplemented", f"this server does not know {call.method.id}")
    page, query = call.text("pageToken"), {**call.query}
    query.pop("pageToken", None)
    if token := page.removeprefix(_EMPTY):
        query["pageToken"] = [token]
    named = call.method._replace(scopes=frozenset(map(short, call.method.scopes)))
    body = handler(call._replace(query=query, method=named, scopes=frozenset(map(short, call.scopes))))
    checked_by = call.method.response if call.world.checked else ""
    if checked_by and (wrong := problems(document(call.method.api), checked_by, body)):
        raise ApiError(500, "notGoogle", f"Google would not say this: {wrong[0]}")
    for fault in faults:
        body = fault.body(body) if fault.body else body
        body = _emptied(body, page) if fault.empty else body
        body = {**body, "nextPageToken": page or _EMPTY} if fault.itself else body
    if "fields" in query:
        shown: Json = only(body, parse(query["fields"][-1]))
        return shown
    return body


def _emptied(body: Json, page: str) -> Json:
    kept = {name: value for name, value in body.items() if not isinstance(value, list)}
    kept.pop("nextSyncToken", None)
    return {**kept, "nextPageToken": f"{_EMPTY}{page.removeprefix(_EMPTY)}"}
