"""Signing in with the real msal against the fake authority; everything but the person is real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.microsoft import PROVIDER, MicrosoftConfig
from connectors.microsoft.aadsts import refused
from connectors.microsoft.authority import Line
from connectors.microsoft.clouds import CLOUDS, authority_of
from connectors.microsoft.grant import opened
from connectors.microsoft.scopes import Feature, asked, granted
from connectors.microsoft.sign_in import sign_in
from connectors.sync.provider import Talk
from tests.connectors.microsoft.worlds import browsing, config, who
from tests.peers.graph import Graph
from tests.peers.graph.authority import CLIENT, TENANT
from tests.peers.graph.browser import browse
from tests.peers.graph.faults import html

ALL = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS)


def pasting(graph: Graph, typed: Callable[[dict[str, str]], str]) -> Talk:
    """A machine without a browser: `typed` makes what is pasted of the fields that the other one came back with."""
    shown: list[str] = []

    def note(address: str) -> bool:
        shown.append(address)
        return False

    return Talk(note, lambda _question: typed(browse(graph, shown[0])))


def test_a_person_signs_in_and_may_be_read(graph: Graph) -> None:
    seen: list[str] = []
    found = sign_in(who(graph, *ALL), ALL, browsing(graph, seen), device=False)
    assert (found.user, list(found.given)) == ("me@example.com", list(ALL))
    query = {name: values[0] for name, values in parse_qs(urlsplit(seen[0]).query).items()}
    assert query["code_challenge_method"] == "S256"
    assert urlsplit(query["redirect_uri"]).hostname == "localhost"
    wanted = set(query["scope"].split()) - {"openid", "profile", "offline_access"}
    assert wanted == {"Mail.Read", "Calendars.Read", "Contacts.Read", "User.Read"}
    (given,) = graph.world.authority.grants
    assert given.refresh in opened(found.secret, "x").cache.reveal()
    assert given.refresh not in repr(found)
    assert given.access not in repr(opened(found.secret, "x"))


@pytest.mark.parametrize("bare", [False, True])
def test_without_a_browser_the_address_or_the_code_is_pasted(graph: Graph, bare: bool) -> None:  # noqa: FBT001
    def typed(said: dict[str, str]) -> str:
        return said["code"] if bare else f" http://localhost:1/?code={said['code']}&state={said['state']}\n"

    assert sign_in(who(graph, *ALL), ALL, pasting(graph, typed), device=False).user == "me@example.com"


def test_who_says_no_is_told_so(graph: Graph) -> None:
    graph.world.authority.denied = True
    with pytest.raises(SignInNeeded, match="Microsoft: you did not allow it; sign in again: amity connect microsoft"):
        sign_in(who(graph, *ALL), ALL, browsing(graph), device=False)


def test_an_answer_to_another_question_is_none(graph: Graph) -> None:
    graph.world.authority.wrong_state = True
    with pytest.raises(SignInNeeded, match="belongs to another sign-in"):
        sign_in(who(graph, *ALL), ALL, browsing(graph), device=False)
    assert graph.world.authority.grants == []


def test_an_administrator_who_must_allow_it_gets_an_address(graph: Graph) -> None:
    graph.world.authority.admin_consent = "redirect"
    client = who(graph, *ALL, authority=authority_of("global", TENANT))
    with pytest.raises(SignInNeeded, match="wants an administrator to allow this first") as refusal:
        sign_in(client, ALL, browsing(graph), device=False)
    (link,) = [word for word in str(refusal.value).split() if "adminconsent" in word]
    parts = urlsplit(link)
    assert (parts.netloc, parts.path) == ("login.microsoftonline.com", f"/{TENANT}/v2.0/adminconsent")
    assert parse_qs(parts.query)["client_id"] == [CLIENT]
    assert "docs/microsoft.md" in str(refusal.value)
    browse(graph, link)  # the administrator's part
    assert sign_in(client, ALL, browsing(graph), device=False).user


def test_nobody_comes_back(graph: Graph) -> None:
    graph.world.authority.admin_consent = "page"
    with pytest.raises(SignInNeeded, match=r"nobody signed in within .*adminconsent"):
        sign_in(who(graph, *ALL), ALL, browsing(graph), device=False, wait=0.2)


def test_with_a_code_in_another_browser(graph: Graph) -> None:
    graph.world.authority.interval = 0
    said: list[str] = []

    def typed_in(address: str) -> bool:
        assert address == "https://microsoft.com/devicelogin"
        code = said[0].removeprefix("The code is ").partition(".")[0]
        threading.Timer(0.1, graph.world.authority.enter, (code,)).start()
        return False

    found = sign_in(who(graph, *ALL), ALL, Talk(typed_in, lambda _question: "", said.append), device=True)
    assert found.user == "me@example.com"
    assert "a code that somebody else gives you signs them in as you" in said[0]


def test_nobody_types_the_code(graph: Graph) -> None:
    graph.world.authority.interval, graph.world.authority.device_lifetime = 0, -1
    with pytest.raises(SignInNeeded, match="nobody typed the code in time"):
        sign_in(who(graph, *ALL), ALL, Talk(lambda _address: False, lambda _question: ""), device=True)


def test_signing_in_again_is_the_same_person(graph: Graph) -> None:
    with pytest.raises(SignInNeeded, match=r"you signed in as me@example.com, but this account is ana@example.com"):
        sign_in(who(graph, *ALL, user="ana@example.com"), ALL, browsing(graph), device=False)
    seen: list[str] = []
    sign_in(who(graph, *ALL, user="ME@example.com"), ALL, browsing(graph, seen), device=False)
    assert "login_hint=ME%40example.com" in seen[0]


def test_a_tenant_or_client_that_there_is_not(graph: Graph) -> None:
    with pytest.raises(SignInNeeded, match="knows no tenant unknown"):
        sign_in(who(graph, *ALL, authority=authority_of("global", "unknown")), ALL, browsing(graph), device=False)
    graph.world.authority.clients = {"another"}
    with pytest.raises(SignInNeeded):
        sign_in(who(graph, *ALL), ALL, browsing(graph), device=False, wait=0.2)


def test_a_page_of_the_network_is_not_microsoft(graph: Graph) -> None:
    graph.world.faults.add("*/openid-configuration", html(200))
    with pytest.raises(TryLater, match="not Microsoft answers to the sign-in"):
        sign_in(who(graph, *ALL), ALL, browsing(graph), device=False)


def test_codes_and_tokens_go_to_the_sign_in_that_was_named_alone() -> None:
    line = Line("https://login.microsoftonline.com/common", "test")
    for url in ("https://evil.example/token", "http://login.microsoftonline.com/token", "https://login.microsoft.com/"):
        with pytest.raises(Refused, match="on another server"):
            line.post(url, data={"refresh_token": "x"})


def test_the_provider_from_end_to_end(graph: Graph) -> None:
    user = graph.world.user()
    user.proxies.append("smtp:alias@example.org")
    assert PROVIDER.oauth is not None
    found = PROVIDER.oauth.sign_in(config(graph, contacts=False), browsing(graph))
    assert found.options == {"user": "me@example.com"}
    said = " ".join(PROVIDER.check(config(graph, contacts=False), found.secret))
    assert "signed in as me@example.com" in said
    assert "alias@example.org, me@example.com" in said
    assert "Inbox, Sent Items, Archive" in said
    assert "--contacts" in said
    assert "nothing is ever changed" in said
    assert {one.verb for one in graph.world.asked if "/oauth2/" not in one.path} == {"GET"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"client_id": "https://x"}, "docs/microsoft.md"),
        ({"tenant": "../x"}, "--tenant"),
        ({"cloud": "mars"}, "global, us-gov, us-dod, china"),
        ({"mail": "all"}, "words, metadata or no"),
        ({"mail": "no", "calendar": False, "contacts": False}, "leaves nothing to read"),
        ({"endpoint": "http://evil.example"}, "https://"),
    ],
)
def test_impossible_options_are_refused_with_the_possible_ones(options: dict[str, object], words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert({"client_id": CLIENT, **options}, MicrosoftConfig)


def test_national_clouds_name_whose_permission_it_is() -> None:
    assert asked([Feature.METADATA], "us-gov") == [
        "https://graph.microsoft.us/Mail.ReadBasic", "https://graph.microsoft.us/User.Read",
    ]  # fmt: skip
    assert granted([Feature.METADATA], ["https://graph.microsoft.us/Mail.ReadBasic"]) == [Feature.METADATA]
    assert granted(ALL, ["mail.read", "User.Read"]) == [Feature.WORDS]
    assert all(one.graph.startswith("https://") for one in CLOUDS.values())


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ({"error": "invalid_grant", "error_codes": [70043]}, SignInNeeded, "wants you to sign in more often"),
        ({"error": "interaction_required", "error_codes": [50076]}, SignInNeeded, "another proof of who you are"),
        ({"error": "invalid_grant", "error_codes": [50173]}, SignInNeeded, "password was changed"),
        ({"error": "interaction_required"}, SignInNeeded, "Microsoft ended this sign-in"),
        ({"error": "invalid_grant", "suberror": "consent_required"}, SignInNeeded, "send one LINK"),
        ({"error": "access_denied", "error_description": "AADSTS90094: x"}, SignInNeeded, "send one LINK"),
        ({"error": "temporarily_unavailable", "error_codes": [90033]}, TryLater, "out of order"),
        ({"error": "<script>", "error_description": "AADSTS999999: secret"}, SignInNeeded, r"\(AADSTS999999\)"),
    ],
)
def test_each_refusal_is_one_sentence(said: dict[str, object], kind: type[Exception], words: str) -> None:
    error = refused(said, "work", "LINK")
    with pytest.raises(kind, match=words):
        raise error
    assert str(error).startswith("work: ")
    assert "secret" not in str(error)
