"""One Google account: the streams of every feature that was granted. Here the features are put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from connectors.errors import StreamEnded
from connectors.google.calendar import Calendar
from connectors.google.client import Client
from connectors.google.gmail import Gmail
from connectors.google.part import Part
from connectors.google.people import People
from connectors.google.people_lists import DIRECTORY, MINE, OTHER
from connectors.google.scopes import Feature, granted
from connectors.sync.port import Held, Page, Position, Stream

Maker: TypeAlias = Callable[[Client, str], Part]

# How each feature is made of a client and the account's source; those that matter most first.
PARTS: Mapping[Feature, Maker] = MappingProxyType({
    Feature.WORDS: lambda client, source: Gmail(client, source, words=True),
    Feature.METADATA: lambda client, source: Gmail(client, source, words=False),
    Feature.CALENDAR: Calendar,
    Feature.CONTACTS: lambda client, source: People(client, source, MINE),
    Feature.OTHER: lambda client, source: People(client, source, OTHER),
    Feature.DIRECTORY: lambda client, source: People(client, source, DIRECTORY),
})


class GoogleAccount:
    """A `Connector`. `wanted`: the features that the person asked for; what was not granted has no streams."""

    def __init__(
        self, client: Client, wanted: Collection[Feature], *, source: str, parts: Mapping[Feature, Maker] = PARTS
    ) -> None:
        self.source = source
        self._client, self._wanted, self._makers = client, wanted, parts
        self._made: dict[str, Part] | None = None

    def streams(self) -> Sequence[Stream]:
        return [stream for part in self._parts().values() for stream in part.streams()]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        part = self._parts().get(stream.name.partition(":")[0])
        if part is None:
            raise StreamEnded(f"{self._client.name}: {stream.title} is no longer among what you let Amity read")
        yield from part.pull(stream, at, held)

    def notes(self) -> Sequence[str]:
        """What of the account is not read, or only in part, and why."""
        return [sentence for part in self._parts().values() for sentence in part.notes()]

    def missing(self) -> list[Feature]:
        """What was asked for, and not granted."""
        given = granted(self._wanted, self._client.auth.grant.scopes)
        return [feature for feature in self._wanted if feature not in given]

    def close(self) -> None:
        self._client.close()

    def _parts(self) -> Mapping[str, Part]:
        if self._made is None:
            features = granted(self._wanted, self._client.auth.grant.scopes)
            makers = self._makers
            made = [makers[feature](self._client, self.source) for feature in makers if feature in features]
            self._made = {part.prefix: part for part in made}
        return self._made
