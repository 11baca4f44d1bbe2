"""How a fake sends notifications: through the proxy that ends TLS before the receiver, which is played here too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

OUTSIDE = "https://push.example.net"  # how the receiver is called on the internet
SECONDS = 10.0  # https://learn.microsoft.com/graph/change-notifications-delivery-webhooks: so long Graph waits


class Letter(NamedTuple):
    url: str
    headers: Mapping[str, str]
    body: bytes


class Said(NamedTuple):
    """`status` 0: there was no answer."""

    status: int
    kind: str = ""
    body: bytes = b""


class Post:
    """`port`: where the receiver listens, 0 for nowhere. `lost`: nothing arrives any more, and nobody is told.
    `times`: how often each letter is delivered. `sent`: what was delivered, with its answer."""

    def __init__(self) -> None:
        self.port, self.lost, self.times = 0, False, 1
        self.sent: list[tuple[Letter, Said]] = []

    def deliver(self, letter: Letter) -> Said:
        said = Said(0)
        if not letter.url.startswith(f"{OUTSIDE}/") or self.lost or not self.port:
            return said
        for _ in range(self.times):
            said = self._deliver(letter)
            self.sent.append((letter, said))
        return said

    def _deliver(self, letter: Letter) -> Said:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        target = letter.url.removeprefix(OUTSIDE)
        try:
            connection.request("POST", target, letter.body, {**letter.headers, "Host": urlsplit(OUTSIDE).netloc})
            answer = connection.getresponse()
            return Said(answer.status, answer.headers.get("Content-Type", ""), answer.read())
        except (OSError, HTTPException):
            return Said(0)
        finally:
            connection.close()


class Postman:
    """Delivers what there is again and again, until it is told to go. `due` may hold the world's lock, for a moment."""

    def __init__(self, due: Callable[[], list[Letter]], post: Callable[[Letter], object]) -> None:
        self._due, self._post = due, post
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            with suppress(OSError):
                for letter in self._due():
                    self._post(letter)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(SECONDS)
