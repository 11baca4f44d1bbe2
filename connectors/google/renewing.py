"""The access token of each request: renewed before it ends and where it is refused, kept before it is used."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from connectors.credentials.secret import Secret
from connectors.google.grant import Grant, opened, sealed
from connectors.google.tokens import Fresh, TokenEndpoint
from connectors.sync.provider import Keeper

_SKEW = 300.0  # seconds before its end that a token is no longer used: what one request may take


class Renewing:
    """An `Auth` of `connectors.http`. Raises SignInNeeded and TryLater of the token endpoint. `wall`: since 1970."""

    def __init__(self, keeper: Keeper, name: str, *, wall: Callable[[], float] = time.time) -> None:
        self._keeper, self._name, self._wall = keeper, name, wall
        self._grant: Grant | None = None
        self._token: Secret | None = None
        self._until = 0.0

    @property
    def grant(self) -> Grant:
        """The grant as it was last seen."""
        if self._grant is None:
            self._grant = opened(self._keeper.get(), self._name)
            self._token, self._until = self._grant.access_token, self._grant.expires_ms / 1000 - _SKEW
        return self._grant

    def header(self, verb: str, url: str) -> str:  # noqa: ARG002  one shape
        _ = self.grant
        if self._token is None or self._wall() >= self._until:
            self._renew()
        return f"Bearer {self._token.reveal()}" if self._token else ""

    def challenged(self, challenge: str) -> bool:  # noqa: ARG002  one shape
        """A token may be revoked before its time."""
        self._renew()
        return True

    def _renew(self) -> None:
        """RFC 6749, 6. A rotated refresh token is kept first: the one before may be worthless already."""
        with self._keeper.alone():
            kept = opened(self._keeper.get(), self._name)
            endpoint = TokenEndpoint(kept.token_uri, self._name)
            try:
                fresh = endpoint.renew(kept)
            finally:
                endpoint.close()
            now = self._wall()
            kept = renewed(kept, fresh, now)
            if fresh.refresh is not None:
                self._keeper.put(sealed(kept))
        self._grant, self._token = kept, fresh.access
        self._until = now + fresh.seconds - min(_SKEW, fresh.seconds / 2)


def renewed(grant: Grant, fresh: Fresh, now: float) -> Grant:
    """The grant with what the endpoint gave; `now` in seconds since 1970."""
    return msgspec.structs.replace(
        grant,
        refresh_token=fresh.refresh or grant.refresh_token,
        access_token=fresh.access,
        expires_ms=int((now + fresh.seconds) * 1000),
        scopes=grant.scopes if fresh.scopes is None else fresh.scopes,
    )
