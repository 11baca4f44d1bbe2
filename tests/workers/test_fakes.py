"""The daemon with accounts at Google and Microsoft, as far as fakes of both go, in real time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from amity.cli import connect as commands
from tests.connectors.google.test_sign_in import visit
from tests.connectors.microsoft.worlds import mail
from tests.home import Home
from tests.peers import google as google_peer
from tests.peers import graph as graph_peer
from tests.peers.google import Google
from tests.peers.graph import Graph
from tests.peers.graph.authority import CLIENT
from tests.peers.graph.browser import browse
from tests.workers.rig import Rig, daemon, until

pytestmark = pytest.mark.slow


@pytest.fixture
def google() -> Iterator[Google]:
    with google_peer.serving(google_peer.World(google_peer.Clock(ticking=True))) as made:
        yield made


@pytest.fixture
def graph() -> Iterator[Graph]:
    with graph_peer.serving(graph_peer.World(graph_peer.Clock(ticking=True))) as made:
        yield made


def test_both_are_read_by_themselves(
    tmp_path: Path, google: Google, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("open sesame\n")
    phrase.chmod(0o600)
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(phrase))
    rig = Rig(tmp_path)
    home = Home(tmp_path)
    (tmp_path / "client.json").write_text(json.dumps(google.client_secrets()))

    def in_background(function: object, *arguments: object, **more: object) -> bool:
        threading.Thread(target=function, args=arguments, kwargs=more, daemon=True).start()  # type: ignore[arg-type]
        return True

    monkeypatch.setattr(commands, "browse", lambda address: in_background(visit, address))
    secrets = ("--client-secrets", str(tmp_path / "client.json"), "--endpoint", google.url)
    assert home.invoke("connect", "google", *secrets, "--account", "g").exit_code == 0
    monkeypatch.setattr(commands, "browse", lambda address: in_background(browse, graph, address, follow=True))
    asked = ("--client-id", CLIENT, "--endpoint", graph.url, "--account", "m")
    assert home.invoke("connect", "microsoft", *asked).exit_code == 0
    google.world.mail().add(mail("g1"))
    graph.world.mail().add("inbox", mail("m1"))
    more = {"TEST_EVERY_MS": "1500", "AMITY_PASSPHRASE_FILE": str(phrase)}
    with daemon(rig, more=more) as running:
        until(lambda: rig.turns("g") and rig.turns("m"))
        google.world.mail().add(mail("g2"))
        graph.world.mail().add("inbox", mail("m2"))
        before = (rig.turns("g"), rig.turns("m"))
        until(lambda: rig.turns("g") > before[0] + 1 and rig.turns("m") > before[1] + 1)
        assert running.stop()[0] == 0
    rows = rig.amity("query", "SELECT count(*) AS n FROM v_messages", more=more)
    assert rows[0]["n"] == 4
    assert "example" not in "".join(running.raw)
