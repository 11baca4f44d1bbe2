"""One feature of a Microsoft account: some streams, behind one sign-in and one connection with the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from connectors.sync.port import Held, Page, Position, Stream


class Part(Protocol):
    """As a `Connector`, for the streams whose name begins with `prefix` (alone, or before a colon)."""

    prefix: str

    def streams(self) -> Sequence[Stream]: ...

    def notes(self) -> Sequence[str]:
        """Sentences for whoever connects the account: what of it is not read, and why."""

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]: ...
