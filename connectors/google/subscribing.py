"""Google's notifications: of mail through a topic of Pub/Sub, of each calendar to an address; contacts have none.

https://developers.google.com/workspace/gmail/api/guides/push and …/calendar/api/guides/push
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.errors import Refused, TryLater
from connectors.google.endpoints import APIS, Api, address
from connectors.google.refusals import Answered, refusal
from connectors.google.renewing import Renewing
from connectors.google.scopes import Feature
from connectors.http import READING, Http
from connectors.net import typed
from connectors.notified import changes
from connectors.notified.port import CHANNEL, DAY_MS, GMAIL, Made, Place, key_of, new_secret, proof_of

MAIL, CALENDAR = "mail", "calendar:"  # the names: the first, or the second before a calendar's id
LASTS_MS = 7 * DAY_MS  # of a watch: Gmail's rule; of a channel: what is asked for
_AGAIN_MS = DAY_MS  # a watch is asked for anew each day, as Gmail advises
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_ANSWERS = range(400, 600)
_OK = 300
_GONE = frozenset({404, 410})


class GoogleSubscriber:
    """A `Subscriber`. `given`: what the person let be read; `endpoint`: as of `connectors.google.client.Client`."""

    def __init__(
        self, auth: Renewing, name: str, given: Collection[Feature], *, endpoint: str = "",
        wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._name, self._given, self._wall = name, frozenset(given), wall
        self._gmail, self._calendar = address(APIS["gmail"], endpoint), address(APIS["calendar"], endpoint)
        self._http = Http(
            name, verbs=READING, changes=(*changes.gmail(self._gmail), *changes.calendar(self._calendar)), auth=auth,
            home=[self._gmail, self._calendar], private=typed(endpoint) if endpoint else (), wall=wall,
        )  # fmt: skip

    def names(self, streams: Collection[str]) -> Sequence[str]:
        mail = [MAIL] if self._given & {Feature.WORDS, Feature.METADATA} else []
        return mail + sorted(one for one in streams if one.startswith(CALENDAR))

    def make(self, name: str, place: Place) -> Made:
        return self._watch(place) if name == MAIL else self._channel(name.removeprefix(CALENDAR), place)

    def renew(self, name: str, held: Made, place: Place) -> Made | None:
        """A watch is asked for again. A channel cannot be prolonged: another takes its place."""
        made = self.make(name, place)
        if name != MAIL:
            self.end(name, held)
        return made

    def end(self, name: str, held: Made) -> None:
        if name == MAIL:
            self._ask("gmail", changes.POST, f"{self._gmail}gmail/v1/users/me/stop")
            return
        channel = {"id": held.id.removeprefix(key_of(CHANNEL, "")), "resourceId": held.remote}
        try:
            self._ask("calendar", changes.POST, f"{self._calendar}channels/stop", channel)
        except Answered as error:
            if error.status not in _GONE:
                raise

    def close(self) -> None:
        self._http.close()

    def _watch(self, place: Place) -> Made:
        if not place.topic:
            raise Refused(f"{self._name}: new mail is not told of: the settings name no [push] topic")
        who = self._ask("gmail", "GET", f"{self._gmail}gmail/v1/users/me/profile").get("emailAddress")
        said = self._ask("gmail", changes.POST, f"{self._gmail}gmail/v1/users/me/watch", {"topicName": place.topic})
        if not isinstance(who, str) or not who:
            raise TryLater(f"{self._name}: Gmail does not say whose mail this is; it is asked again later")
        now = self._now_ms()
        return Made(key_of(GMAIL, who.lower()), "", "", self._ends(said, now), now + _AGAIN_MS)

    def _channel(self, calendar: str, place: Place) -> Made:
        secret, own = new_secret(), uuid.uuid4().hex
        wanted = {
            "id": own, "type": "web_hook", "address": place.of(CHANNEL), "token": secret,
            "params": {"ttl": str(LASTS_MS // 1000)},
        }  # fmt: skip
        url = f"{self._calendar}calendars/{quote(calendar, safe='')}/events/watch"
        said = self._ask("calendar", changes.POST, url, wanted)
        now = self._now_ms()
        ends = self._ends(said, now)
        remote = str(said.get("resourceId") or "")
        return Made(key_of(CHANNEL, own), remote, proof_of(secret), ends, now + max(ends - now, 0) // 2)

    def _ends(self, said: dict[str, Any], now: int) -> int:
        """When it ends: as Google says, and never later than by its own rules."""
        found = str(said.get("expiration") or "")
        return min(int(found) if found.isascii() and found.isdigit() else now + LASTS_MS, now + 2 * LASTS_MS)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)

    def _ask(self, api: str, verb: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The object that came; empty where nothing did."""
        what: Api = APIS[api]
        data = msgspec.json.encode(body) if body is not None else b""
        answer = self._http.ask(verb, url, headers=_JSON, body=data, returns=_ANSWERS)
        if answer.status >= _OK:
            raise refusal(answer, name=self._name, what=what.title, wall=self._wall())
        try:
            document = msgspec.json.decode(answer.body) if answer.body else {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            document = None
        if not isinstance(document, dict):
            raise TryLater(f"{self._name}: not {what.title} answers; a network's sign-in page?")
        return document
