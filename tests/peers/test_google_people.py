"""The fake's contacts: masks, sync tokens that live for a week, new names of old resources, the directory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.google import Google, serving
from tests.peers.google.asking import CONTACTS, Asker

FIELDS = {"personFields": "names,emailAddresses,memberships", "requestSyncToken": "true"}
DAY = 86_400
DIRECTORY = "/v1/people:listDirectoryPeople"
WHO = {"readMask": "names", "sources": "DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE"}


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        made.world.oauth.lifetime = 365 * DAY
        yield made


@pytest.fixture
def asker(google: Google) -> Asker:
    return Asker(google, "contacts.readonly", "contacts.other.readonly", "directory.readonly")


def test_pages_and_masks(google: Google, asker: Asker) -> None:
    for number in range(5):
        google.world.person(f"Person {number}", f"p{number}@example.org")
    pages = asker.pages(CONTACTS, **FIELDS, pageSize=2)
    assert [len(page["connections"]) for page in pages] == [2, 2, 1]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]
    shown = asker.get(CONTACTS, personFields="emailAddresses").body
    assert shown["connections"][0].keys() == {"resourceName", "etag", "emailAddresses"}
    assert (shown["totalItems"], "nextSyncToken" in shown) == (5, False)
    assert asker.get(CONTACTS).status == asker.get(CONTACTS, personFields="name").status == 400


def test_a_sync_shows_changed_deleted_and_renamed(google: Google, asker: Asker) -> None:
    names = [google.world.person(f"Person {n}", f"p{n}@example.org")["resourceName"] for n in range(4)]
    token = asker.get(CONTACTS, **FIELDS).body["nextSyncToken"]
    assert "connections" not in asker.get(CONTACTS, **FIELDS, syncToken=token).body
    google.world.person("Person Zero", "p0@example.org", resource=names[0])
    rows = google.world.contacts().connections
    rows.remove(names[1])
    rows.rename(names[2], "people/c7")
    changed, gone, renamed = asker.get(CONTACTS, **FIELDS, syncToken=token).body["connections"]
    assert changed["names"][0]["displayName"] == "Person Zero"
    assert (gone["resourceName"], gone["metadata"]["deleted"]) == (names[1], True)
    assert (renamed["resourceName"], renamed["metadata"]["previousResourceNames"]) == ("people/c7", [names[2]])
    full = asker.get(CONTACTS, **FIELDS).body["connections"]
    assert {each["resourceName"] for each in full} == {names[0], "people/c7", names[3]}
    assert all("metadata" not in each for each in full)


def test_a_token_expires_seven_days_after_the_full_sync(google: Google, asker: Asker) -> None:
    token = asker.get(CONTACTS, **FIELDS).body["nextSyncToken"]
    google.world.clock.advance(6 * DAY)
    later = asker.get(CONTACTS, **FIELDS, syncToken=token).body["nextSyncToken"]
    google.world.clock.advance(DAY)
    assert asker.get(CONTACTS, **FIELDS, syncToken=later).status == 200
    google.world.clock.advance(1)
    said = asker.get(CONTACTS, **FIELDS, syncToken=later)
    assert (said.status, said.reason) == (400, "EXPIRED_SYNC_TOKEN")
    assert "errors" not in said.body["error"]


def test_parameters_must_stay_the_same(google: Google, asker: Asker) -> None:
    token = asker.get(CONTACTS, **FIELDS).body["nextSyncToken"]
    other = {**FIELDS, "personFields": "names"}
    assert asker.get(CONTACTS, **other, syncToken=token).reason == "INVALID_ARGUMENT"
    assert asker.get(CONTACTS, **FIELDS, syncToken="bogus").reason == "INVALID_ARGUMENT"
    google.world.person("A B", "a@example.org")
    google.world.person("C D", "c@example.org")
    page = asker.get(CONTACTS, **FIELDS, pageSize=1).body["nextPageToken"]
    assert asker.get(CONTACTS, **other, pageSize=1, pageToken=page).status == 400
    google.world.expire_sync_tokens()
    assert asker.get(CONTACTS, **FIELDS, syncToken=token).reason == "EXPIRED_SYNC_TOKEN"


def test_other_contacts(google: Google, asker: Asker) -> None:
    google.world.contacts().other("", "seldom@example.org")
    (shown,) = asker.get("/v1/otherContacts", readMask="names,emailAddresses").body["otherContacts"]
    assert shown["resourceName"].startswith("otherContacts/c")
    assert shown.keys() == {"resourceName", "etag", "emailAddresses"}
    assert asker.get("/v1/otherContacts", readMask="organizations").status == 400
    narrow = Asker(google, "contacts.readonly").get("/v1/otherContacts", readMask="names")
    assert (narrow.status, narrow.reason) == (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


def test_the_directory_may_be_closed(google: Google, asker: Asker) -> None:
    contacts = google.world.contacts()
    contacts.colleague("Boss Person", "boss@example.com")
    assert len(asker.get(DIRECTORY, **WHO).body["people"]) == 1
    contacts.forbidden = True
    assert asker.get(DIRECTORY, **WHO).status == 403
    contacts.workspace = False
    assert asker.get(DIRECTORY, **WHO).reason == "FAILED_PRECONDITION"


def test_labels_are_groups(google: Google, asker: Asker) -> None:
    label = google.world.contacts().group("Clients")
    google.world.person("Anne Moe", "anne@example.org", groups=[label, "contactGroups/starred"])
    body = asker.get("/v1/contactGroups").body
    groups = {each["resourceName"]: each for each in body["contactGroups"]}
    assert (groups[label]["name"], groups[label]["memberCount"]) == ("Clients", 1)
    assert groups["contactGroups/starred"]["groupType"] == "SYSTEM_CONTACT_GROUP"
    google.world.contacts().groups.remove(label)
    (gone,) = asker.get("/v1/contactGroups", syncToken=body["nextSyncToken"]).body["contactGroups"]
    assert gone["metadata"] == {"deleted": True}
