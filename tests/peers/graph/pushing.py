"""Subscriptions and their notifications, as Graph makes them (https://learn.microsoft.com/graph/api/resources/subscription,
…/graph/change-notifications-delivery-webhooks and …/graph/change-notifications-lifecycle-events)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.peers.google.clock import Clock
from tests.peers.graph.authority import TENANT
from tests.peers.graph.call import Request, segments
from tests.peers.graph.documented import problems
from tests.peers.graph.failures import GraphError, bad_request, denied
from tests.peers.graph.feed import Feed
from tests.peers.graph.user import User
from tests.peers.post import OUTSIDE, Letter, Post

if TYPE_CHECKING:
    from tests.peers.graph.world import World

Json = dict[str, Any]
_KINDS = {"messages": "Mail", "events": "Calendars", "contacts": "Contacts"}  # and the first words of their scopes
_TYPES = {"messages": "Message", "events": "Event", "contacts": "Contact"}
_CHANGES = {"entered": "created", "changed": "updated", "left": "deleted"}
_WANTED = {"changeType", "notificationUrl", "resource", "expirationDateTime"}


@dataclass
class Subscription:
    """`told`: the number of the last change that was told of."""

    id: str
    user: User
    kind: str
    body: Json
    until: float
    told: int


@dataclass
class Pushing:
    """`longest`: minutes that a subscription may last. `tenant`: of who is subscribed."""

    clock: Clock
    post: Post = field(default_factory=Post)
    held: dict[str, Subscription] = field(default_factory=dict)
    longest: float = 4230.0
    validations: int = 0

    def letters(self) -> list[Letter]:
        """What there is to tell by now: a letter for each subscription."""
        found = []
        for held in self.held.values():
            changes = {kind for number, kind in _since(held) if number > held.told}
            wanted = sorted(changes & set(held.body["changeType"].split(",")))
            held.told = max([held.told, *(number for number, _ in _since(held))])
            if held.until > self.clock.now() and wanted:
                found.append(self.letter([self.notification(held, kind) for kind in wanted], held.body))
        return found

    def notification(self, held: Subscription, kind: str) -> Json:
        own = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{held.id} {held.told}"))
        resource = f"Users/{held.user.id}/{_TYPES[held.kind]}s/{own}"
        data = {"@odata.type": f"#Microsoft.Graph.{_TYPES[held.kind]}", "@odata.id": resource, "@odata.etag": 'W/"x"',
                "id": own}  # fmt: skip
        return self._common(held) | {"changeType": kind, "resource": resource, "resourceData": data}

    def lifecycle(self, held: Subscription, event: str) -> Letter:
        """`event`: missed, subscriptionRemoved, reauthorizationRequired."""
        said = self._common(held) | {"lifecycleEvent": event, "resource": held.body["resource"]}
        return self.letter([said], held.body, "lifecycleNotificationUrl")

    def letter(self, said: Iterable[Json], body: Json, to: str = "notificationUrl") -> Letter:
        told = list(said)
        plain = [each | {"resourceData": {"id": each.get("resourceData", {}).get("id")}} for each in told]
        wrong = [one for each in plain for one in problems("changeNotification", each)]
        if wrong:
            raise ValueError(wrong)
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return Letter(body[to], kind, json.dumps({"value": told}).encode())

    def valid(self, url: str) -> bool:
        """Whether the address gives the token back, as plain text."""
        self.validations += 1
        token = f"Validation: Testing client application reachability for subscription Request-Id: {uuid.uuid4()}"
        letter = Letter(f"{url}?validationToken={quote(token, safe='')}", {"Content-Type": "text/plain"}, b"")
        said = self.post.deliver(letter)
        return said.status == 200 and said.kind.startswith("text/plain") and said.body.decode() == token

    def _common(self, held: Subscription) -> Json:
        return {
            "subscriptionId": held.id, "subscriptionExpirationDateTime": _stamp(held.until), "tenantId": TENANT,
            "clientState": held.body.get("clientState"),
        }  # fmt: skip


def is_ours(request: Request) -> bool:
    return segments(request.target)[:1] == ["subscriptions"]


def answered(world: World, request: Request) -> tuple[int, Json | None]:
    """Status and body. Raises GraphError."""
    grant = world.authority.holder(request.headers.get("authorization", ""))
    steps, pushing = segments(request.target), world.pushing
    if request.verb == "POST" and len(steps) == 1:
        return 201, _made(world, grant.user, grant.scopes, json.loads(request.body))
    held = pushing.held.get(steps[1]) if len(steps) == 2 else None
    if held is None or held.user is not grant.user or held.until <= pushing.clock.now():
        raise GraphError(404, "ResourceNotFound", "The object was not found.")
    if request.verb == "DELETE":
        del pushing.held[held.id]
        return 204, None
    if request.verb != "PATCH":
        raise denied()
    held.until = _until(pushing, json.loads(request.body))
    return 200, _shown(held)


def _made(world: World, user: User, scopes: Iterable[str], body: Json) -> Json:
    pushing = world.pushing
    if wrong := problems("subscription", body):
        raise bad_request(wrong[0])
    if missing := _WANTED - body.keys():
        raise bad_request(f"Subscription {min(missing)} is required", "InvalidRequest")
    kind = str(body["resource"]).removeprefix("me/")
    if kind not in _KINDS:
        raise bad_request(f"Resource not found for the segment '{kind}'.")
    if not any(scope.split(".")[0] == _KINDS[kind] for scope in scopes):
        raise denied()
    if len(body.get("clientState", "")) > 128:
        raise bad_request("clientState is longer than 128 characters", "InvalidRequest")
    until = _until(pushing, body)
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        url = body.get(name, OUTSIDE)
        if not url.startswith("https://"):
            raise bad_request("Subscription notification url must begin with https", "InvalidRequest")
        if name in body and not pushing.valid(url):
            raise bad_request("Subscription validation request failed.", "ValidationError")
    made = Subscription(str(uuid.uuid4()), user, kind, body, until, 0)
    made.told = max([0, *(number for number, _ in _since(made))])
    pushing.held[made.id] = made
    return _shown(made)


def _until(pushing: Pushing, body: Json) -> float:
    until = datetime.fromisoformat(body["expirationDateTime"]).timestamp()
    left = (until - pushing.clock.now()) / 60
    if not 0 < left <= pushing.longest:
        message = f"Subscription expiration can only be {pushing.longest:.0f} minutes in the future."
        raise bad_request(message if left > 0 else "Subscription expiration is in the past.", "ExtensionError")
    return until


def _shown(held: Subscription) -> Json:
    """As it is documented: the clientState is shown to who made it alone, which is this one."""
    said = {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity", "id": held.id,
        "applicationId": "11111111-2222-3333-4444-555555555555", "creatorId": held.user.id, **held.body,
        "expirationDateTime": _stamp(held.until), "latestSupportedTlsVersion": "v1_2", "includeResourceData": None,
        "encryptionCertificate": None, "encryptionCertificateId": None, "notificationQueryOptions": None,
        "notificationUrlAppId": None,
    }  # fmt: skip
    if wrong := problems("subscription", said):
        raise ValueError(wrong)
    return said


def _since(held: Subscription) -> list[tuple[int, str]]:
    """Every change of what is subscribed to: its number, and what kind it is."""
    user = held.user
    feeds: list[Feed] = []
    if held.kind == "messages":
        feeds = [folder.feed for folder in user.mail.folders.values()]
    elif held.kind == "events":
        feeds = [calendar.feed for calendar in user.calendars.calendars.values()]
    else:
        feeds = [folder.feed for folder in user.contacts.folders.values()]
    return [(change.number, _CHANGES[change.kind]) for feed in feeds for change in feed.log]


def _stamp(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"
