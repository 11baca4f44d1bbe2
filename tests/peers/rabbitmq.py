"""A real RabbitMQ for tests, with a node of its own: the system package's."""

from __future__ import annotations

import os
import shutil
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


@contextmanager
def running(server: Path) -> Iterator[str]:
    """An empty node on loopback; its address. It takes some seconds to start."""
    with daemon.folder("rabbitmq") as folder:
        port, distribution, mapper = daemon.free_port(), daemon.free_port(), daemon.free_port()
        (folder / "plugins").write_text("[].")
        daemon.give(folder / "plugins")
        environment = {
            "RABBITMQ_NODENAME": f"amity{os.getpid()}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port), "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "db"), "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(folder / "none"), "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/rabbitmq/bin",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +S 1:1",
        }  # fmt: skip
        with daemon.running([server], port, folder / "server.log", environment):
            try:
                yield f"amqp://guest:guest@127.0.0.1:{port}"
            finally:
                _end_mapper(mapper)


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
