"""The mail of other mailboxes: read when they are named, and nobody's time unless the person says that it is theirs."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amity.cli import connect as commands
from connectors.credentials.secret import Secret
from connectors.microsoft import MicrosoftConfig
from connectors.microsoft.account import MicrosoftAccount, parts_of
from connectors.microsoft.scopes import Feature
from connectors.sync.provider import InMemory
from events.log import Log
from tests.connectors.google.told import run
from tests.connectors.microsoft.test_mail import mails
from tests.connectors.microsoft.worlds import client, mail, signed_in
from tests.home import Home
from tests.peers.graph import Clock, Graph, World, serving
from tests.peers.graph.authority import CLIENT
from tests.peers.graph.browser import browse
from tests.peers.graph.faults import error

OFFICE = "office@example.com"
WANTED = [Feature.WORDS, Feature.SHARED_WORDS]


@pytest.fixture
def keeper(graph: Graph) -> InMemory:
    return InMemory(Secret(signed_in(graph, *WANTED).secret.reveal()))


def account(graph: Graph, keeper: InMemory, *addresses: str) -> MicrosoftAccount:
    return MicrosoftAccount(
        client(graph, keeper), WANTED, source="microsoft:test", parts=parts_of(mailboxes=addresses)
    )  # fmt: skip


def test_it_is_read_beside_ones_own_and_each_from_its_place(graph: Graph, keeper: InMemory, log: Log) -> None:
    world = graph.world
    office, mine = world.mail(OFFICE), world.mail()
    mine.add("inbox", mail("mine@x"))
    first = office.add("inbox", mail("office@x"))
    office.add("sentitems", mail("sent@x"))
    result = run(account(graph, keeper, OFFICE), log, world.clock)
    assert (result.state, result.error) == ("ok", "")
    assert {one.title for one in result.streams if one.stored} == {"Inbox", f"{OFFICE}/Inbox", f"{OFFICE}/Sent Items"}
    assert set(mails(log)) == {"mine@x", "office@x", "sent@x"}
    office.move(first, "archive")
    office.add("inbox", mail("new@x"))
    result = run(account(graph, keeper, OFFICE), log, world.clock)
    assert (result.state, result.withdrawn) == ("ok", 0)
    assert set(mails(log)) == {"mine@x", "office@x", "sent@x", "new@x"}
    before = len(world.asked)
    run(account(graph, keeper, OFFICE), log, world.clock)
    assert not any(one.path.endswith(("/inbox", "/sentitems")) for one in world.asked[before:]), "remembered"


def test_one_that_is_not_shared_is_left_out_and_one_that_is_no_more_ends(
    graph: Graph, keeper: InMemory, log: Log
) -> None:
    graph.world.mail().add("inbox", mail("mine@x"))
    graph.world.mail(OFFICE).add("inbox", mail("office@x"))
    with closing(account(graph, keeper, OFFICE, "nobody@example.com")) as connector:
        assert sum(one.title.startswith(OFFICE) for one in connector.streams()) == 5
        whose, missing = connector.notes()
    assert whose.startswith(f"{OFFICE}: what is written there and from there is yours where that address stands under")
    assert missing == "nobody@example.com is not read: Outlook does not let you read its mail"
    assert run(account(graph, keeper, OFFICE), log, graph.world.clock).state == "ok"
    graph.world.faults.add("/users/*/messages/delta", error(403, "ErrorAccessDenied"))
    result = run(account(graph, keeper, OFFICE), log, graph.world.clock)
    assert {one.state for one in result.streams if one.title.startswith(OFFICE)} == {"ended"}
    assert {one.state for one in result.streams if not one.title.startswith(OFFICE)} == {"ok"}
    graph.world.faults.add("/users/*", error(403, "ErrorAccessDenied"))
    graph.world.mail().add("inbox", mail("later@x"))
    run(account(graph, keeper, OFFICE), log, graph.world.clock)
    assert "later@x" in mails(log)


def test_what_the_options_say() -> None:
    made = MicrosoftConfig(client_id=CLIENT, shared_mail=f"{OFFICE}, it@example.com,")
    assert made.mailboxes() == (OFFICE, "it@example.com")
    assert Feature.SHARED_WORDS in made.features()
    narrow = MicrosoftConfig(client_id=CLIENT, shared_mail=OFFICE, mail="metadata")
    assert Feature.SHARED_METADATA in narrow.features()
    with pytest.raises(ValueError, match="--shared-mail is addresses"):
        MicrosoftConfig(client_id=CLIENT, shared_mail="Office")
    with pytest.raises(ValueError, match="--shared-mail names mailboxes"):
        MicrosoftConfig(client_id=CLIENT, shared_mail=OFFICE, mail="no")


def test_it_is_ones_time_only_where_its_address_is_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("open sesame\n")
    phrase.chmod(0o600)
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(phrase))
    home = Home(tmp_path)
    with serving(World(Clock(ticking=True))) as graph:
        at = datetime.now(UTC) - timedelta(days=2)
        when = f"{at:%a, %d %b %Y %H:%M:%S} +0000"
        raw = f"From: {OFFICE}\r\nTo: ann@example.org\r\nSubject: Yes\r\nMessage-ID: <o@x>\r\nDate: {when}\r\n\r\n"
        graph.world.mail(OFFICE).add("sentitems", f"{raw}{'word ' * 60}\r\n".encode(), at=at, read=True)

        def person(address: str) -> bool:
            threading.Thread(target=browse, args=(graph, address), kwargs={"follow": True}, daemon=True).start()
            return True

        monkeypatch.setattr(commands, "browse", person)
        options = ["--client-id", CLIENT, "--endpoint", graph.url, "--shared-mail", OFFICE]
        result = home.invoke("connect", "microsoft", *options)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "Mail.Read.Shared" in graph.world.authority.grants[-1].scopes
        home.json("sync", as_of=None)

    def minutes() -> float:
        rows = home.json("time", "all", "--by", "person", as_of=None)["rows"]
        return float(sum(row["minutes"] for row in rows))

    assert minutes() == 0
    Home(tmp_path, addresses=("me@example.com", OFFICE))
    assert minutes() > 0
