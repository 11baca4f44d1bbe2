"""Where a connection may go: names are resolved once, every address is judged, and the judged one is connected to.

A feed's address comes from a stranger, and a redirect from whoever answers: neither may reach into the person's own
network, nor the metadata service of a cloud. What the person typed, they meant.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from connectors.errors import Refused, TryLater

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

# Names that no public name server answers: RFC 6761 (localhost), 6762 (local), 8375 (home.arpa), ICANN 2024 (internal);
# lan and home are what routers hand out.
_OWN = (".localhost", ".local", ".home.arpa", ".internal", ".lan", ".home")
TRIES = 4  # addresses of one name
_LONG = 16  # a part of a path that is as long as this may be what makes a private address private
# Metadata services outside of the link-local ranges: AWS over IPv6, Alibaba, Oracle.
_METADATA = frozenset({"fd00:ec2::254", "100.100.100.200", "192.0.0.192"})


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, in the system's order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name, without asking anybody."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        name = host.lower().rstrip(".")
        return name == "localhost" or name.endswith(".localhost")


def allowed(host: str, port: int, private: Iterable[str], resolver: Resolve = resolve) -> Sequence[str]:
    """The addresses of a host, all of them fit to be connected to; `private`: hosts that may have a private one.

    Raises TryLater where the name cannot be resolved, Refused where one of its addresses is none of ours to reach.
    """
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise TryLater(f"{host}: this name cannot be resolved ({_words(error)}); check it, and the network") from error
    if not addresses:
        raise TryLater(f"{host}: this name has no address; check it, and the network")
    mine = host.lower().rstrip(".") in {name.lower().rstrip(".") for name in private}
    for address in addresses:
        if not _fit(address, private=mine):
            raise Refused(
                f"{host}: this name leads to {address}, an address inside a private network or of this machine; "
                "that is refused, since nobody asked for it: check the address of the account"
            )
    return addresses


def _fit(text: str, *, private: bool) -> bool:
    """Tell whether an address may be connected to; link-local ones (where metadata services live) never."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _nat64(address)
        if inner is not None:
            address = inner
    if address.is_link_local or address.is_multicast or address.is_unspecified or str(address) in _METADATA:
        return False
    return private or address.is_global


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address within 64:ff9b::/96 (RFC 6052)."""
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def typed(url: str) -> tuple[str, ...]:
    """The host of an address that a person typed, where it says by itself that it is private: nothing is hidden there.

    `http://127.0.0.1:8080/`, `https://nas.local/`, `http://printer/`: such a host may have private addresses.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return () if ipaddress.ip_address(host).is_global else (host,)
    except ValueError:
        bare = "." not in host and not host[:1].isdigit()  # 2130706433 and 0x7f000001 are numbers in disguise
        return (host,) if bare or host.endswith(_OWN) else ()


def connect(addresses: Iterable[str], port: int, timeout: float) -> socket.socket:
    """A connection to the first of the addresses that answers. Raises OSError of the last one."""
    failure: OSError = OSError("no address")
    for address in list(addresses)[:TRIES]:
        try:
            made = socket.create_connection((address, port), timeout)
        except OSError as error:
            failure = error
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise failure


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454); raises ValueError for what is no http address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{parts.scheme or 'this'} is no address that begins with https:// or http://")
    return parts.scheme, parts.hostname.rstrip("."), parts.port or (443 if parts.scheme == "https" else 80)


def shown(url: str) -> str:
    """An address as sentences show it: without user, query, and the long parts of a path that may be secrets."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "this address"
    if ":" in host:
        host = f"[{host}]"
    pieces = [piece if len(unquote(piece)) < _LONG and piece.isprintable() else "…" for piece in parts.path.split("/")]
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{'/'.join(pieces)}"


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
