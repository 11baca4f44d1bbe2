"""Header blocks, encoded words, address lists and dates, well formed and as they come."""

from __future__ import annotations

import pytest

from connectors.mime.addresses import mailboxes
from connectors.mime.charsets import decode, header_text
from connectors.mime.dates import to_ms
from connectors.mime.headers import parameters, read_head


def test_fields_are_found_in_any_case_and_unfolded() -> None:
    raw = b"FROM: a@b.c\r\nsUBJECT: one\r\n two\r\nTo: d@e.f,\r\n\tg@h.i\r\nX-Other: x\r\n\r\nbody"
    head = read_head(raw)
    assert head.first(b"from") == b"a@b.c"
    assert head.first(b"subject") == b"one two"
    assert [box.address for box in mailboxes(head.first(b"to"))] == ["d@e.f", "g@h.i"]
    assert raw[head.body_at :] == b"body"


def test_line_ends_make_no_difference() -> None:
    raw = b"From: a@b.c\nSubject:\n one\n \ttwo\n\nTo: d@e.f"
    heads = [read_head(raw.replace(b"\n", ends)) for ends in (b"\n", b"\r\n")]
    assert heads[0].fields == heads[1].fields == {b"from": b"a@b.c", b"subject": b"one \ttwo"}


def test_recipients_in_several_fields_add_up() -> None:
    assert read_head(b"To: a@b.c\nTo: d@e.f\nTo: g@h.i\n\n").first(b"to") == b"a@b.c, d@e.f, g@h.i"


def test_blanks_may_stand_before_the_colon() -> None:
    found = read_head(b"From : a@b.c\nTo : d@e.f\nCC\t: g@h.i\nBcc  : j@k.l\nto\t \t: m@n.o\nSubject : x\n\n").fields
    assert found == {
        b"from": b"a@b.c", b"to": b"d@e.f, m@n.o", b"cc": b"g@h.i", b"bcc": b"j@k.l", b"subject": b"x"
    }  # fmt: skip


def test_a_message_without_a_body_is_all_header() -> None:
    assert read_head(b"Subject: x").first(b"subject") == b"x"


def test_parameters() -> None:
    assert parameters(b'Text/Plain; Charset="utf-8" ; format=flowed;x="a\\"b"') == (
        b"text/plain",
        {b"charset": b"utf-8", b"format": b"flowed", b"x": b'a"b'},
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        # RFC 2047, section 8
        (b"=?ISO-8859-1?Q?a?=", "a"),
        (b"=?ISO-8859-1?Q?a?= b", "a b"),
        (b"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
        (b"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"),
        (b"=?ISO-8859-1?Q?a_b?=", "a b"),
        (b"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
        (b"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=", "If you can read this yo"),
        (b"=?utf-8?B?w6TDtsO8?=", "äöü"),
        (b"=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä"),  # cut inside a character
        (b"=?utf-8*en?Q?=C3=A4?=", "ä"),  # RFC 2231, section 5
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?x-unknown?Q?abc?=", "abc"),
        (b"=?broken", "=?broken"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("cp1252"), "Grüße"),
        (b"a\x00b\x1bc", "abc"),
    ],
)
def test_header_text(value: bytes, text: str) -> None:
    assert header_text(value) == text


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("žluť".encode("iso8859-2"), "iso-8859-2", "žluť"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        (b"caf\xe9", "us-ascii", "café"),
        ("日本".encode("cp932"), "Shift_JIS", "日本"),
        (b"abc", "punycode", "abc"),
        (b"abc", "no-such-charset", "abc"),
    ],
)
def test_decode(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"ana@X.org", [("ana@x.org", "")]),
        (b"Ana Ruiz <ANA@x.org>", [("ana@x.org", "Ana Ruiz")]),
        (b'"Ruiz, Ana" <ana@x.org>, bo@y.org', [("ana@x.org", "Ruiz, Ana"), ("bo@y.org", "")]),
        (b"ana@x.org (Ana Ruiz)", [("ana@x.org", "Ana Ruiz")]),
        (b"Ana <ana@laptop.(none)>, b@y.org (Bo)", [("ana@laptop.(none)", "Ana"), ("b@y.org", "Bo")]),
        (b"'Ana' <ana@x.org>", [("ana@x.org", "Ana")]),
        (b"=?utf-8?Q?J=C3=BCrgen?= <j@x.org>", [("j@x.org", "Jürgen")]),
        # RFC 5322, appendix A.1.3, A.4 and A.5
        (b"A Group:Ed Jones <joe@where.test>,jdoe@one.test;", [("joe@where.test", "Ed Jones"), ("jdoe@one.test", "")]),
        (b"undisclosed-recipients:;", []),
        (b"Undisclosed recipients:;", []),
        (
            b"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
            [("mary@example.net", "Mary Smith"), ("jdoe@test.example", "")],
        ),
        (
            b"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
            [("pete@silly.test", "Pete(A nice ) chap)")],
        ),
        (b"mailto:ana@x.org", [("ana@x.org", "")]),
        (b"/O=ENRON/OU=NA/CN=RECIPIENTS/CN=JDOE", [("/o=enron/ou=na/cn=recipients/cn=jdoe", "")]),
        (b"Jane Doe/HOU/ECT@ECT", [("jane doe/hou/ect@ect", "")]),
        (b"root", [("root", "")]),
        (b"Recipient List Suppressed", []),
        (b"Ana <>", []),
        (b"<ana@x.org", [("ana@x.org", "")]),
        (b'"ana@x.org" <ana@x.org>', [("ana@x.org", "")]),
        (b"", []),
    ],
)
def test_mailboxes(value: bytes, expected: list[tuple[str, str]]) -> None:
    assert [(box.address, box.name) for box in mailboxes(value)] == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"Thu, 7 Jun 2001 11:15:11 -0700 (PDT)", 991_937_711),
        (b"7 Jun 01 18:15:11 GMT", 991_937_711),
        (b"Thu, 07 Jun 2001 18:15:11", 991_937_711),
        (b"Thu, 7 Jun 2001 14:15:11 EDT", 991_937_711),
        (b"Thu Jun  7 18:15:11 2001", 991_937_711),
        (b"Thu Jun  7 20:15:11 CEST 2001", 991_937_711),
        (b"Thu Jun  7 11:15:11 2001 -0700", 991_937_711),
        (b"2001-06-07T18:15:11Z", 991_937_711),
        (b"2001-06-07 20:15:11 +02:00", 991_937_711),
        (b"Jun 7, 2001 6:15:11 PM", 991_937_711),
        (b"6/7/2001 6:15:11 PM", 991_937_711),
        (b"Thu, 7-Jun-2001 18.15.11 UT", 991_937_711),
        (b"Do, 7 Juni 2001 20:15:11 +0200", 991_937_711),
        (b"", None),
        (b"yesterday", None),
        (b"Mon, 99 Jan 2001 10:00:00 +0000", None),
        (b"Mon, 1 Jan 99999 10:00:00 +0000", None),
        (b"Mon, 1 Jan 2001 99:00:00 +0000", None),
        (b"Mon, 1 Jan 2001 10:00:00 +999999999", None),
    ],
)
def test_dates(value: bytes, seconds: int | None) -> None:
    assert to_ms(value) == (None if seconds is None else seconds * 1000)
