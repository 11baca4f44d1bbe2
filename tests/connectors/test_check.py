"""What goes wrong while an account is connected: a sentence that names the place once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from connectors.caldav import PROVIDER as CALDAV
from connectors.carddav import PROVIDER as CARDDAV
from connectors.credentials.secret import Secret
from connectors.dav.options import DavConfig
from connectors.ics_feed import PROVIDER as FEED
from connectors.ics_feed import FeedConfig
from connectors.imap import PROVIDER as IMAP
from connectors.imap import ImapConfig
from events.errors import AmityError
from tests.connectors.scripted import answer, scripted
from tests.peers.daemon import free_port

SECRET = Secret("open sesame")


def dav(port: int) -> list[Callable[[], Sequence[str]]]:
    config = DavConfig(url=f"http://127.0.0.1:{port}/", user="me")
    return [lambda: CALDAV.check(config, SECRET), lambda: CARDDAV.check(config, SECRET)]


def feed(port: int) -> Callable[[], Sequence[str]]:
    config = FeedConfig(url=f"http://127.0.0.1:{port}/x.ics", allow_private=True)
    return lambda: FEED.check(config, None)


def mail(port: int) -> Callable[[], Sequence[str]]:
    return lambda: IMAP.check(ImapConfig(host="127.0.0.1", user="me", port=port, tls=False), SECRET)


def once(check: Callable[[], Sequence[str]], begins: str) -> None:
    with pytest.raises(AmityError) as caught:
        check()
    assert str(caught.value).count("127.0.0.1") == 1, caught.value
    assert str(caught.value).startswith(begins)


def test_a_server_that_is_away_is_named_once() -> None:
    port = free_port()
    for check, name in zip(dav(port), ("CalDAV", "CardDAV"), strict=True):
        once(check, f"{name}: http://127.0.0.1:{port}/")
    once(feed(port), f"Calendar feed: http://127.0.0.1:{port}/")
    once(mail(port), f"me: the mail server 127.0.0.1:{port} ")


def test_a_server_that_has_nothing_or_refuses_us_is_named_once() -> None:
    for status in ("404 Not Found", "401 Unauthorized"):
        with scripted(answer(b"x", status)) as server:
            for check in (*dav(server.port), feed(server.port)):
                once(check, "Ca")
