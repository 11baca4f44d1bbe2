"""Getting messages one by one; one that fails alone costs only itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connectors.http import TooLarge
from connectors.microsoft.graph import Graph
from connectors.microsoft.mail_reader import Reader, version
from connectors.microsoft.refusals import Answered, Failing
from connectors.sync.port import Change, Gone

_REFUSED = "refused"  # the version of what was not even shown: unlike any other
_SICK = 3  # failures with no success between them: it is Graph that is out of order, not a message


class Fetcher:
    """Gets messages of one folder. `others`: ids of the folders that a message may have gone to."""

    def __init__(self, graph: Graph, reader: Reader, asked: str, others: Iterable[str]) -> None:
        self._graph, self._reader, self._asked = graph, reader, asked
        self._others = frozenset(others) - {reader.folder.id}
        self._failed = 0

    def changes(self, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Change]:
        """What each message says now; `rows`: what was told of it, by its id. Raises what stops all."""
        again = []
        for item, row in rows.items():
            try:
                yield self._one(item, row)
                self._failed = 0
            except Failing as error:
                self._failed += 1
                if self._failed >= _SICK or error.after_seconds is not None:
                    raise
                again.append(item)
        for item in again:
            try:
                yield self._one(item, rows[item])
            except Failing as error:
                yield self._reader.poison(item, _REFUSED, f"{error}, by amity sync --full")

    def left(self, items: Iterable[str]) -> Iterator[Change]:
        """What became of messages that are said to have left the folder.

        One that went from A to B and back is said to have left A, and nothing more is ever said of it
        (https://github.com/microsoftgraph/microsoft-graph-docs/issues/21752): each is looked for before it is believed.
        """
        for item in items:
            message = self._got(item)
            here = message is not None and message.get("parentFolderId") == self._reader.folder.id
            yield self._reader.read(message) if message is not None and here else Gone(item)

    def _one(self, item: str, row: Mapping[str, Any]) -> Change:
        try:
            message = self._got(item)
        except TooLarge:
            return self._reader.poison(item, version(row), "this message is too large to be read")
        except Answered as refused:
            return self._reader.poison(item, _REFUSED, str(refused))
        if message is None or message.get("parentFolderId") in self._others:
            return Gone(item)  # it was here a moment ago; the other folder tells of it
        return self._reader.read({**message, "id": item})

    def _got(self, item: str) -> dict[str, Any] | None:
        """The message, wherever it lies; None where the mailbox has it no more."""
        try:
            return self._graph.get(f"/me/messages/{quote(item, safe='')}?{self._asked}")
        except Answered as refused:
            if refused.missing:
                return None
            raise
