"""Microsoft's library for signing in, over our own HTTP: only to the sign-in that we named, and no page is logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import msal
import msgspec

from connectors.credentials.secret import Secret
from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.http import Http, Limits
from connectors.microsoft.grant import GUIDE
from connectors.net import origin, typed

_LIMITS = Limits(total=60.0, body=1 << 20)
_ANSWERS = range(400, 500)
_TOO_MANY = frozenset({408, 425, 429})


class Reply(NamedTuple):
    """As much of a response as msal looks at."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Never: whatever is for us to tell was raised before."""


class Line:
    """What msal sends through. `authority`: the address of the sign-in; `endpoint`: where it really is, "" for there.

    msal takes only https; behind `endpoint` the host that was meant stands in the header, as behind any proxy.
    """

    def __init__(self, authority: str, name: str, endpoint: str = "") -> None:
        self._name, self._endpoint = name, endpoint.rstrip("/")
        self._meant = origin(authority)
        self._http = Http(name, verbs=("GET", "POST"), private=typed(endpoint) if endpoint else (), limits=_LIMITS)

    def get(self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        return self._send("GET", f"{url}?{urlencode(params)}" if params else url, headers, b"")

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        wanted = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        target = f"{url}?{urlencode(params)}" if params else url
        return self._send("POST", target, wanted, urlencode(data or {}).encode())

    def shown(self, url: str) -> str:
        """An address as a browser finds it."""
        if not self._endpoint:
            return url
        there, parts = urlsplit(self._endpoint), urlsplit(url)
        return urlunsplit((there.scheme, there.netloc, parts.path, parts.query, ""))

    def close(self) -> None:
        self._http.close()

    def _send(self, verb: str, url: str, headers: Mapping[str, str] | None, body: bytes) -> Reply:
        if origin(url) != self._meant:  # a code and a refresh token are for nobody else
            raise Refused(f"{self._name}: Microsoft's sign-in would be on another server; that is not followed")
        wanted = dict(headers or {})
        if self._endpoint:
            wanted |= {"Host": urlsplit(url).netloc, "X-Forwarded-Proto": "https"}
        returns = [status for status in _ANSWERS if status not in _TOO_MANY]
        answer = self._http.ask(verb, self.shown(url), headers=wanted, body=body, returns=returns)
        text = answer.body.decode("utf-8", "replace")
        try:
            msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError):  # msal would log the whole page
            raise TryLater(f"{self._name}: not Microsoft answers to the sign-in; check the network") from None
        return Reply(answer.status, text, {name: str(value) for name, value in answer.headers.items()})


def application(client_id: str, authority: str, line: Line, name: str, cache: msal.SerializableTokenCache) -> Any:
    """The client of msal. Raises SignInNeeded where there is no such tenant, TryLater.

    Instance discovery is off: which host signs people in is our own list, not what a host says of itself.
    """
    try:
        return msal.PublicClientApplication(
            client_id, authority=authority, token_cache=cache, http_client=line, instance_discovery=False
        )
    except ValueError:
        tenant = urlsplit(authority).path.strip("/")
        raise SignInNeeded(f"{name}: Microsoft knows no tenant {tenant}: look at --tenant ({GUIDE})") from None


def cache_of(secret: Secret | None) -> msal.SerializableTokenCache:
    """The cache of msal from what is kept; an empty one for None."""
    cache = msal.SerializableTokenCache()
    if secret is not None:
        cache.deserialize(secret.reveal())
    return cache
