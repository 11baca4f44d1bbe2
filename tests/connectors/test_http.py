"""The HTTP client against a server that does everything wrong, byte by byte."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.credentials.secret import Secret
from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.http import Http, Limits
from connectors.http_auth import Auth, Basic, Bearer, Digest
from connectors.http_wire import Plain
from events.errors import AmityError
from tests.connectors.scripted import Script, answer, scripted

BODY = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Team\r\nEND:VCALENDAR\r\n"
PACKED = gzip.compress(BODY, mtime=0)
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"10\r\n" + BODY[:16] + b"\r\n0000%x\r\n" % (len(BODY) - 16) + BODY[16:] + b"\r\n0\r\n\r\n"
)
GZIP = answer(PACKED, "200 OK", "Content-Encoding: gzip")
GZIP_UNTIL_CLOSE = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PACKED
PATIENT = Limits(connect=10, read=20, total=40, head=20_000, body=100_000)
QUICK = PATIENT._replace(read=0.4, total=0.8)


@contextmanager
def client(limits: Limits = PATIENT, auth: Auth | None = None, home: str = "") -> Iterator[Http]:
    http = Http("caldav:work", limits=limits, private=("127.0.0.1",), auth=auth, home=[home] if home else [])
    try:
        yield http
    finally:
        http.close()


def test_a_whole_answer_comes_whole_however_it_is_sent() -> None:
    for whole in (answer(BODY), CHUNKED, GZIP, GZIP_UNTIL_CLOSE, b"HTTP/1.0 200 OK\r\n\r\n" + BODY):
        with scripted(whole) as server, client() as http:
            assert http.ask("GET", server.url).body == BODY


@pytest.mark.parametrize("whole", [answer(BODY), CHUNKED, GZIP, GZIP_UNTIL_CLOSE])
def test_a_connection_that_is_cut_at_any_byte_gives_an_error_and_never_a_shorter_body(whole: bytes) -> None:
    with scripted(*(whole[:cut] for cut in range(len(whole) + 1))) as server, client() as http:
        for cut in range(len(whole)):
            try:
                body = http.ask("GET", server.url).body
            except TryLater:
                continue
            # Behind the last byte of the body nothing but the end of the last chunk can be missing.
            assert body == BODY, cut
            assert cut >= len(whole) - 4, cut
        assert http.ask("GET", server.url).body == BODY
    assert len(server.asked) == len(whole) + 1


def test_an_answer_that_is_longer_than_it_says_is_not_used() -> None:
    wrong = answer(BODY).replace(b"Content-Length: %d" % len(BODY), b"Content-Length: 20")
    with scripted(wrong) as server, client() as http, pytest.raises(TryLater, match="longer than the server said"):
        http.ask("GET", server.url)


@pytest.mark.parametrize(
    "script",
    [
        Script(b"", hang=True),
        Script(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", hang=True),
        Script(answer(BODY)[:-1], hang=True),
        Script(answer(BODY * 9), slow=0.05),
        Script(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 900, slow=0.05),
    ],
    ids=["silent", "hangs behind its head", "hangs in its body", "drips its body", "drips its head"],
)
def test_a_server_that_is_too_slow_is_left(script: Script) -> None:
    with scripted(script) as server, client(QUICK) as http:
        began = time.monotonic()
        with pytest.raises(TryLater, match="in time"):
            http.ask("GET", server.url)
        assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (answer(gzip.compress(b"\0" * 20_000_000), "200 OK", "Content-Encoding: gzip"), "larger than"),
        (answer(b"x" * 100_001), "larger than"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 300_000, "larger than"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 140_000, "larger than"),
        (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 900) for n in range(99)), "header lines"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9999, "header lines"),
        (answer(b"x", "200 OK", "Content-Encoding: br"), "packs its answer as 'br'"),
    ],
    ids=["bomb", "long", "endless", "in chunks", "headers", "continue", "packed otherwise"],
)
def test_what_is_too_large_is_refused(script: bytes, sentence: str) -> None:
    with scripted(script) as server, client() as http, pytest.raises(Refused, match=sentence):
        http.ask("GET", server.url)


@pytest.mark.parametrize(
    "garbage", [b"\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 999, answer(b"", "99 X")]
)
def test_what_is_no_http_is_an_error_with_a_sentence(garbage: bytes) -> None:
    with scripted(garbage) as server, client() as http, pytest.raises(TryLater, match="caldav:work"):
        http.ask("GET", server.url)


@pytest.mark.parametrize("verb", ["PUT", "POST", "DELETE", "PATCH", "PROPPATCH", "MKCOL", "MOVE", "get", "GET\r\nX: y"])
def test_only_the_verbs_of_the_list_are_ever_sent(verb: str) -> None:
    with scripted(answer()) as server, client() as http:
        with pytest.raises(Refused, match="only reads"):
            http.ask(verb, server.url)
        assert server.asked == []


def test_statuses_go_to_the_caller_or_say_what_to_do() -> None:
    for status in (204, 207, 304, 400, 403, 404, 405, 410, 412, 507):
        with scripted(answer(b"" if status in {204, 304} else b"x", f"{status} X")) as server, client() as http:
            assert http.ask("GET", server.url).status == status
    for status in (408, 425, 429, 500, 502, 503, 504, 599):
        with scripted(answer(b"x", f"{status} X")) as server, client() as http:
            with pytest.raises(TryLater, match=f"HTTP {status}") as caught:
                http.ask("GET", server.url)
            assert caught.value.after_seconds is None
            assert http.ask("GET", server.url, returns={status}).status == status
    with scripted(answer(b"x", "401 X")) as server, client() as http, pytest.raises(SignInNeeded):
        http.ask("GET", server.url)


def test_a_head_or_an_unchanged_answer_has_no_body_whatever_its_length() -> None:
    told = b"HTTP/1.1 %s\r\nContent-Length: 99\r\n\r\n"
    with scripted(Script(told % b"200 OK", stay=True), told % b"304 Not Modified") as server, client() as http:
        assert http.ask("HEAD", server.url).body == b""
        assert http.ask("GET", server.url).status == 304
        assert len(server.asked) == 2


def test_a_connection_is_used_again_unless_the_server_has_closed_it() -> None:
    with scripted(Script(answer(b"1"), stay=True), answer(b"2"), answer(b"3")) as server, client() as http:
        assert [http.ask("GET", server.url).body for _ in range(2)] == [b"1", b"2"]
        time.sleep(0.1)
        assert http.ask("GET", server.url).body == b"3"


@pytest.mark.parametrize("verb", ["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "POST"])
def test_a_connection_that_closes_under_a_second_request_is_made_anew_for_what_only_reads(verb: str) -> None:
    with scripted(Script(answer(b"1"), stay=True), Script(b""), answer(b"2")) as server:
        http = Http("work", verbs=("GET", verb), private=("127.0.0.1",), limits=PATIENT)
        http.ask("GET", server.url)
        if verb == "POST":
            with pytest.raises(TryLater, match="cut off"):
                http.ask(verb, server.url, body=b"x")
        else:
            assert http.ask(verb, server.url, body=b"x").status == 200
        http.close()
        assert len(server.asked) == (2 if verb == "POST" else 3)


def test_it_is_made_anew_once_and_only_where_it_was_used_before() -> None:
    with scripted(Script(answer(b"1"), stay=True), Script(b"")) as server, client() as http:
        http.ask("GET", server.url)
        with pytest.raises(TryLater, match="cut off"):
            http.ask("GET", server.url)
        assert len(server.asked) == 3
        with pytest.raises(TryLater, match="cut off"):
            http.ask("GET", server.url)
        assert len(server.asked) == 4


@pytest.mark.parametrize("error", [BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError])
def test_a_connection_that_cannot_be_written_to_again_is_made_anew(
    error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(Script(answer(b"1"), stay=True), answer(b"2")) as server, client() as http:
        http.ask("GET", server.url)
        send = Plain.send

        def fail(_connection: Plain, _data: object) -> None:
            monkeypatch.setattr(Plain, "send", send)
            raise error

        monkeypatch.setattr(Plain, "send", fail)
        assert http.ask("GET", server.url).body == b"2"


def test_nothing_is_sent_before_the_time_that_the_server_named() -> None:
    now = [1000.0]
    with scripted(answer(b"", "429 X", "Retry-After: 120"), answer(b"ok")) as server:
        http = Http("ics:x", private=("127.0.0.1",), clock=lambda: now[0], limits=PATIENT)
        with pytest.raises(TryLater) as caught:
            http.ask("GET", server.url)
        assert caught.value.after_seconds == 120
        for later, left in ((0.0, 120.0), (60.0, 60.0), (119.5, 0.5)):
            now[0] = 1000.0 + later
            with pytest.raises(TryLater) as caught:
                http.ask("GET", f"{server.url}/other")
            assert caught.value.after_seconds == pytest.approx(left)
        assert len(server.asked) == 1
        now[0] = 1120.0
        assert http.ask("GET", server.url).body == b"ok"
        http.close()


def test_redirects_are_followed_with_the_password_only_to_its_own_origin() -> None:
    with scripted(answer(b"there")) as other:
        away = answer(b"", "302 Found", f"Location: {other.url}/x")
        near = Script(answer(b"", "301 Moved", "Location: /near"), stay=True)
        with scripted(near, away) as server, client(auth=Bearer(Secret("tok")), home=server.url) as http:
            got = http.ask("GET", server.url)
    assert (got.body, got.url) == (b"there", f"{other.url}/x")
    assert [b"Bearer tok" in request for request in server.asked] == [True, True]
    assert [b"uthorization" in request for request in other.asked] == [False]


def test_a_redirect_to_another_origin_that_wants_a_password_says_so() -> None:
    with scripted(answer(b"", "401 X", 'WWW-Authenticate: Basic realm="x"')) as other:
        away = answer(b"", "302 Found", f"Location: {other.url}/x")
        with scripted(away) as server, client(auth=Basic("me", Secret("pw")), home=server.url) as http:
            with pytest.raises(SignInNeeded, match="another server"):
                http.ask("GET", server.url)
            http.trust(other.url)
            with pytest.raises(SignInNeeded, match="refuses the user or the password"):
                http.ask("GET", server.url)
    assert [b"uthorization" in request for request in other.asked] == [False, True]


def test_the_verb_and_the_question_go_along_with_a_redirect() -> None:
    with scripted(Script(answer(b"", "301 X", "Location: /dav/"), stay=True), answer(b"x", "207 X")) as server:
        http = Http("caldav:w", verbs={"PROPFIND"}, private=("127.0.0.1",))
        http.ask("PROPFIND", f"{server.url}/.well-known/caldav", headers={"Depth": "0"}, body=b"<propfind/>")
        http.close()
    assert [request.partition(b" ")[0] for request in server.asked] == [b"PROPFIND"] * 2
    assert b"PROPFIND /dav/ " in server.asked[1]
    assert b"Depth: 0" in server.asked[1]


def test_a_redirect_may_be_written_in_any_letters() -> None:
    moved = Script(answer(b"", "301 X", "Location: /käse/b%20c?x=1#part"), stay=True)
    with scripted(moved, answer(b"x")) as server, client() as http:
        assert http.ask("GET", server.url).body == b"x"
    assert server.asked[1].startswith(b"GET /k%C3%A4se/b%20c?x=1 HTTP/1.1\r\n")


@given(st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3)), min_size=1, max_size=4))
@settings(max_examples=60)
def test_whatever_comes_it_is_an_answer_or_an_error_with_a_sentence(damages: list[tuple[int, bytes]]) -> None:
    for whole in (CHUNKED, GZIP):
        data = whole
        for at, piece in damages:
            data = data[: at % len(data)] + piece + data[at % len(data) + 1 :]
        with scripted(data) as server, client() as http:
            try:
                http.ask("GET", server.url)
            except (TryLater, Refused, SignInNeeded) as error:
                assert str(error).startswith("caldav:work: ")  # noqa: PT017  either may be


@given(st.text(max_size=80))
def test_any_challenge_is_answered_or_not(text: str) -> None:
    for challenge in (text, f"Digest {text}", f'Basic realm="x", Digest realm="a", nonce="b", {text}'):
        for auth in (Basic("me", Secret("pw")), Digest("me", Secret("pw")), Bearer(Secret("x"))):
            auth.challenged(challenge)
            assert "\n" not in (auth.header("GET", "https://x.org/a") or "")


def test_a_redirect_to_another_verb_needs_that_verb_on_the_list() -> None:
    see_other = Script(answer(b"", "303 X", "Location: /there"), stay=True)
    for verbs, asked in (({"REPORT", "GET"}, [b"REPORT", b"GET"]), ({"REPORT"}, [b"REPORT"])):
        with scripted(see_other, answer(b"x")) as server:
            http = Http("caldav:w", verbs=verbs, private=("127.0.0.1",))
            try:
                assert http.ask("REPORT", server.url, body=b"<x/>").body == b"x"
            except Refused as error:
                assert "GET is not sent" in str(error)  # noqa: PT017  one of the two
            http.close()
        assert [request.partition(b" ")[0] for request in server.asked] == asked


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254"),
        ("http://[::ffff:10.0.0.1]/", "refused"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://localhost:1/", "refused"),
        ("file:///etc/passwd", "no web address"),
        ("ftp://example.org/", "no web address"),
        ("gopher://127.0.0.1:6379/", "no web address"),
        ("http://[::1", "no web address"),
        ("/again", "more than 5 times"),
    ],
)
def test_a_redirect_to_where_nobody_asked_to_go_is_refused(location: str, sentence: str) -> None:
    with scripted(answer(b"", "302 X", f"Location: {location}")) as server, client() as http:
        with pytest.raises(Refused, match=sentence.replace("[", r"\[")):
            http.ask("GET", server.url)
        assert len(server.asked) == (6 if location == "/again" else 1)


def _found(addresses: list[str], _host: str, _port: int) -> list[str]:
    return addresses


def test_a_public_name_with_a_private_address_is_refused_also_when_it_has_public_ones() -> None:
    with scripted(answer(b"inside")) as server:
        for addresses in (["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["fe80::1%eth0"], ["fd00:ec2::254"]):
            http = Http("ics:x", resolver=partial(_found, addresses))
            with pytest.raises(Refused, match=r"calendar\.example"):
                http.ask("GET", f"http://calendar.example:{server.port}/x.ics")
        assert server.asked == []


def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    """A name that answers differently the second time (DNS rebinding) is not asked a second time."""
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with scripted(Script(answer(b"x"), stay=True)) as server:
        http = Http("ics:x", private=("nas.local",), resolver=resolver)
        for _ in range(3):
            assert http.ask("GET", f"http://nas.local:{server.port}/").body == b"x"
        http.close()
    assert asked == ["nas.local"]
    assert b"Host: nas.local:" in server.asked[0]


def test_a_name_that_cannot_be_resolved_and_a_closed_port_are_worth_another_try() -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(TryLater, match=r"ics:x: gone\.example: .*Name or service not known"):
        Http("ics:x", resolver=resolver).ask("GET", "https://gone.example/")
    with client() as http, pytest.raises(TryLater, match="refused"):
        http.ask("GET", "http://127.0.0.1:1/")


def test_a_server_without_tls_where_it_should_have_it_is_an_error_with_a_sentence() -> None:
    refused = pytest.raises(TryLater, match=r"in time|connection fails")
    with scripted(answer(b"x")) as server, client(QUICK) as http, refused:
        http.ask("GET", server.url.replace("http:", "https:"))


def test_digest_is_answered_as_in_the_example_of_the_rfc(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7616, 3.9.1."""
    monkeypatch.setattr("secrets.token_hex", lambda _n: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    told = (
        'realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    both = f"Digest {told.format('SHA-256')}, Digest {told.format('MD5')}"
    for challenge, response in (
        (both, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        (f"Digest {told.format('MD5')}", "8ca523f5e9506fed4657c9700eebdbec"),
    ):
        digest = Digest("Mufasa", Secret("Circle of Life"))
        assert digest.header("GET", "http://www.example.org/dir/index.html") is None
        assert digest.challenged(challenge)
        assert f'response="{response}"' in (digest.header("GET", "http://www.example.org/dir/index.html") or "")
        assert not digest.challenged(challenge)


def test_a_password_is_sent_hashed_where_the_server_asks_for_nothing_else() -> None:
    challenge = 'WWW-Authenticate: Digest realm="BaikalDAV", qop="auth", nonce="abc", opaque='
    refuse = Script(answer(b"", "401 X", challenge), stay=True)
    with (
        scripted(refuse, answer(b"ok"), answer(b"ok")) as server,
        client(auth=Basic("mé", Secret("pw")), home=server.url) as http,
    ):
        assert [http.ask("GET", server.url).body for _ in range(2)] == [b"ok", b"ok"]
    words = [request.partition(b"Authorization: ")[2].partition(b" ")[0] for request in server.asked]
    assert words == [b"Basic", b"Digest", b"Digest"]
    assert b"nc=00000002" in server.asked[2]


def test_a_wrong_password_is_tried_once() -> None:
    refuse = Script(answer(b"", "401 X", 'WWW-Authenticate: Basic realm="a, Digest b"'), stay=True)
    with scripted(refuse) as server, client(auth=Basic("me", Secret("pw")), home=server.url) as http:
        with pytest.raises(SignInNeeded):
            http.ask("GET", server.url)
        assert len(server.asked) == 1


def test_no_sentence_and_no_repr_shows_a_secret() -> None:
    secret = "s3cr3t-that-nobody-may-see"  # noqa: S105  the canary
    auths: list[Auth] = [Basic("me", Secret(secret)), Digest("me", Secret(secret)), Bearer(Secret(secret))]
    for auth in auths:
        with scripted(answer(b"", "503 X"), answer(b"", "401 X"), answer(b"")[:9]) as server:
            url = server.url.replace("//", f"//me:{secret}@") + f"/private-{secret}/x.ics?token={secret}"
            with client(auth=auth, home=server.url) as http:
                for _ in range(3):
                    with pytest.raises(AmityError) as caught:
                        http.ask("GET", url)
                    assert secret not in f"{caught.value} {auth!r} {vars(http)!r}"
