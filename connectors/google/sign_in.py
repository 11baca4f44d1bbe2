"""Signing in at Google in the person's own browser (RFC 8252), with PKCE (RFC 7636) and state."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.google import client_file
from connectors.google.client import Client
from connectors.google.client_file import OwnClient
from connectors.google.grant import GUIDE, NEW, Grant, again, sealed
from connectors.google.renewing import Renewing, renewed
from connectors.google.scopes import Feature, asked, granted
from connectors.google.tokens import Fresh, TokenEndpoint
from connectors.loopback import Landing
from connectors.sync.provider import InMemory, Talk

WAIT = 300.0  # seconds for the person to sign in
_PASTE = "The address that your browser shows in the end (that page may not open; the address is what counts)"


class Known(NamedTuple):
    """Who signed in, the features that they allowed, and the secret that is to be kept."""

    secret: Secret
    user: str
    given: Sequence[Feature]


def sign_in(
    path: str, features: Sequence[Feature], talk: Talk, *, user: str = "", endpoint: str = "", wait: float = WAIT
) -> Known:
    """Let the person sign in. Raises SignInNeeded where nothing came of it.

    `user`: who they are, where an account is signed in to again; then nobody else will do, and nothing less than all
    features, since what is held would seem gone.
    """
    client = client_file.read(Path(path).expanduser())
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(32)
    landing = Landing("Google")
    try:
        redirect = landing.address
        page = _page(client, asked(features), user, redirect, verifier=verifier, state=state)
        query = _answer(landing, page, talk, wait)
    finally:
        landing.close()
    code = code_in(query, state, _issuer(client))
    tokens = TokenEndpoint(client.token_uri, NEW)
    try:
        fresh = tokens.redeem((client.client_id, client.secret), code, verifier=verifier, redirect=redirect)
    finally:
        tokens.close()
    found = _known(_grant(client, fresh, asked(features)), features, endpoint)
    if user:
        _as_before(found, features, user)
    return found


def _page(
    client: OwnClient, scopes: Collection[str], user: str, redirect: str, *, verifier: str, state: str
) -> str:
    """The address at which the person signs in; who has several accounts at Google chooses one.

    `consent` each time: else Google gives no second refresh token.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return f"{client.auth_uri}?" + urlencode({
        "client_id": client.client_id, "redirect_uri": redirect, "response_type": "code", "scope": " ".join(scopes),
        "code_challenge": challenge, "code_challenge_method": "S256", "state": state,
        "access_type": "offline", **({"login_hint": user} if user else {}),
        "prompt": "consent" if user else "select_account consent",
    })  # fmt: skip


def _answer(landing: Landing, page: str, talk: Talk, wait: float) -> str:
    """The query with which the browser came back, or what was pasted where it runs on another machine."""
    typed = "" if talk.browse(page) else talk.ask(_PASTE).strip()
    if typed:
        return urlsplit(typed).query if "code=" in typed or "error=" in typed else urlencode({"code": typed})
    query = landing.wait(wait)
    if query is None:
        raise SignInNeeded(f"{NEW}: nobody signed in within {wait / 60:.0f} minutes; nothing is connected: repeat it")
    return query


def code_in(query: str, state: str, issuer: str) -> str:
    """The code of an answer to our question. Raises SignInNeeded for a no, and for an answer to another question.

    What was pasted as a bare code brings no state: only who holds the verifier can redeem it.
    """
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    bare = fields.keys() == {"code"}
    ours = bare or hmac.compare_digest(fields.get("state", "").encode(), state.encode())
    if not ours or fields.get("iss", issuer) != issuer:  # RFC 9207
        raise SignInNeeded(f"{NEW}: what came back belongs to another sign-in; nothing is connected: repeat it")
    if fields.get("error") == "access_denied":
        raise SignInNeeded(f"{NEW}: you did not allow it; nothing is connected")
    if not fields.get("code"):
        raise SignInNeeded(f"{NEW}: Google gave no code; nothing is connected: see {GUIDE}, and repeat it")
    return fields["code"]


def _issuer(client: OwnClient) -> str:
    parts = urlsplit(client.auth_uri)
    return f"{parts.scheme}://{parts.netloc}"


def _grant(client: OwnClient, fresh: Fresh, scopes: Collection[str]) -> Grant:
    if fresh.refresh is None:
        raise SignInNeeded(
            f"{NEW}: Google gave no lasting sign-in; take away Amity's access at"
            f" https://myaccount.google.com/permissions, and {again(NEW)}"
        )
    grant = Grant(
        client_id=client.client_id, client_secret=client.secret, token_uri=client.token_uri,
        refresh_token=fresh.refresh, scopes=tuple(scopes),  # RFC 6749, 5.1: all of them, where none is named
    )  # fmt: skip
    return renewed(grant, fresh, time.time())


def _known(grant: Grant, features: Sequence[Feature], endpoint: str) -> Known:
    given = granted(features, grant.scopes)
    if not given:
        raise SignInNeeded(f"{NEW}: you let Amity read nothing; nothing is connected: repeat it, and tick the boxes")
    keeper = InMemory(sealed(grant))
    client = Client(Renewing(keeper, NEW), NEW, endpoint=endpoint)
    try:
        return Known(keeper.get(), _user(client, given), given)
    finally:
        client.close()


def _as_before(found: Known, features: Sequence[Feature], user: str) -> None:
    if found.user and found.user.casefold() != user.casefold():
        raise SignInNeeded(f"{NEW}: you signed in as {found.user}, but this account is {user}; choose that one")
    missing = [feature.value for feature in features if feature not in found.given]
    if missing:
        raise SignInNeeded(
            f"{NEW}: this time you did not let Amity read {' and '.join(missing)}; nothing is changed: repeat it, and"
            " tick every box"
        )


def _user(client: Client, features: Collection[Feature]) -> str:
    """The address of the account, from whatever may be read; "" where it is contacts alone."""
    if Feature.WORDS in features or Feature.METADATA in features:
        gmail = client.service("gmail")
        said = gmail.ask(gmail.methods.users().getProfile(userId="me"), 1)
        return str(said.get("emailAddress", ""))
    if Feature.CALENDAR in features:
        calendar = client.service("calendar")
        return str(calendar.ask(calendar.methods.calendarList().get(calendarId="primary")).get("id", ""))
    return ""
