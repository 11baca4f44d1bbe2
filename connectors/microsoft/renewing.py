"""The access token of each request: renewed by msal before it ends and where it is refused, kept before it is used."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable
from typing import Any

import msal
import msgspec

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.microsoft.aadsts import admin_link_of, refused
from connectors.microsoft.authority import Line, application, cache_of
from connectors.microsoft.grant import Grant, again, opened, sealed
from connectors.sync.provider import Keeper

_SKEW = 300.0  # seconds before its end that a token is no longer used: what one request may take
_LIFETIME = 3_600.0  # seconds, where Microsoft says nothing
_CLAIMS = re.compile(r'\bclaims="([^"]{1,8000})"')


class Renewing:
    """An `Auth` of `connectors.http`. Raises SignInNeeded and TryLater of the sign-in. `wall`: since 1970.

    `endpoint`: where the sign-in really is, "" for where the grant says.
    """

    def __init__(
        self, keeper: Keeper, name: str, *, endpoint: str = "", wall: Callable[[], float] = time.time
    ) -> None:
        self._keeper, self._name, self._endpoint, self._wall = keeper, name, endpoint, wall
        self._grant: Grant | None = None
        self._token: Secret | None = None
        self._until = 0.0

    @property
    def grant(self) -> Grant:
        """The grant as it was last seen."""
        if self._grant is None:
            self._take(opened(self._keeper.get(), self._name))
        assert self._grant is not None  # noqa: S101  just taken
        return self._grant

    def header(self, verb: str, url: str) -> str:  # noqa: ARG002  one shape
        _ = self.grant
        if self._token is None or self._wall() >= self._until:
            self._renew("")
        return f"Bearer {self._token.reveal()}" if self._token else ""

    def challenged(self, challenge: str) -> bool:
        """A token may be revoked before its time, or the organisation wants more of it now (claims)."""
        self._renew(_claims_in(challenge))
        return True

    def _renew(self, claims: str) -> None:
        """What msal got is kept first: the refresh token before may be worthless already."""
        with self._keeper.alone():
            kept = opened(self._keeper.get(), self._name)
            refused_one = self._token
            self._take(kept)
            if not claims and self._token is not None and self._token != refused_one and self._wall() < self._until:
                return  # another process renewed it
            cache = cache_of(kept.cache)
            self._ask(kept, cache, claims)
            kept = msgspec.structs.replace(kept, cache=Secret(cache.serialize()))
            self._keeper.put(sealed(kept))
        self._take(kept)

    def _ask(self, kept: Grant, cache: msal.SerializableTokenCache, claims: str) -> None:
        line = Line(kept.authority, self._name, self._endpoint)
        try:
            app = application(kept.client_id, kept.authority, line, self._name, cache)
            person = next((one for one in app.get_accounts() if one["home_account_id"] == kept.person), None)
            found: dict[str, Any] | None = None
            if person is not None:
                found = app.acquire_token_silent_with_error(
                    list(kept.scopes), person, force_refresh=True, claims_challenge=claims or None
                )
        finally:
            line.close()
        if found is None:
            raise SignInNeeded(f"{self._name}: what is kept of the sign-in is not whole; {again(self._name)}")
        if "access_token" not in found:
            raise refused(found, self._name, admin_link_of(kept))

    def _take(self, grant: Grant) -> None:
        """Look for the token in the grant's cache, which is msal's own."""
        self._grant, self._token, self._until = grant, None, 0.0
        cache = cache_of(grant.cache)
        for entry in cache.search(cache.CredentialType.ACCESS_TOKEN, query={"home_account_id": grant.person}):
            ends = float(entry.get("expires_on") or 0)
            began = float(entry.get("cached_at") or ends - _LIFETIME)
            until = ends - min(_SKEW, (ends - began) / 2)
            if until > self._until:
                self._token, self._until = Secret(entry["secret"]), until


def _claims_in(challenge: str) -> str:
    """The claims of a challenge, base64 of JSON (https://learn.microsoft.com/entra/identity-platform/claims-challenge)."""
    found = _CLAIMS.search(challenge)
    if found is None:
        return ""
    try:
        return base64.b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
