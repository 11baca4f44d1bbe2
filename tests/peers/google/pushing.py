"""Notifications as Google sends them: of mail through Pub/Sub, signed; of calendars through channels.

https://developers.google.com/workspace/gmail/api/guides/push, …/calendar/api/guides/push and
https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from tests.peers.google.call import Call
from tests.peers.google.clock import Clock, rfc3339
from tests.peers.google.failures import ApiError, invalid, not_found
from tests.peers.post import Letter, Post

if TYPE_CHECKING:
    from tests.peers.google.world import World

Json = dict[str, Any]
WEEK = 7 * 86_400
CERTS = "/oauth2/v1/certs"


class Signer:
    """A key of Google's own, with the certificate that is published for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().issuer_name(who).subject_name(who).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(1))
        signed = made.not_valid_after(now + timedelta(30)).sign(key, hashes.SHA256())
        self.certificate = signed.public_bytes(serialization.Encoding.PEM).decode()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        library: Any = crypt.RSASigner
        self._signer = library.from_string(pem, name)

    def token(self, claims: Mapping[str, Any]) -> str:
        library: Any = jwt
        token: bytes = library.encode(self._signer, dict(claims))
        return token.decode()


@cache
def signer(name: str = "key1") -> Signer:
    """Made once: it takes a while."""
    return Signer(name)


class Push(NamedTuple):
    """A push subscription at Pub/Sub. `sender`: the service account whose tokens it sends along."""

    endpoint: str
    sender: str = "push@project.iam.gserviceaccount.com"

    def claims(self, now: float) -> Json:
        return {
            "iss": "https://accounts.google.com", "aud": self.endpoint, "azp": "113774264463038321964",
            "sub": "113774264463038321964", "email": self.sender, "email_verified": True, "iat": int(now),
            "exp": int(now) + 3600,
        }  # fmt: skip


@dataclass
class Watch:
    topic: str
    until: float
    told: int = -1


@dataclass
class Channel:
    id: str
    calendar: str
    resource: str
    address: str
    token: str
    until: float
    told: int
    number: int = 0


@dataclass
class Pushing:
    """`topics`: what is pushed where, by the name of the topic. `lifetime`: the longest that a channel may last."""

    clock: Clock
    post: Post = field(default_factory=Post)
    topics: dict[str, Push] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    lifetime: float = WEEK
    unwatchable: frozenset[str] = frozenset()
    made: int = 0

    def letters(self, world: World) -> list[Letter]:
        """What there is to tell by now."""
        now, found = self.clock.now(), []
        for address, watch in self.watches.items():
            history = world.mail(address).history
            if watch.until > now and watch.told != history:
                watch.told = history
                found += self.mail_news(watch.topic, address, history)
        for channel in self.channels.values():
            sequence = world.calendars[channel.calendar].sequence
            if channel.until > now and (channel.told != sequence or not channel.number):
                channel.told = sequence
                found.append(self.channel_news(channel))
        return found

    def mail_news(self, topic: str, address: str, history: int) -> list[Letter]:
        push = self.topics.get(topic)
        if push is None:
            return []
        self.made += 1
        token = signer().token(push.claims(time.time()))  # who receives it has the clock of the machine
        return [pubsub(push.endpoint, token, {"emailAddress": address, "historyId": history}, str(self.made))]

    def channel_news(self, channel: Channel) -> Letter:
        """The first message is numbered 1 and says `sync`."""
        channel.number += 1
        until = datetime.fromtimestamp(channel.until, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return Letter(channel.address, {
            "X-Goog-Channel-ID": channel.id, "X-Goog-Channel-Token": channel.token, "X-Goog-Channel-Expiration": until,
            "X-Goog-Resource-State": "sync" if channel.number == 1 else "exists",
            "X-Goog-Resource-ID": channel.resource,
            "X-Goog-Resource-URI": f"https://www.googleapis.com/calendar/v3/calendars/{channel.calendar}/events?alt=json",
            "X-Goog-Message-Number": str(channel.number), "User-Agent": "APIs-Google",
        }, b"")  # fmt: skip


def pubsub(endpoint: str, token: str, data: Json, number: str = "1") -> Letter:
    """https://docs.cloud.google.com/pubsub/docs/push#receive_push."""
    published = rfc3339(time.time())
    body = {
        "message": {
            "data": b64encode(json.dumps(data).encode()).decode(), "messageId": number, "message_id": number,
            "publishTime": published, "publish_time": published,
        },
        "subscription": "projects/project/subscriptions/amity",
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "User-Agent": "APIs-Google"}
    return Letter(endpoint, headers, json.dumps(body).encode())


def watch(call: Call) -> Json:
    topic, pushing = str(call.body.get("topicName", "")), call.world.pushing
    if topic not in pushing.topics:
        raise ApiError(404, "notFound", f"Resource not found (resource={topic.rpartition('/')[2]}).")
    until = pushing.clock.now() + WEEK
    pushing.watches[call.account.address] = Watch(topic, until)  # the first notification comes at once
    return {"historyId": str(call.account.mail.history), "expiration": str(int(until * 1000))}


def stop(call: Call) -> Json:
    call.world.pushing.watches.pop(call.account.address, None)
    return {}


def events_watch(call: Call) -> Json:
    pushing, name, body = call.world.pushing, call.path["calendarId"], call.body
    name = call.account.address if name == "primary" else name
    calendar = call.world.calendars.get(name)
    if calendar is None or call.account.address not in calendar.roles:
        raise not_found()
    if name in pushing.unwatchable:
        raise ApiError(400, "pushNotSupportedForRequestedResource", "Push notifications are not supported by it.")
    if body.get("type") not in {"web_hook", "webhook"}:
        raise invalid("type", "Unknown channel type.")
    if not str(body.get("address", "")).startswith("https://"):
        raise ApiError(400, "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {body.get('address')}")
    own = str(body.get("id", ""))
    if not own or own in pushing.channels:
        raise ApiError(400, "channelIdNotUnique", f"Channel id {own} not unique")
    asked = float(body.get("params", {}).get("ttl", WEEK))
    until = pushing.clock.now() + min(asked, pushing.lifetime)
    resource = f"r{len(pushing.channels)}-{calendar.id}"
    made = Channel(own, name, resource, body["address"], str(body.get("token", "")), until, calendar.sequence)
    pushing.channels[own] = made
    return {
        "kind": "api#channel", "id": own, "resourceId": resource, "token": made.token,
        "resourceUri": f"https://www.googleapis.com/calendar/v3/calendars/{name}/events?alt=json",
        "expiration": str(int(until * 1000)),
    }  # fmt: skip


def channels_stop(call: Call) -> Json:
    held = call.world.pushing.channels.get(str(call.body.get("id", "")))
    if held is None or held.resource != call.body.get("resourceId"):
        raise ApiError(404, "notFound", f"Channel '{call.body.get('id')}' not found for project '1'")
    del call.world.pushing.channels[held.id]
    return {}


METHODS = {
    "gmail.users.watch": watch, "gmail.users.stop": stop, "calendar.events.watch": events_watch,
    "calendar.channels.stop": channels_stop,
}  # fmt: skip
