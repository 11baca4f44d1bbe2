"""An opened mailbox, read-only: its marks, its UIDs, and what became of it since (RFC 3501, 7162)."""

from __future__ import annotations

from typing import NamedTuple

from connectors.imap.client import Client, Untagged, mailbox
from connectors.imap.folders import Folder, Marks
from connectors.imap.refusals import ServerSaidNo, at_folder
from connectors.imap.tokens import Token, number, pairs
from connectors.imap.uids import HIGHEST, Range, read

_MOST = 5_000_000  # UIDs that a folder is believed to have


class Changes(NamedTuple):
    """What the server says has changed since a modseq: flags by UID, and ranges of UIDs that are no more."""

    flags: dict[int, frozenset[bytes]]
    vanished: list[Range]


def examine(client: Client, folder: Folder) -> Marks:
    r"""Open a folder without changing anything, not even `\Recent`. Raises StreamEnded or TryLater."""
    client.exists = 0
    client.opened = False
    condstore = [b"(CONDSTORE)"] if client.has("CONDSTORE", "QRESYNC") else []
    try:
        said = client.run(b"EXAMINE", mailbox(folder.wire), *condstore)
    except ServerSaidNo as refused:
        raise at_folder(refused.answer, client.who, folder.stream.title) from None
    client.opened = True
    codes = {one.status.code: number(one.status.value) for one in said if one.status and one.status.code}
    uidnext = codes.get("UIDNEXT") or _next_uid(client)
    return Marks(codes.get("UIDVALIDITY") or 0, uidnext, codes.get("HIGHESTMODSEQ") or None, client.exists)


def _next_uid(client: Client) -> int:
    """For servers that do not say it: one more than the highest."""
    return max(search(client, b"UID *"), default=0) + 1


def search(client: Client, key: bytes) -> list[int]:
    """The UIDs that match a search key, highest first."""
    found: set[int] = set()
    extended = client.has("ESEARCH")
    returned = [b"RETURN (ALL)"] if extended else []
    for one in client.run(b"UID SEARCH", *returned, key):
        if one.kind == b"SEARCH":
            values = (number(token) for token in one.tokens)
            found.update(value for value in values if value and value <= HIGHEST)
        elif one.kind == b"ESEARCH":
            found.update(_extended(client, one))
    return sorted(found, reverse=True)


def _extended(client: Client, one: Untagged) -> set[int]:
    """`ESEARCH (TAG "A7") UID ALL 1:4,7` (RFC 4731)."""
    tokens = one.tokens
    upper = [token.upper() if isinstance(token, bytes) else b"" for token in tokens]
    if b"ALL" not in upper[:-1]:
        return set()
    value = tokens[upper.index(b"ALL") + 1]
    ranges = read(value if isinstance(value, bytes) else None)
    if sum(high - low + 1 for low, high in ranges) > _MOST:
        client.channel.fail("it lists more messages than any folder has; nothing was read")
    return {uid for low, high in ranges for uid in range(low, high + 1)}


def all_uids(client: Client, below: int) -> list[int]:
    """Every UID below one, highest first; that of a message that came since the marks were taken is not among them.

    Raises TryLater where fewer are listed than the folder is said to hold: nothing may be believed gone then.
    """
    if below <= 1:
        return []
    before = client.exists
    found = search(client, b"ALL")
    if len(found) < client.exists:
        client.run(b"NOOP")  # lets the server say what was removed between
        if len(found) < min(before, client.exists):
            client.channel.fail(
                f"it says that a folder holds {client.exists:,} messages and lists {len(found):,}; it will be asked "
                "again later"
            )
    return [uid for uid in found if uid < below]


def changes(client: Client, since: int) -> Changes:
    """Flags that changed after a modseq, of new messages too; with QRESYNC also what vanished."""
    vanished = b" VANISHED" if client.has("QRESYNC") else b""
    flags: dict[int, frozenset[bytes]] = {}
    gone: list[Range] = []
    tag = client.send(b"UID FETCH", b"1:*", b"(UID FLAGS)", b"(CHANGEDSINCE %d%s)" % (since, vanished))
    for one in client.answers(tag):
        if one.kind == b"FETCH":
            fields = pairs(one.tokens[0]) if one.tokens else {}
            uid = number(fields.get(b"UID"))
            if uid:
                flags[uid] = flags_in(fields.get(b"FLAGS"))
        elif one.kind == b"VANISHED":
            last = one.tokens[-1] if one.tokens else None
            gone += read(last if isinstance(last, bytes) else None)
    return Changes(flags, gone)


def flags_in(token: Token) -> frozenset[bytes]:
    """Flags and keywords, upper case: they are the same in any case (RFC 9051, section 2.3.2)."""
    names = token if isinstance(token, list) else []
    return frozenset(flag.upper() for flag in names if isinstance(flag, bytes))
