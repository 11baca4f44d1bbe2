"""The folders of a person's contacts: the one that everybody has, and all others."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from connectors.microsoft.calendar_list import listed
from connectors.microsoft.graph import Graph
from connectors.microsoft.refusals import Answered

# The first round of the delta is the one listing that shows folders within folders.
_ALL = "/me/contactFolders/delta?$select=displayName,parentFolderId"
_DEFAULT = "/me/contactFolders/contacts?$select=id"


class Folder(NamedTuple):
    """`id`: "" for the folder that everybody has, whose name is no label."""

    id: str
    name: str

    @property
    def title(self) -> str:
        return self.name or "Contacts"

    @property
    def path(self) -> str:
        return f"/me/contactFolders/{quote(self.id, safe='')}" if self.id else "/me"


DEFAULT = Folder("", "")


def ask_folders(graph: Graph) -> list[Folder]:
    """All folders, the default one first, which may stand in the listing too."""
    found: dict[str, str] = {}
    for row in listed(graph, _ALL):
        item = row.get("id")
        if isinstance(item, str) and item and "@removed" not in row:
            found[item] = str(row.get("displayName") or "Contacts")
    if found:
        found.pop(_default(graph), None)
    return [DEFAULT, *(Folder(item, name) for item, name in found.items())]


def _default(graph: Graph) -> str:
    """The id of the default folder; "" where it has no name of its own."""
    try:
        return str(graph.get(_DEFAULT).get("id") or "")
    except Answered:
        return ""
