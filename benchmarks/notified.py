"""What the door for notifications takes: requests a second of each sender, and what slow clients beside it cost.

    python -m benchmarks.notified [1000]

The client is in the same process, and opens a connection for each request.
"""

from __future__ import annotations

import http.client
import json
import resource
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack

from connectors.notified.door import Door
from connectors.notified.gmail import Expected
from connectors.notified.server import receiving
from tests.connectors.notified.test_door import AUDIENCE, SENDER, Known, claims
from tests.peers.google.pushing import pubsub, signer

SLOW = 250
NEWS = {"emailAddress": "me@example.com", "historyId": 1}


def main(count: int) -> None:
    graph = json.dumps({"value": [{"subscriptionId": "s", "clientState": "x"}]}).encode()
    good, bad = (pubsub(AUDIENCE, one.token(claims()), NEWS) for one in (signer(), signer("forger")))
    with ExitStack() as stack:
        door = Door(Expected(AUDIENCE, SENDER), Known(), lambda _: None)
        port = stack.enter_context(receiving("127.0.0.1:0", door))
        for name, path, body, headers in (
            ("graph", "/graph", graph, {}), ("gmail", "/gmail", good.body, good.headers),
            ("gmail, forged", "/gmail", bad.body, bad.headers),
        ):  # fmt: skip
            began = time.monotonic()
            for _ in range(count):
                ask(port, path, body, headers)
            _say(f"{name}: {count / (time.monotonic() - began):,.0f} a second")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(SLOW):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            slow.sendall(b"POST /graph HTTP/1.1\r\nX: y\r\n")
        began = time.monotonic()
        ask(port, "/graph", graph, {})
        took, more = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        _say(f"beside {SLOW} that trickle: {took * 1000:.0f} ms for one more, {more / 1024:.1f} MB")


def ask(port: int, path: str, body: bytes, headers: Mapping[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, body, headers)
        connection.getresponse().read()
    finally:
        connection.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
