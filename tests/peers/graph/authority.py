"""Entra as an OpenID provider for public clients: codes with PKCE, device codes, refresh tokens
(https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, …/v2-oauth2-device-code)."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.peers.google.clock import Clock
from tests.peers.graph.aadsts import OAuthError
from tests.peers.graph.failures import GraphError
from tests.peers.graph.user import User

CLIENT = "11111111-2222-3333-4444-555555555555"
TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
PERSONAL = "9188040d-6c67-4b5b-b112-36a304b66dad"  # the tenant of all accounts of Outlook.com
PREFIX = "https://graph.microsoft.com/"
OPENID = frozenset({"openid", "profile", "offline_access", "email"})
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass
class Grant:
    """What a person allowed once. `refresh`: the token that is good now. `claims`: sent along when it was made."""

    user: User
    scopes: frozenset[str]
    refresh: str
    client: str = CLIENT
    access: str = ""
    dead: bool = False
    claims: str = ""
    spent: set[str] = field(default_factory=set)


class Code(NamedTuple):
    user: User
    query: dict[str, str]


@dataclass
class Device:
    scopes: str
    user_code: str
    until: float
    user: User | None = None
    denied: bool = False


class Authority:
    """Who may what. The switches say what the person and the administrator do, and how tokens are treated.

    `refuse`: for a grant type (authorization_code, refresh_token, DEVICE) the AADSTS code to answer with.
    `admin_consent`: only an administrator may allow: "redirect" says so to the client, "page" only to the person.
    `reuse_kills`: using an old refresh token again kills the grant. `claims`: what the answer to a refusal demands.
    `interactive`: a claims challenge cannot be met by a refresh token; the person must sign in.
    """

    def __init__(self, clock: Clock, signed_in: User) -> None:
        self._clock, self.signed_in = clock, signed_in
        self.clients = {CLIENT}
        self.refuse: dict[str, int] = {}
        self.admin_consent = self.claims = ""
        self.denied = self.wrong_state = self.reuse_kills = self.interactive = False
        self.rotate = True
        self.lifetime, self.device_lifetime, self.interval = 3600, 900, 5
        self.grants: list[Grant] = []
        self.codes: dict[str, Code] = {}
        self.devices: dict[str, Device] = {}
        self.access: dict[str, tuple[Grant, float]] = {}
        self._challenge = ""
        self._redeemed: set[str] = set()
        self._made = 0

    def grant(self, user: User, *scopes: str, client: str = CLIENT, claims: str = "") -> Grant:
        """As if the person had signed in already."""
        made = Grant(user, frozenset(map(short, scopes)), f"1.AXoA{self._new('refresh')}", client, claims=claims)
        self.grants.append(made)
        self._access(made)
        return made

    def authorize(self, query: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """The page where the person decides: (where the browser goes, with what). Raises OAuthError for a page that
        leads nowhere."""
        redirect = query.get("redirect_uri", "")
        if query.get("client_id") not in self.clients:
            raise OAuthError(700016)
        if urlsplit(redirect).scheme != "http" or urlsplit(redirect).hostname not in _LOOPBACK:
            raise OAuthError(50011)
        answer = {"state": "forged" if self.wrong_state else query.get("state", "")}
        if self.admin_consent == "page":
            raise OAuthError(90094)
        if self.admin_consent or self.denied:
            said = OAuthError(90094 if self.admin_consent else 65004).body()
            told = {name: said[name] for name in ("error", "error_description", "error_uri")}
            return redirect, {**told, **({"error_subcode": "cancel"} if self.denied else {}), **answer}
        code = f"1.AXoA{self._new('code')}"
        self.codes[code] = Code(self.signed_in, dict(query))
        return redirect, {"code": code, **answer, "session_state": self._new("session")[:36]}

    def device(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The device authorization endpoint (RFC 8628)."""
        if form.get("client_id") not in self.clients:
            raise OAuthError(700016)
        code, written = self._new("device"), self._new("user")[:9].upper()
        self.devices[code] = Device(form.get("scope", ""), written, self._clock.now() + self.device_lifetime)
        where = "https://microsoft.com/devicelogin"
        return {
            "user_code": written, "device_code": code, "verification_uri": where, "expires_in": self.device_lifetime,
            "interval": self.interval, "message": f"To sign in, open {where} and enter the code {written}.",
        }  # fmt: skip

    def enter(self, user_code: str, *, allow: bool = True) -> None:
        """The person types the code in."""
        for device in self.devices.values():
            if device.user_code == user_code:
                device.user, device.denied = self.signed_in, not allow
                return
        raise OAuthError(70018)

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint. Raises OAuthError."""
        kind = form.get("grant_type", "")
        if form.get("client_id") not in self.clients:
            raise OAuthError(700016)
        if kind in self.refuse:
            raise OAuthError(self.refuse[kind], self.claims)
        redeem = {"authorization_code": self._redeem, "refresh_token": self._refresh, DEVICE: self._poll}.get(kind)
        if redeem is None:
            raise OAuthError(70003)
        grant, nonce = redeem(form)
        return self._answer(grant, nonce, form.get("scope", ""))

    def challenge(self, claims: str = '{"access_token":{"nbf":{"essential":true,"value":"1790000000"}}}') -> None:
        """Continuous access evaluation: every access token whose grant was not made with these claims is refused."""
        self._challenge = claims

    def holder(self, header: str) -> Grant:
        """Whose token an Authorization header holds. Raises GraphError."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("Access token is empty.")
        grant, until = self.access.get(token, (None, 0.0))
        if grant is None:
            raise _unauthorized("IDX14100: JWT is not well formed, there are no dots (.).")
        if grant.dead or self._clock.now() >= until:
            raise _unauthorized("Lifetime validation failed, the token is expired.")
        if self._challenge and grant.claims != self._challenge:
            message = "Continuous access evaluation resulted in challenge with result: InteractionRequired"
            raise _unauthorized(message, b64encode(self._challenge.encode()).decode())
        return grant

    def revoke(self, user: User) -> None:
        """The password changed, or an administrator ended all sessions."""
        for grant in self.grants:
            grant.dead = grant.dead or grant.user is user

    def expire_access_tokens(self) -> None:
        for token, (grant, _) in list(self.access.items()):
            self.access[token] = (grant, 0.0)

    def _redeem(self, form: Mapping[str, str]) -> tuple[Grant, str]:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None:
            raise OAuthError(54005 if form.get("code") in self._redeemed else 70000)
        self._redeemed.add(form["code"])
        asked = code.query
        if form.get("redirect_uri") != asked.get("redirect_uri"):
            raise OAuthError(50011)
        challenge = asked.get("code_challenge", "")
        if challenge and _s256(form.get("code_verifier", "")) != challenge:
            raise OAuthError(501481)
        claims = _challenged(asked.get("claims", "") or form.get("claims", ""), self._challenge)
        scopes = asked.get("scope", "").split()
        return self.grant(code.user, *scopes, client=form["client_id"], claims=claims), asked.get("nonce", "")

    def _poll(self, form: Mapping[str, str]) -> tuple[Grant, str]:
        code = form.get("device_code", "")
        device = self.devices.get(code)
        if device is None:
            raise OAuthError(70018)
        if self._clock.now() >= device.until:
            raise OAuthError(70020)
        if device.denied:
            raise OAuthError(65004)
        if device.user is None:
            raise OAuthError(70016)
        del self.devices[code]
        claims = _challenged(form.get("claims", ""), self._challenge)
        return self.grant(device.user, *device.scopes.split(), client=form["client_id"], claims=claims), ""

    def _refresh(self, form: Mapping[str, str]) -> tuple[Grant, str]:
        written = form.get("refresh_token", "")
        for grant in self.grants:
            if written in grant.spent and self.reuse_kills:
                grant.dead = True
                raise OAuthError(70000)
            if written != grant.refresh and written not in grant.spent:
                continue
            if grant.dead:
                raise OAuthError(50173)
            if not {short(each) for each in form.get("scope", "").split()} <= grant.scopes | OPENID:
                raise OAuthError(65001)
            claims = _challenged(form.get("claims", ""), self._challenge)
            if claims and self.interactive:
                raise OAuthError(50076, claims)
            grant.claims = claims or grant.claims
            if self.rotate:
                grant.spent.add(grant.refresh)
                grant.refresh = f"1.AXoA{self._new('refresh')}"
            self._access(grant)
            return grant, ""
        raise OAuthError(70000)

    def _answer(self, grant: Grant, nonce: str, scope: str) -> dict[str, Any]:
        tenant = PERSONAL if grant.user.personal else TENANT
        asked = frozenset(map(short, scope.split())) or grant.scopes
        granted = sorted((asked & grant.scopes) - {"offline_access"} | {"openid", "profile"})
        answer: dict[str, Any] = {
            "token_type": "Bearer", "scope": " ".join(granted), "expires_in": self.lifetime,
            "ext_expires_in": self.lifetime, "access_token": grant.access,
            "client_info": _part({"uid": grant.user.id, "utid": tenant}),
        }  # fmt: skip
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = grant.refresh
        if "openid" in grant.scopes:
            answer["id_token"] = _id_token(grant, tenant, nonce)
        return answer

    def _access(self, grant: Grant) -> None:
        grant.access = f"EwB4A8l6BAAU{self._new('access')}"
        self.access[grant.access] = (grant, self._clock.now() + self.lifetime)

    def _new(self, kind: str) -> str:
        self._made += 1
        return hashlib.sha256(f"{kind} {self._made}".encode()).hexdigest()


def short(scope: str) -> str:
    return scope.removeprefix(PREFIX)


def with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def _challenged(written: str, wanted: str) -> str:
    """The challenge, when what the client sent holds it (among its capabilities, which msal merges in)."""
    try:
        sent, needed = json.loads(written or "{}"), json.loads(wanted or "{}")
    except ValueError:
        return ""
    tokens = sent.get("access_token", {})
    return wanted if all(tokens.get(k) == v for k, v in needed.get("access_token", {}).items()) else ""


def _unauthorized(message: str, claims: str = "") -> GraphError:
    said = (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
        'client_id="00000003-0000-0000-c000-000000000000"'
    )
    extra = f', error="insufficient_claims", claims="{claims}"' if claims else ""
    return GraphError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": said + extra})


def _id_token(grant: Grant, tenant: str, nonce: str) -> str:
    """Without a signature that counts. Its times are real ones: msal compares them with the machine's clock."""
    now = int(time.time())
    claims = {
        "aud": grant.client, "iss": f"https://login.microsoftonline.com/{tenant}/v2.0", "iat": now, "nbf": now,
        "exp": now + 3600, "name": grant.user.name, "oid": grant.user.id, "preferred_username": grant.user.address,
        "sub": _part({"sub": grant.user.id}), "tid": tenant, "ver": "2.0", **({"nonce": nonce} if nonce else {}),
    }  # fmt: skip
    return ".".join((_part({"typ": "JWT", "alg": "RS256", "kid": "fake"}), _part(claims), "c2lnbmF0dXJl"))


def _part(values: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


def _s256(verifier: str) -> str:
    """RFC 7636, 4.6."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
