"""Google's OAuth 2.0 for installed applications (https://developers.google.com/identity/protocols/oauth2/native-app)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.peers.google.clock import Clock

PREFIX = "https://www.googleapis.com/auth/"
WEEK = 7 * 86_400
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class OAuthError(Exception):
    """What the token endpoint says: a code of RFC 6749, 5.2."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": code, "error_description": description}


@dataclass
class Grant:
    """What a person once allowed a client. `refresh`: the token that is good now."""

    account: str
    scopes: frozenset[str]
    refresh: str
    made: float
    access: str = ""
    dead: bool = False
    spent: set[str] = field(default_factory=set)


class Code(NamedTuple):
    account: str
    scopes: frozenset[str]
    redirect: str
    challenge: str
    method: str


class OAuth:
    """Who may what. The switches say what the person does on the consent page and how the server treats tokens.

    `untick`: short scopes the person does not allow. `rotate`: a refresh brings a new refresh token, and using an old
    one again kills the grant. `testing`: the project is in "Testing", grants die after seven days.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.clients = {"client.apps.googleusercontent.com": "client-secret"}
        self.signed_in = ""
        self.untick: frozenset[str] = frozenset()
        self.denied = self.wrong_state = self.rotate = self.testing = False
        self.lifetime = 3600
        self.codes: dict[str, Code] = {}
        self.grants: list[Grant] = []
        self.access: dict[str, tuple[Grant, float]] = {}
        self._made = 0

    def consent(self, query: Mapping[str, str]) -> tuple[int, str]:
        """The page where the person decides: where the browser goes then, or (400, why not)."""
        redirect = query.get("redirect_uri", "")
        if query.get("client_id") not in self.clients:
            return 400, "Error 401: invalid_client"
        if urlsplit(redirect).scheme != "http" or urlsplit(redirect).hostname not in _LOOPBACK:
            return 400, "Error 400: redirect_uri_mismatch"
        if query.get("response_type") != "code" or not query.get("scope"):
            return 400, "Error 400: invalid_request"
        state = "forged" if self.wrong_state else query.get("state", "")
        answer = {"state": state} if state else {}
        if self.denied:
            return 302, _with(redirect, {"error": "access_denied", **answer})
        scopes = frozenset(query["scope"].split()) - {_long(each) for each in self.untick}
        challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "plain")
        code = f"4/0{self._new('code')}"
        self.codes[code] = Code(self.signed_in, scopes, redirect, challenge, method)
        granted = " ".join(sorted(scopes))
        return 302, _with(redirect, {**answer, "code": code, "scope": granted, "authuser": "0", "prompt": "consent"})

    def grant(self, account: str, *scopes: str) -> Grant:
        """As if the person had signed in already. Short scopes: gmail.metadata, calendar.readonly."""
        made = Grant(account, frozenset(map(_long, scopes)), f"1//0{self._new('refresh')}", self._clock.now())
        self.grants.append(made)
        self._access(made)
        return made

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint. Raises OAuthError."""
        secret = self.clients.get(form.get("client_id", ""))
        if secret is None:
            raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
        if form.get("client_secret") != secret:
            raise OAuthError("invalid_client", "Unauthorized", 401)
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form)
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form)
        raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")

    def revoke(self, token: str) -> None:
        """Either token ends the whole grant. Raises OAuthError."""
        for grant in self.grants:
            if not grant.dead and token in (grant.refresh, grant.access):
                grant.dead = True
                return
        raise OAuthError("invalid_token", "Token expired or revoked")

    def holder(self, access: str) -> Grant | None:
        """Whose token it is, if it is good."""
        grant, until = self.access.get(access, (None, 0.0))
        return grant if grant and not self._over(grant) and self._clock.now() < until else None

    def _redeem(self, form: Mapping[str, str]) -> dict[str, Any]:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri") != code.redirect:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        if code.challenge and _challenge(form.get("code_verifier", ""), code.method) != code.challenge:
            raise OAuthError("invalid_grant", "Invalid code verifier.")
        grant = self.grant(code.account, *code.scopes)
        return {**self._answer(grant), "refresh_token": grant.refresh}

    def _refresh(self, form: Mapping[str, str]) -> dict[str, Any]:
        written = form.get("refresh_token", "")
        for grant in self.grants:
            if written in grant.spent:
                grant.dead = True
            if written != grant.refresh or self._over(grant):
                continue
            self._access(grant)
            if self.rotate:
                grant.spent.add(grant.refresh)
                grant.refresh = f"1//0{self._new('refresh')}"
                return {**self._answer(grant), "refresh_token": grant.refresh}
            return self._answer(grant)
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")

    def _answer(self, grant: Grant) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "access_token": grant.access, "expires_in": self.lifetime - 1, "scope": " ".join(sorted(grant.scopes)),
            "token_type": "Bearer",
        }  # fmt: skip
        if self.testing:
            answer["refresh_token_expires_in"] = int(grant.made + WEEK - self._clock.now())
        return answer

    def _access(self, grant: Grant) -> None:
        grant.access = f"ya29.{self._new('access')}"
        self.access[grant.access] = (grant, self._clock.now() + self.lifetime)

    def _over(self, grant: Grant) -> bool:
        return grant.dead or (self.testing and self._clock.now() > grant.made + WEEK)

    def _new(self, kind: str) -> str:
        self._made += 1
        return hashlib.sha256(f"{kind} {self._made}".encode()).hexdigest()


def short(scope: str) -> str:
    return {"https://mail.google.com/": "mail"}.get(scope, scope.removeprefix(PREFIX))


def _long(scope: str) -> str:
    return scope if "/" in scope or scope in ("openid", "email", "profile") else PREFIX + scope


def _challenge(verifier: str, method: str) -> str:
    """RFC 7636, 4.6."""
    if method != "S256":
        return verifier
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
