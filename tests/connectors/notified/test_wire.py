"""What is a request, and what is none: everything of doubtful length or shape is refused before it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notified.wire import BODY, Answer, Bad, Request, head_of, length_of, written


def head(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def test_a_request_as_proxies_send_it() -> None:
    found = head_of(head("POST /graph?validationToken=a%20b HTTP/1.1", "Host: x", "Content-Length: 7", "X-A:  b c "))
    told = {"host": "x", "content-length": "7", "x-a": "b c"}
    assert found == Request("POST", "/graph", "validationToken=a%20b", told)
    assert length_of(found) == 7


def test_what_proxies_repeat_is_joined() -> None:
    assert head_of(head("POST / HTTP/1.1", "Via: a", "Via: b")).headers == {"via": "a, b"}


@pytest.mark.parametrize(
    "lines",
    [
        ["POST / HTTP/2.0"], ["post / HTTP/1.1"], ["POST  / HTTP/1.1"], ["POST http://x/ HTTP/1.1"], [""], ["POST /"],
        ["POST /\x00 HTTP/1.1"], ["POST / HTTP/1.1", "no colon"], ["POST / HTTP/1.1", "A : b"],
        ["POST / HTTP/1.1", " folded: x"], ["POST / HTTP/1.1", "A: \x00"], ["POST / HTTP/1.1", "A: a\nB: b"],
        ["POST / HTTP/1.1", "Content-Length: 1", "Content-Length: 2"],
        ["POST / HTTP/1.1", "Authorization: a", "Authorization: b"],
        ["POST / HTTP/1.1", "X-Goog-Channel-Token: a", "X-Goog-Channel-Token: b"],
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(lines: list[str]) -> None:
    with pytest.raises(Bad) as refused:
        head_of(head(*lines))
    assert refused.value.status == 400


def test_so_many_headers_are_none() -> None:
    with pytest.raises(Bad) as refused:
        head_of(head("POST / HTTP/1.1", *(f"X-{number}: a" for number in range(65))))
    assert refused.value.status == 431


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": str(BODY + 1)}, 413), ({"content-length": "99999999999"}, 411),
        ({"content-length": "-1"}, 411), ({"content-length": "1, 1"}, 411), ({"content-length": "0x10"}, 411),
        ({"content-length": "+1"}, 411), ({"content-length": "\u0661"}, 411), ({"transfer-encoding": "chunked"}, 411),
        ({"transfer-encoding": "chunked", "content-length": "1"}, 411),
    ],
)  # fmt: skip
def test_a_body_whose_end_is_not_sure_or_far_is_not_read(headers: dict[str, str], status: int) -> None:
    with pytest.raises(Bad) as refused:
        length_of(Request("POST", "/", "", headers))
    assert refused.value.status == status


def test_a_body_may_be_empty() -> None:
    assert length_of(Request("POST", "/", "", {})) == 0


@given(st.binary(max_size=400))
def test_whatever_comes_is_a_request_or_refused(data: bytes) -> None:
    try:
        found = head_of(data)
    except Bad:
        return
    assert found.path.startswith("/")


def test_an_answer_is_harmless_text() -> None:
    said = written(Answer(200, "a\u00e4")).decode()
    assert said.startswith("HTTP/1.1 200 OK\r\n")
    assert "Content-Length: 3\r\n" in said
    assert "Content-Type: text/plain; charset=utf-8\r\n" in said
    assert "X-Content-Type-Options: nosniff\r\n" in said
    assert "Server" not in said
    assert "Content-Length" not in written(Answer(204)).decode()
