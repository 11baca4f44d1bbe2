"""From a request to an answer: who asks, what it costs, which fault was scripted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus

from tests.peers.graph import pushing
from tests.peers.graph.batch import batch
from tests.peers.graph.call import Call, Json, Request, segments
from tests.peers.graph.failures import GraphError, denied, not_found
from tests.peers.graph.faults import Answer, Fault
from tests.peers.graph.paging import Raw
from tests.peers.graph.routes import canonical, routed
from tests.peers.graph.user import User
from tests.peers.graph.world import Asked, World


def json_answer(status: int, body: Json, headers: dict[str, str] | None = None) -> Answer:
    said = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return Answer(status, said, json.dumps(body, ensure_ascii=False).encode())


def path_of(request: Request) -> str:
    """Without the version; what logs and globs see."""
    return "/" + "/".join(canonical(segments(request.target)))


def mailbox_of(world: World, request: Request) -> str:
    """The address that the request is about; "" when it is nobody's."""
    try:
        if path_of(request) == "/$batch":
            return world.authority.holder(request.headers.get("authorization", "")).user.address
        return _about(world, request)[0].address
    except GraphError:
        return ""


def answered(world: World, request: Request, faults: Iterable[Fault], *, part: int | None = None) -> Answer:
    """`faults`: those scripted for this call. `part`: its place in a $batch. The lock is held."""
    path = path_of(request)
    mailbox = mailbox_of(world, request)
    try:
        if part is None:
            world.throttle.crowded(mailbox)
        else:
            world.throttle.crowded_part(mailbox, part)
        for fault in faults:
            if fault.before:
                fault.before()
        answer = _good(world, request, path, empty=any(fault.empty for fault in faults))
    except GraphError as error:
        answer = json_answer(error.status, error.body(len(world.asked)), error.headers)
    url = request.base.removesuffix("/v1.0") + request.target
    for fault in faults:
        if fault.body and answer.status == HTTPStatus.OK:
            answer = json_answer(200, fault.body(json.loads(answer.body), url))
        answer = fault.wire(answer) if fault.wire else answer
    prefer = request.headers.get("prefer", "")
    now = world.clock.now()
    asked = Asked(request.verb, path, request.target, answer.status, now, mailbox, prefer, part is not None)
    world.asked.append(asked)
    return answer


def _good(world: World, request: Request, path: str, *, empty: bool) -> Answer:
    if path == "/$batch" and request.verb == "POST":
        world.authority.holder(request.headers.get("authorization", ""))
        return json_answer(200, batch(request, lambda part, place: _part(world, part, place)))
    if pushing.is_ours(request):
        status, said_of_it = pushing.answered(world, request)
        return Answer(status, {}, b"") if said_of_it is None else json_answer(status, said_of_it)
    user, root, steps, scopes = _who(world, request)
    if request.verb != "GET":
        raise denied()
    world.throttle.charge(user.address)
    route, names = routed(steps)
    if not any(scope.split(".")[0] in route.kinds for scope in scopes):
        if route.kinds == ("User",):
            raise GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        raise denied()
    if user.no_mailbox and route.kinds != ("User",):
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise GraphError(404, "MailboxNotEnabledForRESTAPI", message)
    said = route.handler(Call(world, user, request, root, path, names, scopes, empty))
    if isinstance(said, Raw):
        return Answer(200, {"Content-Type": said.type}, said.body)
    prefer = request.headers.get("prefer", "")
    return json_answer(200, said, {"Preference-Applied": prefer} if prefer else {})


def _part(world: World, part: Request, place: int) -> Answer:
    return answered(world, part, world.faults.of(part.verb, path_of(part)), part=place)


def _about(world: World, request: Request) -> tuple[User, str, list[str]]:
    """(mailbox, root of its paths, the steps behind it). Raises GraphError."""
    steps = canonical(segments(request.target))
    holder = world.authority.holder(request.headers.get("authorization", "")).user
    if steps[:1] == ["me"]:
        return holder, "/me", steps[1:]
    if len(steps) < 2 or steps[0].lower() != "users":
        raise GraphError(400, "BadRequest", f"Resource not found for the segment '{steps[0] if steps else ''}'.")
    root = f"/users/{steps[1]}"
    if steps[1].lower() in ("me", "me-token-to-replace"):
        return holder, root, steps[2:]
    for user in world.users.values():
        if steps[1].lower() in (user.address.lower(), user.id):
            return user, root, steps[2:]
    raise not_found()


def _who(world: World, request: Request) -> tuple[User, str, list[str], frozenset[str]]:
    grant = world.authority.holder(request.headers.get("authorization", ""))
    user, root, steps = _about(world, request)
    scopes = grant.scopes
    if user is not grant.user:  # another's mailbox: what was shared
        scopes = frozenset(scope for scope in scopes if scope.endswith(".Shared"))
    return user, root, steps, scopes
