"""A real pymap for tests: an IMAP server without CONDSTORE, QRESYNC and SPECIAL-USE, with ids of mailboxes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.peers import daemon

USER, PASSWORD = "demouser", "demopass"


class Pymap(NamedTuple):
    """A running server with one user."""

    port: int


def program() -> Path | None:
    """Where it is installed; None where it is not."""
    beside = Path(sys.executable).parent / "pymap"
    found = str(beside) if beside.exists() else shutil.which("pymap")
    return Path(found) if found else None


@contextmanager
def running(command: Path) -> Iterator[Pymap]:
    """Start a server with an empty mailbox in memory; stop it at the end."""
    port = daemon.free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "sieve", "--no-service", "admin"]
    account = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    with daemon.folder("pymap") as folder, daemon.running(
        [sys.executable, command, *options, *account], port, folder / "output.log"
    ):
        yield Pymap(port)
