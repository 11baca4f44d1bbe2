"""Gmail's mailbox as one stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.google.client import Client
from connectors.sync.port import Held, Kind, Page, Position, Stream


class Gmail:
    """A `Part`. `words`: whether texts are read, or headers alone."""

    prefix = "mail"

    def __init__(self, client: Client, source: str, *, words: bool) -> None:
        self._client, self._source, self._words = client, source, words

    def streams(self) -> Sequence[Stream]:
        return [Stream(self.prefix, "Mail", Kind.MAIL)]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        raise NotImplementedError
