"""Microsoft Graph over our own HTTP: only GET, one request at a time, links followed as they came.

A mailbox bears four requests at once of a program; three is what Microsoft advises to stay below it. One connection
and no threads is one. No `$batch`: Graph would run four of its requests at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from connectors.errors import Refused, TryLater
from connectors.http import READING, Http, Limits
from connectors.microsoft.refusals import Answered, Failing, document_in, refusal
from connectors.microsoft.renewing import Renewing
from connectors.net import origin, typed

NEXT, DELTA = "@odata.nextLink", "@odata.deltaLink"
# Else an item that moves is another item: https://learn.microsoft.com/graph/outlook-immutable-id
_IMMUTABLE = 'IdType="ImmutableId"'
_ANSWERS = range(400, 600)
_OK = 300


class Graph:
    """One account's Graph; for one thread. `base`: what its addresses begin with, `https://graph.microsoft.com/v1.0`.

    `name` is the account as sentences call it.
    """

    def __init__(
        self,
        auth: Renewing,
        name: str,
        *,
        base: str,
        limits: Limits = Limits(),  # noqa: B008  immutable
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.auth, self.name = auth, name
        self._base, self._wall = base, wall
        self._http = Http(
            name, verbs=READING, auth=auth, home=[base], private=typed(base), limits=limits, wall=wall
        )  # fmt: skip

    def get(self, path: str, *, prefer: str = "") -> dict[str, Any]:
        """The object at a path below the base, with its query: `/me/mailFolders/delta?$select=id`.

        `prefer`: preferences beside immutable ids, `odata.maxpagesize=50`. Raises Answered (what the caller must know:
        400, 404 and other no's), CursorExpired, TryLater, SignInNeeded, Refused, TooLarge.
        """
        return self._asked(self._base + path, prefer, link=False)

    def follow(self, link: str, *, prefer: str = "") -> dict[str, Any]:
        """The page that a link of Graph's leads to.

        Links are whole addresses, and never taken apart; preferences must be given with each. Raises as `get`, and
        Refused for a link that leads elsewhere.
        """
        try:
            ours = origin(link) == origin(self._base)
        except ValueError:
            ours = False
        if not ours:
            raise Refused(f"{self.name}: Microsoft Graph's next page would be on another server; that is not followed")
        return self._asked(link, prefer, link=True)

    def lacks(self, path: str) -> bool:
        """Whether Graph says that there is no such thing."""
        try:
            self.get(f"{path}?$select=id")
        except Answered as refused:
            return refused.missing
        return False

    def now(self) -> float:
        """Seconds since 1970."""
        return self._wall()

    def close(self) -> None:
        self._http.close()

    def _asked(self, url: str, prefer: str, *, link: bool) -> dict[str, Any]:
        wanted = f"{_IMMUTABLE}, {prefer}" if prefer else _IMMUTABLE
        headers = {"Accept": "application/json", "Prefer": wanted}
        answer = self._http.ask("GET", url, headers=headers, returns=_ANSWERS)
        if answer.status >= _OK:
            raise refusal(answer, name=self.name, wall=self._wall(), link=link)
        document = document_in(answer.body)
        if not isinstance(document, dict):
            raise Failing(f"{self.name}: not Microsoft Graph answers, or only in part; a network's sign-in page?")
        return document


def rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items of a page. Raises TryLater where it is none: an empty page says so with an empty list."""
    found = document.get("value")
    if not isinstance(found, list):
        raise TryLater("Microsoft Graph answers with a page that is none; it is tried again later")
    return [row for row in found if isinstance(row, dict)]


def link_in(document: Mapping[str, Any], name: str) -> str:
    """The link `NEXT` or `DELTA` of a page; "" where it has none."""
    found = document.get(name)
    return found if isinstance(found, str) else ""
