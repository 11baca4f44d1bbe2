"""What a file is: its bytes first, then its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.sniff import HEAD_BYTES, Kind, kind_of

MAIL = b"Date: Thu, 1 Jan 2026 10:00:00 +0000\r\nFrom: a@x.org\r\n\r\nhello\r\n"
FROM = b"From a@x.org Thu Jan  1 10:00:00 2026\n"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (FROM + MAIL, "Alle Nachrichten", Kind.MBOX),
        (FROM + MAIL, "wrong.ics", Kind.MBOX),
        (b"\n\n" + FROM + MAIL, "x", Kind.MBOX),
        (b"From 1234567@xxx Thu Jan 01 10:00:00 +0000 2026\r\nX-GM-THRID: 1\r\n", "x", Kind.MBOX),
        (b"", "Sent.mbox", Kind.MBOX),
        (MAIL, "message.txt", Kind.MESSAGE),
        (b"77\n" + MAIL, "1", Kind.MESSAGE),
        (b"\xef\xbb\xbf" + MAIL, "x", Kind.MESSAGE),
        (b"Received: from x\n by y\nX-A: b\n\n", "1", Kind.MESSAGE),
        (b"nonsense", "x.EML", Kind.MESSAGE),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "Mein Kalender", Kind.CALENDAR),
        ("\ufeffBEGIN:VCALENDAR\r\n".encode("utf-16-le"), "x", Kind.CALENDAR),
        (b"<!-- junk -->\nBEGIN:VCALENDAR\r\n", "x", Kind.CALENDAR),
        (b"begin:vcard\nfn:a\n", "x.ics", Kind.CARDS),
        (b"Name,E-mail\nA,a@x.org\n", "contacts.txt", Kind.TABLE),
        (b"PK\x03\x04rest", "takeout", Kind.ZIP),
    ],
)
def test_ours(head: bytes, name: str, kind: Kind) -> None:
    assert kind_of(head, name) is kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"From the desk of the director\n\nDear all,", "letter.txt"),
        (b"Note: one header does not make a mail\nDate: maybe\n\n", "notes.md"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "photo.png"),
        (b"\0" * 4096, "disk.img"),
        (b"Date,Amount\n2026,1\n", "bank.csv"),
        (b"<!doctype html><html>", "archive_browser.html"),
        (b"<!doctype html><html><title>Sign in</title>", "basic.ics"),
        (b'{"a": 1}', "x.json"),
        (b"", "empty"),
        (b"#!/bin/sh\necho BEGIN:VCARD\n", "run.sh"),
    ],
)
def test_not_ours(head: bytes, name: str) -> None:
    assert kind_of(head, name) is None


def test_all_real_files_are_what_they_are(shared_data: Path) -> None:
    expected = {
        "email-enron-owners/white-s": Kind.MBOX,
        "email-list-linux-mips": Kind.MBOX,
        "email-spamassassin": Kind.MBOX,
        "email-eml-suites/mime4j-testmsgs": Kind.MESSAGE,
        "ics": Kind.CALENDAR,
        "contacts/ez-vcard": Kind.CARDS,
        "contacts/roundcube-csv2vcard": Kind.TABLE,
    }
    endings = {Kind.MESSAGE: "*.msg", Kind.CALENDAR: "*.ics", Kind.CARDS: "*.vcf", Kind.TABLE: "*.csv"}
    for folder, kind in expected.items():
        files = [path for path in (shared_data / folder).rglob(endings.get(kind, "*")) if path.is_file()]
        assert files
        kinds = [kind_of(path.read_bytes()[:HEAD_BYTES], path.name) for path in files]
        allowed = {kind, Kind.MESSAGE} if kind is Kind.MBOX else {kind}
        missed = [path.name for path, found in zip(files, kinds, strict=True) if found not in allowed]
        assert missed == [name for name in missed if name in {"cmds", "README.txt", "LICENSE"}]
