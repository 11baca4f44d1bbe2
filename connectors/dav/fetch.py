"""The contents of resources: many with one question, and each by itself where the server would not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias
from urllib.parse import urljoin

from connectors.dav import names
from connectors.dav.client import Answered, Client
from connectors.dav.flavour import Flavour
from connectors.dav.hrefs import path_of
from connectors.dav.multistatus import Unreadable
from connectors.errors import Refused

_GONE = frozenset({404, 410})


class Content(NamedTuple):
    """A resource as it is now; `etag` "" where the server has no strong one."""

    body: bytes
    etag: str


class Failed(NamedTuple):
    """A resource that the server lists and does not give."""

    why: str


Fetched: TypeAlias = Content | Failed | None  # None: it is gone


class Fetcher:
    """Gets resources of one collection; remembers where its server has no multiget."""

    def __init__(self, client: Client, flavour: Flavour, url: str) -> None:
        self._client, self._flavour, self._url = client, flavour, url
        self._multiget = True

    def ahead(self, batches: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Fetched]]:
        """What `fetch` gives for each of the batches; the next is asked for while one is worked on."""
        if len(batches) < 2:  # noqa: PLR2004  nothing to get ahead of
            yield from map(self.fetch, batches)
            return
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  a run that finds little never needs it

        with ThreadPoolExecutor(1) as asking:  # whoever stops early waits for the one question that is under way
            waiting = asking.submit(self.fetch, batches[0])
            for batch in batches[1:]:
                found = waiting.result()
                waiting = asking.submit(self.fetch, batch)
                yield found
            yield waiting.result()

    def fetch(self, hrefs: Mapping[str, str]) -> dict[str, Fetched]:
        """What stands at each; `hrefs`: the item, and its address as the server wrote it.

        Whatever the answer to all does not give, also what it calls missing, is asked for by itself: only a 404 there
        says that it is gone. One item whose text breaks the XML around it costs its neighbours nothing but time.
        """
        found = self._together(hrefs.values())
        return {item: found.get(item) or self._alone(href) for item, href in hrefs.items()}

    def _together(self, hrefs: Iterable[str]) -> dict[str, Content]:
        if not self._multiget:
            return {}
        try:
            answer = self._client.contents(self._url, self._flavour, list(hrefs))
        except (Unreadable, Refused):  # broken by one of them, or too much of them together
            return {}
        except Answered:
            self._multiget = False
            return {}
        found = {}
        for row in answer.rows:
            data = row.props.get(self._flavour.data)
            if data is not None and data.text:
                body = data.text.encode("utf-8", "replace")
                found[path_of(row.href, self._url)] = Content(body, strong(row.text(names.ETAG)))
        return found

    def _alone(self, href: str) -> Fetched:
        try:
            answer = self._client.get(urljoin(self._url, href), self._flavour)
        except Answered as error:
            return None if error.status in _GONE else Failed(f"the server does not give it (HTTP {error.status})")
        except Refused as error:
            return Failed(str(error))
        return Content(answer.body, strong(answer.headers["etag"] or ""))


def strong(etag: str) -> str:
    """An etag without its quotes; "" for a weak one, under which the content may change (RFC 9110, 8.8.3)."""
    etag = etag.strip()
    return "" if etag[:2].upper() == "W/" else etag.strip('"')
