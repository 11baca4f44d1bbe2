"""Why Microsoft's sign-in says no, as a sentence that says what to do. Pure.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.errors import SignInNeeded, TryLater
from connectors.microsoft.grant import GUIDE, Grant, again
from events.errors import AmityError

_CODE = re.compile(r"AADSTS(\d{4,8})")
_CONSENT = frozenset({65001, 90008, 90093, 90094, 90095, 90097, 650056, 650057})
_WORDS = {
    50020: "this user does not belong to the organisation that was named; give --tenant, or choose another user",
    50034: "Microsoft does not know this user",
    50053: "the account is locked for now, after too many wrong passwords",
    50055: "the password has expired",
    50057: "the account is disabled",
    50072: "your organisation wants another proof of who you are to be set up",
    50074: "your organisation wants another proof of who you are",
    50076: "your organisation wants another proof of who you are",
    50078: "the other proof of who you are has expired",
    50079: "your organisation wants another proof of who you are to be set up",
    50105: "your organisation must assign this client to you first",
    50131: "your organisation's rules do not allow it from here",
    50132: "the password was changed, or an administrator ended all sign-ins",
    50133: "the password was changed, or an administrator ended all sign-ins",
    50173: "the password was changed, or an administrator ended all sign-ins",
    50194: "your client is for one organisation alone: give its --tenant",
    53000: "your organisation wants a machine that it manages",
    53001: "your organisation wants a machine that it manages",
    53003: "your organisation's rules do not allow it",
    65004: "you did not allow it",
    70008: "the sign-in has expired",
    70043: "your organisation wants you to sign in more often",
    70044: "your organisation wants you to sign in more often",
    700016: "Microsoft does not know your client there: look at --client-id and --tenant",
    700082: "it was unused for 90 days",
    700084: "it has lasted as long as it may",
    7000218: 'your client is none for programs of a person: switch on "Allow public client flows" in its registration',
    9002331: "your client is for personal accounts alone: give --tenant consumers",
    90002: "there is no such tenant: look at --tenant",
    90072: "this user does not belong to the organisation that was named; give --tenant, or choose another user",
}
_PASSING = frozenset({90033, 90055, 50196, 81016})  # transient, throttled, a loop that their side saw
_PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_NAME = re.compile(r"[a-z_]{1,40}")


def refused(said: Mapping[str, Any], name: str, link: str) -> AmityError:
    """The error for an answer of the sign-in that is no token: `error`, `error_codes`, `error_description`.

    `name` is the account, `link` where an administrator allows it. What came is named, never quoted.
    """
    codes, error = _codes(said), str(said.get("error") or "")
    if error in _PASSING_ERRORS or codes & _PASSING:
        return TryLater(f"{name}: Microsoft's sign-in is out of order; sync again later")
    if codes & _CONSENT or "consent_required" in (error, said.get("suberror")):
        return SignInNeeded(
            f"{name}: your organisation wants an administrator to allow this first: send one {link} and, when that is"
            f" done, {again(name)}; or ask for less with --mail metadata, --no-calendar, --no-contacts"
        )
    words = next((_WORDS[code] for code in sorted(codes) if code in _WORDS), "")
    if not words and error == "access_denied":
        words = f"you did not allow it, or your organisation does not; if it wants an administrator, send one {link}"
    if words:
        return SignInNeeded(f"{name}: {words}; {again(name)}")
    if error in {"interaction_required", "login_required", "invalid_grant"}:
        return SignInNeeded(
            f"{name}: Microsoft ended this sign-in: the password was changed, the access was taken away, or your"
            f" organisation wants you to sign in again; {again(name)}"
        )
    known = ", ".join([*([error] if _NAME.fullmatch(error) else []), *(f"AADSTS{code}" for code in sorted(codes))])
    return SignInNeeded(f"{name}: Microsoft refuses the sign-in ({known or 'no reason given'}); see {GUIDE}")


def admin_link(authority: str, client_id: str, scopes: tuple[str, ...]) -> str:
    """Where an administrator allows a client for their organisation.

    https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
    """
    parts = urlsplit(authority)
    tenant = parts.path.strip("/")
    whose = "organizations" if tenant in {"common", "consumers"} else tenant
    wanted = {"client_id": client_id, "scope": " ".join(scopes), "redirect_uri": "http://localhost"}
    return f"{parts.scheme}://{parts.netloc}/{whose}/v2.0/adminconsent?{urlencode(wanted)}"


def admin_link_of(grant: Grant) -> str:
    return admin_link(grant.authority, grant.client_id, grant.scopes)


def _codes(said: Mapping[str, Any]) -> set[int]:
    """As a list in an answer, or only in the words of a redirect."""
    listed = said.get("error_codes")
    found = {code for code in listed if isinstance(code, int)} if isinstance(listed, list) else set()
    return found | {int(code) for code in _CODE.findall(str(said.get("error_description") or ""))}
