"""Proof that nothing leaves the machine: what is tried is refused, and told at the end even where it was caught."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest


@contextmanager
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """No connection, no datagram and no question to a name server, but to this machine. What was tried all the same."""
    tried: list[str] = []

    def guard(name: str) -> None:
        plain = getattr(socket.socket, name)

        def guarded(self: socket.socket, *given: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                _refuse(given[-1][0], tried)
            return plain(self, *given)

        monkeypatch.setattr(socket.socket, name, guarded)

    for name in ("connect", "connect_ex", "sendto"):
        guard(name)
    ask = socket.getaddrinfo

    def asked(host: Any, *given: Any, **named: Any) -> Any:
        _refuse(host, tried)
        return ask(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    yield tried


def _refuse(host: str | bytes | None, tried: list[str]) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name == "localhost":
        return
    try:
        near = ip_address(name).is_loopback
    except ValueError:
        near = False
    if not near:
        tried.append(name)
        raise ConnectionRefusedError(f"a test asked for {name}")
