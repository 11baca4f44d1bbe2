"""Which mailboxes an account has and which of them are read. Names are text here, never paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from connectors.imap.client import Client, Untagged, mailbox
from connectors.imap.refusals import ServerSaidNo, at_folder
from connectors.imap.tokens import Token, number, pairs
from connectors.imap.utf7 import decoded
from connectors.mime.boxes import box_of
from connectors.sync.port import Kind, Stream

_USES = {  # RFC 6154: what a folder is for, whatever it is called, as the name that `connectors.mime.boxes` knows
    b"\\SENT": "Sent", b"\\TRASH": "Trash", b"\\JUNK": "Spam", b"\\DRAFTS": "Drafts",
}  # fmt: skip
_UNREADABLE = frozenset({b"\\NOSELECT", b"\\NONEXISTENT"})
_LEFT_OUT = frozenset({"draft", "chat", "not_mail"})  # nothing in them is ever counted
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")  # RFC 8474, section 7
_LONGEST = 500  # characters of a title
_FOLDERS = 100_000


class Marks(NamedTuple):
    """What tells whether a folder has changed. `modseq` is None where the server keeps none."""

    uidvalidity: int
    uidnext: int
    modseq: int | None
    messages: int


class Folder(NamedTuple):
    """A mailbox that is read. `wire`: its name as the server wrote it; `box`: the name that says what it is for.

    `now`: its marks when it was listed, where the server said them unasked.
    """

    stream: Stream
    wire: bytes
    box: str
    now: Marks | None = None


class _Listed(NamedTuple):
    wire: bytes
    uses: frozenset[bytes]
    status: dict[bytes, Token]


def folders(client: Client) -> list[Folder]:
    r"""Every mailbox that is read, INBOX first, then what was sent. Of Gmail `\All` alone: every other is a label."""
    found: dict[str, Folder] = {}
    listed = _listed(client)
    ids = _ids(listed) if client.has("OBJECTID") else {}
    for one in listed:
        folder = _folder(one, ids.get(one.wire) or _plain(one.wire))
        if folder is not None:
            found.setdefault(folder.stream.name, folder)
    return sorted(found.values(), key=_importance)


def _leave(client: Client) -> None:
    """STATUS of an opened folder may tell how it was when it was opened (RFC 3501, section 6.3.10; so does Dovecot)."""
    if client.opened:
        client.run(b"UNSELECT" if client.has("UNSELECT") else b"NOOP")
        client.opened = not client.has("UNSELECT")


def _listed(client: Client) -> list[_Listed]:
    gmail = client.has("X-GM-EXT-1")
    asked = [] if gmail or not client.has("LIST-STATUS") else [b"STATUS (%s)" % b" ".join(_status_items(client))]
    if client.has("SPECIAL-USE") and client.has("LIST-EXTENDED", "LIST-STATUS"):
        asked.append(b"SPECIAL-USE")
    wanted = [b"RETURN (%s)" % b" ".join(asked)] if asked else []
    try:
        _leave(client)
        said = client.run(b"LIST", b'""', b'"*"', *wanted)
        if not gmail and _has_ids(client) and not client.has("LIST-STATUS"):
            said += _each_status(client, said)
    except ServerSaidNo as refused:
        raise at_folder(refused.answer, client.who, "list") from None
    statuses = {one.tokens[0]: pairs(one.tokens[1]) for one in said if one.kind == b"STATUS" and _is_status(one)}
    listed = [_Listed(wire, uses, statuses.get(wire, {})) for wire, uses in _names(said[:_FOLDERS])]
    every = [one for one in listed if b"\\ALL" in one.uses]
    return every[:1] if gmail and every else [one for one in listed if not one.uses & _UNREADABLE]


def _status_items(client: Client) -> list[bytes]:
    items = [b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES"]
    if client.has("CONDSTORE", "QRESYNC"):
        items.append(b"HIGHESTMODSEQ")
    if _has_ids(client):
        items.append(b"MAILBOXID")
    return items


def _has_ids(client: Client) -> bool:
    """Whether folders have ids that outlive their names (RFC 8474).

    Cyrus 3.6, which X-REPLICATION gives away, answers with whatever lies in its memory. Now and then that is the end of
    a line or of a list, and the rest of its answer cannot be read.
    """
    return client.has("OBJECTID") and not client.has("X-REPLICATION")


def _each_status(client: Client, said: Iterable[Untagged]) -> list[Untagged]:
    """STATUS of each mailbox: the way to its id (RFC 8474) where LIST does not tell."""
    answers: list[Untagged] = []
    for wire, uses in _names(said):
        if not uses & _UNREADABLE:
            try:
                answers += client.run(b"STATUS", mailbox(wire), b"(%s)" % b" ".join(_status_items(client)))
            except ServerSaidNo:
                continue  # it may not be read; opening it will say why
    return answers


def _is_status(one: Untagged) -> bool:
    return len(one.tokens) > 1 and isinstance(one.tokens[0], bytes)


def _names(said: Iterable[Untagged]) -> list[tuple[bytes, frozenset[bytes]]]:
    """(name, upper-case attributes) of each `LIST (attributes) separator name`."""
    found: dict[bytes, frozenset[bytes]] = {}
    for one in said:
        attributes, _, name = (*one.tokens, None, None, None)[:3]
        if one.kind == b"LIST" and isinstance(attributes, list) and isinstance(name, bytes) and name:
            found[name] = frozenset(flag.upper() for flag in attributes if isinstance(flag, bytes))
    return list(found.items())


def _folder(one: _Listed, name: str) -> Folder | None:
    title = decoded(one.wire)
    use = next((_USES[flag] for flag in sorted(one.uses) if flag in _USES), "")
    box = use or title
    if box_of(box) in _LEFT_OUT:
        return None
    return Folder(Stream(name, title[:_LONGEST], Kind.MAIL), one.wire, box, _marks(one.status))


def _ids(listed: Iterable[_Listed]) -> dict[bytes, str]:
    """The id of each mailbox; none at all where one of them cannot be an id, or is another mailbox's."""
    found: dict[bytes, str] = {}
    for one in listed:
        value = one.status.get(b"MAILBOXID")
        told = value[0] if isinstance(value, list) and value else None
        if isinstance(told, bytes):
            found[one.wire] = told.decode("ascii", "replace")
    sound = all(_ID.fullmatch(name) for name in found.values()) and len(set(found.values())) == len(found)
    return found if sound else {}


def _plain(wire: bytes) -> str:
    """Printable ASCII, different for different names."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte != 37 else f"%{byte:02X}" for byte in wire)  # noqa: PLR2004  ASCII


def _marks(status: dict[bytes, Token]) -> Marks | None:
    values = [number(status.get(name)) for name in (b"UIDVALIDITY", b"UIDNEXT", b"HIGHESTMODSEQ", b"MESSAGES")]
    uidvalidity, uidnext, modseq, messages = values
    if uidvalidity is None or uidnext is None or messages is None:
        return None
    return Marks(uidvalidity, uidnext, modseq or None, messages)


def _importance(folder: Folder) -> tuple[int, str]:
    order = ("inbox", "sent")
    box = "inbox" if folder.wire.upper() == b"INBOX" else box_of(folder.box)
    return order.index(box) if box in order else len(order), folder.stream.title
