"""An account of calendars or address books at a DAV server; only ever read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from connectors.credentials.secret import Secret
from connectors.dav.client import VERBS, Client
from connectors.dav.discovery import collections
from connectors.dav.flavour import Flavour
from connectors.dav.found import Found
from connectors.dav.options import DavConfig
from connectors.dav.sync import BATCH, Sync
from connectors.errors import StreamEnded
from connectors.http import Http
from connectors.http_auth import Basic
from connectors.sync.port import Held, Page, Position, Stream

_LISTED = 20  # collections that are named to the person who connects an account


class DavConnector:
    """See `connectors.sync.port.Connector`. A stream is a collection, named by its path; `batch`: items in a page."""

    def __init__(self, client: Client, flavour: Flavour, url: str, *, source: str, batch: int = BATCH) -> None:
        self._client, self._flavour, self._url = client, flavour, url
        self.source, self._batch = source, batch
        self._found: dict[str, Found] = {}

    def streams(self) -> Sequence[Stream]:
        self._found = {one.path: one for one in collections(self._client, self._flavour, self._url)}
        return [Stream(one.path, one.title, self._flavour.kind) for one in self._found.values()]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        if stream.name not in self._found:
            self.streams()
        found = self._found.get(stream.name)
        if found is None:
            raise StreamEnded(
                f"{self._client.account}: {stream.title}: this {self._flavour.noun} is not there any more"
            )
        sync = Sync(self._client, self._flavour, found, source=self.source, held=held, batch=self._batch)
        yield from sync.pages(at)

    def close(self) -> None:
        self._client.close()


def opened(
    flavour: Flavour, config: DavConfig, secret: Secret | None, *, source: str, name: str, batch: int = BATCH
) -> DavConnector:
    """The connector of one account; nothing is sent yet."""
    host = urlsplit(config.url).hostname or ""
    http = Http(
        name,
        verbs=VERBS,
        auth=Basic(config.user, secret) if secret is not None else None,
        home=(config.url,),
        private=(host,),  # whoever typed it knows where it is
    )
    return DavConnector(Client(http, name, config.url), flavour, config.url, source=source, batch=batch)


def checked(flavour: Flavour, config: DavConfig, secret: Secret | None) -> list[str]:
    """What was found and what will be read; see `connectors.sync.provider.Checker`."""
    connector = opened(flavour, config, secret, source="", name=flavour.protocol)
    try:
        titles = [stream.title for stream in connector.streams()]
    finally:
        connector.close()
    more = f" and {len(titles) - _LISTED} more" if len(titles) > _LISTED else ""
    counted = f"1 {flavour.noun} was" if len(titles) == 1 else f"{len(titles)} {flavour.noun}s were"
    sentences = [
        f"{counted} found: {', '.join(titles[:_LISTED])}{more}.",
        f"Every {flavour.entry} in them will be read.",
        f"Only {', '.join(sorted(VERBS))} are ever sent, which read: nothing is written, changed or answered there.",
    ]
    if config.is_bare:
        sentences.append(
            "Warning: this address is http://, so whoever is on the way can read the password and all else."
        )
    return sentences
