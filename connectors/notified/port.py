"""What a kind of account gives to the program so that its provider tells of news by itself."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from connectors.credentials.secret import Secret
from connectors.sync.provider import C_contra, Keeper

GMAIL, CHANNEL, GRAPH = "gmail", "calendar", "graph"  # who sends; also the last part of the address that it sends to
DAY_MS = 86_400_000


class Place(NamedTuple):
    """Where notifications are sent: an address of ours that is known outside, and a topic of Pub/Sub for Gmail.

    `url` begins with https:// and ends without a slash.
    """

    url: str
    topic: str = ""

    def of(self, sender: str) -> str:
        """The address for what one of the senders tells."""
        return f"{self.url}/{sender}"


class Made(NamedTuple):
    """A subscription that holds. Times in ms since 1970.

    `id`: what its notifications are known by (`key_of`); `remote`: what else it takes to end it; `proof`: see
    `proof_of`; `heard`: the provider has tried the address; else it sends a first notification
    at once, and until that comes nobody relies on it.
    """

    id: str
    remote: str
    proof: str
    expires_ms: int
    renew_ms: int
    heard: bool = False


class Subscriber(Protocol):
    """Asks one account's provider for notifications; for one thread.

    Raises TryLater and SignInNeeded, and for what this subscription alone cannot have other AmityErrors.
    """

    def names(self, streams: Collection[str]) -> Sequence[str]:
        """What is to be told of, where these streams are read. What cannot be told of is among them: `make` says so."""

    def make(self, name: str, place: Place) -> Made:
        """A new subscription."""

    def renew(self, name: str, held: Made, place: Place) -> Made | None:
        """One that lasts longer; None where the provider does not know it any more."""

    def end(self, name: str, held: Made) -> None:
        """No more notifications; well too where the provider does not know it."""

    def close(self) -> None: ...


class SubscriberOpener(Protocol[C_contra]):
    """Makes the subscriber of one account; connects only when it is asked something."""

    def __call__(self, config: C_contra, secret: Secret | None, *, name: str, keeper: Keeper) -> Subscriber: ...


def key_of(sender: str, what: str) -> str:
    """What a notification is known by: the sender, and its name for the subscription."""
    return f"{sender}:{what}"


def new_secret() -> str:
    """What a notification must show: at most 128 letters (Graph's `clientState`)."""
    return secrets.token_urlsafe(32)


def proof_of(secret: str) -> str:
    """What is kept of a secret of 256 bits that chance made: its SHA-256, which needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
