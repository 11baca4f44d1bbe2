"""One message, one observation; copies are recognised; real mail reproduces the numbers of others."""

from __future__ import annotations

import email
import json
from collections import Counter
from collections.abc import Iterator
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ItemMalformed
from connectors.files.mbox import messages
from connectors.mime import message
from connectors.mime.message import base_subject, to_event, translate
from events.codec import encode
from events.vocabulary import Mailbox, MessageObserved

RAW = (
    b"From: Ana Ruiz <ana@x.org>\nTo: Me <me@y.org>, bo@z.org\nCc: cy@z.org\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n"
    b"Date: Mon, 1 Jan 2018 10:00:00 +0100\nMessage-ID: <1@x.org>\nIn-Reply-To: <0@y.org>\nReferences: <r@y.org> <0@y.org>\n"  # noqa: E501  one mail, one line
    b"Sender: assistant@x.org\nReply-To: team@x.org\n\nCould you send it?\n\n> old\n"
)


def item(raw: bytes, **where: Any) -> MessageObserved:
    found = translate(raw, source="files:t", where="t:0", **where).payload
    assert found is not None
    return found


def test_everything_a_mail_says_is_observed() -> None:
    assert item(RAW, folder="Sent", seen=True) == MessageObserved(
        source="files:t",
        where="t:0",
        message_id="1@x.org",
        sent_ms=1_514_797_200_000,
        sender=Mailbox("ana@x.org", "Ana Ruiz"),
        actor=Mailbox("assistant@x.org"),
        reply_to=(Mailbox("team@x.org"),),
        to=(Mailbox("me@y.org", "Me"), Mailbox("bo@z.org")),
        cc=(Mailbox("cy@z.org"),),
        subject="Grüße",
        references=("r@y.org", "0@y.org"),
        words=4,
        body=item(RAW).body,
        seen=True,
        box="sent",
        asks=True,
    )


@pytest.mark.parametrize("at_once", [1, 7, 10, 1_000])
def test_a_long_body_is_recognised_piece_by_piece(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = [RAW + b"\nFrom here\n on.\n", RAW.replace(b"\n", b"\r\n") + b"\r\n>>From here on."]
    expected = translate(copies[0], source="files:t", where="t:0").fingerprint
    other = translate(RAW + b"\nFrom here", source="files:t", where="t:0").fingerprint
    monkeypatch.setattr(message, "_AT_ONCE", at_once)
    found = {translate(copy, source="files:t", where="t:0").fingerprint for copy in copies}
    assert found == {expected}
    assert expected != other


@pytest.mark.parametrize(
    ("body", "closer"),
    [(b"Thanks a lot!", True), (b"Thanks, when?", False), (b"one two three four five six", False), (b"", False)],
)
def test_a_closer_is_short_and_asks_nothing(body: bytes, *, closer: bool) -> None:
    assert item(RAW[: RAW.index(b"\n\n") + 2] + body).closer is closer


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Content-Type: text/html\n\n<p>three <b>ne</b>w words</p><div class=gmail_quote>old</div>", 3),
        (
            b"Content-Type: text/html\n\n<style>p {}</style><p>one</p><p>two</p>three<blockquote type=cite>old</blockquote>",  # noqa: E501  one mail, one line
            3,
        ),
        (
            b"Content-Type: text/html\n\n<p>three new words</p><div id=appendonsend></div><hr><div>old</div><p>old</p>",
            3,
        ),
        (b"Content-Transfer-Encoding: base64\n\ndGhyZWUgbmV3IHdvcmRz", 3),
        (b"Content-Transfer-Encoding: quoted-printable\n\nthree n=\new words", 3),
        (
            b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nthree new words\n--b\nContent-Type: text/html\n\none\n--b--\n",  # noqa: E501  one mail, one line
            3,
        ),
        (
            b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\nthree new words\n--b--\n",  # noqa: E501  one mail, one line
            3,
        ),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\nno\n--b\n\nthree new words\n--b\nContent-Disposition: attachment\n\nno\n--b--",  # noqa: E501  one mail, one line
            3,
        ),
        (
            b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\nold\n--b\n\nthree new words',  # noqa: E501  one mail, one line
            3,
        ),
        (b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$BF|K\\8l\x1b(B", 3),
        (b"Content-Type: text/plain; format=flowed; delsp=yes\n\nthree ne \nw words", 3),
    ],
)
def test_only_the_text_a_reader_sees_is_counted(content: bytes, words: int) -> None:
    assert item(b"From: a@b.c\n" + content).words == words


def test_one_message_in_two_folders_is_one_stream() -> None:
    first, again = (
        to_event(translate(RAW, source="files:t", where=place, folder=place)) for place in ("Inbox", "Archive")
    )
    assert (first.stream, first.revision) == (again.stream, again.revision)
    binned = to_event(translate(RAW, source="files:t", where="t", folder="Trash"))
    assert (binned.stream == first.stream, binned.revision == first.revision) == (True, False)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (b"Message-ID: <1@x.org>", b"Message-ID: <2@x.org>", True),
        (b"Subject: ", b"Subject: Re: ", True),
        (b"\n> old", b"\r\n\n>  old ", True),
        (b"ana@x.org", b"eve@x.org", False),
        (b"10:00", b"10:01", False),
        (b"cy@z.org", b"di@z.org", False),
        (b"> old", b"> new", False),
    ],
)
def test_what_makes_two_copies_one_message(old: bytes, new: bytes, *, same: bool) -> None:
    streams = {to_event(translate(raw, source="s", where="w")).stream for raw in (RAW, RAW.replace(old, new))}
    assert (len(streams) == 1) is same


@pytest.mark.parametrize(
    "subject", ["hello", "Re: hello", "RE: Fw: hello", "AW: Re[2]: hello", "回复：hello", "Re:Re: Hello "]
)
def test_base_subject(subject: str) -> None:
    assert base_subject(subject) == "hello"


def test_what_is_no_message_is_malformed_and_named() -> None:
    with pytest.raises(ItemMalformed, match=r"^x\.eml: "):
        translate(b"\x00\x01\x02garbage", source="s", where="x.eml")


@given(st.binary(max_size=2000))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for raw in (data, RAW[:40] + data, RAW + data):
        try:
            found = translate(raw, source="s", where="w")
        except ItemMalformed:
            continue
        if found.payload is not None:
            encode(to_event(found).payload).decode()


def owners_mail(folder: Path) -> Iterator[tuple[str, MessageObserved | None]]:
    for path in sorted(folder.glob("*.mbox")):
        with path.open("rb") as stream:
            for message in messages(stream, path.name):
                found = translate(message.raw, source="files:e", where=path.name, folder=path.stem)
                yield found.fingerprint, found.payload


@pytest.mark.parametrize("owner", ["lavorato-j", "white-s"])
def test_two_mailboxes_have_the_published_numbers(owner: str, shared_data: Path) -> None:
    oracle = json.loads((shared_data / "ORACLES.json").read_text())["enron"][owner]
    mine = set(oracle["owner_addresses"])
    seen = list(owners_mail(shared_data / "email-enron-owners" / owner))
    mail = {fingerprint: payload for fingerprint, payload in reversed(seen) if payload is not None}.values()
    sent_to: Counter[str] = Counter()
    received_from: Counter[str] = Counter()
    sent = 0
    for payload in mail:
        assert payload.sender is not None
        if payload.sender.address in mine:
            sent += 1
            sent_to.update({box.address for box in (*payload.to, *payload.cc, *payload.bcc)} - mine)
        else:
            received_from[payload.sender.address] += 1
    assert (len(seen), len(mail)) == (oracle["instances"], oracle["distinct_mail"])
    assert (sent, len(mail) - sent) == (oracle["sent_distinct"], oracle["received_distinct"])
    ranked = sorted((sent_to + received_from).items(), key=lambda entry: (-entry[1], entry[0]))[:20]
    assert ranked == [(row["address"], row["total"]) for row in oracle["top20"]]
    for row in oracle["top20"]:
        assert (sent_to[row["address"]], received_from[row["address"]]) == (row["sent_to"], row["received_from"])


def test_subjects_of_two_suites_read_like_the_standard_librarys(shared_data: Path) -> None:
    """Where the standard library gives up (raw 8-bit text, unknown charsets) there is nothing to compare with."""
    compared = 0
    suites = [*(shared_data / "email-eml-suites").rglob("*.eml"), *(shared_data / "email-spamassassin").rglob("*.*")]
    for path in sorted(path for path in suites if path.is_file()):
        raw = path.read_bytes()
        theirs = email.message_from_bytes(raw).get("Subject")
        if theirs is None or not str(theirs).isascii():
            continue
        ours = translate(raw, source="s", where="w").payload
        try:
            expected = " ".join(str(make_header(decode_header(theirs))).split())
        except LookupError:
            continue
        if ours is None or "�" in expected:
            continue
        compared += 1
        assert " ".join(ours.subject.split()).replace("\u2122", "\x99") == expected, path.name
    assert compared > 2_700
