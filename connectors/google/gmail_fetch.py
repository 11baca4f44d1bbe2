"""Getting messages one by one, within the quota; one that fails alone costs only itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from connectors.google.client import Client
from connectors.google.gmail_labels import Names, names_in
from connectors.google.gmail_mail import Reader, labels_in
from connectors.google.refusals import Answered, Failing
from connectors.http import TooLarge
from connectors.mime.headers import USED
from connectors.sync.port import Change, Gone

# Units of quota: https://developers.google.com/workspace/gmail/api/reference/quota (2026-05-01)
GET, LIST, HISTORY, SMALL = 20, 5, 2, 1
WHOLE = 1 << 20  # bytes of an answer; of a larger message the attachments are left where they are
_SICK = 5  # failures with no success between them: it is Gmail that is out of order, not a message
_PATIENCE = 3  # failures of one message
_NOT_FOUND = 404
_BESIDE = "id,labelIds,historyId"


class Fetcher:
    """Reads messages of the mailbox. `words`: whole messages; else headers alone."""

    def __init__(self, client: Client, source: str, *, words: bool) -> None:
        self._source, self._words = source, words
        self._service = client.service("gmail")
        users = self._service.methods.users()
        self._messages, self._labels = users.messages(), users.labels()
        self._small = client.service("gmail", WHOLE) if words else self._service
        self._reader: Reader | None = None
        self._unnamed: frozenset[str] = frozenset()  # labels that Gmail does not list
        self._in_a_row = self._successes = 0
        self._failures: dict[str, tuple[int, int]] = {}  # by message: how often, and the successes before the first

    @property
    def reader(self) -> Reader:
        """With the names that the labels have now."""
        if self._reader is None:
            self._reader = Reader(self._source, self._named())
        return self._reader

    def _named(self) -> Names:
        return names_in(self._service.ask(self._labels.list(userId="me"), SMALL))

    def _read(self, item: str, message: dict[str, Any]) -> Change:
        """A label may have been made since the names were read."""
        labels = labels_in(message.get("labelIds")).ids
        if labels - self.reader.names.by_id.keys() - self._unnamed:
            self._reader = None
            self._unnamed |= labels - self.reader.names.by_id.keys()
        return self.reader.read(item, message)

    def changes(self, items: Iterable[str]) -> Iterator[Change]:
        """What each message says. Raises what stops all: what was told before may be stored."""
        again = []
        for item in items:
            try:
                yield self._one(item)
            except Failing as error:
                if error.after_seconds is not None or self._in_a_row >= _SICK:
                    raise
                again.append(item)
        for item in again:
            yield self._once_more(item)

    def _once_more(self, item: str) -> Change:
        """A message is blamed only where others came meanwhile; else it is Gmail, and all is tried again later."""
        try:
            return self._one(item)
        except Failing as error:
            times, successes = self._failures[item]
            if times < _PATIENCE or successes == self._successes:
                raise
            return self.reader.poison(item, f"{error}, by amity sync --full")

    def _one(self, item: str) -> Change:
        try:
            message = self._message(item)
        except Failing:
            times, successes = self._failures.get(item, (0, self._successes))
            self._failures[item] = times + 1, successes
            self._in_a_row += 1
            raise
        except Answered as refused:
            if refused.status == _NOT_FOUND:  # it was there a moment ago
                return Gone(item)
            self._in_a_row += 1
            if self._in_a_row >= _SICK:
                raise
            return self.reader.poison(item, str(refused))
        self._in_a_row = 0
        self._successes += 1
        return self._read(item, message)

    def _message(self, item: str) -> dict[str, Any]:
        if not self._words:
            return self._get(item, "metadata", f"{_BESIDE},payload/headers", sorted(name.decode() for name in USED))
        try:
            request = self._messages.get(userId="me", id=item, format="raw", fields=f"{_BESIDE},raw")
            return self._small.ask(request, GET)
        except TooLarge:
            return self._get(item, "full", f"{_BESIDE},payload")

    def _get(self, item: str, form: str, fields: str, headers: list[str] | None = None) -> dict[str, Any]:
        request = self._messages.get(userId="me", id=item, format=form, fields=fields, metadataHeaders=headers)
        return self._service.ask(request, GET)

