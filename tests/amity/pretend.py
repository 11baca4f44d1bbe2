"""A kind of account without a network: the connector in memory behind a user name and a password."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from typing import Annotated

import msgspec
import pytest

from connectors import registry
from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync.port import Connector, Kind
from connectors.sync.provider import Config, Provider

PASSWORD = "correct-horse-battery"  # noqa: S105  of a server in memory
SERVERS: dict[str, MemoryServer] = {}


class MemoryConfig(Config, frozen=True, kw_only=True):
    host: Annotated[str, msgspec.Meta(description="the server in memory")]
    user: Annotated[str, msgspec.Meta(description="your name there")] = ""
    port: Annotated[int, msgspec.Meta(description="the port")] = 0
    tls: Annotated[bool, msgspec.Meta(description="encrypt")] = True
    allow_private: Annotated[bool, msgspec.Meta(description="private addresses too")] = False
    path: Annotated[str, msgspec.Meta(description="who knows it may read", extra={"private": True})] = ""

    def __post_init__(self) -> None:
        if "/" in self.host:
            raise ValueError("--host is a name such as memory.example.org")

    def secret(self) -> str:
        return "password" if self.user else ""


def _sign_in(config: MemoryConfig, secret: Secret | None) -> MemoryServer:
    if config.user and (secret is None or secret.reveal() != PASSWORD):
        raise SignInNeeded(f"{config.host} refuses {config.user}: type the right password.")
    if config.host not in SERVERS:
        raise SignInNeeded(f"{config.host} is not there.")
    return SERVERS[config.host]


def _open(config: MemoryConfig, secret: Secret | None, *, source: str, name: str) -> Connector:
    connector = MemoryConnector(_sign_in(config, secret), name)
    assert connector.source == source
    return connector


def _check(config: MemoryConfig, secret: Secret | None) -> Sequence[str]:
    found = _sign_in(config, secret).boxes
    return [f"{len(found)} boxes will be read: {', '.join(found)}", "nothing is ever changed"]


PROVIDER = Provider("memory", "a server in memory", MemoryConfig, _open, _check)


@contextmanager
def server(monkeypatch: pytest.MonkeyPatch, host: str = "memory.example.org") -> Iterator[MemoryServer]:
    """The only kind of account there is, and one server of it with three meetings and a card."""
    point = EntryPoint("memory", f"{__name__}:PROVIDER", registry.GROUP)
    monkeypatch.setattr(registry, "_found", lambda: {"memory": point})
    made = MemoryServer()
    made.make("work", Kind.CALENDAR)
    made.make("cards", Kind.CONTACTS)
    for number in range(3):
        made.put("work", Entry(f"meeting-{number}", f"Talk {number}"))
    made.put("cards", Entry("ana", "Ana Ruiz"))
    SERVERS[host] = made
    try:
        yield made
    finally:
        SERVERS.clear()
