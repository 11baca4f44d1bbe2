"""A copy of a message as a folder holds it: its flags and labels, its version, and what it says for the log."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from connectors.errors import ItemMalformed
from connectors.imap.folders import Folder
from connectors.imap.opened import flags_in
from connectors.imap.tokens import Token, number, pairs
from connectors.imap.utf7 import decoded
from connectors.sync.port import Change, Poison, Seen

# What our observation depends on; any other flag is none of ours. As in a Maildir, a draft is one before all else.
_BOXES = {b"\\DRAFT": "draft", b"\\DELETED": "trash", b"$JUNK": "spam", b"JUNK": "spam"}
_LETTERS = {b"\\SEEN": "S", b"\\DRAFT": "D", b"\\DELETED": "T", b"$JUNK": "J", b"JUNK": "J"}
_GMAIL = {b"\\DRAFT": "Drafts", b"\\JUNK": "Spam"}  # as Takeout writes them; the others only lose their backslash


class Copy(NamedTuple):
    """What stands beside a message. `size` is 0 where it was not asked for; `labels` are Gmail's, None elsewhere."""

    uid: int
    flags: frozenset[bytes]
    size: int = 0
    labels: tuple[str, ...] | None = None

    @property
    def version(self) -> str:
        """Different where the observation of the same message differs: `S` seen, `D` draft, `T` deleted, `J` junk."""
        marks = "".join(sorted({letter for flag, letter in _LETTERS.items() if flag in self.flags})) or "-"
        if self.labels is None:
            return marks
        return f"{marks} {blake2b(repr(self.labels).encode(), digest_size=6).hexdigest()}"

    @property
    def box(self) -> str:
        """draft, trash or spam, where a flag says so; a draft is never read."""
        if b"$NOTJUNK" in self.flags and not self.flags & {b"\\DRAFT", b"\\DELETED"}:
            return ""
        return next((box for flag, box in _BOXES.items() if flag in self.flags), "")


def copy_in(fetched: Token) -> tuple[Copy, dict[bytes, Token]] | None:
    """A copy and its other fields from the list of a FETCH; None where it names no UID."""
    fields = pairs(fetched)
    uid = number(fields.get(b"UID"))
    if not uid or b"FLAGS" not in fields:
        return None
    labels = fields.get(b"X-GM-LABELS")
    names = tuple(sorted(_label(one) for one in labels if isinstance(one, bytes))) if isinstance(labels, list) else None
    return Copy(uid, flags_in(fields[b"FLAGS"]), number(fields.get(b"RFC822.SIZE")) or 0, names), fields


def _label(name: bytes) -> str:
    return _GMAIL.get(name.upper(), decoded(name.removeprefix(b"\\"))).replace(",", " ")


def item_of(uidvalidity: int, uid: int) -> str:
    """The item's id: a UID means nothing without its UIDVALIDITY."""
    return f"{uidvalidity}.{uid}"


class Reader(NamedTuple):
    """Turns the copies of one folder into changes. `source` is the account's."""

    source: str
    folder: Folder
    uidvalidity: int

    def item(self, uid: int) -> str:
        return item_of(self.uidvalidity, uid)

    def read(self, copy: Copy, raw: bytes) -> Change:
        """What a message says; whatever is wrong with it is its own trouble."""
        from connectors.mime.marks import from_server  # noqa: PLC0415  likewise
        from connectors.mime.message import to_event, translate  # noqa: PLC0415  25 ms that no news do without

        where = self.where(copy.uid)
        try:
            item = translate(
                from_server(raw, copy.labels),
                source=self.source,
                where=where,
                folder=self.folder.box,
                seen=b"\\SEEN" in copy.flags,
                extra_box=copy.box,
            )
        except ItemMalformed as error:
            return self.poison(copy, str(error).removeprefix(f"{where}: "))
        except Exception as error:  # noqa: BLE001  one message must never cost the others
            return self.poison(copy, f"this message cannot be read ({error!r}); nothing was read from it")
        if item.payload is None:
            return Seen(self.item(copy.uid), copy.version, skip=item.skip)
        return Seen(self.item(copy.uid), copy.version, (to_event(item),))

    def poison(self, copy: Copy, why: str) -> Poison:
        return Poison(self.item(copy.uid), copy.version, self.where(copy.uid), why)

    def where(self, uid: int) -> str:
        """Where a person finds it again, in the shape of RFC 5092 without server and user."""
        return f"{self.source}/{self.folder.stream.title};UIDVALIDITY={self.uidvalidity}/;UID={uid}"

