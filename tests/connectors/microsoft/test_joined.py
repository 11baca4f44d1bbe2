"""The same mail through Graph and as a file: one message, which says the same of itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import import_paths
from connectors.microsoft.mail_text import raw_of
from connectors.mime.message import translate
from connectors.sync.loop import sync
from events.log import Log
from events.vocabulary import MessageObserved
from projections.base import catch_up
from projections.query import open_views
from projections.rules import Rules
from tests.connectors.microsoft.worlds import MailWorld, mail
from tests.peers.graph import Graph
from tests.peers.graph.message import message_of

CAME = datetime(2026, 1, 1, tzinfo=UTC)
# A text in two shapes, of which Exchange keeps the HTML; and an invitation.
HTML = (
    'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
    "Shall we meet on Monday?\r\n> When?\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Shall we meet on Monday?</p>"
    '<div class="gmail_quote">When?</div>\r\n--b--\r\n'
)


def as_file(raw: bytes) -> MessageObserved | None:
    return translate(raw, source="", where="", folder="Inbox", seen=False).payload


def over_graph(raw: bytes) -> MessageObserved | None:
    return translate(raw_of(message_of(raw, CAME)), source="", where="", folder="Inbox", seen=False).payload


@pytest.mark.parametrize(
    "raw",
    [
        mail("a@x.example"), mail("b@x.example", header="List-Id: <l.x.example>\r\nPrecedence: list\r\n"),
        mail("c@x.example", header="In-Reply-To: <a@x.example>\r\nReferences: <0@x.example> <a@x.example>\r\n"),
        mail("d@x.example", "\r\n\r\nOn Monday Bob wrote:\r\n> Shall we talk?\r\n> Or not?\r\n"),
        mail("e@x.example", header='Cc: "Ruiz, A" <ana@x.example>\r\nReply-To: a@y.example\r\nSender: b@y.example\r\n'),
        b"From: Ann <ann@x.example>\r\nMessage-ID: <f@x>\r\nMIME-Version: 1.0\r\n" + HTML.encode(),
    ],
)  # fmt: skip
def test_each_field_is_the_same(raw: bytes) -> None:
    mine, other = over_graph(raw), as_file(raw)
    assert mine is not None
    assert other is not None
    for name in MessageObserved.__struct_fields__:
        if name != "sent_ms" or other.sent_ms is not None:
            assert getattr(mine, name) == getattr(other, name), name


def test_real_mail_is_one_message_each_by_both_ways(
    graph: Graph, log: Log, shared_data: Path, tmp_path: Path
) -> None:
    files = sorted((shared_data / "email-spamassassin").rglob("[0-9]*"))[::40]
    world = MailWorld(graph, page=50, named=500)
    for path in files:
        world.put(path.read_bytes(), path.name)
    import_paths(files, log)
    alone = _counted(log, tmp_path / "alone")
    connector = world.connector()
    assert sync(connector, log).state == "ok"
    connector.close()
    both = _counted(log, tmp_path / "both")
    assert both == alone
    same = sum(_words(over_graph(path.read_bytes())) == _words(as_file(path.read_bytes())) for path in files)
    assert same >= len(files) * 0.9


def _words(payload: MessageObserved | None) -> int:
    return payload.words if payload else -1


def _counted(log: Log, folder: Path) -> int:
    folder.mkdir()
    catch_up(log, folder / "views.db", Rules(timezone="UTC", addresses=("bob@example.org",)))
    views = open_views(folder / "views.db")
    try:
        return int(views.execute("SELECT count(*) FROM message").fetchone()[0])
    finally:
        views.close()
