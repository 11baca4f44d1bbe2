"""Outlook's contacts as they are read: cards, folders, tombstones, resets, and what a person is told of their own."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from connectors.errors import ItemMalformed, StreamEnded
from connectors.microsoft.check import check
from connectors.microsoft.contacts_card import contact_in, observed
from connectors.microsoft.graph import Graph as Client
from connectors.microsoft.scopes import Feature
from connectors.sync.loop import sync
from connectors.sync.port import Position
from connectors.sync.provider import InMemory
from connectors.sync.result import SyncResult
from events.codec import decode
from events.log import Log
from events.vocabulary import ContactObserved
from tests.connectors.dav.mirror import Shelf
from tests.connectors.google.told import run
from tests.connectors.microsoft.calendar_world import keeper
from tests.connectors.microsoft.contacts_world import account
from tests.connectors.microsoft.worlds import client
from tests.contracts.connector import Interrupted, Killed
from tests.contracts.living import facts, living
from tests.peers.graph import Graph
from tests.peers.graph.contacts import ContactBook
from tests.peers.graph.delta import HOW
from tests.peers.graph.faults import changed, empty_page, same_link

DELTA = "/me/contacts/delta"


def said(folder: str = "", **fields: Any) -> ContactObserved | None:
    return observed(contact_in({"id": "c1", **fields}), folder, source="microsoft:me")


class TestCards:
    def test_the_usual_card(self) -> None:
        assert said(
            "Friends", displayName="Ana  Ruiz", givenName="Ana", surname="Ruiz", fileAs="Ruiz, Ana", nickName="Anita",
            companyName="Acme", categories=["VIP", "Friends", None], middleName=None,
            emailAddresses=[{"address": "Ana@X.org", "name": "Ana Ruiz (Ana@X.org)"}, {"address": "a@y.org"}],
        ) == ContactObserved(
            source="microsoft:me", where="microsoft:me/c1", uid="c1", name="Ana Ruiz",
            other_names=("Anita", "Ruiz, Ana"), addresses=("ana@x.org", "a@y.org"), organization="Acme",
            labels=("VIP", "Friends"),
        )  # fmt: skip

    def test_addresses_that_are_names(self) -> None:
        """Of colleagues there may be only what Outlook shows, or an internal address."""
        emails = [
            {"name": "Bob Lee", "address": None}, {"name": "eve@x.org", "address": "/O=X/OU=Y/CN=RECIPIENTS/CN=1"},
            {"name": None, "address": ""}, None,
        ]  # fmt: skip
        found = said(displayName="Bob", emailAddresses=emails)
        assert found is not None
        assert (found.addresses, found.other_names) == (("eve@x.org",), ("Bob Lee",))

    def test_a_company_and_nobody(self) -> None:
        found = said(displayName="", companyName="Acme", emailAddresses=[{"address": "info@acme.org"}])
        assert found is not None
        assert (found.name, found.kind) == ("Acme", "org")
        assert said(displayName=None, emailAddresses=None) is None
        with pytest.raises(ItemMalformed, match="not understood"):
            contact_in({"id": "c1", "emailAddresses": "none"})


@pytest.fixture
def me(graph: Graph) -> InMemory:
    return keeper(graph, Feature.CONTACTS)


@pytest.fixture
def book(graph: Graph) -> ContactBook:
    return graph.world.contacts()


def synced(graph: Graph, me: InMemory, log: Log) -> SyncResult:
    result = run(account(graph, me), log, graph.world.clock)
    assert (result.state, result.error) == ("ok", "")
    return result


def names(log: Log) -> list[str]:
    return sorted(one.last.name for one in living(log, "microsoft:test").values())  # type: ignore[attr-defined]


def cards(log: Log) -> list[ContactObserved]:
    every = (decode(event.type, event.data) for page in log.read() for event in page)
    return [one for one in every if isinstance(one, ContactObserved)]


class TestFolders:
    def test_folders_within_folders_are_labels(self, graph: Graph, me: InMemory, log: Log, book: ContactBook) -> None:
        friends = book.new_folder("Friends")
        book.put("Ana", "ana@x.org")
        book.put("Bob", "bob@x.org", folder=friends)
        book.put("Eve", "eve@x.org", folder=book.new_folder("Close", friends), categories=["VIP"])
        synced(graph, me, log)
        assert {one.name: one.labels for one in cards(log)} == {"Ana": (), "Bob": ("Friends",), "Eve": ("VIP", "Close")}
        book.rename_folder(friends, "Team")
        synced(graph, me, log)
        assert [one.labels for one in cards(log) if one.name == "Bob"] == [("Friends",), ("Team",)]

    def test_the_default_folder_is_read_once_though_it_is_listed(
        self, graph: Graph, me: InMemory, log: Log, book: ContactBook
    ) -> None:
        book.put("Ana", "ana@x.org")
        default = {"id": book.folder_id(0), "displayName": "Contacts"}
        graph.world.faults.add(
            "/me/contactFolders/delta", changed(lambda body: {**body, "value": [default, *body["value"]]})
        )
        synced(graph, me, log)
        with closing(account(graph, me)) as connector:
            assert [one.name for one in connector.streams()] == ["contacts"]
        assert [one.labels for one in cards(log)] == [()]

    def test_a_contact_that_is_moved_stays(self, graph: Graph, me: InMemory, log: Log, book: ContactBook) -> None:
        friends = book.new_folder("Friends")
        for number in range(3):
            book.put(f"Stays {number}", f"{number}@x.org")
            book.put(f"There {number}", f"t{number}@x.org", folder=friends)
        ana = book.put("Ana", "ana@x.org")
        synced(graph, me, log)
        book.move(ana, friends)
        assert synced(graph, me, log).withdrawn == 0
        assert [one.labels for one in cards(log) if one.name == "Ana"] == [(), ("Friends",)]
        book.move(ana, "contacts")
        assert synced(graph, me, log).withdrawn == 0
        book.delete(ana)
        assert synced(graph, me, log).withdrawn == 1

    def test_a_folder_that_is_deleted_ends_its_stream(self, graph: Graph, me: InMemory, book: ContactBook) -> None:
        friends = book.new_folder("Friends")
        with closing(account(graph, me)) as connector:
            stream = connector.streams()[1]
            book.delete_folder(friends)
            with pytest.raises(StreamEnded, match="Friends: it is not there any more"):
                next(iter(connector.pull(stream, Position(None), Shelf())))
            with pytest.raises(StreamEnded, match="not there any more"):
                next(iter(connector.pull(stream._replace(name="contacts:x"), Position(None), Shelf())))


class TestDelta:
    @pytest.mark.parametrize("how", HOW)
    def test_resets_in_every_spelling(self, graph: Graph, me: InMemory, log: Log, book: ContactBook, how: str) -> None:
        kept = [book.put(f"Ana {number}", f"{number}@x.org") for number in range(6)]
        synced(graph, me, log)
        book.delete(kept[0])
        book.put("Eve", "eve@x.org")
        graph.world.expire_deltas("contact", how)
        assert synced(graph, me, log).withdrawn == 1
        assert names(log) == [*(f"Ana {number}" for number in range(1, 6)), "Eve"]

    def test_nothing_new_costs_one_request_a_folder(
        self, graph: Graph, me: InMemory, log: Log, book: ContactBook
    ) -> None:
        book.put("Ana", "ana@x.org")
        synced(graph, me, log)
        before = len(graph.world.asked)
        synced(graph, me, log)
        paths = [one.path for one in graph.world.asked[before:] if one.path.startswith("/me")]
        assert paths == ["/me/contactFolders/delta", DELTA]
        for number in range(2):
            book.new_folder(f"Folder {number}")
            synced(graph, me, log)
        before = len(graph.world.asked)
        synced(graph, me, log)
        paths = [one.path for one in graph.world.asked[before:] if one.path.startswith("/me")]
        assert (paths[0], len(paths)) == ("/me/contactFolders/delta", 4), "one of the list, one of each folder"
        assert graph.world.verbs() == {"GET"}

    def test_empty_pages_and_a_link_to_itself(self, graph: Graph, me: InMemory, log: Log, book: ContactBook) -> None:
        for number in range(12):
            book.put(f"Ana {number}", f"{number}@x.org")
        graph.world.faults.add(DELTA, empty_page(), calls={1, 2})
        synced(graph, me, log)
        assert len(names(log)) == 12
        graph.world.faults.add(DELTA, same_link())
        assert run(account(graph, me), log, graph.world.clock).state == "failed"

    def test_an_update_may_show_only_what_changed(
        self, graph: Graph, me: InMemory, log: Log, book: ContactBook
    ) -> None:
        ana = book.put("Ana", "ana@x.org")
        synced(graph, me, log)
        book.change(ana, companyName="Acme")

        def sparse(body: dict[str, Any]) -> dict[str, Any]:
            rows = [{name: row[name] for name in ("id", "companyName")} for row in body["value"]]
            return {**body, "value": rows}

        graph.world.faults.add(DELTA, changed(sparse))
        synced(graph, me, log)
        assert [(one.name, one.organization, one.addresses) for one in cards(log)][-1] == (
            "Ana", "Acme", ("ana@x.org",),
        )  # fmt: skip

    def test_a_row_beside_its_own_tombstone_is_asked_for(
        self, graph: Graph, me: InMemory, log: Log, book: ContactBook
    ) -> None:
        for number in range(4):
            book.put(f"Ana {number}", f"{number}@x.org")
        synced(graph, me, log)
        book.put("Eve", "eve@x.org")

        def torn(body: dict[str, Any]) -> dict[str, Any]:
            gone = [{"id": row["id"], "@removed": {"reason": "changed"}} for row in body["value"]]
            return {**body, "value": [*body["value"], *gone]}

        graph.world.faults.add(DELTA, changed(torn))
        assert synced(graph, me, log).withdrawn == 0
        assert "Eve" in names(log)

    def test_a_card_that_makes_no_sense_or_names_nobody(
        self, graph: Graph, me: InMemory, log: Log, book: ContactBook
    ) -> None:
        book.put("Good", "good@x.org")
        book.put("Bad", emailAddresses="none")
        book.put("")
        result = synced(graph, me, log)
        default = next(one for one in result.streams if one.stream == "contacts")
        assert default.skipped == {"empty_contact": 1}
        assert len(default.problems) == 1
        assert names(log) == ["Good"]
        before = facts(log)
        synced(graph, me, log)
        assert facts(log) == before


class TestMailboxThatMoves:
    """To another server: every id is another one, of contacts and of their folders."""

    def test_nothing_is_new_and_nothing_is_gone(self, graph: Graph, me: InMemory, log: Log, book: ContactBook) -> None:
        friends = book.new_folder("Friends")
        made = [book.put(f"Ana {number}", f"{number}@x.org") for number in range(7)]
        made += [book.put(f"Bob {number}", f"b{number}@x.org", folder=friends) for number in range(3)]
        twins = [book.put("Twin", "twin@x.org") for _ in range(2)]
        synced(graph, me, log)
        before, uids = facts(log), {one.uid for one in cards(log)}
        for round_ in range(2):
            graph.world.move_mailbox()
            result = synced(graph, me, log)
            assert (result.stored, result.withdrawn, facts(log)) == (0, 0, before), round_
            assert [one.warning for one in result.streams] == ["", ""]
        book.change(made[0], companyName="Acme")
        book.change(made[8], companyName="Acme")
        book.change(twins[0], companyName="Acme")
        assert synced(graph, me, log).stored == 3
        assert {one.uid for one in cards(log)} == uids
        book.delete(made[1])
        book.delete(made[9])
        assert synced(graph, me, log).withdrawn == 2

    def test_killed_while_it_is_listed(self, graph: Graph, me: InMemory, log: Log, book: ContactBook) -> None:
        for number in range(12):
            book.put(f"Ana {number}", f"{number}@x.org")
        synced(graph, me, log)
        before = facts(log)
        graph.world.move_mailbox()
        with closing(account(graph, me)) as connector, pytest.raises(Killed):
            sync(Interrupted(connector, 1), log, clock=graph.world.clock.now)
        result = synced(graph, me, log)
        assert (result.withdrawn, facts(log)) == (0, before)

    def test_what_is_alike_and_there_is_another_one(
        self, graph: Graph, me: InMemory, log: Log, book: ContactBook
    ) -> None:
        for number in range(4):
            book.put(f"Ana {number}", f"{number}@x.org")
        synced(graph, me, log)
        book.put("Ana 0", "0@x.org")
        graph.world.expire_deltas("contact")
        assert synced(graph, me, log).stored == 1
        assert len({one.uid for one in cards(log)}) == 5

    def test_what_changed_on_the_way_is_neither_lost_nor_twice(
        self, graph: Graph, me: InMemory, log: Log, book: ContactBook
    ) -> None:
        made = [book.put(f"Ana {number}", f"{number}@x.org") for number in range(9)]
        synced(graph, me, log)
        book.change(made[0], displayName="Eve")
        book.delete(made[1])
        graph.world.move_mailbox()
        synced(graph, me, log)
        assert names(log) == sorted([*(f"Ana {number}" for number in range(2, 9)), "Eve"])


def test_own_addresses_are_said_when_the_account_is_connected(graph: Graph, me: InMemory) -> None:
    user = graph.world.user()
    user.proxies += ["smtp:Alias@Example.com", "X500:/o=x", "SIP:me@example.com"]
    user.other_mails.append("private@example.org")
    asking: Client = client(graph, me)
    said = check(account(graph, me), asking, [Feature.CONTACTS])
    assert (
        "your addresses there are alias@example.com, me@example.com, private@example.org: all of them belong under"
        " [me] addresses in amity.toml"
    ) in said
    asking.close()
