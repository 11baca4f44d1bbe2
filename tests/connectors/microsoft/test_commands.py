"""A Microsoft account through the commands: connected, read, signed in again, disconnected."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amity.cli import connect as commands
from tests.connectors.microsoft.worlds import mail
from tests.home import Home
from tests.peers.graph import Clock, Graph, World, serving
from tests.peers.graph.authority import CLIENT
from tests.peers.graph.browser import browse


@pytest.fixture
def graph() -> Iterator[Graph]:
    """In real time: a program is given no clock."""
    with serving(World(Clock(ticking=True))) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Home:
    phrase = tmp_path / "phrase"
    phrase.write_text("open sesame\n")
    phrase.chmod(0o600)
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(phrase))

    def person(address: str) -> bool:
        threading.Thread(target=browse, args=(graph, address), kwargs={"follow": True}, daemon=True).start()
        return True

    monkeypatch.setattr(commands, "browse", person)
    return Home(tmp_path)


def connect(home: Home, graph: Graph, *more: str) -> tuple[int, str, str]:
    result = home.invoke("connect", "microsoft", "--client-id", CLIENT, "--endpoint", graph.url, *more)
    return result.exit_code, result.stdout, result.stderr


def test_from_connecting_to_forgetting(home: Home, graph: Graph) -> None:
    for number in range(3):
        graph.world.mail().add("inbox", mail(f"c{number}"))
    code, shown, error = connect(home, graph)
    assert (code, error) == (0, "")
    assert "signed in as me@example.com" in shown
    assert "Connected as me@example.com. Next: amity sync me@example.com" in shown
    (account,) = home.json("accounts", as_of=None)
    assert account["source"] == "microsoft:me@example.com"
    (grant,) = graph.world.authority.grants
    for path in home.folder.iterdir():
        if path.is_file():
            assert not any(one.encode() in path.read_bytes() for one in (grant.refresh, grant.access)), path
    synced = home.json("sync", as_of=None)["accounts"][0]
    assert synced["state"] == "ok"
    assert next(one for one in synced["streams"] if one["stream"] == "Inbox")["stored"] == 3
    assert home.invoke("disconnect", "me@example.com").exit_code == 0
    assert home.json("accounts", as_of=None) == []


def test_a_sign_in_that_ended_is_renewed_and_goes_on_where_it_stood(home: Home, graph: Graph) -> None:
    graph.world.mail().add("inbox", mail("first"))
    assert connect(home, graph, "--account", "work")[0] == 0
    home.json("sync", as_of=None)
    graph.world.authority.revoke(graph.world.user())
    result = home.invoke("sync", "--json")
    assert json.loads(result.stdout)["accounts"][0]["state"] == "needs_sign_in"
    assert "amity connect microsoft --account work" in home.invoke("status").stdout
    graph.world.mail().add("inbox", mail("second"))
    before = len(graph.world.asked)
    assert connect(home, graph, "--account", "work")[0] == 0
    assert home.json("sync", as_of=None)["accounts"][0]["state"] == "ok"
    assert sum("/messages/" in one.path and "delta" not in one.path for one in graph.world.asked[before:]) == 1


def test_an_administrator_is_asked_with_an_address_and_nothing_is_connected(home: Home, graph: Graph) -> None:
    graph.world.authority.admin_consent = "redirect"
    code, _, error = connect(home, graph)
    assert (code, len(error.splitlines())) == (1, 1)
    assert "/organizations/v2.0/adminconsent?client_id=" in error
    assert home.json("accounts", as_of=None) == []


def test_another_person_does_not_take_the_place_of_the_first(home: Home, graph: Graph) -> None:
    assert connect(home, graph, "--account", "work")[0] == 0
    graph.world.authority.signed_in = graph.world.user("ana@example.com")
    code, _, error = connect(home, graph, "--account", "work")
    assert code == 1
    assert "you signed in as ana@example.com, but this account is me@example.com" in error


def test_without_a_client_id_the_guide_is_named(home: Home) -> None:
    result = home.invoke("connect", "microsoft")
    assert result.exit_code == 2
    assert "docs/microsoft.md" in result.stderr


def test_calendars_of_others_are_read_when_they_are_named(home: Home, graph: Graph) -> None:
    """The right to read them is asked for only then."""
    boss = "boss@example.com"
    team = graph.world.new_calendar("Team", owner=("Boss", boss))
    team.put("Hers", datetime.now(UTC).replace(microsecond=0) - timedelta(days=2), attendees=["ann@example.org"])
    code, shown, error = connect(home, graph)
    assert (code, error) == (0, "")
    assert "Team is not read: it is the time of boss@example.com" in shown
    (grant,) = graph.world.authority.grants
    assert not any(one.endswith(".Shared") for one in grant.scopes)
    home.json("sync", as_of=None)

    def minutes() -> float:
        rows = home.json("time", "all", "--by", "person", as_of=None)["rows"]
        return float(sum(row["minutes"] for row in rows))

    assert minutes() == 0
    again = home.invoke("connect", "microsoft", "--account", "me@example.com", "--shared", "Team")
    assert (again.exit_code, again.stderr) == (0, "")
    said = " ".join(again.stdout.split())
    assert "2 calendars (Calendar, Team)" in said
    assert "Team shows the time of boss@example.com: it is yours where you take part" in said
    assert "Calendars.Read.Shared" in graph.world.authority.grants[-1].scopes
    home.json("sync", as_of=None)
    assert minutes() == 0, "it is read, and the boss is a stranger"
    Home(home.folder.parent, addresses=("me@example.com", boss))
    assert minutes() == 60
