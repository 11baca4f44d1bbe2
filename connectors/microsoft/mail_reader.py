"""One message of Graph to what it says for the log; whatever is wrong with it is its own trouble."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from connectors.errors import ItemMalformed
from connectors.microsoft.mail_folders import Folder
from connectors.microsoft.mail_text import THREAD, raw_of, received
from connectors.mime.boxes import LONGEST_LABEL, MOST_LABELS
from connectors.mime.charsets import clean
from connectors.mime.message import to_event, translate
from connectors.sync.port import Change, Poison, Seen

# Properties by which a listing tells whether a message says something else of itself.
ROW = ("isRead", "isDraft", "categories", "receivedDateTime", "parentFolderId")
_HEAD = (
    "subject", "from", "sender", "toRecipients", "ccRecipients", "bccRecipients", "replyTo", "sentDateTime",
    "internetMessageId", "internetMessageHeaders",
)  # fmt: skip
# What a mail answers, which sent mail has no header for.
_TAGS = " or ".join(f"id eq '{tag}'" for tag in THREAD.values())
_EXPAND = f"singleValueExtendedProperties($filter={_TAGS})"
DRAFT = "draft"


def asked(*, words: bool) -> str:
    """What is asked for of each message, as query options; neither texts nor MAPI's where only headers are read."""
    select = f"$select={','.join(('id', *ROW, *_HEAD))}"
    return f"{select},body&$expand={quote(_EXPAND, safe='')}" if words else select


def version(row: Mapping[str, Any]) -> str:
    """Different where the same message says something else of itself: read, a draft, its categories."""
    marks = ("S" if is_said(row, "isRead") else "") + ("D" if is_said(row, "isDraft") else "")
    names = _categories(row)
    return (marks or "-") + (f" {blake2b(repr(names).encode(), digest_size=6).hexdigest()}" if names else "")


def is_said(row: Mapping[str, Any], name: str) -> bool:
    """Whether a property is true; Microsoft's own samples of deltas have it as a text."""
    return str(row.get(name)).lower() == "true"


def is_whole(row: Mapping[str, Any]) -> bool:
    """Whether a row says all that was asked for; what changed is sometimes told with nothing but the change."""
    return all(name in row for name in ROW[:3]) and received(row) is not None


class Reader(NamedTuple):
    """Turns the messages of one folder into changes. `source` is the account's."""

    source: str
    folder: Folder

    def read(self, message: Mapping[str, Any]) -> Change:
        """What a message says, got with `asked`."""
        item, standing = str(message["id"]), version(message)
        if is_said(message, "isDraft"):
            return Seen(item, standing, skip=DRAFT)
        try:
            found = translate(
                raw_of(message), source=self.source, where=self.where(item), seen=is_said(message, "isRead"),
                extra_box=self.folder.box or "",
            )  # fmt: skip
        except ItemMalformed as error:
            return self.poison(item, standing, str(error).removeprefix(f"{self.where(item)}: "))
        except Exception as error:  # noqa: BLE001  one message must never cost the others
            why = f"this message cannot be read ({type(error).__name__}); nothing was read from it"
            return self.poison(item, standing, why)
        if found.payload is None:
            return Seen(item, standing, skip=found.skip)
        payload = msgspec.structs.replace(found.payload, labels=_categories(message))
        return Seen(item, standing, (to_event(found._replace(payload=payload)),))

    def poison(self, item: str, standing: str, why: str) -> Poison:
        return Poison(item, standing, self.where(item), why)

    def where(self, item: str) -> str:
        """The folder, and Graph's own id of the message."""
        return f"{self.source}/{self.folder.title};ID={item}"


def _categories(row: Mapping[str, Any]) -> tuple[str, ...]:
    found = row.get("categories")
    listed = found if isinstance(found, list) else []
    names = {clean(name)[:LONGEST_LABEL] for name in listed if isinstance(name, str)}
    return tuple(sorted(names - {""})[:MOST_LABELS])
