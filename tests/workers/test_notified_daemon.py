"""The daemon as a process, told of news by the fakes of Google and Microsoft through its door."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.microsoft.worlds import mail
from tests.peers.daemon import free_port
from tests.workers.rig import Rig, daemon, until
from tests.workers.signed_in import Signed, signed_in

pytestmark = pytest.mark.slow


def told(made: Signed, name: str, more: dict[str, str]) -> str | None:
    found: list[dict[str, Any]] = made.rig.amity("status", more=more)["accounts"]
    told: str | None = next(one["push"] for one in found if one["account"] == name)
    return told


def _seldom(rig: Rig) -> bool:
    """Whether nothing is under way, and no account has its turn within six minutes."""
    pulls = [row for row in rig.jobs() if row["kind"] == "pull"]
    return all(row["due_ms"] - row["ended_ms"] > 400_000 and not row["sent_ms"] and not row["hint_ms"] for row in pulls)


def _strangers(port: int) -> None:
    """Whoever comes to the door uninvited gets a number and changes nothing."""
    bodies = [
        (b"/gmail", b'{"message":{"data":"e30="}}'), (b"/graph", b'{"value":[{"subscriptionId":"CANARY"}]}'),
        (b"/metrics", b""), (b"/graph", b"\xff" * 1_000),
    ]  # fmt: skip
    for path, body in bodies * 5:
        with socket.create_connection(("127.0.0.1", port), 30) as stranger:
            head = b"POST %s HTTP/1.1\r\nContent-Length: %d\r\nAuthorization: Bearer CANARY\r\n\r\n" % (path, len(body))
            stranger.sendall(head + body)
            assert int(stranger.recv(1_000).split(b" ")[1]) in {202, 400, 403, 404}


def test_news_are_in_the_answers_long_before_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with signed_in(tmp_path, monkeypatch) as made:
        google, graph, rig = made.google.world, made.graph.world, made.rig
        google.mail().add(mail("g1"))
        graph.mail().add("inbox", mail("m1"))
        port = free_port()
        more = made.pushed(port)
        with daemon(rig, "--notified", str(port), more=more) as running:
            until(lambda: told(made, "g", more) == told(made, "m", more) == "the provider tells of news", 120)
            assert {one["push"] for one in rig.amity("accounts", more=more)} == {"the provider tells of news"}
            until(lambda: _seldom(rig), 60)  # far longer than an account is left alone that tells nothing
            turns = {name: rig.turns(name) for name in "gm"}
            google.mail().add(mail("g2"))
            graph.mail().add("inbox", mail("m2"))
            until(lambda: all(rig.turns(name) > turns[name] for name in "gm"), 60)
            until(lambda: rig.amity("query", "SELECT count(*) AS n FROM v_messages", more=more)[0]["n"] == 4, 60)
            _strangers(port)
            (lost,) = [one for one in graph.pushing.held.values() if one.kind == "messages"]
            assert graph.pushing.post.deliver(graph.pushing.lifecycle(lost, "subscriptionRemoved")).status == 202
            until(lambda: "only asked, until" in str(told(made, "m", more)), 60)
            assert running.stop()[0] == 0
        said = "".join(running.raw)
        assert [line for line in running.lines if line["event"] == "told"]
        states = [one.body["clientState"] for one in graph.pushing.held.values()]
        for secret in ("example", "CANARY", google.me, *states):
            assert secret not in said
        assert {one.verb for one in graph.asked} == {"GET", "POST"}
        assert len(graph.pushing.held) == 3
        assert made.home.invoke("disconnect", "m").exit_code == 0
        assert made.home.invoke("disconnect", "g").exit_code == 0
        assert not graph.pushing.held
        assert not google.pushing.watches
        assert not google.pushing.channels
