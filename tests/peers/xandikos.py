"""Xandikos: bad tokens are 412; asked with a limit, it cuts the answer short and gives the final token all the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.daemon import folder, free_port, program, running
from tests.peers.dav import DavServer


@contextmanager
def xandikos() -> Iterator[DavServer]:
    """A new server with an empty calendar and an empty address book besides what a test makes."""
    with folder("xandikos") as home:
        port, log = free_port(), home / "server.log"
        command = [
            sys.executable, str(program("xandikos")), "serve", "--listen-address", "127.0.0.1", "--port", str(port),
            "--directory", str(home / "data"), "--state-dir", str(home / "state"), "--autocreate", "--defaults",
            "--current-user-principal", "/user/", "--no-detect-systemd",
        ]  # fmt: skip
        with running(command, port, log):
            url = f"http://127.0.0.1:{port}"
            server = DavServer("xandikos", url, "alice", "secret", "/user/calendars/", "/user/contacts/", log)
            try:
                yield server
            finally:
                server.close()
