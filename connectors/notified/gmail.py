"""Gmail's notifications, as Pub/Sub pushes them: signed by Google for one address of ours, in the name of one account.

https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions and
https://developers.google.com/workspace/gmail/api/guides/push
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import msgspec

from connectors.notified.keys import Keys
from connectors.notified.notice import Notice
from connectors.notified.port import GMAIL, key_of
from connectors.notified.wire import Request

_ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
_SKEW = 60  # seconds that two clocks may differ
_LONGEST = 320  # letters of an address


class Expected(NamedTuple):
    """Whom a token must be meant for (our address), and in whose name (the account that the subscription names)."""

    audience: str
    sender: str


def is_genuine(request: Request, expected: Expected, keys: Keys) -> bool:
    """Whether Google signed it, for us, for that account, and it still holds. Raises TryLater without Google's keys."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not expected.sender:
        return False
    claims = _claims(token.strip(), expected.audience, keys)
    return (
        claims.get("iss") in _ISSUERS
        and claims.get("email") == expected.sender
        and claims.get("email_verified") is True
    )


def _claims(token: str, audience: str, keys: Keys) -> dict[str, Any]:
    """What a token says whose signature holds; nothing where it does not."""
    from google.auth import exceptions, jwt  # noqa: PLC0415  half a second that only who receives pays

    library: Any = jwt  # which has no types
    try:
        header = library.decode_header(token)
        named = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(named, str):
            return {}
        key = keys.get(named)
        if key is None:
            return {}
        found = library.decode(token, certs={named: key}, audience=audience, clock_skew_in_seconds=_SKEW)
    except (exceptions.GoogleAuthError, ValueError, TypeError, binascii.Error):
        return {}
    return dict(found)


class _Message(msgspec.Struct):
    data: str


class _Pushed(msgspec.Struct):
    """https://docs.cloud.google.com/pubsub/docs/push#receive_push; only what is used of it."""

    message: _Message


class _News(msgspec.Struct):
    """https://developers.google.com/workspace/gmail/api/guides/push#receive; the history id tells us nothing."""

    emailAddress: str  # noqa: N815  Google's name


def notices(body: bytes) -> list[Notice] | None:
    """Whose mail it speaks of; None where it is no notification of Gmail's."""
    try:
        data = msgspec.json.decode(body, type=_Pushed).message.data
        said = msgspec.json.decode(base64.b64decode(data.replace("-", "+").replace("_", "/") + "=="), type=_News)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, binascii.Error, RecursionError):
        return None
    address = said.emailAddress.strip().lower()
    return [Notice(key_of(GMAIL, address), "")] if len(address) <= _LONGEST else None
