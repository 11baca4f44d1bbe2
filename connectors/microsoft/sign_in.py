"""Signing in at Microsoft in the person's own browser (RFC 8252), or with a code typed into another one (RFC 8628)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.loopback import Landing
from connectors.microsoft.aadsts import admin_link, refused
from connectors.microsoft.authority import Line, application, cache_of
from connectors.microsoft.grant import NEW, Grant, sealed
from connectors.microsoft.scopes import Feature, granted, needed
from connectors.sync.provider import Talk

WAIT = 300.0  # seconds for the person to sign in
_HOST = "localhost"  # what a public client is registered with; Microsoft ignores the port of it alone
_PASTE = "The address that your browser shows in the end (that page may not open; the address is what counts)"
_WARNING = (
    "Type this code only because you began this sign-in here, just now: a code that somebody else gives you signs them"
    " in as you."
)
_ANOTHER = f"{NEW}: what came back belongs to another sign-in; nothing is connected: repeat it"
_OURS = frozenset({"openid", "profile", "offline_access", "email"})  # of every sign-in; msal adds them itself


class Client(NamedTuple):
    """Who asks, where and for what. `user`: who they are, where an account is signed in to again."""

    client_id: str
    authority: str
    scopes: Sequence[str]
    user: str = ""
    endpoint: str = ""

    @property
    def admin_link(self) -> str:
        return admin_link(self.authority, self.client_id, tuple(self.scopes))


class Known(NamedTuple):
    """Who signed in, the features that they allowed, and the secret that is to be kept."""

    secret: Secret
    user: str
    given: Sequence[Feature]


def sign_in(client: Client, features: Sequence[Feature], talk: Talk, *, device: bool, wait: float = WAIT) -> Known:
    """Let the person sign in. Raises SignInNeeded where nothing came of it.

    Where an account is signed in to again nobody else will do, and nothing less than all features, since what is held
    would seem gone.
    """
    cache = cache_of(None)
    line = Line(client.authority, NEW, client.endpoint)
    try:
        app = application(client.client_id, client.authority, line, NEW, cache)
        said = _with_device(app, client, talk) if device else _in_browser(app, client, line, talk, wait)
    finally:
        line.close()
    if "access_token" not in said:
        raise refused(said, NEW, client.admin_link)
    person, user = _person(app, said)
    _as_before(client.user, user)
    scopes = tuple(scope for scope in str(said.get("scope") or "").split() if scope not in _OURS) or client.scopes
    given = granted(features, scopes)
    if not given or (client.user and len(given) < len(features)):
        missing = " and ".join(feature.value for feature in features if feature not in given)
        raise SignInNeeded(f"{NEW}: you did not let Amity read {missing}; nothing is changed: repeat it")
    grant = Grant(
        client_id=client.client_id, authority=client.authority, person=person, scopes=needed(given, client.scopes),
        cache=Secret(cache.serialize()),
    )  # fmt: skip
    return Known(sealed(grant), user, given)


def _in_browser(app: Any, client: Client, line: Line, talk: Talk, wait: float) -> Mapping[str, Any]:
    """RFC 7636: PKCE and state are msal's."""
    landing = Landing(NEW, _HOST)
    try:
        flow = _begun(app, client, landing.address.rstrip("/"))
        fields = _answer(landing, line.shown(flow["auth_uri"]), client, talk, wait)
    finally:
        landing.close()
    if fields.keys() == {"code"}:  # pasted alone: only who holds the verifier can redeem it
        fields["state"] = flow["state"]
    if fields.get("state") != flow["state"]:
        raise SignInNeeded(_ANOTHER)
    if "code" not in fields:
        return fields
    try:
        found: Mapping[str, Any] = app.acquire_token_by_auth_code_flow(flow, fields)
    except ValueError:  # a nonce or an id token that is none of this sign-in
        raise SignInNeeded(_ANOTHER) from None
    return found


def _begun(app: Any, client: Client, redirect: str) -> dict[str, Any]:
    """With the answer in the address: what is pasted where the browser is elsewhere. msal would rather have a form."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="response_mode=")
        flow: dict[str, Any] = app.initiate_auth_code_flow(
            list(client.scopes), redirect_uri=redirect, login_hint=client.user or None,
            prompt=None if client.user else "select_account",
        )  # fmt: skip
    return flow


def _answer(landing: Landing, page: str, client: Client, talk: Talk, wait: float) -> dict[str, str]:
    """What the browser brought, or what was pasted where it runs on another machine."""
    typed = "" if talk.browse(page) else talk.ask(_PASTE).strip()
    if typed:
        query = urlsplit(typed).query if "code=" in typed or "error=" in typed else ""
        return _fields(query) or {"code": typed}
    came = landing.wait(wait)
    if came is None:
        raise SignInNeeded(
            f"{NEW}: nobody signed in within {wait / 60:.0f} minutes; nothing is connected: repeat it; if the page"
            f" wants an administrator, send one {client.admin_link}"
        )
    return _fields(came)


def _with_device(app: Any, client: Client, talk: Talk) -> Mapping[str, Any]:
    flow = app.initiate_device_flow(list(client.scopes))
    if "user_code" not in flow:
        raise refused(flow, NEW, client.admin_link)
    talk.say(f"The code is {flow['user_code']}. {_WARNING}")
    talk.browse(str(flow["verification_uri"]))
    found: Mapping[str, Any] = app.acquire_token_by_device_flow(flow)
    if found.get("error") in {"authorization_pending", "expired_token", "code_expired"}:
        raise SignInNeeded(f"{NEW}: nobody typed the code in time; nothing is connected: repeat it")
    return found


def _fields(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _person(app: Any, said: Mapping[str, Any]) -> tuple[str, str]:
    """The id that msal knows the person by, and the name that they sign in with."""
    account = next(iter(app.get_accounts()), None)
    if account is None:
        raise SignInNeeded(f"{NEW}: Microsoft does not say who signed in; nothing is connected: repeat it")
    claims = said.get("id_token_claims")
    named = claims.get("preferred_username") if isinstance(claims, dict) else None
    return str(account["home_account_id"]), str(named or account.get("username") or "")


def _as_before(before: str, now: str) -> None:
    if before and now and before.casefold() != now.casefold():
        raise SignInNeeded(f"{NEW}: you signed in as {now}, but this account is {before}; choose that one")
