"""Graph's notifications of changes, and of what becomes of the subscriptions themselves.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks and …/change-notifications-lifecycle-events
"""

from __future__ import annotations

import html
from urllib.parse import parse_qs

import msgspec

from connectors.notified.notice import Notice, Said
from connectors.notified.port import GRAPH, key_of, proof_of
from connectors.notified.wire import Answer, Request

_MOST = 1_000  # notifications in one request
_LONGEST = 4_096  # letters of a validation token
_EVENTS = {
    "": Said.NEWS, "missed": Said.MISSED, "reauthorizationrequired": Said.LAPSING, "subscriptionremoved": Said.REMOVED,
}  # fmt: skip


class _One(msgspec.Struct, rename="camel"):
    subscription_id: str
    client_state: str | None = None
    lifecycle_event: str | None = None


class _Many(msgspec.Struct):
    value: list[_One]


def handshake(request: Request) -> Answer | None:
    """Graph tries an address: it wants its token back, as plain text, harmless. None where it is no handshake."""
    if "validationToken=" not in request.query:
        return None
    try:
        found = parse_qs(request.query, max_num_fields=8, errors="strict").get("validationToken", [""])
    except ValueError:
        return Answer(400)
    token = found[0]
    if len(found) != 1 or not 0 < len(token) <= _LONGEST or not token.isprintable():
        return Answer(400)
    return Answer(200, html.escape(token))


def notices(body: bytes) -> list[Notice] | None:
    """What is said of which subscriptions; None where it is no notification of Graph's."""
    try:
        found = msgspec.json.decode(body, type=_Many).value
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        return None
    said = [(one, _EVENTS.get((one.lifecycle_event or "").lower())) for one in found[:_MOST]]
    return [
        Notice(key_of(GRAPH, one.subscription_id), proof_of(one.client_state or ""), event)
        for one, event in said
        if event is not None
    ]
