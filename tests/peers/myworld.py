"""myworld (PyPI): Google's calendars, sync tokens and faults by other people's hands. `.ci/peers` installs it.

It is optional, started as a process and nothing else: its wheel names no licence, so nothing of it is ever copied.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from tests.peers.daemon import folder, free_port, give, running

HOME = Path(__file__).resolve().parents[2] / ".peers" / "myworld"
ABSENT = "myworld is not here; .ci/peers installs it"
ME = "me@example.com"
NOW = "2026-09-21T14:13:20Z"  # as in our fake; without it, what is seeded is moved to the wall clock by whole weeks
_NUMBERS = count(1)


class World(NamedTuple):
    """`token` opens every service; `home`: the path before that of a service, by its host."""

    port: int
    name: str
    token: str

    def home(self, host: str) -> str:
        return f"/gw/{host}"

    def faults(self, service: str, *faults: dict[str, Any]) -> None:
        """`tool`: glob of an operation (gmail.users.messages.get); `kind`: rate_limit, unavailable, …; `on_call`."""
        send(self.port, "PUT", f"/instances/{self.name}-{service}/faults", list(faults))

    def advance(self, seconds: int) -> None:
        send(self.port, "POST", f"/envs/{self.name}/advance", {"seconds": seconds})


@contextmanager
def serving() -> Iterator[int]:
    """The server, which has many worlds; its port."""
    with folder("myworld") as home:
        certificates = home / "ca"
        certificates.mkdir()
        give(certificates)
        port = free_port()
        command: list[str | Path] = [
            sys.executable, "-c", "from myworld.cli import main; main()", "serve", "--port", str(port),
            "--no-passthrough", "--ca-dir", certificates,
        ]  # fmt: skip
        with running(command, port, home / "server.log", {"PYTHONPATH": str(HOME), "PYTHONDONTWRITEBYTECODE": "1"}):
            yield port


def new_world(port: int) -> World:
    """A world of one person, with a mailbox and a calendar that are empty."""
    name = f"t{next(_NUMBERS)}"
    made = send(port, "POST", "/envs", {"id": name, "spec": _spec(name)})
    return World(port, name, made["credentials"]["agent"]["google_access_token"])


def _spec(name: str) -> dict[str, Any]:
    user = {"user": {"email": ME, "name": "Me"}}
    seeds = {"gmail": user, "calendar": {**user, "timeZone": "Europe/Berlin"}}
    servers = {service: {"seed": seed} for service, seed in seeds.items()}
    agents = {"agent": {"as": ME, "servers": list(servers)}}
    return {"name": name, "now": NOW, "time": "virtual", "servers": servers, "agents": agents}


def send(port: int, verb: str, path: str, body: object) -> Any:
    """One request to the world itself, not to a service in it."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(verb, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    assert answer.status < 300, (answer.status, content)
    return json.loads(content)
