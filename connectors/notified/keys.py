"""The keys that Google signs with, as Google publishes them: fetched when one is needed, kept while they hold."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping

import msgspec

from connectors.errors import TryLater
from connectors.http import Http, Limits
from connectors.net import typed

URL = "https://www.googleapis.com/oauth2/v1/certs"  # certificates by their ids; as google.oauth2.id_token has it
_MOST = 1 << 18
_USUAL, _LONGEST = 3_600.0, 86_400.0  # seconds that keys are kept, where Google says nothing, and at most
_PAUSE = 60.0  # seconds between two questions: whoever names keys that there are not makes nobody ask more often
_AGE = re.compile(r"max-age=(\d{1,9})")


class Keys:
    """For many threads. `clock` is monotonic."""

    def __init__(self, url: str = URL, clock: Callable[[], float] = time.monotonic) -> None:
        self._url, self._clock = url, clock
        self._lock = threading.Lock()
        self._held: Mapping[str, str] = {}
        self._until = self._again = 0.0

    def get(self, name: str) -> str | None:
        """A certificate in PEM; None where there is none by that name. Raises TryLater where nobody can tell."""
        now = self._clock()
        if now < self._until and (name in self._held or now < self._again):
            return self._held.get(name)
        if now < self._again or not self._lock.acquire(blocking=False):
            raise TryLater("Google's keys are being asked for")
        try:
            self._again = now + _PAUSE
            self._fetch(now)
        finally:
            self._lock.release()
        return self._held.get(name)

    def _fetch(self, now: float) -> None:
        http = Http("Google's keys", private=typed(self._url), limits=Limits(5.0, 5.0, 5.0, body=_MOST))
        try:
            answer = http.ask("GET", self._url)
        finally:
            http.close()
        try:
            self._held = msgspec.json.decode(answer.body, type=dict[str, str])
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
            raise TryLater("not Google answers with its keys; a network's sign-in page?") from None
        found = _AGE.search(answer.headers.get("cache-control", ""))
        self._until = now + min(float(found[1]) if found else _USUAL, _LONGEST)
