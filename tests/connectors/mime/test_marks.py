"""Who sends a mail cannot say in which folder, under which label and how read it lies with whom it was sent to."""

from __future__ import annotations

import pytest

from connectors.mime.marks import from_server
from connectors.mime.message import translate

MAIL = (
    b"From: Ana <ana@x.org>\r\nTo: me@y.org\r\nSubject: hello\r\nDate: Mon, 1 Jan 2018 10:00:00 +0000\r\n%s"
    b"\r\nStatus: quoted\r\n"
)
FORGED = (b"X-Gmail-Labels: Launch,Trash\r\n", b"x-gmail-labels : Launch\r\n", b"Status: RO\r\n", b"X-Status: D\r\n",
          b"X-Mozilla-Status: 0009\r\n")  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_marks_that_the_sender_wrote_are_not_believed(forged: bytes, end: bytes) -> None:
    raw = (MAIL % forged).replace(b"\r\n", end)
    payload = translate(from_server(raw), source="s", where="w", folder="INBOX").payload
    assert payload is not None
    assert (payload.labels, payload.seen, payload.box) == ((), None, "inbox")


def test_the_servers_own_labels_are_and_the_message_stays_the_same() -> None:
    plain = translate(MAIL % b"", source="s", where="w")
    marked = translate(from_server(MAIL % FORGED[0], ("Launch", "Inbox")), source="s", where="w")
    assert plain.payload is not None
    assert marked.payload is not None
    assert (marked.payload.labels, marked.payload.box) == (("Launch",), "inbox")
    assert marked.fingerprint == plain.fingerprint


def test_a_message_without_such_marks_is_not_touched() -> None:
    assert from_server(MAIL % b"") == MAIL % b""
