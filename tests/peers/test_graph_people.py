"""The rules of the fake's contacts, and what /me says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.graph import Graph, serving
from tests.peers.graph.asking import Asker


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


@pytest.fixture
def asker(graph: Graph) -> Asker:
    return Asker(graph, "Contacts.Read", "User.Read", "MailboxSettings.Read")


@pytest.mark.parametrize("spelling", ["/me/contacts/delta", "/users/me/contacts/microsoft.graph.delta()"])
def test_contacts_of_the_default_folder(graph: Graph, asker: Asker, spelling: str) -> None:
    book = graph.world.contacts()
    held = [book.put(f"Person {n}", f"p{n}@example.org", categories=["Friends"]) for n in range(12)]
    book.put("Only a name", emailAddresses=[{"name": "Only a name"}])
    rows, link = asker.round(spelling, {"$select": "displayName,emailAddresses,categories"})
    assert (len(rows), rows[0]["categories"], rows[0]["emailAddresses"][0]["address"]) == (
        13, ["Friends"], "p0@example.org",
    )  # fmt: skip
    assert (rows[-1]["emailAddresses"], "fileAs" in rows[0]) == ([{"name": "Only a name"}], False)
    book.change(held[0], displayName="New name")
    book.delete(held[1])
    rows, _ = asker.round(link)
    assert [row.get("displayName", row.get("@removed")) for row in rows] == ["New name", {"reason": "deleted"}]


def test_folders_of_contacts(graph: Graph, asker: Asker) -> None:
    book = graph.world.contacts()
    folder = book.new_folder("Family")
    book.new_folder("Cousins", folder)
    moved = book.put("Ann", "ann@example.org")
    rows, link = asker.round("/me/contactFolders/delta")
    assert [row["displayName"] for row in rows] == ["Family", "Cousins"]
    assert [row["displayName"] for row in asker.round("/me/contactFolders")[0]] == ["Family"]
    assert [row["displayName"] for row in asker.round(f"/me/contactFolders/{folder}/childFolders")[0]] == ["Cousins"]
    there = f"/me/contactFolders/{folder}/contacts/delta"
    (here, left), (_, into) = asker.round("/me/contacts/delta"), asker.round(there)
    book.move(moved, folder)
    assert [row["id"] for row in asker.round(left)[0]] == [row["id"] for row in asker.round(into)[0]] == [here[0]["id"]]
    assert asker.get(f"/me/contacts/{here[0]['id']}").body["parentFolderId"] == folder
    book.rename_folder(folder, "Relatives")
    book.delete_folder(folder)
    rows, _ = asker.round(link)
    assert [row.get("@removed") for row in rows] == [{"reason": "deleted"}]
    assert asker.get(there).status == 404


def test_ids_of_contacts_change_too(graph: Graph, asker: Asker) -> None:
    book = graph.world.contacts()
    contact = book.put("Ann")
    plain = Asker(graph, "Contacts.Read", prefer="")
    old = plain.get("/me/contacts").rows[0]["id"]
    kept = asker.get("/me/contacts").rows[0]["id"]
    book.move(contact, book.new_folder("Family"))
    assert [asker.get(f"/me/contacts/{name}").status for name in (old, kept)] == [404, 200]
    book.move(contact, "contacts")
    assert plain.get("/me/contacts").rows[0]["id"] != old
    graph.world.move_mailbox()
    assert asker.get(f"/me/contacts/{kept}").status == 404


def test_own_addresses_must_be_selected(graph: Graph, asker: Asker) -> None:
    user = graph.world.user()
    user.proxies.append("smtp:old-name@example.com")
    user.categories["Red category"] = "preset0"
    assert "proxyAddresses" not in asker.get("/me").body
    said = asker.get("/me", {"$select": "mail,userPrincipalName,proxyAddresses,otherMails"}).body
    assert said["proxyAddresses"] == ["SMTP:me@example.com", "smtp:old-name@example.com"]
    assert asker.get("/me/outlook/masterCategories").rows[0]["displayName"] == "Red category"
    assert Asker(graph, "Mail.Read").get("/me").code == "Authorization_RequestDenied"
    assert asker.get("/me/inferenceClassification").code == "BadRequest"
