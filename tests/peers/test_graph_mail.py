"""The rules of the fake's mail: folders, deltas with all their oddities, listings, ids, scopes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.peers.graph import Graph, World, faults, person, serving, x500
from tests.peers.graph.asking import Asker

INBOX = "/me/mailFolders/inbox/messages/delta"


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


@pytest.fixture
def asker(graph: Graph) -> Asker:
    return Asker(graph)


def told(rows: list[dict[str, Any]]) -> list[str]:
    return [row["@removed"]["reason"] if "@removed" in row else str(row.get("subject", "changed")) for row in rows]


def filled(world: World, count: int, folder: str = "inbox") -> list[Any]:
    now = world.user().counter.now()
    return [world.mail().add(folder, at=now - timedelta(hours=n), subject=f"{n}") for n in range(count)]


def test_folders_come_flat_with_children_and_hidden_ones(graph: Graph, asker: Asker) -> None:
    mail = graph.world.mail()
    projects = mail.new_folder("Projects")
    mail.new_folder("Deep", projects)
    mail.new_folder("Conversation History", hidden=True)
    found = mail.new_folder("Found", search=True)
    rows, link = asker.round("/me/mailFolders/delta")
    assert {row["displayName"] for row in rows} >= {"Inbox", "Projects", "Deep", "Conversation History", "Found"}
    by_id = {row["id"]: row for row in rows}
    assert by_id[found]["@odata.type"] == "#microsoft.graph.mailSearchFolder"
    assert [row["childFolderCount"] for row in rows if row["displayName"] == "Projects"] == [1]
    assert all("wellKnownName" not in row for row in rows)
    assert asker.get("/me/mailFolders/SentItems").body["id"] in by_id
    assert "Conversation History" not in [row["displayName"] for row in asker.round("/me/mailFolders")[0]]
    assert len(asker.round("/me/mailFolders", {"includeHiddenFolders": "true"})[0]) == 10
    assert [row["displayName"] for row in asker.get(f"/me/mailFolders/{projects}/childFolders").rows] == ["Deep"]
    mail.rename_folder(projects, "Plans")
    mail.delete_folder(found)
    rows, _ = asker.round(link)
    assert [row.get("displayName", row.get("@removed")) for row in rows] == ["Plans", {"reason": "deleted"}]
    assert asker.get(f"/me/mailFolders/{found}/messages/delta").code == "ErrorItemNotFound"
    mail.counts_are_changes = True
    _, link = asker.round("/me/mailFolders/delta")
    mail.add(projects)
    assert [(row["displayName"], row["totalItemCount"]) for row in asker.round(link)[0]] == [("Plans", 1)]


@pytest.mark.parametrize(
    "spelling",
    [
        "/me/mailFolders/inbox/messages/delta", "/me/mailfolders/Inbox/messages/delta()",
        "/users/me/mailFolders/inbox/messages/microsoft.graph.delta()", "/me/mailFolders('inbox')/messages/delta",
        "/users/ME@example.com/mailFolders/inbox/messages/delta",
    ],
)  # fmt: skip
@pytest.mark.parametrize("names", [("$skiptoken", "$deltatoken"), ("$skipToken", "$deltaToken")])
@pytest.mark.parametrize("parentheses", [False, True])
def test_every_spelling(
    graph: Graph, asker: Asker, spelling: str, names: tuple[str, str], *, parentheses: bool
) -> None:  # fmt: skip
    world = graph.world
    world.skip_token, world.delta_token = names
    world.links_with_parentheses = parentheses
    filled(world, 25)
    first = asker.get(spelling)
    assert (len(first.rows), len(first.next) > 1024, names[0] in first.next) == (10, True, True)
    assert ("mailFolders('" in first.next) == parentheses
    rows, link = asker.round(spelling)
    assert (len(rows), len({row["id"] for row in rows}), names[1] in link) == (25, 25, True)
    assert asker.round(link)[0] == []
    assert {each.path for each in world.asked if "inbox" in each.path.lower()} <= {
        "/me/mailFolders/inbox/messages/delta", "/users/me/mailFolders/inbox/messages/delta",
        "/me/mailFolders/Inbox/messages/delta", "/users/ME@example.com/mailFolders/inbox/messages/delta",
    }  # fmt: skip


def test_the_page_size_is_a_preference_of_each_request(graph: Graph, asker: Asker) -> None:
    filled(graph.world, 25)
    first = asker.get(INBOX, {"$select": "subject"}, Prefer="odata.maxpagesize=20")
    assert (len(first.rows), sorted(first.rows[0])) == (20, ["@odata.etag", "@odata.type", "id", "subject"])
    assert first.headers["preference-applied"] == "odata.maxpagesize=20"
    second = asker.get(first.next, Prefer="odata.maxpagesize=2")
    assert (len(second.rows), sorted(second.rows[0])) == (2, ["@odata.etag", "@odata.type", "id", "subject"])


def test_what_happened_since(graph: Graph, asker: Asker) -> None:
    mail = graph.world.mail()
    one, two, three, four = filled(graph.world, 4)
    _, link = asker.round(INBOX)
    mail.move(one, "archive")
    mail.move(two, "archive", reason="changed")
    mail.change(three, isRead=True)
    mail.delete(four)
    mail.add(subject="new")
    rows, after = asker.round(link)
    assert told(rows) == ["deleted", "changed", "2", "deleted", "new"]
    assert told(asker.round(link)[0]) == told(rows)
    assert asker.round(after)[0] == []
    mail.sparse = True
    mail.change(three, isRead=False)
    assert [sorted(row) for row in asker.round(after)[0]] == [["@odata.etag", "@odata.type", "id", "isRead"]]
    graph.world.removed_at_first = True
    assert sorted(told(asker.round(INBOX)[0])) == ["2", "changed", "deleted", "deleted", "new"]


def test_ids_change_when_a_message_moves_unless_they_are_immutable(graph: Graph, asker: Asker) -> None:
    mail = graph.world.mail()
    message = mail.add()
    plain = Asker(graph, prefer="")
    lower = Asker(graph, prefer='IdType="immutableid"')
    kept, old = asker.get("/me/messages").rows[0]["id"], plain.get("/me/messages").rows[0]["id"]
    assert lower.get("/me/messages").rows[0]["id"] == old != kept
    mail.move(message, "archive")
    new = plain.get("/me/messages").rows[0]["id"]
    assert asker.get("/me/messages").rows[0]["id"] == kept
    assert [asker.get(f"/me/messages/{name}").status for name in (kept, old, new)] == [200, 404, 200]
    graph.world.move_mailbox()
    assert [asker.get(f"/me/messages/{name}").status for name in (kept, new)] == [404, 404]
    assert len(asker.round("/me/mailFolders/archive/messages/delta")[0]) == 1


def test_there_and_back_again_is_a_removal_for_immutable_ids(graph: Graph, asker: Asker) -> None:
    mail = graph.world.mail()
    mail.returned_is_removed = True
    message = mail.add(subject="back")
    plain = Asker(graph, prefer="")
    (_, link), (_, other) = asker.round(INBOX), plain.round(INBOX)
    for folder in ("archive", "inbox"):
        mail.move(message, folder)
    rows, after = asker.round(link)
    assert (told(rows), asker.round(after)[0]) == (["deleted"], [])
    assert asker.get(f"/me/messages/{rows[0]['id']}").status == 200
    assert told(plain.round(other)[0]) == ["deleted", "back"]
    mail.returned_is_removed = False
    assert told(asker.round(link)[0]) == ["back"]


def test_a_filtered_round_ends_at_the_cap(graph: Graph, asker: Asker) -> None:
    graph.world.delta_cap = 12
    filled(graph.world, 30)
    since = {"$filter": "receivedDateTime ge 2026-09-20T14:00:00Z"}
    rows, link = asker.round(INBOX, since)
    assert told(rows) == [str(n) for n in range(12)]
    graph.world.mail().add(subject="new")
    graph.world.mail().add(subject="old", at=graph.world.user().counter.now() - timedelta(days=9))
    assert told(asker.round(link)[0]) == ["new"]
    rows, _ = asker.round(INBOX, {"$orderby": "receivedDateTime desc"})
    assert told(rows) == ["new", *(str(n) for n in range(30)), "old"]
    refused = [
        {"$filter": "receivedDateTime lt 2026-09-20T14:00:00Z"}, {"$filter": "isRead eq true"}, {"$search": "x"},
        {"$orderby": "receivedDateTime"}, {"changeType": "moved"},
    ]  # fmt: skip
    assert [asker.get(INBOX, query).status for query in refused] == [400] * 5


@pytest.mark.parametrize(
    ("kind", "expected"), [("created", ["new"]), ("updated", ["0"]), ("deleted", ["deleted"])]
)  # fmt: skip
def test_one_type_of_change(graph: Graph, asker: Asker, kind: str, expected: list[str]) -> None:
    mail = graph.world.mail()
    one, two = filled(graph.world, 2)
    _, link = asker.round(INBOX, {"changeType": kind})
    mail.change(one, isRead=True)
    mail.delete(two)
    mail.add(subject="new")
    assert told(asker.round(link)[0]) == expected


def test_replays_duplicates_and_empty_pages(graph: Graph, asker: Asker) -> None:
    world = graph.world
    filled(world, 12)
    world.replays = True
    rows, link = asker.round(INBOX)
    assert (len(rows), len({row["id"] for row in rows})) == (14, 12)
    assert told(asker.round(link)[0]) == ["11", "11"]
    world.replays = False
    world.faults.add("/me/mailFolders/*/messages/delta", faults.empty_page(), calls={1, 2})
    world.faults.add("/me/messages", faults.empty_page(), calls={2})
    first = asker.get(INBOX)
    second = asker.get(first.next)
    assert (first.rows, second.rows, first.next != second.next) == ([], [], True)
    assert len(asker.round(second.next)[0]) == 12
    assert len(asker.round("/me/messages")[0]) == 12
    asked = [each.target for each in world.asked if each.path == "/me/messages"]
    assert len(asked) == len(set(asked)) == 3


def test_listings_by_windows(graph: Graph, asker: Asker) -> None:
    filled(graph.world, 30)
    window = "receivedDateTime ge 2026-09-20T20:00:00Z and receivedDateTime lt 2026-09-21T00:00:00Z"
    query = {"$filter": window, "$orderby": "receivedDateTime desc", "$select": "subject", "$top": "2"}
    first = asker.get("/me/mailFolders/inbox/messages", query)
    assert (len(first.rows), "$skip=2" in first.next) == (2, True)
    assert told(asker.round("/me/messages", query)[0]) == ["15", "16", "17", "18"]
    graph.world.mail().add(at=graph.world.user().counter.now() - timedelta(hours=15), subject="late")
    assert told(asker.get(first.next).rows) == ["16", "17"]
    said = asker.get("/me/messages", {"$filter": "isRead eq false", "$orderby": "receivedDateTime desc"})
    assert (said.status, said.code) == (400, "InefficientFilter")
    assert asker.get("/me/messages", {"$count": "true"}).body["@odata.count"] == 31


def test_special_messages(graph: Graph, asker: Asker) -> None:
    mail = graph.world.mail()
    mail.add(from_=x500("ANN"), sender=x500("ANN"), subject="x500")
    mail.add(from_=person("", "Gone"), subject="empty")
    mail.add(meetingMessageType="meetingRequest", subject="request")
    draft = mail.add("drafts", b"Subject: draft\r\n\r\nHello", isDraft=True)
    rows, _ = asker.round(INBOX)
    senders = {row["subject"]: row["from"]["emailAddress"] for row in rows}
    assert senders["x500"]["address"].startswith("/O=EXCHANGELABS/OU=EXCHANGE ADMINISTRATIVE GROUP")
    assert senders["empty"] == {"name": "Gone", "address": ""}
    assert [row["@odata.type"] for row in rows if "meetingMessageType" in row] == [
        "#microsoft.graph.eventMessageRequest"
    ]  # fmt: skip
    (shown,) = asker.round("/me/mailFolders/drafts/messages")[0]
    assert (shown["isDraft"], "from" in shown, "sender" in shown) == (True, False, False)
    mail.send_draft(draft)
    assert asker.get("/me/mailFolders/sentitems/messages").rows[0]["isDraft"] is False


REPLY = (
    b"From: Ann <ann@example.org>\r\nTo: me@example.com\r\nSubject: Re: Plan\r\nMessage-ID: <2@example.org>\r\n"
    b"In-Reply-To: <1@example.org>\r\nReferences: <1@example.org>\r\nDate: Mon, 21 Sep 2026 10:00:00 +0200\r\n\r\nYes."
)


def test_what_must_be_selected_and_what_scopes_hide(graph: Graph, asker: Asker) -> None:
    mail = graph.world.mail()
    first = mail.add(raw=REPLY.replace(b"Re: ", b"").replace(b"<2@", b"<1@").replace(b"In-Reply-To", b"X-None"))
    reply = mail.add(raw=REPLY)
    assert first.body["conversationId"] == reply.body["conversationId"]
    basic = Asker(graph, "Mail.ReadBasic")
    name = mail.id(reply, immutable=True)
    whole, hidden = asker.get(f"/me/messages/{name}").body, basic.get(f"/me/messages/{name}").body
    assert whole.keys() - hidden.keys() == {"body", "bodyPreview"}
    assert not {"internetMessageHeaders", "uniqueBody"} & whole.keys()
    headers = {"$select": "internetMessageHeaders,uniqueBody"}
    chosen = asker.get(f"/me/messages/{name}", headers).body
    assert {"name": "In-Reply-To", "value": "<1@example.org>"} in chosen["internetMessageHeaders"]
    assert chosen["uniqueBody"]["content"].strip() == "Yes."
    refused = basic.get(f"/me/messages/{name}", headers)
    assert (refused.status, refused.code) == (403, "ErrorAccessDenied")
    assert basic.get(f"/me/messages/{name}/$value").status == 403
    assert asker.get(f"/me/messages/{name}/$value").body["text"].encode() == REPLY
    expand = {"$expand": "singleValueExtendedProperties($filter=id eq 'String 0x1042')"}
    expanded = asker.get(f"/me/messages/{name}", expand).body["singleValueExtendedProperties"]
    assert expanded == [{"id": "String 0x1042", "value": "<1@example.org>"}]
    assert Asker(graph, "Calendars.Read").get(INBOX).status == 403


def test_a_shared_mailbox_is_somebody_elses(graph: Graph, asker: Asker) -> None:
    graph.world.mail("team@example.com").add(subject="shared")
    path = "/users/team@example.com/messages"
    assert asker.get(path).status == 403
    shared = Asker(graph, "Mail.Read.Shared", "Mail.Read")
    assert told(shared.get(path).rows) == ["shared"]
    assert shared.get("/users/nobody@example.com/messages").status == 404
    graph.world.user().no_mailbox = True
    assert asker.get("/me/messages").code == "MailboxNotEnabledForRESTAPI"
