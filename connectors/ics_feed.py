"""Calendar feeds: the address of an .ics document that a calendar program publishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from connectors.credentials.secret import Secret
from connectors.net import is_loopback
from connectors.sync.port import Connector
from connectors.sync.provider import Config, Provider
from events.vocabulary import MeetingObserved


class FeedConfig(Config, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the feed is."""

    url: Annotated[
        str,
        msgspec.Meta(description="address of the calendar feed (webcal:// or https://)", extra={"private": True}),
    ]
    allow_private: Annotated[
        bool, msgspec.Meta(description="also where the name leads to an address inside a private network")
    ] = False

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url.strip())
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"--url: {error}; copy the address of the calendar anew") from error
        if parts.scheme.lower() not in {"webcal", "webcals", "https", "http"} or not host:
            raise ValueError("--url is no web address; a calendar feed begins with webcal:// or https://")
        if parts.username is not None or parts.password is not None:
            raise ValueError("--url holds a user name; feeds are read without one: use the calendar's secret address")

    @property
    def address(self) -> str:
        """What is asked: webcal is HTTPS by another name, but on this machine; http only where the person wrote it."""
        scheme, _, rest = self.url.strip().partition(":")
        secure = "http" if self.is_here else "https"
        return f"{secure if scheme.lower().startswith('webcal') else scheme.lower()}:{rest}"

    @property
    def is_bare(self) -> bool:
        """Whether the calendar can be read on its way: no encryption, and not this machine."""
        return self.address.startswith("http:") and not self.is_here

    @property
    def is_here(self) -> bool:
        """Whether the address names this machine itself."""
        return is_loopback(urlsplit(self.url.strip()).hostname or "")


def as_it_stands(meeting: MeetingObserved, _text: Callable[[str], str]) -> MeetingObserved:
    """A meeting is what the feed says of it."""
    return meeting


def _open(config: FeedConfig, secret: Secret | None, *, source: str, name: str) -> Connector:  # noqa: ARG001  a feed has none
    from connectors.feed.connector import opened  # noqa: PLC0415  only a run pays for HTTP

    return opened(config, as_it_stands, source=source, name=name)


def _check(config: FeedConfig, secret: Secret | None) -> Sequence[str]:  # noqa: ARG001  a feed has none
    from connectors.feed.connector import checked  # noqa: PLC0415  as above

    return checked(config, as_it_stands)


PROVIDER = Provider(
    kind="ics",
    help="a calendar feed: the address of an .ics document (webcal://, https://)",
    config=FeedConfig,
    open=_open,
    check=_check,
)
