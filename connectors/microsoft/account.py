"""One Microsoft account: the streams of every feature that was granted. Here the features are put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from connectors.errors import StreamEnded
from connectors.microsoft.graph import Graph
from connectors.microsoft.mail import Mail
from connectors.microsoft.part import Part
from connectors.microsoft.scopes import Feature, granted
from connectors.sync.port import Held, Page, Position, Stream

Maker: TypeAlias = Callable[[Graph, str], Part]

# How each feature is made of the account's Graph and its source; those that matter most first.
PARTS: Mapping[Feature, Maker] = MappingProxyType({
    Feature.WORDS: lambda graph, source: Mail(graph, source, words=True),
    Feature.METADATA: lambda graph, source: Mail(graph, source, words=False),
})


class MicrosoftAccount:
    """A `Connector`. `wanted`: the features that the person asked for; what was not granted has no streams."""

    def __init__(
        self, graph: Graph, wanted: Collection[Feature], *, source: str, parts: Mapping[Feature, Maker] = PARTS
    ) -> None:
        self.source = source
        self._graph, self._wanted, self._makers = graph, wanted, parts
        self._made: dict[str, Part] | None = None

    def streams(self) -> Sequence[Stream]:
        return [stream for part in self._parts().values() for stream in part.streams()]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        part = self._parts().get(stream.name.partition(":")[0])
        if part is None:
            raise StreamEnded(f"{self._graph.name}: {stream.title} is no longer among what you let Amity read")
        yield from part.pull(stream, at, held)

    def close(self) -> None:
        self._graph.close()

    def _parts(self) -> Mapping[str, Part]:
        if self._made is None:
            features = granted(self._wanted, self._graph.auth.grant.scopes)
            made = [maker(self._graph, self.source) for feature, maker in self._makers.items() if feature in features]
            self._made = {part.prefix: part for part in made}
        return self._made
