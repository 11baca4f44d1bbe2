"""The daemon as a process, told of news by the fakes of Google and Microsoft through its door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.microsoft.worlds import mail
from tests.peers.daemon import free_port
from tests.workers.rig import daemon, until
from tests.workers.signed_in import Signed, signed_in

pytestmark = pytest.mark.slow


def told(made: Signed, name: str, more: dict[str, str]) -> str | None:
    found: list[dict[str, Any]] = made.rig.amity("status", more=more)["accounts"]
    told: str | None = next(one["push"] for one in found if one["account"] == name)
    return told


def test_news_are_in_the_answers_long_before_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with signed_in(tmp_path, monkeypatch) as made:
        google, graph, rig = made.google.world, made.graph.world, made.rig
        google.mail().add(mail("g1"))
        graph.mail().add("inbox", mail("m1"))
        port = free_port()
        more = made.pushed(port)
        with daemon(rig, "--notified", str(port), more=more) as running:
            until(lambda: told(made, "g", more) == told(made, "m", more) == "the provider tells of news", 120)
            until(lambda: all(row["sent_ms"] == row["hint_ms"] == 0 for row in rig.jobs() if row["kind"] == "pull"))
            held = {row["name"]: row for row in rig.jobs() if row["kind"] == "pull"}
            assert {name: row["due_ms"] - row["ended_ms"] > 400_000 for name, row in held.items()} == {
                "google:g": True, "microsoft:m": True,
            }  # fmt: skip
            turns = {name: rig.turns(name) for name in "gm"}
            google.mail().add(mail("g2"))
            graph.mail().add("inbox", mail("m2"))
            until(lambda: all(rig.turns(name) > turns[name] for name in "gm"), 60)
            until(lambda: rig.amity("query", "SELECT count(*) AS n FROM v_messages", more=more)[0]["n"] == 4, 60)
            assert running.stop()[0] == 0
        said = "".join(running.raw)
        assert [line for line in running.lines if line["event"] == "told"]
        for secret in ("example", google.me, *[one.body["clientState"] for one in graph.pushing.held.values()]):
            assert secret not in said
        assert {one.verb for one in graph.asked} == {"GET", "POST"}
        assert len(graph.pushing.held) == 3
        assert made.home.invoke("disconnect", "m").exit_code == 0
        assert made.home.invoke("disconnect", "g").exit_code == 0
        assert not graph.pushing.held
        assert not google.pushing.watches
        assert not google.pushing.channels
