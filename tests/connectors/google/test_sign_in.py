"""Signing in, with a browser that a test plays; everything but the person is real HTTP."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.google import PROVIDER, GoogleConfig
from connectors.google.grant import opened
from connectors.google.scopes import Feature
from connectors.google.sign_in import sign_in
from connectors.google.tokens import revoke
from connectors.sync.provider import Talk
from events.errors import UsageError
from tests.peers.google import Google

ALL = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS, Feature.OTHER)
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def visit(address: str) -> str:
    """What a browser does: it follows the redirect to the page on this machine. Where that led."""
    try:
        with _OPENER.open(address, timeout=10) as page:
            return str(page.url)
    except urllib.error.HTTPError as error:
        return str(error.url)


def _nobody(question: str) -> str:
    raise AssertionError(question)


def browsing(seen: list[str] | None = None) -> Talk:
    def browse(address: str) -> bool:
        (seen if seen is not None else []).append(address)
        threading.Thread(target=visit, args=(address,), daemon=True).start()
        return True

    return Talk(browse, _nobody)


def pasting(typed: Callable[[str], str]) -> Talk:
    """A machine without a browser: `typed` makes what is pasted of the address at which the other one ended."""
    shown: list[str] = []

    def browse(address: str) -> bool:
        shown.append(address)
        return False

    def ask(_question: str) -> str:
        try:
            _NO_REDIRECT.open(shown[0], timeout=10)
        except urllib.error.HTTPError as error:
            return typed(error.headers["Location"])
        raise AssertionError(shown)

    return Talk(browse, ask)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_named: object) -> None:
        return None


_NO_REDIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


@pytest.fixture
def file(google: Google, tmp_path: Path) -> str:
    path = tmp_path / "client_secret.json"
    path.write_text(json.dumps(google.client_secrets()))
    return str(path)


def test_a_person_signs_in_and_may_be_read(google: Google, file: str) -> None:
    seen: list[str] = []
    found = sign_in(file, ALL, browsing(seen), endpoint=google.url)
    assert (found.user, list(found.given)) == ("me@example.com", list(ALL))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(seen[0]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["access_type"] == "offline"
    assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"
    assert all(scope.endswith((".readonly", ".metadata")) for scope in asked["scope"].split())
    (given,) = google.world.oauth.grants
    assert opened(found.secret, "x").refresh_token == Secret(given.refresh)
    assert given.refresh not in repr(found)


def test_nothing_listens_afterwards(google: Google, file: str) -> None:
    seen: list[str] = []
    sign_in(file, ALL, browsing(seen), endpoint=google.url)
    back = parse_qs(urlsplit(seen[0]).query)["redirect_uri"][0]
    with pytest.raises(urllib.error.URLError):
        _OPENER.open(back, timeout=2)


@pytest.mark.parametrize("bare", [False, True])
def test_without_a_browser_the_address_or_the_code_is_pasted(google: Google, file: str, bare: bool) -> None:  # noqa: FBT001
    def typed(address: str) -> str:
        return parse_qs(urlsplit(address).query)["code"][0] if bare else f"  {address}\n"

    assert sign_in(file, ALL, pasting(typed), endpoint=google.url).user == "me@example.com"


def test_who_says_no_is_told_so(google: Google, file: str) -> None:
    google.world.oauth.denied = True
    with pytest.raises(SignInNeeded, match="you did not allow it; nothing is connected"):
        sign_in(file, ALL, browsing(), endpoint=google.url)


def test_an_answer_to_another_question_is_none(google: Google, file: str) -> None:
    google.world.oauth.wrong_state = True
    with pytest.raises(SignInNeeded, match="belongs to another sign-in"):
        sign_in(file, ALL, browsing(), endpoint=google.url)
    assert google.world.oauth.grants == []


def test_another_issuer_is_refused(google: Google, file: str) -> None:
    with pytest.raises(SignInNeeded, match="belongs to another sign-in"):
        sign_in(file, ALL, pasting(lambda address: f"{address}&iss=https://evil.example"), endpoint=google.url)


def test_a_code_that_somebody_else_got_is_worth_nothing(google: Google, file: str) -> None:
    """PKCE: the code of one sign-in is not redeemed by the verifier of another."""
    codes: list[str] = []

    def keep(address: str) -> str:
        codes.append(parse_qs(urlsplit(address).query)["code"][0])
        return "4/nonsense"

    for typed in (keep, lambda _address: codes[0]):
        with pytest.raises(SignInNeeded):
            sign_in(file, ALL, pasting(typed), endpoint=google.url)


def test_nobody_comes(google: Google, file: str) -> None:
    with pytest.raises(SignInNeeded, match="nobody signed in within"):
        sign_in(file, ALL, Talk(lambda _address: True, _nobody), endpoint=google.url, wait=0.05)


def test_what_is_not_ticked_is_left_out_and_said(google: Google, file: str) -> None:
    google.world.oauth.untick = frozenset({"calendar.events.readonly", "contacts.readonly", "contacts.other.readonly"})
    config = GoogleConfig(client_secrets=file, endpoint=google.url)
    assert PROVIDER.oauth is not None
    found = PROVIDER.oauth.sign_in(config, browsing())
    off = {"calendar": False, "contacts": False, "other_contacts": False}
    assert found.options == {**off, "user": "me@example.com"}
    smaller = GoogleConfig(client_secrets=file, endpoint=google.url, calendar=False, contacts=False)
    said = " ".join(PROVIDER.check(smaller, found.secret))
    assert "not read: calendars; to add it, amity connect google --account NAME --calendar" in said
    assert "nothing is ever changed" in said


def test_nothing_ticked_is_nothing_connected(google: Google, file: str) -> None:
    google.world.oauth.untick = frozenset({"gmail.readonly"})
    with pytest.raises(SignInNeeded, match="you let Amity read nothing"):
        sign_in(file, [Feature.WORDS], browsing(), endpoint=google.url)


def test_signing_in_again_is_the_same_person_and_no_less(google: Google, file: str) -> None:
    with pytest.raises(SignInNeeded, match=r"you signed in as me@example.com, but this account is ana@example.com"):
        sign_in(file, ALL, browsing(), user="ana@example.com", endpoint=google.url)
    google.world.oauth.untick = frozenset({"contacts.readonly"})
    with pytest.raises(SignInNeeded, match="this time you did not let Amity read contacts"):
        sign_in(file, ALL, browsing(), user="me@example.com", endpoint=google.url)


def test_the_person_hears_how_long_it_takes_and_of_all_their_addresses(google: Google, file: str) -> None:
    box = google.world.mail()
    box.aliases.append("alias@example.org")
    for _ in range(700):
        box.add(b"Subject: x\r\n\r\n")
    config = GoogleConfig(client_secrets=file, endpoint=google.url, calendar=False, contacts=False, quota=300)
    assert PROVIDER.oauth is not None
    said = PROVIDER.check(config, PROVIDER.oauth.sign_in(config, browsing()).secret)
    assert "700 messages: the first sync takes about 47 minutes" in said[0]
    assert "Google Takeout" in said[0]
    assert any("alias@example.org, me@example.com" in one and "amity.toml" in one for one in said)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"web": {"client_id": "x"}}', 'a client for web sites: make one of the type "Desktop app"'),
        ('{"type": "service_account"}', "a service account"),
        ("{}", "no client"),
        ("<html>", "is no file of a Google client"),
        ('{"installed": {"client_id": "x", "token_uri": "http://evil.example/token"}}', "which is not https"),
    ],
)
def test_a_wrong_file_is_named_with_the_right_one(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    with pytest.raises(UsageError, match=r"docs/google\.md") as error:
        sign_in(str(path), ALL, browsing())
    assert says in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        sign_in(str(tmp_path / "nowhere"), ALL, browsing())


def test_the_end_of_it_is_the_end_at_google_too(google: Google, file: str) -> None:
    found = sign_in(file, ALL, browsing(), endpoint=google.url)
    grant = opened(found.secret, "x")
    assert revoke(grant, "x") == []
    assert google.world.oauth.grants[0].dead
    assert revoke(grant, "x") == []  # it was dead before


def test_what_could_not_be_taken_back_is_said(google: Google, file: str) -> None:
    found = sign_in(file, ALL, browsing(), endpoint=google.url)
    google.close()
    (said,) = revoke(opened(found.secret, "x"), "x")
    assert "https://myaccount.google.com/permissions" in said
