"""What is read over IMAP says what the same messages say as files: field by field, whatever is left out on the way."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import which

import msgspec
import pytest

from connectors.base import import_paths
from connectors.errors import ItemMalformed
from connectors.files.mail import message_in
from connectors.imap import fetching
from connectors.mime.message import to_event, translate
from connectors.sync.loop import sync
from connectors.sync.port import Change, Held, Page, Poison, Position, Seen
from events.codec import decode
from events.log import Log, open_log
from events.vocabulary import MessageObserved
from tests.conftest import absent
from tests.connectors.imap.worlds import DovecotWorld, mail
from tests.peers.dovecot import Dovecot
from tests.peers.proxy import Tap


class Nothing:
    """Nothing is held yet."""

    def versions(self, items: object) -> Mapping[str, str]:  # noqa: ARG002  the shape of `Held`
        return {}

    def all(self) -> Iterator[tuple[str, str]]:
        return iter(())


@pytest.fixture
def world(dovecot: Dovecot, tapped: Tap) -> Iterator[DovecotWorld]:
    found = DovecotWorld(dovecot, tapped)
    yield found
    found.close()


def read(world: DovecotWorld, title: str = "INBOX", held: Held | None = None) -> list[Page]:
    connector = world.connector()
    try:
        (stream,) = [one for one in connector.streams() if one.title == title]
        return list(connector.pull(stream, Position(None), held or Nothing()))
    finally:
        connector.close()


def by_uid(pages: list[Page]) -> dict[int, Change]:
    changes = [change for page in pages for change in page.changes]
    return {int(change.item.partition(".")[2]): change for change in changes}


def said(change: Change) -> object:
    """What a change says: a payload, why it was skipped, or that it cannot be read."""
    if isinstance(change, Seen):
        return _plain(change.events[0].payload) if change.events else change.skip
    return type(change)


def as_file(raw: bytes) -> object:
    """The same of the file."""
    try:
        item = translate(raw, source="", where="", folder="INBOX", seen=False)
    except ItemMalformed:
        return Poison
    return _plain(item.payload) if item.payload else item.skip


def _plain(payload: object) -> object:
    assert isinstance(payload, MessageObserved)
    return msgspec.structs.replace(payload, source="", where="")


def fingerprint(raw: bytes) -> bytes:
    """The message that it is."""
    return to_event(translate(raw, source="", where="", folder="INBOX", seen=False)).stream


def real_mails(shared_data: Path) -> list[bytes]:
    suites = sorted((shared_data / "email-eml-suites").rglob("*"))
    suites = [path for path in suites if path.is_file() and path.suffix in {".eml", ".msg", ".txt"}]
    found = [message_in(path.read_bytes()) for path in suites]
    ham = sorted((shared_data / "email-spamassassin").rglob("*"))[:200]
    return found + [path.read_bytes().partition(b"\n")[2] for path in ham if path.is_file()]


def stored(world: DovecotWorld, raws: list[bytes]) -> list[bytes]:
    """Those that a client may append at all: no NUL, and lines as mail has them."""
    kept = []
    for raw in raws:
        if raw.strip() and b"\0" not in raw and b"\r" not in raw.replace(b"\r\n", b"\n"):
            kept.append(raw)
            world.append(raw, f"r{len(kept)}")
    return kept


def read_as(world: DovecotWorld, raws: list[bytes]) -> dict[int, Change]:
    """What the messages say over IMAP, which must be what they say as files."""
    found = by_uid(read(world))
    assert sorted(found) == list(range(1, len(raws) + 1))
    told = [(said(found[uid]), as_file(raw), raw[:300]) for uid, raw in enumerate(raws, 1)]
    assert [one for one in told if one[0] != one[1]][:1] == []
    return found


def test_real_mails_say_the_same_and_are_the_same_messages(world: DovecotWorld, shared_data: Path) -> None:
    raws = stored(world, real_mails(shared_data))
    assert len(raws) > 250
    found = read_as(world, raws)
    for uid, raw in enumerate(raws, 1):
        change = found[uid]
        if isinstance(change, Seen) and change.events:
            assert change.events[0].stream == fingerprint(raw)


def test_real_mails_read_without_attachments_say_the_same(
    world: DovecotWorld, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "WHOLE", 600)
    read_as(world, stored(world, real_mails(shared_data)))


def test_of_a_large_mail_the_attachments_stay_where_they_are(world: DovecotWorld) -> None:
    attachment = base64.encodebytes(bytes(range(256)) * 4_000)
    part = b"--b\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n%s\r\n%s\r\n"
    kinds = (
        (b"text/plain; charset=utf-8", b"8bit", b"", "Grüße, wie gehts?".encode()),
        (b"image/png", b"base64", b"Content-Disposition: attachment; filename=a.png\r\n", attachment),
        (b"text/plain", b"base64", b"Content-Disposition: attachment; filename=log.txt\r\n", attachment),
        (b"text/calendar; method=REQUEST", b"7bit", b"", b"BEGIN:VCALENDAR"),
    )
    body = b"".join(part % kind for kind in kinds) + b"--b--\r\n"
    raw = mail("big@x.example", header="MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n")
    raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body
    world.append(raw, "big@x.example")
    before = sum(len(session.received) for session in world.tap.sessions)
    read_as(world, [raw])
    assert sum(len(session.received) for session in world.tap.sessions) - before < len(raw) // 50


def test_a_large_mail_without_an_id_is_read_whole(world: DovecotWorld) -> None:
    text = b"Some words, again and again. " * 10_000
    raw = mail("big@x.example").replace(b"Message-ID: <big@x.example>\r\n", b"") + text
    world.append(raw, "big@x.example")
    (change,) = read_as(world, [raw]).values()
    assert isinstance(change, Seen)
    assert change.events[0].stream == fingerprint(raw)


def test_what_mbsync_pulls_and_we_import_is_what_we_sync(world: DovecotWorld, dovecot: Dovecot, tmp_path: Path) -> None:
    if not which("mbsync"):
        absent("no mbsync here: install the system package isync")
    fill(world)
    log = open_log(f"sqlite:///{tmp_path}/synced.db")
    connector = world.connector()
    result = sync(connector, log)
    connector.close()
    assert (result.state, result.error) == ("ok", "")
    pulled = tmp_path / "pulled"
    pulled.mkdir()
    mbsync(dovecot.port, world.user, tmp_path, pulled)
    imported = open_log(f"sqlite:///{tmp_path}/imported.db")
    import_paths([pulled], imported)
    ours, theirs = observations(log), observations(imported)
    assert len(ours) == 30
    assert ours == theirs


def fill(world: DovecotWorld) -> None:
    """Folders and flags of every kind that both sides can tell of."""
    for name in ("Sent", "Trash", "Drafts", "Lists/&AMQ-rger", "&ZeVnLIqe-", "Archive 2025"):
        world.admin.create(f'"{name}"')
    flags = (None, "\\Seen", "\\Seen \\Answered", "\\Deleted", "\\Draft", "\\Flagged")
    folders = ("INBOX", "Sent", "Trash", "Drafts", "Lists/&AMQ-rger", "&ZeVnLIqe-", "Archive 2025")
    number = 0
    for folder in folders:
        for flag in flags:
            if (folder, flag) == ("Drafts", "\\Deleted"):
                continue  # nobody sent it: over IMAP it is left out, of a Maildir it is read as deleted mail
            number += 1
            world.append(mail(f"d{number}@x.example"), f"d{number}@x.example", folder, flag)


def mbsync(port: int, user: str, folder: Path, target: Path) -> None:
    (folder / "mbsyncrc").write_text(
        f"IMAPAccount a\nHost 127.0.0.1\nPort {port}\nUser {user}\nPass secret\nSSLType None\nAuthMechs LOGIN\n\n"
        f"IMAPStore far\nAccount a\n\nMaildirStore near\nPath {target}/\nInbox {target}/INBOX\nSubFolders Verbatim\n\n"
        "Channel c\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState *\n"
    )
    command: list[str | Path] = ["mbsync", "-q", "-c", folder / "mbsyncrc", "c"]
    done = subprocess.run(command, check=False, capture_output=True, cwd=target)
    assert done.returncode == 0, done.stderr.decode()


def observations(log: Log) -> set[tuple[bytes, int, str]]:
    """Which messages a log knows, in which standing, and what they say."""
    events = [event for batch in log.read() for event in batch if event.type == MessageObserved.wire]
    return {(one.stream, one.revision, repr(_plain(decode(one.type, one.data)))) for one in events}
