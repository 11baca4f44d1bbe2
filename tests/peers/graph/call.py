"""One request to Graph, understood: whose mailbox, which path, which options and preferences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from tests.peers.graph.failures import bad_request
from tests.peers.graph.odata import options

if TYPE_CHECKING:
    from tests.peers.graph.user import User
    from tests.peers.graph.world import World

Json = dict[str, Any]
_CALLED = re.compile(r"^([\w.$]+)\((.*)\)$")
_PREFERENCE = re.compile(r'\s*([\w.\-]+)\s*(?:=\s*("[^"]*"|[^,;\s]*))?\s*(?:[,;]|$)')


class Request(NamedTuple):
    """`headers`: names in lower case; the values of repeated ones joined by commas."""

    verb: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def base(self) -> str:
        """What links begin with: as the client wrote the host, also behind a rewriting adapter."""
        return f"{self.headers.get('x-forwarded-proto', 'http')}://{self.headers.get('host', '127.0.0.1')}/v1.0"


@dataclass
class Call:
    """`root`: /me or /users/{id}, as written; `path`: the whole, without the version. `names`: what the path names, by
    the route's placeholders. `empty`: this page is to show nothing."""

    world: World
    user: User
    request: Request
    root: str
    path: str
    names: dict[str, str]
    scopes: frozenset[str]
    empty: bool = False

    def __post_init__(self) -> None:
        self.query = options(urlsplit(self.request.target).query)
        self.prefer = preferences(self.request.headers.get("prefer", ""))

    @property
    def immutable(self) -> bool:
        """The value is compared with its case; the name is not."""
        return self.prefer.get("idtype") == "ImmutableId"

    def full(self, kind: str) -> bool:
        """More than ReadBasic was granted for Mail or Calendars."""
        return any(scope.split(".")[:2] in ([kind, "Read"], [kind, "ReadWrite"]) for scope in self.scopes)

    def size(self, default: int, most: int) -> int:
        """Rows of a page: $top, or the preference, which a client must repeat on every page."""
        text = self.query.get("top") or self.prefer.get("odata.maxpagesize") or str(default)
        if not text.isdecimal() or not int(text):
            raise bad_request(f"Invalid value for the page size: {text}", "ErrorInvalidParameter")
        return min(int(text), most)

    def link(self, path: str, query: str) -> str:
        return f"{self.request.base}{path}?{query}"


def preferences(header: str) -> dict[str, str]:
    """Names in lower case, values without quotes."""
    return {match[1].lower(): (match[2] or "").strip('"') for match in _PREFERENCE.finditer(header) if match[1]}


def segments(target: str) -> list[str]:
    """Of the path behind the version; mailFolders('x') is two, delta() and microsoft.graph.delta() are delta."""
    found: list[str] = []
    for part in urlsplit(target).path.strip("/").split("/"):
        text = unquote(part)
        called = _CALLED.match(text)
        found += [called[1], called[2].strip("'")] if called and called[2] else [called[1] if called else text]
    plain = [part.removeprefix("microsoft.graph.") for part in found if part]
    return plain[1:] if plain and plain[0].lower() in ("v1.0", "beta") else plain
