"""A real pymap for tests: an IMAP server without CONDSTORE, QRESYNC and SPECIAL-USE, with ids of mailboxes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.peers.dovecot import free_ports

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
    folder = Path(tempfile.mkdtemp(prefix="amity-pymap-"))
    (port,) = free_ports(1)
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "sieve", "--no-service", "admin"]
    with (folder / "output.log").open("wb") as output:
        server = subprocess.Popen([command, *options, "dict", "--demo-user", USER, "--demo-password", PASSWORD],
                                  stdout=output, stderr=output, cwd=folder)  # fmt: skip
    try:
        _wait(server, port, folder)
        yield Pymap(port)
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(5)
        server.kill()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            if connection.recv(4) == b"* OK":
                return
        time.sleep(0.05)
    raise RuntimeError(f"pymap did not start: {(folder / 'output.log').read_text(errors='replace')}")
