"""A real RabbitMQ for tests, with a node of its own: the system package's."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.peers import daemon

_BIN = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's; the one on the PATH wants to be the system's service


def program() -> Path | None:
    if _BIN.exists():
        return _BIN
    found = shutil.which("rabbitmq-server")
    return None if found is None else Path(found)


class Node:
    """One node, whose files and port stay when it is killed."""

    def __init__(self, server: Path, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port, self._distribution, self._mapper = (daemon.free_port() for _ in range(3))
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}"

    @contextmanager
    def running(self) -> Iterator[Node]:
        """It takes some seconds to start."""
        with daemon.running([self._server], self._port, self._folder / "server.log", self._environment()) as process:
            self._process = process
            yield self

    def kill(self) -> None:
        """As a power cut ends it, with all that it has not written."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end_mapper(self) -> None:
        _end_mapper(self._mapper)

    def _environment(self) -> dict[str, str]:
        folder = self._folder
        return {
            "RABBITMQ_NODENAME": f"amity{os.getpid()}-{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port), "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "db"), "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(folder / "none"), "ERL_EPMD_PORT": str(self._mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/rabbitmq/bin",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +S 1:1",
        }  # fmt: skip


@contextmanager
def node(server: Path) -> Iterator[Node]:
    """A node that is not yet running, and its files."""
    with daemon.folder("rabbitmq") as folder:
        (folder / "plugins").write_text("[].")
        daemon.give(folder / "plugins")
        made = Node(server, folder)
        try:
            yield made
        finally:
            made.end_mapper()


@contextmanager
def running(server: Path) -> Iterator[str]:
    """An empty node on loopback; its address."""
    with node(server) as made, made.running():
        yield made.url


def _end_mapper(port: int) -> None:
    """Erlang's port mapper outlives the node that started it: it is the one process that listens there."""
    hexadecimal = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            lines = [line.split() for line in Path(table).read_text().splitlines()[1:]]
            inodes = {fields[9] for fields in lines if fields[1].endswith(hexadecimal) and fields[3] == "0A"}
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    links = {os.readlink(one) for one in (process / "fd").iterdir()}  # noqa: PTH115  they lead nowhere
                    if any(f"socket:[{inode}]" in links for inode in inodes):
                        os.kill(int(process.name), 15)
