"""WebDAV over HTTP: questions that only read, answers as rows, and what is no answer told apart from an empty one."""

from __future__ import annotations

from collections.abc import Collection

from connectors.dav import bodies, names
from connectors.dav.flavour import Flavour
from connectors.dav.hrefs import same_origin
from connectors.dav.multistatus import Multistatus, Unreadable, parse, preconditions
from connectors.errors import TryLater
from connectors.http import Answer, Http
from connectors.net import shown

VERBS = frozenset({"GET", "OPTIONS", "PROPFIND", "REPORT"})  # all that this program ever sends to a DAV server
# What some servers answer to one question of many, for good; the others of 5xx pass.
_FOR_GOOD = frozenset({500, 501})
_MULTISTATUS, _OK = 207, 200
_XML = {"Content-Type": "application/xml; charset=utf-8"}


class Answered(Exception):
    """The server said no: the status, the preconditions it names (RFC 3253, 1.6), and a sentence without advice."""

    def __init__(self, status: int, named: frozenset[str], sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.named, self.sentence = status, named, sentence


class Client:
    """One account's server, at the address that its person gave.

    Every method may raise Answered, TryLater, SignInNeeded and Refused.
    """

    def __init__(self, http: Http, account: str, url: str) -> None:
        self._http, self.account, self._url = http, account, url

    def propfind(self, url: str, depth: int, props: Collection[str]) -> tuple[Multistatus, str]:
        """Properties of a resource and, with depth 1, of what lies directly in it; and the URL that answered."""
        answer = self._http.ask(
            "PROPFIND", url, headers={**_XML, "Depth": str(depth)}, body=bodies.propfind(*props), returns=(501,)
        )
        return self._whole(answer), answer.url

    def changes(self, url: str, token: str) -> Multistatus:
        """The rows that changed since a token, all where it is "" (RFC 6578)."""
        return self._whole(self._report(url, 0, bodies.sync_collection(token, names.ETAG, names.MODIFIED)))

    def contents(self, url: str, flavour: Flavour, hrefs: Collection[str]) -> Multistatus:
        """Etag and text of several resources. Raises Unreadable where one of them breaks the XML around all."""
        return self._rows(self._report(url, 0, bodies.multiget(flavour.multiget, flavour.data, hrefs)))

    def groups(self, url: str) -> Multistatus:
        """The group cards of an address book. A server that does not know such filters shows more."""
        return self._whole(self._report(url, 1, bodies.groups_query()))

    def get(self, url: str, flavour: Flavour) -> Answer:
        """One resource by itself."""
        answer = self._http.ask("GET", url, headers={"Accept": flavour.media}, returns=_FOR_GOOD)
        if answer.status == _OK and _is_page(answer):
            raise self._page(answer)
        if answer.status != _OK:
            raise self._no(answer)
        return answer

    def leads(self, base: str, url: str) -> bool:
        """Whether an answer from `base` may lead us to `url`: it is at the same server, or our own server's other host.

        What answers after a redirect is trusted with nothing: the password goes to where the person gave it for.
        """
        if same_origin(base, url):
            return True
        ours = same_origin(self._url, url)
        if ours:
            self._http.trust(url)
        return ours

    def at(self, url: str) -> str:
        """The account and an address, as sentences begin."""
        return f"{self.account}: {shown(url)}"

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _report(self, url: str, depth: int, body: bytes) -> Answer:
        return self._http.ask("REPORT", url, headers={**_XML, "Depth": str(depth)}, body=body, returns=_FOR_GOOD)

    def _whole(self, answer: Answer) -> Multistatus:
        try:
            return self._rows(answer)
        except Unreadable as error:
            raise TryLater(
                f"{self.at(answer.url)}: the server's answer cannot be used ({error}); it is tried again later"
            ) from error

    def _rows(self, answer: Answer) -> Multistatus:
        if answer.status == _MULTISTATUS:
            return parse(answer.body)
        if answer.status < 300 or _is_page(answer):  # noqa: PLR2004  an answer, but to another question
            raise self._page(answer)
        raise self._no(answer)

    def _no(self, answer: Answer) -> Answered:
        sentence = f"{self.at(answer.url)}: the server refuses (HTTP {answer.status})"
        return Answered(answer.status, preconditions(answer.body), sentence)

    def _page(self, answer: Answer) -> TryLater:
        return TryLater(
            f"{self.at(answer.url)}: something else than a calendar or contacts server answers (HTTP {answer.status}, "
            f"{answer.headers.get_content_type()[:60]}); a network's sign-in page? check the address and the network"
        )


def _is_page(answer: Answer) -> bool:
    """Whether a person is meant to read this: a sign-in page, not an answer. Errors may well be pages."""
    return answer.status == _OK and answer.headers.get_content_type() in {"text/html", "application/xhtml+xml"}
