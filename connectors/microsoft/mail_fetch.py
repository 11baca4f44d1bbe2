"""Getting messages one by one; one that fails alone costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connectors.http import TooLarge
from connectors.microsoft.graph import Graph
from connectors.microsoft.mail_reader import Reader, version
from connectors.microsoft.refusals import Answered, Failing
from connectors.microsoft.stuck import REFUSED
from connectors.sync.port import Change, Gone

_SICK = 3  # failures with no success between them: it is Graph that is out of order, not a message
_TRIES = 3  # how often in a run a message is waited for
Refusals = dict[str, tuple[int, str]]  # by message, how often Graph asked us to wait for it, and its last word


class Fetcher:
    """Gets messages of one folder. `others`: ids of the folders that a message may have gone to.

    `refusals` is kept from one pull to the next of a run. `bold`: whatever fails is one message's trouble.
    """

    def __init__(self, graph: Graph, reader: Reader, asked: str, others: Iterable[str], refusals: Refusals) -> None:
        self._graph, self._reader, self._asked = graph, reader, asked
        self._others = frozenset(others) - {reader.folder.id}
        self._refusals = refusals
        self._failed = 0
        self.bold = False

    def changes(self, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Change]:
        """What each message says now; `rows`: what was told of it, by its id. Raises what stops all."""
        return self._each(rows, lambda item: self._one(item, rows[item]))

    def left(self, items: Iterable[str]) -> Iterator[Change]:
        """What became of messages that are said to have left the folder.

        One that went from A to B and back is said to have left A, and nothing more is ever said of it
        (https://github.com/microsoftgraph/microsoft-graph-docs/issues/21752): each is looked for before it is believed.
        """
        return self._each(items, self._left)

    def again(self, items: Iterable[str]) -> Iterator[Change]:
        """What became of messages that an earlier run was not shown; they are as sick as they were, or not."""
        failed = 0
        for item in items:
            why = self._refusals.get(item, (0, f"{self._graph.name}: Microsoft Graph is out of order"))[1]
            try:
                if failed < _SICK:
                    yield self._one(item, {})
                    failed = 0
                    continue
            except Failing as error:
                why, failed = str(error), _SICK if error.after_seconds is not None else failed + 1
            yield self._reader.poison(item, REFUSED, why)

    def _each(self, items: Iterable[str], ask: Callable[[str], Change]) -> Iterator[Change]:
        again = []
        for item in items:
            times, why = self._refusals.get(item, (0, ""))
            if times >= _TRIES:
                yield self._reader.poison(item, REFUSED, why)
                continue
            try:
                found = ask(item)
            except Failing as error:
                self._count(item, error)
                again.append(item)
            else:
                self._failed = 0
                yield found
        for item in again:
            try:
                yield ask(item)
            except Failing as error:
                if error.after_seconds is not None:
                    self._count(item, error)
                yield self._reader.poison(item, REFUSED, str(error))

    def _count(self, item: str, error: Failing) -> None:
        """Raises the error where it stops all: we are to wait, or it is not a message that is out of order."""
        self._failed += 1
        if error.after_seconds is not None:
            self._refusals[item] = self._refusals.get(item, (0, ""))[0] + 1, str(error)
            raise error
        if self._failed >= _SICK and not self.bold:
            raise error

    def _left(self, item: str) -> Change:
        message = self._got(item)
        here = message is not None and message.get("parentFolderId") == self._reader.folder.id
        return self._reader.read(message) if message is not None and here else Gone(item)

    def _one(self, item: str, row: Mapping[str, Any]) -> Change:
        try:
            message = self._got(item)
        except TooLarge:
            return self._reader.poison(item, version(row), "this message is too large to be read")
        except Answered as refused:
            return self._reader.poison(item, REFUSED, str(refused))
        if message is None or message.get("parentFolderId") in self._others:
            return Gone(item)  # it was here a moment ago; the other folder tells of it
        return self._reader.read({**message, "id": item})

    def _got(self, item: str) -> dict[str, Any] | None:
        """The message, wherever it lies; None where the mailbox has it no more."""
        try:
            return self._graph.get(f"{self._reader.folder.whose.root}/messages/{quote(item, safe='')}?{self._asked}")
        except Answered as refused:
            if refused.missing:
                return None
            raise
