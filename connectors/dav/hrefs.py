"""Addresses of resources: the many spellings of one become one, so that an item is known again."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

# What RFC 3986 (3.3) lets stand in a segment of a path unquoted.
_SEGMENT = "-._~!$&'()*+,;=:@"
_SLASHES = re.compile(r"/{2,}")
# Apple gives each account a host of its own below the one that people enter: one owner, one certificate's domain.
_ONE_OWNER = (".icloud.com",)


def resolved(href: str, base: str) -> str:
    """The absolute URL of an href as a server wrote it, relative or absolute, quoted or not; without its query.

    Raises ValueError where it is no address.
    """
    parts = urlsplit(urljoin(base, href))
    return f"{parts.scheme}://{parts.netloc}{normal(parts.path)}"


def path_of(href: str, base: str) -> str:
    """The path of an href, quoted in the one way of ours: `/alice/caf%C3%A9/a@b.ics`. Raises ValueError."""
    return normal(urlsplit(urljoin(base, href)).path)


def normal(path: str) -> str:
    """A path with single slashes and every segment quoted alike (`%7E` and `~`, `%c3` and `%C3`, `é`, are one)."""
    segments = _SLASHES.sub("/", path).split("/")
    return "/".join(quote(unquote_to_bytes(segment), safe=_SEGMENT) for segment in segments) or "/"


def same_origin(one: str, other: str) -> bool:
    """Whether the password for `one` may be sent to `other`: same scheme, host and port (RFC 6454, 5).

    Hosts below one of `_ONE_OWNER` count as one, over https and on its own port only.
    """
    first, second = _origin(one), _origin(other)
    if first == second:
        return True
    shared = any(first[1].endswith(owner) and second[1].endswith(owner) for owner in _ONE_OWNER)
    return shared and first[0] == second[0] == "https" and first[2] == second[2] == _PORTS["https"]


_PORTS = {"http": 80, "https": 443}


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)
