"""Which mail folders an account has, and what each of them is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from connectors.errors import TryLater
from connectors.microsoft.graph import NEXT, Graph, link_in, rows
from connectors.microsoft.refusals import Answered
from connectors.mime.boxes import box_of
from connectors.sync.port import Kind, Stream

PREFIX = "mail"
# https://learn.microsoft.com/graph/api/resources/mailfolder: what a folder is, whatever it is called. "": never read.
_USES = {
    "inbox": "inbox", "sentitems": "sent", "deleteditems": "trash", "junkemail": "spam",
    "drafts": "", "outbox": "", "conversationhistory": "",
}  # fmt: skip
_NAMED = frozenset({"sent", "trash", "spam"})  # boxes that a name may stand for; a "Drafts" of one's own is none
_ORDER = ("inbox", "sent", "", "spam", "trash")
_DEPTH = 100  # folders within folders
_TREE = "mailFolders/delta?$select=displayName,parentFolderId"  # flat, with the folders in folders
_SIZE = "odata.maxpagesize=500"


class Whose(NamedTuple):
    """A mailbox: the `root` of its paths, and what the names and the titles of its streams begin with."""

    root: str = "/me"
    prefix: str = f"{PREFIX}:"
    title: str = ""


OWN = Whose()


class Folder(NamedTuple):
    """`title`: its path. `box`: what it is for by its use or its name, "" for any other; None: it is not read."""

    id: str
    title: str
    box: str | None
    whose: Whose = OWN

    @property
    def stream(self) -> Stream:
        return Stream(f"{self.whose.prefix}{self.id}", self.title, Kind.MAIL)

    @property
    def path(self) -> str:
        return f"{self.whose.root}/mailFolders/{quote(self.id, safe='')}"


class Uses(msgspec.Struct, array_like=True, frozen=True):
    """What folders are for, by their ids, and digests of the folders that there were when that was asked."""

    boxes: dict[str, str]
    there: tuple[str, ...] = ()

    def cover(self, folders: Iterable[str]) -> bool:
        """Whether they can still be believed: no folder is new, and the inbox, which everybody has, is the same."""
        found = set(folders)
        return {_digest(one) for one in found} <= set(self.there) and any(
            box == "inbox" and one in found for one, box in self.boxes.items()
        )


class _Row(NamedTuple):
    name: str
    parent: str
    search: bool


def folders(
    graph: Graph, known: Uses | None, answers: dict[str, str], whose: Whose = OWN
) -> tuple[dict[str, Folder], Uses]:
    """Every folder by id, those that matter most first. Folders that only show what lies in others are not read.

    `known`: what they were for when that was asked last; it is asked again when there is a new one. `answers`: those
    that came before it could not be asked to its end, by well-known names; emptied when it is.
    """
    tree = {str(row["id"]): _row(row) for row in _listed(graph, whose) if "@removed" not in row and row.get("id")}
    uses = known if known and known.cover(tree) else Uses(_uses(graph, answers, whose), tuple(map(_digest, tree)))
    found = [_folder(key, tree, uses.boxes)._replace(whose=whose) for key in tree]
    found = [one._replace(title=f"{whose.title}{one.title}") for one in found]
    return {one.id: one for one in sorted(found, key=lambda one: (_ORDER.index(one.box or ""), one.title))}, uses


def _listed(graph: Graph, whose: Whose) -> Iterator[Mapping[str, Any]]:
    document = graph.get(f"{whose.root}/{_TREE}", prefer=_SIZE)
    links: set[str] = set()
    while True:
        yield from rows(document)
        link = link_in(document, NEXT)
        if not link:
            return
        if link in links:
            raise TryLater(f"{graph.name}: Microsoft Graph shows the same folders again and again; sync again later")
        links.add(link)
        document = graph.follow(link, prefer=_SIZE)


def _row(row: Mapping[str, Any]) -> _Row:
    search = str(row.get("@odata.type", "")).lower().endswith("mailsearchfolder")
    return _Row(str(row.get("displayName") or ""), str(row.get("parentFolderId") or ""), search)


def _uses(graph: Graph, answers: dict[str, str], whose: Whose) -> dict[str, str]:
    """The uses of folders by their ids; v1.0 says it only to who asks for each."""
    for name in [name for name in _USES if name not in answers]:
        try:
            answers[name] = str(graph.get(f"{whose.root}/mailFolders/{name}?$select=id").get("id"))
        except Answered as refused:  # not every mailbox has each of them
            if not refused.missing:
                raise
            answers[name] = ""
    found = {answers[name]: box for name, box in _USES.items() if answers[name]}
    answers.clear()
    return found


def _folder(key: str, tree: Mapping[str, _Row], uses: Mapping[str, str]) -> Folder:
    """What lies in the bin is in the bin, however deep; else a folder's own name may say what it is for."""
    path = [key]
    while (parent := tree[path[-1]].parent) in tree and parent not in path and len(path) < _DEPTH:
        path.append(parent)
    title = "/".join(tree[one].name for one in reversed(path))
    if tree[key].search:
        return Folder(key, title, None)
    used = next((uses[one] for one in path if one in uses), None)
    if used is not None:
        inside_inbox = used == "inbox" and key not in uses
        return Folder(key, title, (used or None) if not inside_inbox else _named(tree[key].name))
    return Folder(key, title, _named(tree[key].name))


def _named(name: str) -> str:
    box = box_of(name)
    return box if box in _NAMED else ""


def _digest(folder: str) -> str:
    return blake2b(folder.encode(), digest_size=6).hexdigest()
