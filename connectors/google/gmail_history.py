"""What changed in a mailbox since a history id: one page of history.list, read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.google.gmail_labels import matters
from connectors.google.gmail_listing import entries
from connectors.google.gmail_mail import number

_LABELS = ("labelsAdded", "labelsRemoved")


class Changed(NamedTuple):
    """`items`: messages that came or say something else, each with the last record that says so; newest record first.

    `drafts`: those of them that are drafts. `gone`: deleted for good.
    """

    items: Mapping[str, int]
    drafts: frozenset[str]
    gone: frozenset[str]


def changed(document: dict[str, Any]) -> Changed:
    """The changes of one page. The same message may stand in many records, and in one record with many kinds."""
    items: dict[str, int] = {}
    drafts: set[str] = set()
    gone: set[str] = set()
    for record in entries(document, "history"):
        at = number(record.get("id"))
        gone |= {_item(entry) for entry in entries(record, "messagesDeleted")}
        for entry in _telling(record):
            item = _item(entry)
            items[item] = max(at, items.pop(item, 0))
            (drafts.add if _is_draft(entry) else drafts.discard)(item)
    newest = {item: items[item] for item in reversed(items) if item and item not in gone}
    return Changed(newest, frozenset(drafts), frozenset(gone - {""}))


def _telling(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of a record that change what a message says."""
    labels = [entry for kind in _LABELS for entry in entries(record, kind) if matters([entry.get("labelIds") or ()])]
    return [*entries(record, "messagesAdded"), *labels]


def _is_draft(entry: Mapping[str, Any]) -> bool:
    message = entry.get("message")
    return isinstance(message, dict) and "DRAFT" in (message.get("labelIds") or ())


def _item(entry: Mapping[str, Any]) -> str:
    message = entry.get("message")
    found = message.get("id") if isinstance(message, dict) else None
    return found if isinstance(found, str) else ""
