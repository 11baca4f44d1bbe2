"""A home with accounts at the fakes of Google and Microsoft, signed in to as people do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from amity.cli import connect as commands
from tests.connectors.google.test_sign_in import visit
from tests.home import Home
from tests.peers import google as google_peer
from tests.peers import graph as graph_peer
from tests.peers.google import Google
from tests.peers.google.pushing import Push
from tests.peers.graph import Graph
from tests.peers.graph.authority import CLIENT
from tests.peers.graph.browser import browse
from tests.peers.post import OUTSIDE
from tests.workers.rig import Rig

TOPIC = "projects/project/topics/amity"
SENDER = "push@project.iam.gserviceaccount.com"


class Signed(NamedTuple):
    """Accounts `g` and `m`. `more`: what the environment must hold."""

    rig: Rig
    home: Home
    google: Google
    graph: Graph
    more: Mapping[str, str]

    def pushed(self, port: int) -> dict[str, str]:
        """The environment of a daemon that receives at a port, behind the proxy that the fakes send through."""
        for post in (self.google.world.pushing.post, self.graph.world.pushing.post):
            post.port = port
        self.google.world.pushing.topics[TOPIC] = Push(f"{OUTSIDE}/gmail", SENDER)
        return {
            **self.more, "AMITY_PUSH__URL": OUTSIDE, "AMITY_PUSH__TOPIC": TOPIC, "AMITY_PUSH__SENDER": SENDER,
            "TEST_CERTS": self.google.certs,
        }  # fmt: skip


@contextmanager
def signed_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signed]:
    """Both fakes go by the machine's clock, as the daemon does."""
    phrase = folder / "phrase"
    phrase.write_text("open sesame\n")
    phrase.chmod(0o600)
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(phrase))
    clocks = [google_peer.Clock(time.time(), ticking=True) for _ in range(2)]
    with (
        google_peer.serving(google_peer.World(clocks[0])) as google,
        graph_peer.serving(graph_peer.World(clocks[1])) as graph,
    ):
        rig, home = Rig(folder), Home(folder)
        (folder / "client.json").write_text(json.dumps(google.client_secrets()))
        monkeypatch.setattr(commands, "browse", lambda address: _in_background(visit, address))
        secrets = ("--client-secrets", str(folder / "client.json"), "--endpoint", google.url)
        assert home.invoke("connect", "google", *secrets, "--account", "g").exit_code == 0
        monkeypatch.setattr(commands, "browse", lambda address: _in_background(browse, graph, address, follow=True))
        asked = ("--client-id", CLIENT, "--endpoint", graph.url, "--account", "m")
        assert home.invoke("connect", "microsoft", *asked).exit_code == 0
        yield Signed(rig, home, google, graph, {"AMITY_PASSPHRASE_FILE": str(phrase)})


def _in_background(function: object, *arguments: object, **more: object) -> bool:
    threading.Thread(target=function, args=arguments, kwargs=more, daemon=True).start()  # type: ignore[arg-type]
    return True
