"""Everything a mailbox holds: its ids, and of those that are held the labels, without getting each again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.errors import TryLater
from connectors.google.client import Service
from connectors.google.gmail_fetch import HISTORY, LIST
from connectors.google.gmail_labels import SKIPPED, Labels, Names, telling
from connectors.google.refusals import Answered

_PAGE = 500  # the most that messages.list gives
_ROUNDS = 3  # listings until one was not disturbed


class Listing:
    """Lists the messages of one mailbox. Ids are 16 hex digits."""

    def __init__(self, service: Service) -> None:
        self._service = service
        users = service.methods.users()
        self._messages, self._history = users.messages(), users.history()

    def ids(self, since: str) -> list[str]:
        """Every message, newest first. `since`: a history id from before.

        A listing is paged, and what is deleted between two pages may hide a neighbour: then it is listed once more.
        """
        found: dict[str, None] = {}
        for _ in range(_ROUNDS):
            found |= dict.fromkeys(self._listed())
            since, disturbed = self._deleted(since)
            if not disturbed:
                break
        return list(found)

    def labels(self, names: Names, *, all_of_them: bool) -> dict[str, Labels]:
        """The labels by which messages differ, of those that have any; else only drafts and chats."""
        found: dict[str, set[str]] = defaultdict(set)
        for label in telling(names) if all_of_them else sorted(set(SKIPPED) & set(names.by_id)):
            for item in self._listed(label):
                found[item].add(label)
        return {item: Labels(frozenset(labels)) for item, labels in found.items()}

    def _listed(self, label: str | None = None) -> Iterator[str]:
        token: str | None = None
        known: set[str] = set()
        while True:
            document = self._page(label, token)
            for one in entries(document, "messages"):
                if isinstance(one.get("id"), str):
                    yield one["id"]
            token = token_in(document)
            if token is None:
                return
            if token in known:
                raise TryLater("Gmail shows the same page again and again; it is tried again later")
            known.add(token)

    def _page(self, label: str | None, token: str | None) -> dict[str, Any]:
        request = self._messages.list(
            userId="me", labelIds=[label] if label else None, includeSpamTrash=True, maxResults=_PAGE, pageToken=token,
            fields="messages/id,nextPageToken",
        )  # fmt: skip
        return self._service.ask(request, LIST)

    def _deleted(self, since: str) -> tuple[str, bool]:
        """The history id now, and whether a message was deleted since the one before (or nobody can say)."""
        request = self._history.list(userId="me", startHistoryId=since, historyTypes=["messageDeleted"], maxResults=1)
        try:
            document = self._service.ask(request, HISTORY)
        except Answered:
            return since, True
        disturbed = bool(entries(document, "history")) or token_in(document) is not None
        return str(document.get("historyId") or since), disturbed


def entries(document: dict[str, Any], key: str) -> Sequence[dict[str, Any]]:
    """The objects of a list within an answer; a list that is empty is left out by Google."""
    found = document.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def token_in(document: dict[str, Any]) -> str | None:
    """The token of the next page."""
    token = document.get("nextPageToken")
    return token if isinstance(token, str) and token else None

