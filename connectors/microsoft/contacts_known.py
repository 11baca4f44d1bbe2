"""Which contact is which: its uid is its first id, and stays when the mailbox goes to another server.

Then every id is another one. A contact of a listing that nobody knows is one that is known if it says the same, and
Outlook does not have that one any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from connectors.sync.port import Held


class Version(msgspec.Struct, array_like=True, frozen=True, omit_defaults=True):
    """What is kept of a contact: its change key, a digest of its card, and its uid where that is another id."""

    key: str
    digest: str = ""
    uid: str = ""


class Uids:
    """The uids of one run. `is_gone` asks Outlook whether it has no contact of this id."""

    def __init__(self, held: Held, is_gone: Callable[[str], bool]) -> None:
        self._held, self._is_gone = held, is_gone
        self._known: dict[str, list[str]] | None = None  # every id that a uid had
        self._alike: dict[str, list[str]] = {}  # uids by digest

    def of(self, items: Iterable[str]) -> dict[str, str]:
        """The uids of those that are held."""
        return {item: version_in(text).uid or item for item, text in self._held.versions(items).items()}

    def adopted(self, digest: str) -> str:
        """The uid of a contact that says the same and is not there any more; "" where there is none. Each once."""
        if self._known is None:
            self._known = self._all()
        alike = self._alike.get(digest, [])
        while alike:
            uid = alike.pop()
            if all(map(self._is_gone, self._known[uid])):
                return uid
        return ""

    def _all(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = {}
        for item, text in self._held.all():
            version = version_in(text)
            uid = version.uid or item
            if uid not in known and version.digest:
                self._alike.setdefault(version.digest, []).append(uid)
            known.setdefault(uid, []).append(item)
        return known


def version_in(text: str) -> Version:
    try:
        return msgspec.json.decode(text, type=Version)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Version("")


def version_text(row: Mapping[str, object], digest: str = "", uid: str = "") -> str:
    """`uid`: "" where it is the contact's id."""
    return msgspec.json.encode(Version(str(row.get("changeKey") or row.get("@odata.etag") or ""), digest, uid)).decode()
