"""One Microsoft account: the streams of every feature that was granted. Here the features are put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

from connectors.errors import StreamEnded
from connectors.microsoft.calendar import Calendar
from connectors.microsoft.contacts import Contacts
from connectors.microsoft.graph import Graph
from connectors.microsoft.mail import Mail
from connectors.microsoft.mail_shared import SharedMail
from connectors.microsoft.part import Part
from connectors.microsoft.scopes import Feature, granted
from connectors.sync.port import Held, Page, Position, Recalling, Stream

Maker: TypeAlias = Callable[[Graph, str], Part]


def parts_of(
    since: date | None = None, shared: Sequence[str] = (), mailboxes: Sequence[str] = ()
) -> Mapping[Feature, Maker]:
    """How each feature is made of the account's Graph and its source; those that matter most first.

    `since`: the first day of calendars that is read; `shared`: see `Calendar`; `mailboxes`: see `SharedMail`.
    """
    return MappingProxyType(
        {
            Feature.WORDS: lambda graph, source: Mail(graph, source, words=True),
            Feature.METADATA: lambda graph, source: Mail(graph, source, words=False),
            Feature.CALENDAR: lambda graph, source: Calendar(graph, source, since=since, shared=shared),
            Feature.CONTACTS: Contacts,
            Feature.SHARED_WORDS: lambda graph, source: SharedMail(graph, source, mailboxes, words=True),
            Feature.SHARED_METADATA: lambda graph, source: SharedMail(graph, source, mailboxes, words=False),
        }
    )


PARTS = parts_of()


class MicrosoftAccount:
    """A `Connector`. `wanted`: the features that the person asked for; what was not granted has no streams."""

    def __init__(
        self, graph: Graph, wanted: Collection[Feature], *, source: str, parts: Mapping[Feature, Maker] = PARTS
    ) -> None:
        self.source = source
        self._graph, self._wanted, self._makers = graph, wanted, parts
        self._made: dict[str, Part] | None = None
        self._answered: dict[str, Sequence[Stream]] = {}

    def recall(self, cursors: Mapping[str, str]) -> None:
        for part in self._parts().values():
            if isinstance(part, Recalling):
                part.recall(cursors)

    def streams(self) -> Sequence[Stream]:
        """Whoever asks again because a part could not answer is not made to ask the others again."""
        for prefix, part in self._parts().items():
            if prefix not in self._answered:
                self._answered[prefix] = part.streams()
        found = [stream for streams in self._answered.values() for stream in streams]
        self._answered.clear()
        return found

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        part = self._parts().get(stream.name.partition(":")[0])
        if part is None:
            raise StreamEnded(f"{self._graph.name}: {stream.title} is no longer among what you let Amity read")
        yield from part.pull(stream, at, held)

    def notes(self) -> Sequence[str]:
        """What of the account is not read, and why."""
        return [sentence for part in self._parts().values() for sentence in part.notes()]

    def close(self) -> None:
        self._graph.close()

    def _parts(self) -> Mapping[str, Part]:
        if self._made is None:
            features = granted(self._wanted, self._graph.auth.grant.scopes)
            made = [maker(self._graph, self.source) for feature, maker in self._makers.items() if feature in features]
            self._made = {part.prefix: part for part in made}
        return self._made
