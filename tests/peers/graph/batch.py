"""$batch: up to twenty requests, each answered with a status of its own, in any order
(https://learn.microsoft.com/graph/json-batching)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from tests.peers.graph.call import Json, Request
from tests.peers.graph.failures import bad_request
from tests.peers.graph.faults import Answer

MOST = 20
_KEPT = frozenset({"authorization", "host", "x-forwarded-proto"})


def batch(request: Request, ask: Callable[[Request, int], Answer]) -> Json:
    """`ask` answers one request, in its place. Raises GraphError."""
    try:
        asked: list[Json] = json.loads(request.body)["requests"]
        names = [each["id"] for each in asked]
    except (ValueError, KeyError, TypeError):
        raise bad_request("Invalid batch payload format.") from None
    if len(asked) > MOST:
        raise bad_request(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    if len(set(names)) < len(names):
        raise bad_request("Duplicate request ids are not allowed.")
    answers: dict[str, Json] = {}
    for place, each in enumerate(asked):
        before = [answers.get(name, {"status": 424})["status"] for name in each.get("dependsOn", [])]
        failed = any(status >= 400 for status in before)
        answers[each["id"]] = _failed(each["id"]) if failed else _said(each["id"], ask(_request(request, each), place))
    return {"responses": list(answers.values())[::-1]}


def _request(outer: Request, part: Json) -> Request:
    """With the token of the batch, and none of its other headers."""
    kept = {name: value for name, value in outer.headers.items() if name in _KEPT}
    own = {str(name).lower(): str(value) for name, value in part.get("headers", {}).items()}
    return Request(part.get("method", "GET").upper(), "/v1.0/" + part["url"].lstrip("/"), {**kept, **own})


def _said(name: str, answer: Answer) -> Json:
    body: Any = b64encode(answer.body).decode()
    if "json" in answer.headers.get("Content-Type", ""):
        body = json.loads(answer.body)
    return {"id": name, "status": answer.status, "headers": answer.headers, "body": body}


def _failed(name: str) -> Json:
    said = {"error": {"code": "FailedDependency", "message": "A request that this one depends on failed."}}
    return {"id": name, "status": 424, "headers": {"Content-Type": "application/json"}, "body": said}
