"""Gmail's labels as Takeout and IMAP write them, so that a message says the same of itself over each of these ways."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

# https://developers.google.com/workspace/gmail/api/guides/labels: ids of the system's labels; names as in a Takeout.
_SYSTEM = {
    "INBOX": "Inbox", "SENT": "Sent", "TRASH": "Trash", "SPAM": "Spam", "UNREAD": "Unread", "STARRED": "Starred",
    "IMPORTANT": "Important", "DRAFT": "Drafts", "CHAT": "Chat", "CATEGORY_PERSONAL": "Category Personal",
    "CATEGORY_SOCIAL": "Category Social", "CATEGORY_PROMOTIONS": "Category Promotions",
    "CATEGORY_UPDATES": "Category Updates", "CATEGORY_FORUMS": "Category Forums",
}  # fmt: skip
_BOXES = ("TRASH", "SPAM", "SENT", "INBOX")  # the first of them that a message has
SKIPPED = {"DRAFT": "draft", "CHAT": "chat"}
# Archiving, by far the commonest change, changes nothing in what a message says.
_SILENT = frozenset({"INBOX"})


class Labels(NamedTuple):
    """The labels of one message, by id."""

    ids: frozenset[str]

    @property
    def skip(self) -> str:
        """Why it is none of ours: draft, chat; "" for a mail."""
        return next((reason for label, reason in SKIPPED.items() if label in self.ids), "")

    @property
    def seen(self) -> bool:
        return "UNREAD" not in self.ids

    @property
    def box(self) -> str:
        """The box of its copy: trash, spam, sent, inbox or ""."""
        return next((label.lower() for label in _BOXES if label in self.ids), "")


class Names(NamedTuple):
    """The names of a mailbox' labels, by id."""

    by_id: Mapping[str, str]

    def of(self, labels: Labels) -> list[str]:
        """As they stand in X-Gmail-Labels: sorted, without commas."""
        return sorted(self.by_id.get(one, _SYSTEM.get(one, one)).replace(",", " ") for one in labels.ids)

    def digest(self, labels: Labels) -> str:
        """Different where the same message says something else of itself."""
        if labels.skip:
            return labels.skip
        said = self.of(Labels(labels.ids - _SILENT))
        return blake2b("\0".join(said).encode(), digest_size=6).hexdigest()


def names_in(document: Mapping[str, Any]) -> Names:
    """From an answer to labels.list."""
    found = document.get("labels")
    own = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return Names({
        str(one.get("id")): _SYSTEM.get(str(one.get("id")), str(one.get("name") or one.get("id"))) for one in own
    })  # fmt: skip


def telling(names: Names) -> list[str]:
    """The labels by which messages must be listed to know what each says of itself."""
    return sorted(set(names.by_id) - _SILENT)


def matters(changed: Iterable[Collection[str]]) -> bool:
    """Whether a change of these labels changes what a message says."""
    return any(set(labels) - _SILENT for labels in changed)
