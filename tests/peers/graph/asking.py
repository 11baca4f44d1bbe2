"""A client for the tests of the fake itself: GET with a token, whatever the answer is."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.peers.graph.authority import Grant
from tests.peers.graph.server import Graph

IMMUTABLE = 'IdType="ImmutableId"'
ALL = ("Mail.Read", "Calendars.Read", "Contacts.Read", "User.Read")


class Said(NamedTuple):
    """`headers`: names in lower case."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(self.body["value"])

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def next(self) -> str:
        """The nextLink, or ""."""
        return str(self.body.get("@odata.nextLink", ""))

    @property
    def ended(self) -> str:
        """The deltaLink, or ""."""
        return str(self.body.get("@odata.deltaLink", ""))


class Asker:
    """Retries nothing, follows nothing. `prefer`: sent along with every request."""

    def __init__(self, graph: Graph, *scopes: str, prefer: str = IMMUTABLE, grant: Grant | None = None) -> None:
        self.graph, self.prefer = graph, prefer
        self.grant = grant or graph.world.grant(*(scopes or ALL))

    def get(self, path: str, query: dict[str, str] | None = None, **headers: str) -> Said:
        """`path`: behind /v1.0, or a whole URL."""
        url = urlsplit(path)
        target = f"{url.path}?{url.query}" if url.netloc else f"/v1.0{path}"
        return self.ask("GET", f"{target}?{urlencode(query, safe='$')}" if query else target, "", **headers)

    def ask(self, verb: str, target: str, body: str = "", **headers: str) -> Said:
        connection = HTTPConnection("127.0.0.1", self.graph.port, timeout=10)
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.grant.access}", "Prefer": self.prefer, **own}
        try:
            connection.request(verb, target, body or None, sent)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        said = {name.lower(): value for name, value in answer.getheaders()}
        loaded = json.loads(content) if "json" in said.get("content-type", "") else {"text": content.decode()}
        return Said(answer.status, loaded, said)

    def round(self, path: str, query: dict[str, str] | None = None) -> tuple[list[dict[str, Any]], str]:
        """All pages of a delta query, or of a listing: (rows, deltaLink). Every answer must be 200."""
        page = self.get(path, query)
        rows: list[dict[str, Any]] = []
        for _ in range(10_000):
            assert page.status == 200, page
            assert not (page.next and page.ended)
            rows += page.rows
            if not page.next:
                return rows, page.ended
            page = self.get(page.next)
        raise AssertionError(path)
