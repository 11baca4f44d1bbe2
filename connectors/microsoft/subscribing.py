"""Graph's notifications of mail, events and contacts: one subscription for each, for the whole mailbox.

https://learn.microsoft.com/graph/change-notifications-overview and …/graph/change-notifications-lifecycle-events
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.errors import Refused, TryLater
from connectors.http import READING, Http
from connectors.microsoft.refusals import Answered, refusal
from connectors.microsoft.renewing import Renewing
from connectors.microsoft.scopes import Feature
from connectors.net import typed
from connectors.notified import changes
from connectors.notified.port import GRAPH, Made, Place, key_of, new_secret, proof_of

# A subscription to Outlook's items may last 4,230 minutes in some clouds and 10,080 in others
# (https://learn.microsoft.com/graph/api/resources/subscription, "Subscription lifetime"): less than the first by more
# than an hour, so that it may be asked for with a clock that is wrong by one.
LASTS_MS = 4_080 * 60_000
OTHERS = "calendar:others"
# What is subscribed to, and which changes of it: mail that is read, flagged or filed is not news.
_WATCHED = {
    "mail": ("me/messages", "created,deleted"),
    "calendar": ("me/events", "created,updated,deleted"),
    "contacts": ("me/contacts", "created,updated,deleted"),
}
_NAMES = {
    Feature.WORDS: "mail", Feature.METADATA: "mail", Feature.CALENDAR: "calendar", Feature.CONTACTS: "contacts",
    Feature.SHARED: OTHERS, Feature.SHARED_WORDS: OTHERS, Feature.SHARED_METADATA: OTHERS,
}  # fmt: skip
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_ANSWERS = range(400, 600)
_OK, _NOT_FOUND = 300, 404


class GraphSubscriber:
    """A `Subscriber`. `given`: what the person let be read; `base`: as of `connectors.microsoft.graph.Graph`."""

    def __init__(
        self, auth: Renewing, name: str, given: Collection[Feature], *, base: str,
        wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._name, self._given, self._base, self._wall = name, given, base, wall
        self._http = Http(
            name, verbs=READING, changes=changes.graph(base), auth=auth, home=[base], private=typed(base), wall=wall
        )  # fmt: skip

    def names(self, streams: Collection[str]) -> Sequence[str]:  # noqa: ARG002  one shape
        return sorted({_NAMES[feature] for feature in self._given})

    def make(self, name: str, place: Place) -> Made:
        """Graph tries the address before it answers: who receives must be there already."""
        if name == OTHERS:
            raise Refused(f"{self._name}: Microsoft tells nobody of mail and calendars of others; they are read")
        resource, kinds = _WATCHED[name]
        secret, url = new_secret(), place.of(GRAPH)
        said = self._ask(changes.POST, "", {
            "changeType": kinds, "notificationUrl": url, "lifecycleNotificationUrl": url, "resource": resource,
            "expirationDateTime": self._until(), "clientState": secret,
        })  # fmt: skip
        own = said.get("id")
        if not isinstance(own, str) or not own:
            raise TryLater(f"{self._name}: Microsoft Graph answers with a subscription that is none")
        return self._made(key_of(GRAPH, own), said, proof_of(secret))

    def renew(self, name: str, held: Made, place: Place) -> Made | None:  # noqa: ARG002  one shape
        """It authorises anew, too (…/change-notifications-lifecycle-events, "Renew the subscription")."""
        try:
            said = self._ask(changes.PATCH, self._path(held), {"expirationDateTime": self._until()})
        except Answered as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return self._made(held.id, said, held.proof)

    def end(self, name: str, held: Made) -> None:  # noqa: ARG002  one shape
        try:
            self._ask(changes.DELETE, self._path(held))
        except Answered as error:
            if error.status != _NOT_FOUND:
                raise

    def close(self) -> None:
        self._http.close()

    def _path(self, held: Made) -> str:
        return "/" + held.id.removeprefix(key_of(GRAPH, ""))

    def _until(self) -> str:
        end = datetime.fromtimestamp(self._wall() + LASTS_MS / 1000, UTC)
        return end.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _made(self, own: str, said: dict[str, Any], proof: str) -> Made:
        now = int(self._wall() * 1000)
        ends = min(_instant_ms(said.get("expirationDateTime")) or now + LASTS_MS, now + 2 * LASTS_MS)
        return Made(own, "", proof, ends, now + max(ends - now, 0) // 2, heard=True)

    def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The object that came; empty where nothing did."""
        data = msgspec.json.encode(body) if body is not None else b""
        url = f"{self._base}/subscriptions{path}"
        answer = self._http.ask(verb, url, headers=_JSON, body=data, returns=_ANSWERS)
        if answer.status >= _OK:
            raise refusal(answer, name=self._name, wall=self._wall(), link=False)
        try:
            document = msgspec.json.decode(answer.body) if answer.body else {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            document = None
        if not isinstance(document, dict):
            raise TryLater(f"{self._name}: not Microsoft Graph answers; a network's sign-in page?")
        return document


def _instant_ms(text: object) -> int:
    """An instant as Graph writes it, with up to seven digits behind the seconds; 0 for what is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return 0
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
