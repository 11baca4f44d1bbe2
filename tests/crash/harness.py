"""Makes a program crash at every call that changes a file, one after the other. Exhaustive, not by luck.

The program is a parameter: `module:function`, called with strings, which returns an exit code.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
MODES = {"kill": 1, "torn": 2, "eio": 3, "enospc": 4}  # as in shim.c


class Crash(NamedTuple):
    """How a run ended: `killed`, or its exit code; `calls` that changed files, -1 where it was killed."""

    killed: bool
    code: int
    calls: int
    error: str


class Crasher:
    """A server process that runs the program in forked children."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run(
        self, *arguments: str, below: Path, at: int = 0, mode: str = "kill", sockets: bool = False
    ) -> Crash:  # fmt: skip
        """Run the program; its `at`-th change of a file below a folder goes wrong (0: none).

        `sockets`: what it sends to a server, and connecting there, counts among the changes.
        """
        how = {"at": at, "mode": MODES[mode] if at else 0, "sockets": sockets}
        request = {"arguments": arguments, "below": f"{below}/", **how}
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        answer = json.loads(self._server.stdout.readline())
        status = answer["status"]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        return Crash(killed, -1 if killed else os.waitstatus_to_exitcode(status), answer["calls"], answer["error"])


def compiler() -> str | None:
    """A C compiler, or None."""
    return next((path for path in map(shutil.which, ("cc", "gcc", "clang")) if path), None)


def fast_folder(otherwise: Path) -> Path:
    """A folder in memory where there is one: a killed process leaves the same files, and fsync costs nothing."""
    memory = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
    return Path(tempfile.mkdtemp(dir=memory)) if os.access(memory, os.W_OK) else otherwise


@contextmanager
def crasher(target: str, shim: Path) -> Iterator[Crasher]:
    """A running crasher of `module:function`."""
    environment = {**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(Path(__file__).with_name("server.py")), str(shim), target]
    with subprocess.Popen(command, env=environment, stdin=-1, stdout=-1, text=True) as server:
        try:
            yield Crasher(server)
        finally:
            server.stdin.close()  # type: ignore[union-attr]  # it is a pipe; the server ends with its input


def build_shim(cc: str, folder: Path) -> Path:
    """Compile the shim that counts and breaks calls."""
    shim = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([cc, "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True)
    return shim
