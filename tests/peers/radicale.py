"""Radicale: bad tokens are 403, old deletions stand in an initial listing as 404, a limit is passed over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.daemon import folder, free_port, running
from tests.peers.dav import DavServer


@contextmanager
def radicale(user: str = "alice") -> Iterator[DavServer]:
    """A new server with an empty home; its log names every request."""
    with folder("radicale") as home:
        port, log = free_port(), home / "server.log"
        command = [
            sys.executable, "-m", "radicale", "--config", "", "--hosts", f"127.0.0.1:{port}", "--auth-type", "none",
            "--storage-filesystem-folder", str(home / "collections"), "--rights-type", "owner_only",
            "--logging-level", "info",
        ]  # fmt: skip
        with running(command, port, log):
            server = DavServer(
                "radicale", f"http://127.0.0.1:{port}", user, "secret", f"/{user}/", f"/{user}/", log
            )  # fmt: skip
            try:
                yield server
            finally:
                server.close()
