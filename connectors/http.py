"""One careful HTTP client: verbs that only read, limits on everything, redirects by our rules, nothing from around us.

No proxy, cookie or password of the machine is used; its certificate authorities are.
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from email.message import Message
from string import punctuation
from typing import NamedTuple
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.http_auth import Auth
from connectors.http_body import TooLarge, read_body
from connectors.http_dates import retry_after
from connectors.http_wire import Plain, Secure, Watch
from connectors.net import Resolve, origin, resolve, shown

__all__ = ["Answer", "Http", "Limits", "TooLarge"]

READING = frozenset({"GET", "HEAD"})
_REPEATED = READING | {"OPTIONS", "PROPFIND", "REPORT"}  # safe (RFC 9110, 9.2.1): a second one changes nothing
# How it shows that the server closed a connection between two requests; with TLS, when it is written to.
_CLOSED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
HOPS = 5
_AGAIN = frozenset({408, 425, 429})  # what will pass by itself; 5xx but 507 likewise
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DISK_FULL = 507  # WebDAV's word for "there is more" (RFC 6578, 3.6): the caller's
_BODILESS = frozenset({204, 304})
_TLS = ("https", 443)
_AGENT = "amity"


class Limits(NamedTuple):
    """Seconds to connect, for one read, and for the whole with its redirects; bytes of all heads, and of a body."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 300.0
    head: int = 1 << 16
    body: int = 50_000_000


class Change(NamedTuple):
    """A request that changes something and may be sent all the same: its verb, and its whole address."""

    verb: str
    url: re.Pattern[str]

    def allows(self, verb: str, url: str) -> bool:
        return verb == self.verb and self.url.fullmatch(url) is not None


class Answer(NamedTuple):
    """What a server said. `url`: where the redirects led. Header names in any case: `answer.headers["etag"]`."""

    status: int
    headers: Message
    body: bytes
    url: str


class Http:
    """Asks one account's server; not for use by two threads at once.

    `account` is the account as sentences call it. `verbs`: all that may ever be sent, but for `changes`: the few
    requests that are no question (connectors.notified.changes). `auth` goes to the origins (RFC 6454) of the addresses
    `home` and to no other. `private`: hosts that may have an address inside a private network; see
    `connectors.net.typed`. `clock` is monotonic, `wall` in seconds since 1970.
    """

    def __init__(
        self,
        account: str,
        *,
        verbs: Collection[str] = READING,
        changes: Collection[Change] = (),
        auth: Auth | None = None,
        home: Iterable[str] = (),
        private: Collection[str] = (),
        limits: Limits = Limits(),  # noqa: B008  immutable
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        resolver: Resolve = resolve,
    ) -> None:
        self._account, self._verbs, self._auth = account, frozenset(verbs), auth
        self._changes = tuple(changes)
        self._home = {origin(url) for url in home}
        self._private, self._limits, self._resolver = private, limits, resolver
        self._clock, self._wall = clock, wall
        self._watch = Watch(clock)
        self._open: dict[tuple[str, str, int], Plain] = {}
        self._not_before: float | None = None

    def ask(
        self, verb: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        returns: Container[int] = (),
    ) -> Answer:  # fmt: skip
        """The whole answer: 2xx, 304 and 4xx but 401, 408, 425, 429; and 507; and the statuses in `returns`.

        Raises TryLater (busy, away, cut off, and before the time that the server asked us to wait for), SignInNeeded
        (401), Refused (too large, or a redirect or an address that is none of ours to follow).
        """
        self._check(verb, url)
        self._wait_told()
        self._watch.begin(self._limits.total, self._limits.read, self._limits.head)
        try:
            return self._ask(verb, url, dict(headers or {}), body, returns)
        except BaseException:
            self.close()  # what is left on a connection belongs to nobody
            raise

    def trust(self, url: str) -> None:
        """Let the password go to this origin too: the caller knows that it is the same server's."""
        self._home.add(origin(url))

    def close(self) -> None:
        """Close all connections."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _ask(self, verb: str, url: str, headers: dict[str, str], body: bytes, returns: Container[int]) -> Answer:
        hops, answer = 0, self._signed(verb, url, headers, body)
        while answer.status in _REDIRECTS and answer.headers["location"] is not None:
            hops += 1
            if hops > HOPS:
                raise Refused(f"{self._at(url)}: the server redirects more than {HOPS} times; check the address")
            url = self._next(answer)
            if answer.status == 303 and verb != "HEAD":  # noqa: PLR2004  RFC 9110, 15.4.4: look there
                verb, body = "GET", b""
            self._check(verb, url)
            answer = self._signed(verb, url, headers, body)
        if answer.status not in returns:
            self._judge(answer)
        return answer

    def _check(self, verb: str, url: str) -> None:
        """The one gate: whatever is sent, also after a redirect, was let through here."""
        if verb not in self._verbs and not any(one.allows(verb, url) for one in self._changes):
            raise Refused(f"{self._account}: {verb} is not sent: this program only reads")

    def _signed(self, verb: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Ask with the password where it may go, and once more where the server wants it in another way."""
        auth = self._auth if self._auth is not None and self._is_home(url) else None
        for _ in range(2):
            signature = auth.header(verb, url) if auth else None
            answer = self._once(verb, url, headers | ({"Authorization": signature} if signature else {}), body)
            challenge = ", ".join(answer.headers.get_all("www-authenticate", []))
            if answer.status != 401 or auth is None or not auth.challenged(challenge):  # noqa: PLR2004
                break
        return answer

    def _once(self, verb: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request, one answer, whole or not at all."""
        try:
            connection = self._connection(url)
            answer = self._head(connection, verb, url, headers, body)
            with answer:
                whole = _has_body(verb, answer.status)
                data = read_body(answer, self._watch, self._limits.body, self._at(url)) if whole else b""
        except (Refused, TryLater) as error:
            error.args = (self._with_account(str(error)),)
            raise
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
            raise TryLater(f"{self._at(url)}: {_why(error)}; it is tried again later") from error
        if self._watch.surplus:
            connection.close()
            if data:
                raise TryLater(f"{self._at(url)}: the answer is longer than the server said; it is tried again later")
        return Answer(answer.status, answer.headers, data, url)

    def _head(
        self, connection: Plain, verb: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> http.client.HTTPResponse:
        """The head of an answer.

        A connection that the server closed just as we used it again is made anew, once: for what only reads.
        """
        used = connection.sock is not None
        self._watch.answer()
        try:
            connection.request(verb, _target(url), body or None, self._headers(headers))
            answer = connection.getresponse()
        except _CLOSED:
            if not used or self._watch.begun or verb not in _REPEATED:
                raise
            connection.close()
            return self._head(connection, verb, url, headers, body)
        try:
            self._watch.head_came()
        except http.client.HTTPException:
            answer.close()  # nobody else would
            raise
        return answer

    def _connection(self, url: str) -> Plain:
        """The open connection to an address' origin, or a new one."""
        try:
            key = origin(url)
        except ValueError as error:
            raise Refused(f"{self._at(url)}: {error}; check the address") from error
        if key in self._open:
            self._open[key].drop_if_stale()
        else:
            scheme, host, port = key
            self._open[key] = (Secure if scheme == "https" else Plain)(
                host, port, watch=self._watch, private=self._private, resolver=self._resolver,
                seconds=self._limits.connect,
            )  # fmt: skip
        return self._open[key]

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        wanted = {"User-Agent": _AGENT, "Accept-Encoding": "gzip", **headers}
        return {name: value.encode().decode("latin-1") for name, value in wanted.items()}  # UTF-8 on the wire

    def _next(self, answer: Answer) -> str:
        """Where a redirect leads; raises Refused where we do not follow."""
        try:
            # The bytes as they came: http.client reads them as Latin-1, servers mean UTF-8.
            place = quote(str(answer.headers["location"]).strip().encode("latin-1"), safe=punctuation)
            url = urldefrag(urljoin(answer.url, place)).url
            scheme, _, _ = origin(url)
        except ValueError as error:
            raise Refused(f"{self._at(answer.url)}: the server redirects to what is no web address") from error
        if scheme == "http" and urlsplit(answer.url).scheme == "https":
            raise Refused(
                f"{self._at(answer.url)}: the server redirects to {shown(url)}, without encryption; "
                "that is not followed: give the right address"
            )
        return url

    def _judge(self, answer: Answer) -> None:
        status, at = answer.status, self._at(answer.url)
        if status == 401:  # noqa: PLR2004
            if self._auth is not None and not self._is_home(answer.url):
                raise SignInNeeded(
                    f"{at}: asks for a password, which was given for another server and not sent here; "
                    "connect the account again with this address"
                )
            if self._auth is None:
                raise SignInNeeded(f"{at}: the server asks who we are, and the account says nothing; connect it again")
            raise SignInNeeded(f"{at}: the server refuses the user or the password; connect the account again")
        if status in _AGAIN or (status >= 500 and status != _DISK_FULL):  # noqa: PLR2004
            asked = retry_after(answer.headers["retry-after"], self._wall(), answer.headers["date"])
            if asked is not None:
                self._not_before = self._clock() + asked
            what = "asks us to wait" if status in _AGAIN else "is out of order"
            raise TryLater(f"{at}: the server {what} (HTTP {status}); it is tried again later", asked)

    def _wait_told(self) -> None:
        """Send nothing before the time that the server named."""
        if self._not_before is None:
            return
        left = self._not_before - self._clock()
        if left > 0:
            raise TryLater(f"{self._account}: the server asked us to wait {left:.0f} seconds more", left)
        self._not_before = None

    def _is_home(self, url: str) -> bool:
        """Tell whether the password belongs there: the same origin, or its host with TLS instead of without."""
        try:
            scheme, host, port = origin(url)
        except ValueError:
            return False
        return (scheme, host, port) in self._home or ((scheme, port) == _TLS and ("http", host, 80) in self._home)

    def _at(self, url: str) -> str:
        return f"{self._account}: {shown(url)}"

    def _with_account(self, sentence: str) -> str:
        return sentence if sentence.startswith(f"{self._account}: ") else f"{self._account}: {sentence}"


def _has_body(verb: str, status: int) -> bool:
    return verb != "HEAD" and status not in _BODILESS


def _target(url: str) -> str:
    """The request target: path and query, in ASCII."""
    parts = urlsplit(url)
    return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=punctuation)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the server does not answer in time"
    if isinstance(error, zlib.error):
        return "the answer is packed wrongly"
    if isinstance(error, http.client.HTTPException):
        return "the answer was cut off, or is no HTTP"
    verification = getattr(error, "verify_message", "")
    if verification:
        return f"the server's certificate cannot be trusted ({verification})"
    return f"the connection fails ({getattr(error, 'strerror', None) or type(error).__name__})"
