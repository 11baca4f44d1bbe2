"""The guard that proves of other tests that they ask nobody but this machine."""

from __future__ import annotations

import socket

import pytest

from connectors.errors import TryLater
from connectors.google.endpoints import APIS, address
from connectors.http import READING, Http
from tests.peers.google import serving
from tests.peers.loopback import only_loopback


def test_what_is_here_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with only_loopback(monkeypatch) as tried, serving() as google:
        socket.create_connection(("localhost", google.port), 5).close()
    assert tried == []


@pytest.mark.parametrize("host", ["gmail.googleapis.com", "192.0.2.1", "2001:db8::1"])
def test_what_is_elsewhere_may_not(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with only_loopback(monkeypatch) as tried, pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, 443), 1)
    assert tried == [host]


def test_a_connector_cannot_hide_that_it_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    http = Http("test", verbs=READING, home=[address(APIS["gmail"], "")])
    with only_loopback(monkeypatch) as tried, pytest.raises(TryLater):
        http.ask("GET", f"{address(APIS['gmail'], '')}gmail/v1/users/me/profile")
    http.close()
    assert tried == ["gmail.googleapis.com"]
