"""A kind of account for processes of their own: what it shows, and how it misbehaves, stands in a file.

`world.json`: `meetings` (how many), `poison` (whoever reads it is killed), `block` (it never answers), `slow` (seconds
of each page), `fail` (it is out of order).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any

import msgspec

from connectors import registry
from connectors.credentials.secret import Secret
from connectors.errors import TryLater
from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync.port import Connector, Kind
from connectors.sync.provider import Config, Provider


class FileConfig(Config, frozen=True, kw_only=True):
    folder: Annotated[str, msgspec.Meta(description="where world.json is")]


class _World:
    def __init__(self, folder: str) -> None:
        self.path = Path(folder) / "world.json"
        self.server = MemoryServer(page=20)
        self.server.make("work", Kind.CALENDAR)
        for number in range(self.said()["meetings"]):
            self.server.put("work", Entry(f"meeting-{number}", f"CANARYTITLE {number}"))
        self.server.on_request = self.misbehave

    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.path.read_text())
        return {"meetings": 0} | said

    def misbehave(self, _: str) -> None:
        said = self.said()
        if said.get("poison"):
            os.kill(os.getpid(), signal.SIGKILL)
        if said.get("block"):
            left, right = socket.socketpair()
            with left, right:
                left.recv(1)
        if said.get("fail"):
            raise TryLater("CANARYSENTENCE of nobody@canary.example: it is out of order", 3_600)
        time.sleep(said.get("slow", 0))


def _open(config: FileConfig, secret: Secret | None, *, source: str, name: str) -> Connector:
    assert secret is None
    connector = MemoryConnector(_World(config.folder).server, name)
    connector.source = source
    return connector


def _check(config: FileConfig, secret: Secret | None) -> Sequence[str]:
    assert secret is None
    return [config.folder]


PROVIDER = Provider("pretended", "meetings in a file", FileConfig, _open, _check)


def install() -> None:
    """Make it a kind of account of this process, beside the others."""
    real = registry._found()
    point = EntryPoint("pretended", f"{__name__}:PROVIDER", registry.GROUP)
    registry._found = cache(lambda: {**real, "pretended": point})
