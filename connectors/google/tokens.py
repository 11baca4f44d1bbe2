"""Google's token endpoint (RFC 6749): a code for tokens, a refresh token for an access token, and the end of both.

Not `google.oauth2.credentials`: it repeats requests and sleeps by rules of its own, and uses a rotated refresh token
before anybody could keep it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded, TryLater
from connectors.google.grant import GUIDE, Grant, again
from connectors.http import Answer, Http, Limits
from connectors.net import typed
from events.errors import AmityError

_LIMITS = Limits(total=60.0, body=1 << 20)
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_LIFETIME = 3_600.0  # seconds; what Google gives where it says nothing
_OK = 200
_REFUSED = frozenset(range(400, 500)) - {408, 425, 429}  # those mean "later"
_PERMISSIONS = "https://myaccount.google.com/permissions"
_REVOKE = "https://oauth2.googleapis.com/revoke"
# Why a refresh token dies: https://developers.google.com/identity/protocols/oauth2#expiration
_DEAD = (
    'Google ended this sign-in: after 7 days while your Google project is in "Testing", or because the password was'
    " changed, the access was taken away, or it was unused for 6 months"
)
_SESSION = "your organisation at Google wants you to sign in again"


class Fresh(NamedTuple):
    """What the endpoint gave. `seconds`: how long the access token holds; `refresh`: None where the old one stays.

    `scopes`: None where it does not say which were granted.
    """

    access: Secret
    seconds: float
    refresh: Secret | None
    scopes: tuple[str, ...] | None


class _Token(msgspec.Struct):
    """RFC 6749, 5.1."""

    access_token: str
    expires_in: float = _LIFETIME
    refresh_token: str = ""
    scope: str | None = None


class _Error(msgspec.Struct):
    """RFC 6749, 5.2; the subtype is Google's."""

    error: str
    error_subtype: str = ""
    error_description: str = ""


class TokenEndpoint:
    """Asks one token endpoint; `name` is the account as sentences call it."""

    def __init__(self, uri: str, name: str) -> None:
        self._uri, self._name = uri, name
        self._http = Http(name, verbs=("POST",), private=typed(uri), limits=_LIMITS)

    def redeem(self, client: tuple[str, Secret], code: str, *, verifier: str, redirect: str) -> Fresh:
        """A code for tokens (RFC 7636, 4.5). Raises SignInNeeded, TryLater."""
        return self._fresh({
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect,
            "client_id": client[0], "client_secret": client[1].reveal(),
        })  # fmt: skip

    def renew(self, grant: Grant) -> Fresh:
        """An access token for the refresh token. Raises SignInNeeded where it is dead, TryLater."""
        return self._fresh({
            "grant_type": "refresh_token", "refresh_token": grant.refresh_token.reveal(),
            "client_id": grant.client_id, "client_secret": grant.client_secret.reveal(),
        })  # fmt: skip

    def close(self) -> None:
        self._http.close()

    def _fresh(self, form: Mapping[str, str]) -> Fresh:
        answer = self._http.ask("POST", self._uri, headers=_FORM, body=urlencode(form).encode(), returns=_REFUSED)
        if answer.status != _OK:
            raise self._refusal(answer)
        try:
            token = msgspec.json.decode(answer.body, type=_Token)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
            raise TryLater(f"{self._name}: not Google answers to the sign-in; check the network") from None
        refresh = Secret(token.refresh_token) if token.refresh_token else None
        scopes = None if token.scope is None else tuple(token.scope.split())
        return Fresh(Secret(token.access_token), token.expires_in, refresh, scopes)

    def _refusal(self, answer: Answer) -> AmityError:
        """RFC 6749, 5.2. What came is named, never quoted: a server may repeat what it was sent."""
        try:
            said = msgspec.json.decode(answer.body, type=_Error)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
            said = _Error("")
        if not said.error:
            return TryLater(f"{self._name}: Google's sign-in is out of order (HTTP {answer.status}); sync again later")
        if said.error == "invalid_grant":
            cause = _SESSION if said.error_subtype in {"invalid_rapt", "rapt_required"} else _DEAD
            return SignInNeeded(f"{self._name}: {cause}; {again(self._name)}")
        if said.error in {"invalid_client", "unauthorized_client", "deleted_client"}:
            return SignInNeeded(
                f"{self._name}: Google does not know your client (was it deleted in the console?); download its file"
                f" anew, and {again(self._name)}"
            )
        code = said.error if said.error.isidentifier() and len(said.error) < 50 else "unknown"  # noqa: PLR2004  a name
        return SignInNeeded(f"{self._name}: Google refuses the sign-in ({code}); see {GUIDE}, and {again(self._name)}")


def revoke(grant: Grant, name: str) -> Sequence[str]:
    """Make the refresh token worthless (RFC 7009); sentences on what could not be done."""
    host = urlsplit(grant.token_uri).hostname or ""
    uri = _REVOKE if host.endswith((".googleapis.com", ".google.com")) else urljoin(grant.token_uri, "revoke")
    http = Http(name, verbs=("POST",), private=typed(uri), limits=_LIMITS)
    body = urlencode({"token": grant.refresh_token.reveal()}).encode()
    try:
        answer = http.ask("POST", uri, headers=_FORM, body=body, returns=_REFUSED)
    except AmityError as error:
        return [f"{error}; take the access away yourself at {_PERMISSIONS}"]
    finally:
        http.close()
    if answer.status == _OK or b"invalid_token" in answer.body:  # it was dead before
        return []
    return [f"{name}: Google did not take the access away (HTTP {answer.status}); do it at {_PERMISSIONS}"]
