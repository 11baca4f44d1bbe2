"""Where an address leads, and where it never does."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.caldav import PROVIDER
from connectors.dav.client import Client
from connectors.dav.connector import DavConnector
from connectors.dav.flavour import CALDAV
from connectors.dav.hrefs import normal, path_of, same_origin
from connectors.dav.options import DavConfig
from connectors.errors import Refused, TryLater
from connectors.http import Answer
from tests.connectors.dav.model import HOME, WORK, Model, answered, multistatus, row

CALENDAR = '<resourcetype><collection/><c:calendar xmlns:c="urn:ietf:params:xml:ns:caldav"/></resourcetype>'
INBOX = CALENDAR.replace("<collection/>", '<collection/><c:schedule-inbox xmlns:c="urn:ietf:params:xml:ns:caldav"/>')
TASKS = (
    '<c:supported-calendar-component-set xmlns:c="urn:ietf:params:xml:ns:caldav">'
    '<c:comp name="VTODO"/></c:supported-calendar-component-set>'
)


def connector(model: Model, url: str) -> DavConnector:
    return DavConnector(Client(model, "mine", url), CALDAV, url, source="caldav:mine")  # type: ignore[arg-type]


def led_to(principal: str, home: str) -> Model:
    """A server whose root names a principal, which names a home."""

    def lead(line: str, answer: Answer) -> Answer:
        if line == "PROPFIND /":
            return multistatus(row("/", f"<current-user-principal><href>{principal}</href></current-user-principal>"))
        if line == "PROPFIND /people/me/":
            space = 'xmlns:c="urn:ietf:params:xml:ns:caldav"'
            return multistatus(
                row("/people/me/", f"<c:calendar-home-set {space}><href>{home}</href></c:calendar-home-set>")
            )
        return answer

    return Model(spoil=lead)


@pytest.mark.parametrize("principal", ["/people/me/", "people/me/", "http://dav.x.org/people/me/", "/people/%6De/"])
def test_a_server_leads_through_the_principal_to_the_home(principal: str) -> None:
    model = led_to(principal, HOME)
    assert [stream.title for stream in connector(model, "http://dav.x.org").streams()] == ["Work"]
    assert model.asked[0] == "PROPFIND /.well-known/caldav"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.org/dav/me/", "http://dav.x.org:8080/dav/me/", "//evil.org/dav/me/"]
)
def test_another_server_gets_no_question(elsewhere: str) -> None:
    for model in (led_to(elsewhere, HOME), led_to("/people/me/", elsewhere)):
        with pytest.raises(Refused, match="leads to another one"):
            connector(model, "http://dav.x.org/").streams()
        assert f"PROPFIND {HOME}" not in model.asked


def test_who_answers_after_a_redirect_is_given_nothing() -> None:
    """Were the answer's own address what decides, a redirect would hand out the password."""
    client = connector(Model(), "https://dav.x.org/")._client
    assert client.leads("https://evil.org/", "https://evil.org/home/")  # followed, as a stranger: `Model.trust` fails
    assert not client.leads("https://evil.org/", "https://other.org/home/")
    with pytest.raises(AssertionError):
        client.leads("https://evil.org/", "https://dav.x.org/home/")  # back at home: this one is trusted


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.org/x", "https://A.org:443/y", True),
        ("http://a.org", "https://a.org", False),
        ("https://a.org", "https://b.org", False),
        ("https://caldav.icloud.com/", "https://p42-caldav.icloud.com:443/1/", True),
        ("https://caldav.icloud.com/", "http://p42-caldav.icloud.com/1/", False),
        ("https://caldav.icloud.com/", "https://p42-caldav.icloud.com.evil.org/", False),
        ("https://evilicloud.com/", "https://p42-caldav.icloud.com/", False),
    ],
)
def test_origins(one: str, other: str, same: bool) -> None:  # noqa: FBT001  a case
    assert same_origin(one, other) is same


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/a/b.ics", "/a/b.ics"), ("b.ics", "/dav/b.ics"), ("http://other:99/a/b.ics?x#y", "/a/b.ics"),
        ("/a//b.ics", "/a/b.ics"), ("/a/%62.ics", "/a/b.ics"), ("/a/x%40y", "/a/x@y"), ("/a/%c3%a9", "/a/%C3%A9"),
        ("/a/é", "/a/%C3%A9"), ("/a/b%2fc", "/a/b%2Fc"), ("/a/ b", "/a/%20b"), ("/a/../b", "/b"),
    ],
)  # fmt: skip
def test_one_address_one_spelling(href: str, path: str) -> None:
    assert path_of(href, "http://x.org/dav/") == path
    assert normal(path) == path


def test_what_is_no_calendar_of_meetings_is_passed_over() -> None:
    rows = [
        row(HOME, "<resourcetype><collection/></resourcetype>"),
        row(f"{HOME}inbox/", INBOX),
        row(f"{HOME}tasks/", CALENDAR + TASKS),
        row(f"{HOME}both/", CALENDAR + TASKS.replace("</c:sup", '<c:comp name="VEVENT"/></c:sup')),
        row(f"{HOME}all/", CALENDAR),
        row(f"{HOME}files/", "<resourcetype><collection/></resourcetype>"),
        row(f"{HOME}hidden/", CALENDAR).replace("200 OK", "403 Forbidden"),
    ]
    model = Model(spoil=lambda line, answer: multistatus(*rows) if line == f"PROPFIND {HOME}" else answer)
    found = connector(model, f"http://x.org{HOME}").streams()
    assert [(stream.name, stream.title) for stream in found] == [(f"{HOME}both/", "both"), (f"{HOME}all/", "all")]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answered(404), Refused), (answered(405), Refused), (answered(501), Refused),
        (answered(200, "<html>", "text/html"), TryLater), (multistatus(), Refused),
    ],
)  # fmt: skip
def test_where_nothing_is_found_the_sentence_says_what_to_do(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error, match="address") as raised:
        connector(Model(spoil=lambda _line, _answer: answer), f"http://x.org{HOME}").streams()
    assert str(raised.value).startswith("mine: http://x.org/")


def test_a_collection_named_by_itself_is_the_only_one() -> None:
    model = Model()
    model.collections["/dav/me/other/"], model.titles["/dav/me/other/"] = {}, "Other"
    assert [stream.title for stream in connector(model, f"http://x.org{WORK}").streams()] == ["Work"]
    assert len(connector(model, f"http://x.org{HOME}").streams()) == 2


@pytest.mark.parametrize(
    "url", ["dav.x.org", "ftp://x.org/", "https://", "https://me:pw@x.org/", "http://[x/", "http://x:y/"]
)
def test_an_impossible_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ValueError, match="--url"):
        DavConfig(url=url)


@pytest.mark.parametrize(
    ("url", "bare"),
    [("http://x.org/", True), ("https://x.org/", False), ("http://127.0.0.1:1/", False), ("http://localhost/", False)],
)
def test_an_address_without_encryption_is_warned_of(url: str, bare: bool) -> None:  # noqa: FBT001  a case
    assert DavConfig(url=url).is_bare is bare


def test_the_password_is_asked_for_where_there_is_a_user() -> None:
    def secret(**options: Any) -> str:
        return PROVIDER.config(url="https://x.org/", **options).secret()

    assert (secret(), secret(user="me")) == ("", "password")
