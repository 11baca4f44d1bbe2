"""A home at a real DAV server, as the contract of connectors wants it, and another client that writes to it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from itertools import count

from connectors.credentials.secret import Secret
from connectors.dav.client import VERBS, Client
from connectors.dav.connector import DavConnector
from connectors.dav.flavour import CALDAV, CARDDAV
from connectors.http import Answer, Http
from connectors.http_auth import Basic
from tests.contracts.connector import World
from tests.peers.dav import DavServer, text_of

_NUMBERS = count(1)
_TOKEN = re.compile(rb"<d:sync-token>([^<]+)</d:sync-token>")


class Wire(Http):
    """Counts requests; spoils the tokens that the server is to have forgotten; may hide ctags."""

    hides_ctags = False
    lost: frozenset[bytes] = frozenset()
    sent: list[str]
    tokens: set[bytes]

    def ask(
        self, verb: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        returns: Container[int] = (),
    ) -> Answer:  # fmt: skip
        self.sent.append(f"{verb} {url}")
        found = _TOKEN.search(body)
        if found:
            self.tokens.add(found[1])
            if found[1] in self.lost:
                body = body.replace(found[1], b"http://invalid.example/sync/999999")
        answer = super().ask(verb, url, headers=headers, body=body, returns=returns)
        self.tokens.update(re.findall(rb"sync-token[^>]*>([^<]+)<", answer.body))
        if self.hides_ctags and b"getctag" in body:
            return answer._replace(body=answer.body.replace(b"getctag", b"getnothing"))
        return answer


class DavWorld(World):
    """`ending`: `.ics` or `.vcf`. Every item has a path, that of its first collection until it moves.

    Address books have no ctags here: so the first run of the one kind lists plainly, that of the other takes a token.
    """

    def __init__(self, server: DavServer, ending: str) -> None:
        self._server, self._ending = server, ending
        self._home = server.calendars if ending == ".ics" else server.books
        number = next(_NUMBERS)
        self._collections = [f"{self._home}one-{number}/", f"{self._home}two-{number}/"]
        for path in self._collections:
            server.make(path, ending, "Work")
        self._paths: dict[str, str] = {}
        self._changes = count(1)
        self._lost: frozenset[bytes] = frozenset()
        self._tokens: set[bytes] = set()
        self.sent: list[str] = []

    def connector(self) -> DavConnector:
        url = self._server.url + self._home
        auth = Basic(self._server.user, Secret(self._server.password))
        http = Wire("mine", verbs=VERBS, auth=auth, home=(url,), private=("127.0.0.1",))
        http.hides_ctags = self._ending == ".vcf"
        http.lost, http.sent, http.tokens = self._lost, self.sent, self._tokens
        flavour = CALDAV if self._ending == ".ics" else CARDDAV
        return DavConnector(Client(http, "mine", url), flavour, url, source="dav:mine", batch=5)

    def add(self, count: int = 1) -> list[str]:
        uids = [f"item-{next(_NUMBERS)}" for _ in range(count)]
        for uid in uids:
            self._paths[uid] = f"{self._collections[0]}{uid}{self._ending}"
            self._server.put(self._paths[uid], self._text(uid, 0))
        return uids

    def change(self, item: str) -> None:
        self._server.put(self._paths[item], self._text(item, next(self._changes)))

    def remove(self, item: str) -> None:
        self._server.delete(self._paths.pop(item))

    def living(self) -> set[str]:
        return set(self._paths)

    def requests(self) -> int:
        return len(self.sent)

    def move(self, item: str) -> None:
        path = self._paths[item]
        text = self._server.get(path)
        self._server.delete(path)
        self._paths[item] = f"{self._collections[1]}{item}{self._ending}"
        self._server.put(self._paths[item], text)

    def expire(self) -> None:
        self._lost = frozenset(self._tokens)

    def recreate(self) -> None:
        texts = {path: self._server.get(path) for path in self._paths.values()}
        for collection in self._collections:
            self._server.delete(collection)
            self._server.make(collection, self._ending, "Work")
        for path, text in texts.items():
            self._server.put(path, text)

    def close(self) -> None:
        for collection in self._collections:
            self._server.delete(collection)

    def _text(self, uid: str, change: int) -> str:
        if self._ending == ".ics":
            return text_of(".ics", uid, title=f"Talk {uid}", start=f"202602{change + 1:02}T100000Z")
        return text_of(".vcf", uid, name=f"Ana {uid}", address=f"{uid}.{change}@y.org")


def worlds(server: DavServer, ending: str) -> Iterator[DavWorld]:
    """One world for one test."""
    world = DavWorld(server, ending)
    try:
        yield world
    finally:
        world.close()
