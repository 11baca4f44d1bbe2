"""Gmail's ways: one folder that holds everything, labels beside the messages, no word of what vanished."""

from __future__ import annotations

from connectors.mime.message import translate
from connectors.sync.port import Page, Position, Seen
from events.vocabulary import MessageObserved
from tests.connectors.imap.scripted import Box, account, serving
from tests.connectors.imap.test_same_as_files import Nothing
from tests.connectors.imap.worlds import mail

GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] Gimap ready for requests\r\n"
LIST = (
    b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n* LIST (\\HasChildren \\Noselect) "/" "[Gmail]"\r\n'
    b'* LIST (\\All \\HasNoChildren) "/" "[Gmail]/Alle Nachrichten"\r\n'
    b'* LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Papierkorb"\r\n* LIST () "/" "Kunden"\r\n'
)
LABELS = {
    1: rb'"\\Inbox" "\\Important" Kunden',
    2: rb'"\\Sent" "&AMQ-rger"',
    3: rb'"\\Draft"',
    4: b"",
}
BOX = Box({uid: mail(f"m{uid}@x.example") for uid in LABELS}, {1: b"\\Seen"})


def answer(tag: bytes, rest: bytes) -> bytes | None:
    if rest.startswith(b"LIST"):
        return LIST + tag + b" OK\r\n"
    if rest == b"CAPABILITY":
        return b"* CAPABILITY IMAP4rev1 X-GM-EXT-1 SPECIAL-USE\r\n" + tag + b" OK\r\n"
    said = BOX.answer(tag, rest)
    if said and rest.startswith(b"UID FETCH"):
        assert b"X-GM-LABELS" in rest
        for uid, labels in LABELS.items():
            said = said.replace(b"(UID %d " % uid, b"(X-GM-LABELS (%s) UID %d " % (labels, uid))
    return said


def pulled() -> list[Page]:
    with serving(answer, GREETING) as server:
        connector = account(server)
        (stream,) = connector.streams()
        assert stream.title == "[Gmail]/Alle Nachrichten"
        pages = list(connector.pull(stream, Position(None), Nothing()))
        connector.close()
    return pages


def test_one_folder_and_its_labels() -> None:
    found = {change.item: change for page in pulled() for change in page.changes if isinstance(change, Seen)}
    said = {item: change.events[0].payload for item, change in found.items() if change.events}
    observed = {item: one for item, one in said.items() if isinstance(one, MessageObserved)}
    assert {item: (one.box, one.seen, one.labels) for item, one in observed.items()} == {
        "7.1": ("inbox", True, ("Important", "Kunden")),
        "7.2": ("sent", False, ("Ärger",)),
        "7.4": ("", False, ()),
    }
    assert found["7.3"].skip == "draft"


def test_as_in_a_takeout() -> None:
    takeout = b"X-Gmail-Labels: Inbox,Important,Kunden,Opened\r\n" + BOX.messages[1]
    there = translate(takeout, source="", where="")
    (change,) = [change for page in pulled() for change in page.changes if change.item == "7.1"]
    assert isinstance(change, Seen)
    here = change.events[0].payload
    assert isinstance(here, MessageObserved)
    assert there.payload is not None
    assert (here.box, here.seen, here.labels) == (there.payload.box, there.payload.seen, there.payload.labels)
