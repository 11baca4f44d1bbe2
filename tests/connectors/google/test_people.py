"""Google Contacts: cards, labels, the week of a token, names that change, directories that are closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.base import import_paths
from connectors.errors import ItemMalformed
from connectors.google.people_card import observed, person_in
from connectors.google.scopes import Feature
from connectors.sync.result import SyncResult
from events.codec import decode
from events.log import Log, open_log
from events.vocabulary import ContactObserved
from tests.connectors.google.people_world import PeopleWorld, account
from tests.connectors.google.told import run
from tests.contracts.living import facts, living
from tests.peers.google import Google, World
from tests.peers.google.faults import changed, empty_page, error, html, meanwhile, repeated

MINE, OTHER, DIRECTORY = Feature.CONTACTS, Feature.OTHER, Feature.DIRECTORY
LIST = "people.people.connections.list"
DAY = 86_400
GROUPS = {"contactGroups/1": "Family", "contactGroups/2": "myContacts"}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = open_log(f"sqlite:///{tmp_path}/log.db")
    yield made
    made.close()


@pytest.fixture
def world(google: Google) -> World:
    return google.world


def synced(google: Google, log: Log, *features: Feature, page: int = 5) -> SyncResult:
    result = run(account(google, *(features or (MINE,)), page=page), log, google.world.clock)
    assert (result.state, result.error) == ("ok", "")
    return result


def asked(google: Google, since: int, *, first: str = "people.") -> list[str]:
    return [one.path for one in google.world.asked[since:] if one.method.startswith(first)]


def cards(log: Log) -> list[ContactObserved]:
    """Those that are there, by name."""
    found = [one.last for one in living(log, "google:test").values()]
    return sorted((one for one in found if isinstance(one, ContactObserved)), key=lambda one: one.name)


def card(**fields: Any) -> ContactObserved | None:
    return observed(person_in({"resourceName": "people/c1", **fields}), GROUPS, source="google:me")


class TestCards:
    def test_all_that_is_kept(self) -> None:
        group = {"contactGroupMembership": {"contactGroupId": "1", "contactGroupResourceName": "contactGroups/1"}}
        unknown = {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/9"}}
        found = card(
            etag="%1", metadata={"sources": [{"type": "PROFILE", "id": "77"}, {"type": "CONTACT", "id": "1f"}]},
            names=[
                {"displayName": "Anna Berg", "metadata": {"source": {"type": "PROFILE"}}},
                {"displayName": "Ana  Berg", "metadata": {"primary": True}, "familyName": "Berg"},
            ],
            nicknames=[{"value": "Ani"}], emailAddresses=[{"value": "Ana@Y.org"}, {"value": "no address"}],
            organizations=[{"title": "Head"}, {"name": "Acme"}], phoneNumbers=[{"value": "+49 30 1"}],
            memberships=[group, unknown, {"domainMembership": {"inViewerDomain": True}}],
        )  # fmt: skip
        assert found == ContactObserved(
            source="google:me", where="google:me/people/c1", uid="1f", name="Ana Berg",
            other_names=("Ani", "Anna Berg"), addresses=("ana@y.org",), organization="Acme", labels=("Family",),
        )  # fmt: skip

    def test_who_has_no_name(self) -> None:
        assert card() is None
        assert card(emailAddresses=[{"value": "none"}]) is None
        address = card(emailAddresses=[{"value": "a@y.org"}])
        assert address is not None
        assert (address.name, address.uid) == ("", "people/c1")
        company = card(organizations=[{"name": "Acme"}])
        assert company is not None
        assert (company.name, company.kind) == ("Acme", "org")

    @pytest.mark.parametrize("fields", [{"names": "Ana"}, {"emailAddresses": [1]}, {"metadata": []}, {"etag": 3}])
    def test_what_makes_no_sense_is_malformed(self, fields: dict[str, Any]) -> None:
        with pytest.raises(ItemMalformed, match="not understood"):
            card(**fields)


class TestLists:
    def test_three_lists_each_a_stream(self, google: Google, world: World, log: Log) -> None:
        world.person("Ana Berg", "ana@y.org")
        world.contacts().other("", "seldom@y.org")
        world.contacts().colleague("Bo Lee", "bo@example.com")
        result = synced(google, log, MINE, OTHER, DIRECTORY)
        assert [(one.title, one.stored) for one in result.streams] == [
            ("Contacts", 1), ("Other contacts", 1), ("Directory", 1),
        ]  # fmt: skip
        assert [one.addresses for one in cards(log)] == [("seldom@y.org",), ("ana@y.org",), ("bo@example.com",)]

    def test_labels_are_the_names_of_groups(self, google: Google, world: World, log: Log) -> None:
        family = world.contacts().group("Family")
        world.person("Ana Berg", "ana@y.org", groups=[family, "contactGroups/myContacts"])
        synced(google, log)
        assert [one.labels for one in cards(log)] == [("Family", "myContacts")]

    def test_a_label_that_is_renamed_reaches_all_its_cards(self, google: Google, world: World, log: Log) -> None:
        """No token tells of it."""
        family = world.contacts().group("Family")
        for number in range(7):
            world.person(f"Ana {number}", f"ana{number}@y.org", groups=[family])
        synced(google, log)
        groups = world.contacts().groups
        groups.put({**groups.kept[family], "name": "Clan", "formattedName": "Clan"})
        assert synced(google, log).stored == 7
        assert {one.labels for one in cards(log)} == {("Clan",)}

    @pytest.mark.parametrize(("workspace", "why"), [(True, "administrator"), (False, "not one of an organisation")])
    def test_a_closed_directory_is_left_out_with_a_sentence(
        self, google: Google, world: World, log: Log, why: str, *, workspace: bool
    ) -> None:
        world.contacts().workspace, world.contacts().forbidden = workspace, workspace
        world.person("Ana Berg", "ana@y.org")
        result = synced(google, log, MINE, DIRECTORY)
        assert [one.state for one in result.streams] == ["ok", "ended"]
        assert why in result.streams[1].error
        assert len(cards(log)) == 1


class TestFollowing:
    def test_nothing_new_costs_the_list_and_its_labels(self, google: Google, world: World, log: Log) -> None:
        world.person("Ana Berg", "ana@y.org")
        synced(google, log)
        before, held = len(world.asked), facts(log)
        synced(google, log)
        assert [path.partition("?")[0] for path in asked(google, before)] == [
            "/v1/contactGroups", "/v1/people/me/connections",
        ]  # fmt: skip
        assert facts(log) == held

    def test_deleted(self, google: Google, world: World, log: Log) -> None:
        names = [world.person(f"Ana {number}", f"ana{number}@y.org")["resourceName"] for number in range(4)]
        synced(google, log)
        world.contacts().connections.remove(names[1])
        assert synced(google, log).withdrawn == 1
        assert [one.name for one in cards(log)] == ["Ana 0", "Ana 2", "Ana 3"]

    @pytest.mark.parametrize("expired", [False, True])
    def test_under_another_resource_name_it_is_the_same_card(
        self, google: Google, world: World, log: Log, *, expired: bool
    ) -> None:
        """A contact is linked with a profile, and perhaps Google does not tell of it."""
        name = world.person("Ana Berg", "ana@y.org")["resourceName"]
        for number in range(3):
            world.person(f"Bo {number}", f"bo{number}@y.org")
        synced(google, log)
        before = facts(log)
        world.contacts().connections.rename(name, "people/1079")
        if expired:
            world.expire_sync_tokens()
        result = synced(google, log)
        assert (result.stored, result.withdrawn, facts(log)) == (0, 0, before)
        world.contacts().connections.remove("people/1079")
        assert synced(google, log).withdrawn == 1

    def test_every_week_all_is_listed_anew_and_no_token_dies(self, google: Google, world: World, log: Log) -> None:
        """A token ends seven days after the listing that it descends from, however often it was used."""
        gone = [world.person(f"Ana {number}", f"ana{number}@y.org")["resourceName"] for number in range(12)]
        synced(google, log)
        before = facts(log)
        for day in range(30):
            world.clock.advance(DAY)
            since = len(world.asked)
            result = synced(google, log)
            paths = asked(google, since, first=LIST)
            assert (any("syncToken=" in path for path in paths), result.withdrawn) == ((day + 1) % 6 != 0, 0)
        assert facts(log) == before
        assert {one.status for one in world.asked} <= {200}
        world.clock.advance(6 * DAY)
        world.contacts().connections.remove(gone[3])
        assert synced(google, log).withdrawn == 1

    def test_after_a_long_absence(self, google: Google, world: World, log: Log) -> None:
        names = [world.person(f"Ana {number}", f"ana{number}@y.org")["resourceName"] for number in range(12)]
        synced(google, log)
        world.contacts().connections.remove(names[3])
        world.clock.advance(40 * DAY)
        assert synced(google, log).withdrawn == 1
        assert 400 not in {one.status for one in world.asked}

    @pytest.mark.parametrize("feature", [MINE, OTHER, DIRECTORY])
    def test_a_token_that_died_before_its_week(self, google: Google, log: Log, feature: Feature) -> None:
        items = (there := PeopleWorld(google, feature)).add(8)
        synced(google, log, feature)
        there.remove(items[2])
        there.expire()
        since = len(google.world.asked)
        assert synced(google, log, feature).withdrawn == 1
        assert 400 in {one.status for one in google.world.asked[since:]}

    def test_a_run_that_was_cut_off_and_goes_on_a_week_later(self, google: Google, world: World, log: Log) -> None:
        for number in range(12):
            world.person(f"Ana {number}", f"ana{number}@y.org")
        world.faults.add(LIST, error(500, "backendError"), calls=range(2, 99))
        assert run(account(google, MINE), log, world.clock).state == "failed"
        world.faults.clear()
        world.clock.advance(9 * DAY)
        synced(google, log)
        assert len(cards(log)) == 12

    def test_empty_pages_and_pages_that_overlap(self, google: Google, world: World, log: Log) -> None:
        for number in range(9):
            world.person(f"Ana {number}", f"ana{number}@y.org")
        world.faults.add(LIST, empty_page(), calls={1, 3})
        world.faults.add(LIST, repeated("connections"))
        synced(google, log, page=2)
        assert len(cards(log)) == 9

    def test_what_changes_between_two_pages_is_told(self, google: Google, world: World, log: Log) -> None:
        names = [world.person(f"Ana {number}", f"ana{number}@y.org")["resourceName"] for number in range(9)]
        world.faults.add(LIST, meanwhile(lambda: world.contacts().connections.remove(names[0])), calls={2})
        synced(google, log, page=3)
        synced(google, log, page=3)
        assert len(cards(log)) == 8

    @pytest.mark.parametrize(
        "fault",
        [error(429, "RESOURCE_EXHAUSTED", retry_after="2"), html(), error(503, "unavailable")],
    )
    def test_what_passes_is_waited_for(self, google: Google, world: World, log: Log, fault: Any) -> None:
        world.person("Ana Berg", "ana@y.org")
        world.faults.add(LIST, fault, calls={1})
        synced(google, log)
        assert len(cards(log)) == 1

    def test_a_quota_that_is_spent_is_waited_for_and_never_overdrawn(
        self, google: Google, world: World, log: Log
    ) -> None:
        for number in range(120):
            world.person(f"Ana {number}", f"ana{number}@y.org")
        synced(google, log, page=1)
        assert len(cards(log)) == 120
        assert {one.status for one in world.asked} == {200}


class TestItems:
    def test_one_that_makes_no_sense_costs_only_itself(self, google: Google, world: World, log: Log) -> None:
        bad = world.person("Bad One", "bad@y.org")["resourceName"]
        world.person("Ana Berg", "ana@y.org")
        world.faults.add(LIST, changed(lambda body: spoiled(body, bad)))
        result = run(account(google, MINE), log, world.clock)
        assert [(one.where, "not understood" in one.why) for one in result.streams[0].problems] == [
            (f"google:test/{bad}", True)
        ]
        assert [one.name for one in cards(log)] == ["Ana Berg"]

    def test_who_has_neither_name_nor_address_is_counted(self, google: Google, world: World, log: Log) -> None:
        world.person("", phoneNumbers=[{"value": "+49 30 1"}])
        assert synced(google, log).streams[0].skipped == {"empty_contact": 1}

    def test_a_card_of_a_file_says_the_same(self, google: Google, world: World, log: Log, tmp_path: Path) -> None:
        """Without a UID it is another thing in the log, of which the views make one person by its address."""
        family = world.contacts().group("Family")
        world.person("Ana Berg", "ana@y.org", "a.berg@y.org", groups=[family], organizations=[{"name": "Acme"}])
        lines = [
            "BEGIN:VCARD", "VERSION:3.0", "FN:Ana Berg", "N:Berg;Ana;;;", "EMAIL;TYPE=INTERNET:ana@y.org",
            "EMAIL:a.berg@y.org", "ORG:Acme", "CATEGORIES:Family", "END:VCARD", "",
        ]  # fmt: skip
        (tmp_path / "a.vcf").write_text("\r\n".join(lines))
        synced(google, log)
        import_paths([tmp_path / "a.vcf"], log)
        found = [decode(event.type, event.data) for page in log.read() for event in page]
        first, second = (one for one in found if isinstance(one, ContactObserved))
        for field in ("name", "other_names", "addresses", "organization", "labels", "kind"):
            assert getattr(first, field) == getattr(second, field)


def spoiled(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        **body,
        "connections": [{**one, "names": 5} if one["resourceName"] == name else one for one in body["connections"]],
    }
