"""The folders of a person's contacts: the one that everybody has, and all others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote

from connectors.microsoft.calendar_list import listed
from connectors.microsoft.graph import Graph
from connectors.microsoft.refusals import Answered

# The first round of the delta is the one listing that shows folders within folders.
_ALL = "/me/contactFolders/delta?$select=displayName,parentFolderId"
_DEFAULT = "/me/contactFolders/contacts?$select=id"


class Folder(NamedTuple):
    """`id`: "" for the folder that everybody has, whose name is no label. `was`: its id when it was first read."""

    id: str
    name: str
    was: str = ""

    @property
    def title(self) -> str:
        return self.name or "Contacts"

    @property
    def path(self) -> str:
        return f"/me/contactFolders/{quote(self.id, safe='')}" if self.id else "/me"


DEFAULT = Folder("", "")


def ask_folders(graph: Graph, known: Collection[str] = (), default: str = "") -> tuple[list[Folder], str]:
    """All folders, the default one first, which may stand in the listing too; and the id of that one.

    `known`: the ids of others, with which `default` was its id: it is asked for again when there is a new one.
    """
    found: dict[str, str] = {}
    for row in listed(graph, _ALL):
        item = row.get("id")
        if isinstance(item, str) and item and "@removed" not in row:
            found[item] = str(row.get("displayName") or "Contacts")
    if found and not (default and found.keys() <= {*known, default}):
        default = _default(graph)
    found.pop(default, None)
    return [DEFAULT, *(Folder(item, name) for item, name in found.items())], default


def recognised(found: Iterable[Folder], known: Mapping[str, tuple[str, str]]) -> list[Folder]:
    """The folders, by what they were first: with a mailbox that goes to another server all ids change.

    `known`: by the id at first, the id and the name at last. One whose id is gone is the one of the same name.
    """
    folders = list(found)
    first = {last: was for was, (last, _) in known.items()}
    there = {one.id for one in folders}
    lost: dict[str, list[str]] = {}
    for was, (last, name) in known.items():
        if last not in there:
            lost.setdefault(name, []).append(was)
    made = []
    for one in folders:
        was = first.get(one.id, "")
        if not was and one.id and lost.get(one.name):
            was = lost[one.name].pop()
        made.append(one._replace(was=was or one.id))
    return made


def _default(graph: Graph) -> str:
    """The id of the default folder; "" where it has no name of its own."""
    try:
        return str(graph.get(_DEFAULT).get("id") or "")
    except Answered:
        return ""
