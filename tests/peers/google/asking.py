"""A client for the tests of the fake itself: GET with a token, whatever the answer is."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.peers.google.server import Google

CALENDAR = "/calendar/v3/calendars/primary/events"
MAIL = "/gmail/v1/users/me"
CONTACTS = "/v1/people/me/connections"


class Said(NamedTuple):
    """`headers`: names in lower case."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def reason(self) -> str:
        """errors[0].reason; of People the reason in ErrorInfo, or the status."""
        error = self.body["error"]
        if "errors" in error:
            return str(error["errors"][0]["reason"])
        return str(error["details"][0]["reason"] if "details" in error else error["status"])


class Asker:
    """Also counts nothing, retries nothing, follows nothing."""

    def __init__(self, google: Google, *scopes: str, address: str | None = None) -> None:
        self.google = google
        self.grant = google.world.grant(*scopes, address=address)

    def get(self, path: str, **query: Any) -> Said:
        return self.ask("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All pages of a listing; every one must be 200."""
        pages = [self.get(path, **query)]
        while token := pages[-1].body.get("nextPageToken"):
            assert len(pages) < 10_000
            pages.append(self.get(path, **query, pageToken=token))
        assert {page.status for page in pages} == {200}
        return [page.body for page in pages]

    def ask(self, verb: str, target: str, body: str = "", form: str = "") -> Said:
        connection = HTTPConnection("127.0.0.1", self.google.port, timeout=10)
        headers = {"Authorization": f"Bearer {self.grant.access}", **({"Content-Type": form} if form else {})}
        try:
            connection.request(verb, target, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        said = {name.lower(): value for name, value in answer.getheaders()}
        loaded = json.loads(content) if "json" in said.get("content-type", "") else {"text": content.decode()}
        return Said(answer.status, loaded, said)
