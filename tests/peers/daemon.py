"""Servers for tests: real programs, unprivileged, on loopback, ended by their process id."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

_MEMORY = Path("/dev/shm")  # noqa: S108  each folder in it has a name that nobody can foresee
_FIRST_PORT, _PORTS_EACH = 20_000, 1_500  # Linux gives connections 32,768 and more (ip_local_port_range)
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw")) % 8
_PORTS = cycle(
    _FIRST_PORT + _WORKER * _PORTS_EACH + (os.getpid() + offset) % _PORTS_EACH for offset in range(_PORTS_EACH)
)
_ROOM = 1 << 30  # bytes; containers often have 64 MB there


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A folder that the server's user may write.

    In memory where there is room: servers wait for the disk at each change, and nothing here outlives its test.
    """
    os.umask(0o022)  # a command that ran in this process has made everything after it private: servers must read theirs
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    made = Path(tempfile.mkdtemp(prefix=f"amity-{name}-", dir=_MEMORY if roomy else None))
    made.chmod(0o755)
    give(made)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def give(path: Path) -> None:
    """Root gives a file or folder to the user that servers run as."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def user() -> str:
    """Whom servers run as."""
    return "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def program(name: str) -> Path | None:
    """A program of the development environment; the one that holds our wheel has its packages, but not its programs."""
    beside = (Path(sys.executable).parent, Path(__file__).parents[2] / ".venv" / "bin")
    found = next((folder / name for folder in beside if (folder / name).exists()), None) or shutil.which(name)
    return None if found is None else Path(found)


def free_port() -> int:
    """A port that nobody has, below those that the system gives to connections: one of these could take it meanwhile.

    Each process of the tests has a range of its own, and goes through it.
    """
    while True:
        port = next(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(
    command: Sequence[str | Path], port: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server and wait until it takes connections; what it prints goes to `log`."""
    identity = _identity(Path(command[0]))
    with log.open("ab") as output:
        server = subprocess.Popen(
            list(command), stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=log.parent,
            env={"PATH": os.environ["PATH"], "HOME": str(log.parent), "LANG": "C.UTF-8", **(environment or {})},
            start_new_session=True,  # Cyrus ends its process group, whoever is in it
            **identity,
        )  # fmt: skip
    try:
        _wait(port, server, log)
        yield server
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
        server.wait()


def _identity(program: Path) -> dict[str, Any]:
    """Root becomes nobody, unless the program lies below a folder that only root may enter."""
    if os.geteuid() != 0 or not all(parent.stat().st_mode & 0o001 for parent in program.resolve().parents):
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 90  # RabbitMQ needs six seconds of a machine that does nothing else
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
