"""The same message through Gmail's API, over IMAP, and in a Takeout: one message, which says the same of itself."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from connectors.base import import_paths
from connectors.google.gmail_labels import Names
from connectors.google.gmail_mail import Reader
from connectors.imap.copies import Copy
from connectors.imap.copies import Reader as ImapReader
from connectors.imap.folders import Folder
from connectors.sync.port import Change, Kind, Seen, Stream
from events.envelope import NewEvent
from events.log import Log, open_log
from tests.connectors.google.worlds import mail
from tests.peers.google import decimal

SYSTEM = {"INBOX": "Inbox", "UNREAD": "Unread", "SENT": "Sent", "IMPORTANT": "Important"}
NAMES = Names({**SYSTEM, "Label_1": "Ärger, groß"})
FOLDER = Folder(Stream("all", "[Gmail]/All Mail", Kind.MAIL), b"[Gmail]/All Mail", "")
Case: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], bytes, str]
CASES: list[Case] = [
    (("INBOX", "UNREAD", "Label_1"), ("Inbox", "Ärger  groß"), b"", "Inbox,Unread,Ärger  groß"),
    (("INBOX", "IMPORTANT"), ("Important", "Inbox"), b"\\SEEN", "Important,Inbox,Opened"),
    (("SENT",), ("Sent",), b"\\SEEN", "Sent,Opened"),
    ((), (), b"\\SEEN", "Opened"),
]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = open_log(f"sqlite:///{tmp_path}/log.db")
    yield made
    made.close()


def event(change: Change) -> NewEvent:
    assert isinstance(change, Seen), change
    (found,) = change.events
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[3])
def test_one_message_by_three_ways(case: Case, log: Log, tmp_path: Path) -> None:
    ids, names, flag, takeout = case
    raw = mail("j", "Wie geht es?\r\nFrom here on: fine.\r\n")
    message = {"labelIds": list(ids), "historyId": "7", "raw": urlsafe_b64encode(raw).decode()}
    mine = event(Reader("google:me", NAMES).read("18c0ffee", message))
    flags = frozenset({flag} - {b""})
    other = event(ImapReader("imap:me", FOLDER, 1).read(Copy(1, flags, len(raw), names), raw))
    assert (mine.stream, mine.revision) == (other.stream, other.revision)
    path = tmp_path / "Mail.mbox"
    head = f"From {decimal('18c0ffee')}@xxx Thu Jan 01 10:00:00 +0000 2026\r\nX-Gmail-Labels: {takeout}\r\n"
    path.write_bytes(head.encode() + raw.replace(b"\r\nFrom here", b"\r\n>From here") + b"\r\n")
    assert import_paths([path], log).stored == 1
    outcomes = log.append([mine, other]).outcomes
    assert [outcome.name for outcome in outcomes] == ["KNOWN", "KNOWN"]
