"""Mailboxes as Exchange makes them: what moves, what is hidden, what is thrown away and what only seems so."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from connectors.errors import TryLater
from connectors.sync.loop import sync
from connectors.sync.result import SyncResult
from events.log import Log
from events.vocabulary import Mailbox, MessageObserved
from tests.connectors.microsoft.worlds import MailWorld, client, mail
from tests.contracts.connector import succeed
from tests.contracts.living import living
from tests.peers.graph import Graph
from tests.peers.graph.faults import changed, empty_page, error, html, meanwhile, repeated, same_link, truncated

DELTA = "/me/mailFolders/*/messages/delta"


@pytest.fixture
def world(graph: Graph) -> MailWorld:
    return MailWorld(graph)


def synced(world: MailWorld, log: Log) -> SyncResult:
    """One run in the fake's time, whose waiting lets it pass."""
    connector = world.connector()
    try:
        clock = world.fake.clock
        return sync(connector, log, clock=clock.now, sleep=clock.advance, chance=lambda: 0.5)
    finally:
        connector.close()


def mails(log: Log) -> dict[str, MessageObserved]:
    """What is living, by Message-ID."""
    found = [one.last for one in living(log, "microsoft:test").values()]
    return {one.message_id: one for one in found if isinstance(one, MessageObserved)}


def test_what_comes_first_is_newest(world: MailWorld, log: Log) -> None:
    world.add(30)
    succeed(world, log)
    (first, *_, last) = [found.message_id for found in _in_order(log)]
    assert (first, last) == (list(world.items)[-1], next(iter(world.items)))


def _in_order(log: Log) -> list[MessageObserved]:
    return [one.said[0] for one in living(log, "microsoft:test").values() if isinstance(one.said[0], MessageObserved)]


def test_a_folder_that_is_larger_than_a_filtered_delta_shows_is_read_whole(graph: Graph, log: Log) -> None:
    graph.world.delta_cap = 3
    world = MailWorld(graph)
    world.add(40)
    assert succeed(world, log).stored == 40
    assert set(mails(log)) == world.living()


def test_mail_that_came_in_one_second_is_read_whole(world: MailWorld, log: Log) -> None:
    for number in range(23):
        name = f"same{number}@x.example"
        world.items[name] = world.box.add("inbox", mail(name), at=datetime(2026, 5, 1, 10, tzinfo=UTC))
    world.add(6)
    assert succeed(world, log).stored == 29
    assert set(mails(log)) == world.living()


def test_first_mail_of_a_folder_costs_few_requests(graph: Graph, log: Log) -> None:
    world = MailWorld(graph, page=50, named=500)
    world.add(400)
    before = world.requests()
    assert succeed(world, log).stored == 400
    folders = 5
    assert world.requests() - before <= 8 + folders - 1 + 2 + 400 / 50 + 1
    before = world.requests()
    succeed(world, log)
    assert world.requests() - before == 1 + folders


def test_after_a_reset_only_what_changed_is_got_again(graph: Graph, log: Log) -> None:
    world = MailWorld(graph, page=50, named=500)
    items = world.add(300)
    succeed(world, log)
    world.change(items[7])
    world.remove(items[200])
    world.expire()
    before = world.requests()
    result = succeed(world, log)
    assert (result.stored, result.withdrawn) == (1, 1)
    assert world.requests() - before < 40


@pytest.mark.parametrize(
    "how", ["location", "syncStateNotFound", "lower", "resyncRequired", "syncStateInvalid", "badRequest", "gone"]
)
def test_every_spelling_of_a_reset_loses_and_invents_nothing(world: MailWorld, log: Log, how: str) -> None:
    items = world.add(12)
    succeed(world, log)
    world.remove(items[3])
    world.change(items[4])
    world.add(1)
    world.fake.expire_deltas("message", how)
    result = succeed(world, log)
    assert (result.stored, result.withdrawn) == (2, 1)
    assert set(mails(log)) == world.living()


def test_a_reset_in_the_middle_of_a_listing_goes_on_with_what_is_held(world: MailWorld, log: Log) -> None:
    world.add(25)
    world.fake.faults.add(DELTA, meanwhile(world.expire), calls={2})
    assert succeed(world, log).stored == 25


def test_what_flips_back_while_everything_is_listed_is_there(world: MailWorld, log: Log) -> None:
    items = world.add(12)
    succeed(world, log)
    for item in items:
        world.change(item)
    world.expire()
    back = meanwhile(lambda: world.change(items[3]))
    world.fake.faults.add("/me/mailFolders/*/messages", back, calls={1})
    result = succeed(world, log)
    assert (result.stored, result.withdrawn) == (11, 0)
    succeed(world, log)
    assert {name: one.seen for name, one in mails(log).items()} == {item: item != items[3] for item in items}


def test_what_went_and_came_back_between_two_runs_is_not_gone(world: MailWorld, log: Log) -> None:
    """https://github.com/microsoftgraph/microsoft-graph-docs/issues/21752"""
    world.box.returned_is_removed = True
    items = world.add(4)
    succeed(world, log)
    for folder in ("archive", "inbox"):
        world.box.move(world.items[items[1]], folder)
    result = succeed(world, log)
    assert (result.stored, result.withdrawn) == (0, 0)
    assert set(mails(log)) == world.living()
    world.remove(items[1])
    assert succeed(world, log).withdrawn == 1


def test_new_mail_that_went_and_came_back_is_not_missed(world: MailWorld, log: Log) -> None:
    world.box.returned_is_removed = True
    world.add(4)
    succeed(world, log)
    (new,) = world.add(1)
    for folder in ("archive", "inbox"):
        world.box.move(world.items[new], folder)
    succeed(world, log)
    assert new in mails(log)


@pytest.mark.parametrize("reason", ["deleted", "changed"])
def test_a_move_withdraws_nothing_whatever_the_reason_says(world: MailWorld, log: Log, reason: str) -> None:
    items = world.add(4)
    succeed(world, log)
    world.box.move(world.items[items[0]], "archive", reason=reason)
    result = succeed(world, log)
    assert (result.stored, result.withdrawn) == (0, 0)


def test_to_the_bin_and_out_of_it(world: MailWorld, log: Log) -> None:
    items = world.add(4)
    succeed(world, log)
    for folder, box in (("deleteditems", "trash"), ("inbox", "inbox"), ("junkemail", "spam")):
        world.box.move(world.items[items[0]], folder)
        assert succeed(world, log).withdrawn == 0
        assert mails(log)[items[0]].box == box


def test_folders_are_known_by_their_use_and_not_by_their_names(world: MailWorld, log: Log) -> None:
    box = world.box
    for known, name in (("sentitems", "Wysłane"), ("deleteditems", "Odpadki"), ("drafts", "x"), ("inbox", "Sent")):
        box.folder(known).name = name
    inner = box.new_folder("Old", "deleteditems")
    deeper = box.new_folder("Older", inner)
    project = box.new_folder("Projects", "inbox")
    own = box.new_folder("Drafts of the book")
    search = box.new_folder("Unread", search=True)
    hidden = box.new_folder("Clutter", hidden=True)
    for folder in ("inbox", "sentitems", deeper, project, own, hidden, "drafts", "outbox"):
        world.put(mail(f"{folder}@x.example"), f"{folder}@x.example", folder)
    succeed(world, log)
    found = {name.partition("@")[0]: one.box for name, one in mails(log).items()}
    assert found == {"inbox": "inbox", "sentitems": "sent", deeper: "trash", project: "", own: "", hidden: ""}
    connector = world.connector()
    titles = {stream.title: stream.name for stream in connector.streams()}
    connector.close()
    assert "Sent/Projects" in titles
    assert "Odpadki/Old/Older" in titles
    assert f"mail:{search}" not in titles.values()


def test_what_folders_are_for_is_asked_again_when_there_is_a_new_one(world: MailWorld, log: Log) -> None:
    world.add(2)

    def asked() -> int:
        before = len(world.fake.asked)
        succeed(world, log)
        some = [one.path for one in world.fake.asked[before:]]
        return sum(path.count("/") == 3 and path.startswith("/me/mailFolders/") for path in some) - 1

    assert asked() == 7, "each by its name"
    assert asked() == 0
    world.put(mail("draft@x.example"), "draft@x.example", "drafts")
    project = world.box.new_folder("Project")
    world.put(mail("own@x.example"), "own@x.example", project)
    assert asked() == 7
    assert set(mails(log)) == set(world.items) - {"draft@x.example"}
    world.box.rename_folder(project, "Client")
    assert asked() == 0
    world.fake.move_mailbox()
    assert asked() == 7, "all ids are others"
    assert asked() == 0


def test_a_draft_is_mail_once_it_is_sent(world: MailWorld, log: Log) -> None:
    world.put(mail("d@x.example"), "d@x.example", "inbox", isDraft=True)
    assert [one.skipped for one in succeed(world, log).streams if one.seen] == [{"draft": 1}]
    assert mails(log) == {}
    world.box.send_draft(world.items["d@x.example"])
    assert succeed(world, log).stored == 1
    assert mails(log)["d@x.example"].box == "sent"


def test_a_folder_that_is_thrown_away_withdraws_nothing_that_lies_in_the_bin(world: MailWorld, log: Log) -> None:
    folder = world.box.new_folder("Project")
    for number in range(4):
        world.put(mail(f"p{number}@x.example"), f"p{number}@x.example", folder)
    succeed(world, log)
    for item in list(world.items):
        world.box.move(world.items[item], "deleteditems")
    world.box.delete_folder(folder)
    connector = world.connector()
    result = sync(connector, log)
    connector.close()
    assert result.withdrawn == 0
    assert set(mails(log)) == world.living()


def test_categories_are_labels(world: MailWorld, log: Log) -> None:
    (item,) = world.add(1)
    world.box.change(world.items[item], categories=["Sent", "Red category"])
    succeed(world, log)
    assert (mails(log)[item].labels, mails(log)[item].box) == (("Red category", "Sent"), "inbox")
    world.box.change(world.items[item], categories=[])
    assert succeed(world, log).stored == 1
    assert mails(log)[item].labels == ()


def test_changes_that_come_alone_are_joined_to_the_message(world: MailWorld, log: Log) -> None:
    world.box.sparse = True
    items = world.add(6)
    succeed(world, log)
    world.change(items[2])
    world.box.change(world.items[items[3]], inferenceClassification="other")
    assert succeed(world, log).stored == 1
    assert mails(log)[items[2]].seen is True
    assert mails(log)[items[2]].words == 5


def test_without_words_the_text_is_never_asked_for(graph: Graph, log: Log) -> None:
    world = MailWorld(graph, words=False)
    world.add(12)
    succeed(world, log)
    assert {found.words for found in mails(log).values()} == {0}
    assert not any("body" in one.target for one in graph.world.asked)
    given = {scope.partition(".")[2] for scope in graph.world.authority.grants[0].scopes if scope.startswith("Mail")}
    assert given == {"ReadBasic"}


X500 = "/O=EXCHANGELABS/OU=EXCHANGE ADMINISTRATIVE GROUP (FYDIBOHF23SPDLT)/CN=RECIPIENTS/CN=1234-ANA"


@pytest.mark.parametrize("address", [X500, "", None])
def test_whoever_has_no_address_is_known_by_name(world: MailWorld, log: Log, address: str | None) -> None:
    ana = {"emailAddress": {"name": "Ana Ruiz", "address": address}}
    world.put(mail("x@x.example"), "x@x.example", from_=ana, sender=ana, toRecipients=[ana], internetMessageHeaders=[])
    succeed(world, log)
    found = mails(log)["x@x.example"]
    assert (found.sender, found.to) == (Mailbox("?@?", "Ana Ruiz"), (Mailbox("?@?", "Ana Ruiz"),))


def test_nobody_at_all_costs_no_message(world: MailWorld, log: Log) -> None:
    none: dict[str, Any] = {
        "from_": None, "sender": None, "toRecipients": [], "subject": None, "body": None, "internetMessageHeaders": [],
        "sentDateTime": "0001-01-01T00:00:00Z", "internetMessageId": "<n@x.example>",
    }  # fmt: skip
    world.put(b"Message-ID: <n@x.example>\r\n\r\n", "n@x.example", **none)
    assert succeed(world, log).stored == 1
    assert mails(log)["n@x.example"].sender is None


def test_what_a_sent_mail_answers_is_known_without_a_header(world: MailWorld, log: Log) -> None:
    raw = mail("s@x.example", header="In-Reply-To: <b@x>\r\nReferences: <a@x> <b@x>\r\n")
    world.put(raw, "s@x.example", "sentitems")
    succeed(world, log)
    assert mails(log)["s@x.example"].references == ("a@x", "b@x")


@pytest.mark.parametrize(
    ("kind", "header", "expected"),
    [
        ("meetingRequest", "", "invitation"), ("meetingCancelled", "", "invitation"),
        ("meetingDeclined", "", "invitation"), ("none", "List-Id: <x.example>\r\n", "list"),
        ("none", "List-Unsubscribe: <mailto:x@x.example>\r\n", "bulk"),
        ("none", "Auto-Submitted: auto-replied\r\n", "out_of_office"), ("none", "Precedence: bulk\r\n", "bulk"),
        ("none", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n', "bounce"),
        ("none", "X-Gmail-Labels: Spam\r\nStatus: RO\r\n", ""),
    ],
)  # fmt: skip
def test_what_no_person_wrote_to_persons_is_told_apart(
    world: MailWorld, log: Log, kind: str, header: str, expected: str
) -> None:
    world.put(mail("k@x.example", header=header), "k@x.example", meetingMessageType=kind)
    succeed(world, log)
    found = mails(log)["k@x.example"]
    assert (found.kind, found.box, found.seen) == (expected, "inbox", False)


def test_a_storm_of_throttling_is_waited_out_and_never_cut_short(world: MailWorld, log: Log) -> None:
    world.add(30)
    fake = world.fake
    for calls, seconds in (({2, 3}, "7"), ({5}, "20"), ({7, 8}, "3")):
        fake.faults.add("/me/mailFolders/*/messages*", error(429, "ApplicationThrottled", retry_after=seconds), calls)
    for _ in range(5):
        result = synced(world, log)
        if result.state == "ok":
            break
        fake.clock.advance(max(0.0, result.not_before_ms / 1000 - fake.clock.now()))
    assert result.state == "ok"
    assert set(mails(log)) == world.living()
    until = 0.0
    for one in fake.asked:
        assert one.time >= until, "a request was sent before its time"
        if one.status == 429:
            until = one.time + min(3.0, 7.0, 20.0)


def test_a_limit_of_requests_is_kept_over_runs(world: MailWorld, log: Log) -> None:
    world.add(60)
    world.fake.throttle.in_window, world.fake.throttle.retry_after = 20, "300"
    runs = 0
    while (result := synced(world, log)).state != "ok":
        assert result.state == "waiting"
        before = world.requests()
        assert synced(world, log).state == "waiting"
        assert world.requests() == before, "asked again before its time"
        world.fake.clock.advance(310)
        runs += 1
        assert runs < 30
    assert set(mails(log)) == world.living()
    refused = [one.time for one in world.fake.asked if one.status == 429]
    assert all(later - earlier >= 300 for earlier, later in pairwise(refused))


def test_one_request_at_a_time_and_nothing_but_reading(world: MailWorld, log: Log) -> None:
    world.fake.latency = 0.001
    world.add(30)
    succeed(world, log)
    assert max(world.fake.throttle.peak[world.fake.me], 1) <= 3
    asked = [one for one in world.fake.asked if "/oauth2/" not in one.path and "openid" not in one.path]
    assert {one.verb for one in asked} == {"GET"}
    assert all('IdType="ImmutableId"' in one.prefer for one in asked)


@pytest.mark.parametrize("status", [503, 504, 509])
def test_out_of_order_is_repeated(world: MailWorld, log: Log, status: int) -> None:
    world.add(12)
    world.fake.faults.add("/me/mailFolders/*", error(status, "x", retry_after="1"), calls={2, 9, 14})
    assert synced(world, log).state == "ok"
    assert set(mails(log)) == world.living()


@pytest.mark.parametrize(
    "fault", [html(200), html(502), truncated(40), changed(lambda _: {}), changed(lambda _: {"value": 1})]
)
def test_half_an_answer_is_none(world: MailWorld, log: Log, fault: Any) -> None:
    world.add(12)
    world.fake.faults.add(DELTA, fault, calls={1, 4})
    world.fake.faults.add("/me/mailFolders/delta", fault, calls={1})
    assert synced(world, log).state == "ok"
    assert set(mails(log)) == world.living()


def test_empty_pages_and_rows_that_repeat_are_normal(world: MailWorld, log: Log) -> None:
    world.fake.faults.add(DELTA, empty_page(), calls={1, 3})
    world.fake.faults.add("/me/mailFolders/*/messages", repeated())
    world.add(25)
    assert succeed(world, log).stored == 25
    world.add(3)
    world.fake.faults.add(DELTA, empty_page(), calls={1, 2, 4})
    world.fake.faults.add(DELTA, repeated())
    assert succeed(world, log).stored == 3


def test_a_page_that_leads_to_itself_ends(world: MailWorld, log: Log) -> None:
    world.add(12)
    world.fake.faults.add(DELTA, same_link())
    result = synced(world, log)
    assert result.state == "failed"
    assert "would never end" in result.error
    world.fake.faults.clear()
    assert synced(world, log).state == "ok"
    assert set(mails(log)) == world.living()


def test_a_link_to_elsewhere_is_not_followed(world: MailWorld, log: Log) -> None:
    world.add(12)
    elsewhere = {"@odata.nextLink": "https://evil.example/v1.0/x"}
    world.fake.faults.add(DELTA, changed(lambda body: {**body, **elsewhere}))
    result = synced(world, log)
    assert (result.state, "on another server" in result.error) == ("failed", True)


@pytest.mark.parametrize(
    "fault",
    [
        error(400, "ErrorInvalidUrlQuery"), error(404, "ResourceNotFound"), error(501, "NotImplemented"),
        changed(lambda body: {**body, "value": body["value"][1:]}),
        changed(lambda body: {name: value for name, value in body.items() if name != "@odata.nextLink"}),
    ],
)  # fmt: skip
def test_what_pages_of_messages_do_not_show_is_got_by_itself(world: MailWorld, log: Log, fault: Any) -> None:
    world.add(23)
    world.fake.faults.add("/me/mailFolders/*/messages", fault)
    results = [synced(world, log).state for _ in range(3)]
    assert results[-1] == "ok"
    assert set(mails(log)) == world.living()


def test_a_truth_may_be_a_text(world: MailWorld, log: Log) -> None:
    """https://learn.microsoft.com/graph/delta-query-messages: "isRead": "true"."""
    items = world.add(2)

    def told(body: dict[str, Any]) -> dict[str, Any]:
        row = {name: str(value).lower() if isinstance(value, bool) else value for name, value in body.items()}
        return {**row, "value": [told(one) for one in body["value"]]} if "value" in body else row

    for path in ("/me/mailFolders/*", "/me/messages/*"):
        world.fake.faults.add(path, changed(told))
    succeed(world, log)
    world.change(items[0])
    succeed(world, log)
    assert {name: one.seen for name, one in mails(log).items()} == {items[0]: True, items[1]: False}
    assert succeed(world, log).seen == 0


def test_a_sick_message_costs_only_itself(world: MailWorld, log: Log) -> None:
    world.add(4)
    succeed(world, log)
    items = world.add(3)
    sick = world.box.id(world.items[items[1]], immutable=True)
    world.fake.faults.add(f"/me/messages/{sick}", error(500, "ErrorInternalServerError"))
    result = succeed(world, log)
    assert result.stored == 2
    (problem,) = [one for stream in result.streams for one in stream.problems]
    assert problem.where.startswith("microsoft:test/Inbox;ID=")
    world.fake.faults.clear()
    succeed(world, log, full=True)
    assert set(mails(log)) == world.living()


def test_graph_that_fails_for_every_message_quarantines_none(world: MailWorld, log: Log) -> None:
    world.add(4)
    succeed(world, log)
    world.add(5)
    world.fake.faults.add("/me/messages/*", error(500, "ErrorInternalServerError"))
    result = synced(world, log)
    assert result.state == "failed"
    assert not [one for stream in result.streams for one in stream.problems]
    world.fake.faults.clear()
    assert synced(world, log).state == "ok"
    assert set(mails(log)) == world.living()


def test_a_mailbox_that_is_not_in_the_cloud_says_so(world: MailWorld, log: Log) -> None:
    world.fake.user().no_mailbox = True
    result = synced(world, log)
    assert result.state == "failed"
    assert "amity connect imap" in result.error


def test_what_may_not_be_read_needs_the_person(world: MailWorld, log: Log) -> None:
    world.fake.faults.add("/me/mailFolders/*", error(403, "ErrorAccessDenied"))
    result = synced(world, log)
    assert result.state == "needs_sign_in"
    assert "was not allowed" in result.error


def test_links_are_followed_as_they_came(graph: Graph, log: Log) -> None:
    graph.world.skip_token, graph.world.delta_token = "$skipToken", "$deltaToken"
    graph.world.links_with_parentheses = True
    world = MailWorld(graph)
    world.add(12)
    succeed(world, log)
    world.add(1)
    assert succeed(world, log).stored == 1


def test_an_answer_that_is_no_object_is_heard_as_none(world: MailWorld) -> None:
    world.fake.faults.add("/me", truncated(1))
    asking = client(world.graph, world.keeper)
    with pytest.raises(TryLater, match="not Microsoft Graph answers"):
        asking.get("/me")
    asking.close()
