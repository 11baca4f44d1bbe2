"""The mail of other mailboxes that the person names: nobody's time, unless an address of theirs is the person's too.

https://learn.microsoft.com/graph/outlook-share-messages-folders
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from connectors.errors import Refused, StreamEnded
from connectors.http import TooLarge
from connectors.microsoft.graph import Graph
from connectors.microsoft.mail import Mail
from connectors.microsoft.mail_folders import Whose
from connectors.microsoft.refusals import Answered, Denied
from connectors.sync.port import Held, Page, Position, Stream

PREFIX = "shared"


class SharedMail:
    """A `Part`. `addresses`: those of the mailboxes."""

    prefix = PREFIX

    def __init__(self, graph: Graph, source: str, addresses: Sequence[str], *, words: bool) -> None:
        self._graph = graph
        self._boxes = {
            address: Mail(graph, source, words=words, whose=_whose(address))
            for address in dict.fromkeys(one.lower() for one in addresses)
        }
        self._left_out: dict[str, str] = {}

    def recall(self, cursors: Mapping[str, str]) -> None:
        for box in self._boxes.values():
            box.recall(cursors)

    def streams(self) -> Sequence[Stream]:
        """One that is not shared, or not any more, has none."""
        found: list[Stream] = []
        self._left_out.clear()
        for address, box in self._boxes.items():
            try:
                found += box.streams()
            except TooLarge:
                raise
            except (Answered, Denied, Refused):
                self._left_out[address] = f"{address} is not read: Outlook does not let you read its mail"
        return found

    def notes(self) -> Sequence[str]:
        read = (
            f"{address}: what is written there and from there is yours where that address stands under [me] addresses"
            " in amity.toml, and else nobody's time"
            for address in self._boxes
            if address not in self._left_out
        )
        return [*read, *self._left_out.values()]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        address = stream.name.removeprefix(f"{PREFIX}:").partition("/")[0]
        box = self._boxes.get(address)
        if box is None:
            raise StreamEnded(f"{self._graph.name}: {stream.title}: this mailbox is not among those that you named")
        try:
            yield from box.pull(stream, at, held)
        except Denied:
            raise StreamEnded(f"{self._graph.name}: {stream.title}: you may not read it any more") from None


def _whose(address: str) -> Whose:
    return Whose(f"/users/{quote(address, safe='')}", f"{PREFIX}:{address}/", f"{address}/")
