"""Messages as they lie on disks: what a file says around them, and what a Maildir name says about them."""

from __future__ import annotations

import io

import pytest

from connectors.files.mail import message_in, read_maildir, read_mbox, read_message
from connectors.items import Item, Problem, Skipped
from events.envelope import NewEvent
from events.vocabulary import MessageObserved

MAIL = b"Date: Mon, 5 Jan 2026 10:00:00 +0000\nFrom: a@x.org\nTo: b@x.org\nSubject: one\n\nHello there.\n"


def message(item: Item) -> MessageObserved:
    assert isinstance(item, NewEvent)
    assert isinstance(item.payload, MessageObserved)
    return item.payload


@pytest.mark.parametrize("around", [b"%b", b"\xef\xbb\xbf%b", b"\r\n\n%b", b"%d\n%b<?xml version='1.0'?><plist/>"])
def test_what_stands_around_a_message_is_no_part_of_it(around: bytes) -> None:
    data = around % ((len(MAIL), MAIL) if b"%d" in around else MAIL)
    assert message_in(data) == MAIL
    (item,) = read_message(io.BytesIO(data), source="files:t", where="1", folder="Sent")
    assert message(item).words == 2


@pytest.mark.parametrize(
    ("name", "seen", "box"),
    [
        ("cur/1:2,S", True, ""),
        ("cur/1:2,RST", True, "trash"),
        ("cur/1;2,S", True, ""),
        ("cur/1!2,", False, ""),
        ("new/1", False, ""),
        ("new/1:2,", False, ""),
    ],
)
def test_a_maildir_name_says_what_became_of_a_message(name: str, box: str, *, seen: bool) -> None:
    (item,) = read_maildir(io.BytesIO(MAIL), source="files:t", where=f"m/{name}", folder="x")
    assert (message(item).seen, message(item).box) == (seen, box)


def test_a_draft_is_skipped() -> None:
    items = list(read_maildir(io.BytesIO(MAIL), source="files:t", where="m/cur/1:2,DS", folder="x"))
    assert items == [Skipped("draft")]


def test_an_item_says_where_it_stands() -> None:
    envelope = b"From a@x.org Mon Jan  5 10:00:00 2026\n"
    data = envelope + MAIL + b"\n" + envelope + b"Nothing: of mail\n\njunk\n\n" + envelope + MAIL
    first, second, third = read_mbox(io.BytesIO(data), source="files:t", where="a.mbox", folder="a")
    assert message(first).where == "a.mbox:0"
    assert isinstance(second, Problem)
    assert second.where == f"a.mbox:{len(envelope + MAIL) + 1}"
    assert not second.why.startswith("a.mbox")
    assert message(third).subject == "one"
