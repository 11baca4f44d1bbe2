"""Google Calendar's notifications: all of it in headers, nothing in the body.

https://developers.google.com/workspace/calendar/api/guides/push#receive-notifications
"""

from __future__ import annotations

from connectors.notified.notice import Notice
from connectors.notified.port import CHANNEL, key_of, proof_of
from connectors.notified.wire import Request

_STATES = frozenset({"sync", "exists", "not_exists"})


def notices(request: Request) -> list[Notice] | None:
    """Which channel it claims to be of, and the proof of its token; None where it is no such notification."""
    told = request.headers
    own, token = told.get("x-goog-channel-id", ""), told.get("x-goog-channel-token", "")
    if not own or told.get("x-goog-resource-state", "") not in _STATES:
        return None
    return [Notice(key_of(CHANNEL, own), proof_of(token))]
