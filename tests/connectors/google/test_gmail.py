"""What a mailbox at Gmail says, how it is followed, and what that costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from connectors.base import import_paths
from connectors.sync.loop import sync
from connectors.sync.result import SyncResult
from events.codec import decode
from events.log import Log, open_log
from events.vocabulary import MessageObserved
from tests.connectors.google.worlds import GmailWorld, mail
from tests.contracts.connector import Interrupted, Killed, succeed
from tests.contracts.living import living
from tests.peers.google import Google, decimal
from tests.peers.google.faults import error, html, meanwhile, same_token

GET = "gmail.users.messages.get"
LIST = "gmail.users.messages.list"
HISTORY = "gmail.users.history.list"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = open_log(f"sqlite:///{tmp_path}/log.db")
    yield made
    made.close()


@pytest.fixture
def world(google: Google) -> GmailWorld:
    return GmailWorld(google)


def run(world: GmailWorld, log: Log) -> SyncResult:
    """One run in the fake's time."""
    connector = world.connector()
    clock = world.fake.clock
    try:
        return sync(connector, log, clock=clock.now, sleep=clock.advance, chance=lambda: 0.5)
    finally:
        connector.close()


def mails(log: Log) -> list[MessageObserved]:
    """Each message as it was last observed, by Message-ID."""
    found: dict[str, MessageObserved] = {}
    for page in log.read():
        for event in page:
            payload = decode(event.type, event.data)
            if isinstance(payload, MessageObserved):
                found[payload.message_id] = payload
    return [found[one] for one in sorted(found)]


def spent(world: GmailWorld, act: Callable[[], object]) -> Counter[str]:
    """What was asked while something was done."""
    before = len(world.fake.asked)
    act()
    return Counter(one.method for one in world.fake.asked[before:] if not one.method.startswith("oauth."))


def test_labels_say_box_seen_and_labels_as_a_takeout_does(world: GmailWorld, log: Log) -> None:
    own = world.box.name_label("Customers, big")
    for name, labels in {
        "1": ("INBOX", "UNREAD", own), "2": ("SENT",), "3": ("TRASH", "INBOX"), "4": ("SPAM", "UNREAD"),
        "5": ("IMPORTANT", "CATEGORY_UPDATES"), "6": ("DRAFT",), "7": ("CHAT",),
    }.items():  # fmt: skip
        world.put(mail(name), name, labels)
    result = succeed(world, log)
    assert result.streams[0].skipped == {"draft": 1, "chat": 1}
    assert [(one.message_id, one.box, one.seen, one.labels) for one in mails(log)] == [
        ("1", "inbox", False, ("Customers  big",)), ("2", "sent", True, ()), ("3", "trash", True, ()),
        ("4", "spam", False, ()), ("5", "", True, ("Category Updates", "Important")),
    ]  # fmt: skip


def test_drafts_and_chats_cost_nothing(world: GmailWorld, log: Log) -> None:
    world.put(mail("d"), "d", ("DRAFT",))
    world.put(mail("c"), "c", ("CHAT",))
    assert spent(world, lambda: succeed(world, log))[GET] == 0
    world.put(mail("e"), "e", ("DRAFT",))
    assert spent(world, lambda: succeed(world, log)) == {HISTORY: 1}


def test_a_draft_that_is_sent_is_a_mail(world: GmailWorld, log: Log) -> None:
    world.put(mail("d"), "d", ("DRAFT",))
    succeed(world, log)
    world.box.label(world.identity("d"), add={"SENT"}, remove={"DRAFT"})
    succeed(world, log)
    assert [(one.message_id, one.box) for one in mails(log)] == [("d", "sent")]


def test_what_a_sender_writes_in_the_place_of_labels_is_nothing(world: GmailWorld, log: Log) -> None:
    world.put(mail("f", header="X-Gmail-Labels: Trash,Mine\r\nStatus: O\r\nX-Status: D\r\n"), "f", ("INBOX",))
    succeed(world, log)
    (one,) = mails(log)
    assert (one.box, one.seen, one.labels) == ("inbox", True, ())


def test_takeout_and_the_api_say_the_same(world: GmailWorld, log: Log, tmp_path: Path) -> None:
    own = world.box.name_label("Customers")
    path = tmp_path / "All mail Including Spam and Trash.mbox"
    with path.open("wb") as file:
        for name, labels, told in (
            ("a", ("INBOX", "UNREAD", own), "Inbox,Unread,Customers"),
            ("b", ("SENT", "IMPORTANT"), "Important,Sent,Opened"),
            ("c", ("TRASH",), "Trash,Opened"),
        ):
            raw = mail(name, "Some words.\r\nFrom here on.\r\n")
            world.put(raw, name, labels)
            number = decimal(world.identity(name))
            head = f"From {number}@xxx Thu Jan 01 10:00:00 +0000 2026\r\nX-Gmail-Labels: {told}\r\n"
            file.write(head.encode() + raw.replace(b"\r\nFrom here", b"\r\n>From here") + b"\r\n")
    assert import_paths([path], log).stored == 3
    result = succeed(world, log)
    assert (result.stored, result.streams[0].duplicates) == (0, 3)


def test_a_large_mail_is_read_without_its_attachments(world: GmailWorld, log: Log) -> None:
    big = (
        "From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: big\r\nMessage-ID: <big>\r\n"
        "Date: Thu, 01 Jan 2026 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
        "--c\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "Gr=FC=DFe aus K=F6ln, alles gut?\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--c--\r\n"
        "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n"
        f"{'x' * (1 << 20)}\r\n--b--\r\n"
    ).encode()
    world.put(big, "big")
    assert spent(world, lambda: succeed(world, log))[GET] == 2
    (one,) = mails(log)
    assert (one.message_id, one.words, one.asks, one.subject) == ("big", 5, True, "big")


def test_headers_alone_say_who_and_when_and_no_words(google: Google, log: Log) -> None:
    world = GmailWorld(google, words=False)
    world.put(mail("h", header="List-Id: <l.example.org>\r\nX-Secret: s\r\n"), "h")
    succeed(world, log)
    (one,) = mails(log)
    assert (one.words, one.body, one.kind, one.list_id) == (0, "", "list", "<l.example.org>")
    assert one.sent_ms
    assert one.sender
    assert one.sender.address == "ann@example.org"


def test_nothing_new_costs_one_request(world: GmailWorld, log: Log) -> None:
    world.add(12)
    succeed(world, log)
    assert spent(world, lambda: succeed(world, log)) == {HISTORY: 1}


def test_ten_new_messages_cost_what_ten_messages_cost(world: GmailWorld, log: Log) -> None:
    world.add(12)
    succeed(world, log)
    for item in world.add(10):
        world.change(item)  # it is read at once: two records of the same message
    before = world.fake.quota.total["me@example.com"]
    succeed(world, log)
    assert world.fake.quota.total["me@example.com"] - before == 10 * 20 + 2 + 1
    assert spent(world, lambda: succeed(world, log)) == {HISTORY: 1}


def test_a_message_on_many_pages_of_history_is_fetched_once(
    world: GmailWorld, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.google.gmail._RECORDS", 2)
    (item,) = world.add(1)
    succeed(world, log)
    for _ in range(9):
        world.change(item)
    assert spent(world, lambda: succeed(world, log))[GET] == 1


def test_archiving_costs_nothing(world: GmailWorld, log: Log) -> None:
    items = world.add(3)
    succeed(world, log)
    for item in items:
        world.box.label(world.identity(item), remove={"INBOX"})
    assert spent(world, lambda: succeed(world, log)) == {HISTORY: 1}


def test_an_expired_history_costs_lists_and_the_changed_messages(world: GmailWorld, log: Log) -> None:
    items = world.add(12)
    succeed(world, log)
    world.change(items[4])
    world.remove(items[8])
    world.add(1)
    world.fake.expire_history()
    asked = spent(world, lambda: succeed(world, log))
    assert asked[GET] == 2
    assert {one.key for one in living(log, "google:test").values()} == world.living()
    assert spent(world, lambda: succeed(world, log)) == {HISTORY: 1}  # and no second time


def test_killed_anywhere_no_message_is_fetched_twice_that_was_stored(world: GmailWorld, log: Log) -> None:
    world.add(23)
    stored = 0
    for _ in range(20):
        connector = world.connector()
        try:
            sync(Interrupted(connector, 1), log)
        except Killed:
            stored += world.page
        finally:
            connector.close()
    got = Counter(one.path for one in world.fake.asked if one.method == GET)
    assert len(got) == 23
    # what was fetched for the page that was never stored is fetched again, and nothing else
    assert max(got.values()) <= 2
    assert len(mails(log)) == 23


def test_the_quota_is_kept_to_the_unit(google: Google, log: Log) -> None:
    """Nobody is ever told to wait, and hardly anything is left unused."""
    world = GmailWorld(google, page=50)
    for number in range(700):
        world.box.add(mail(f"q{number}"))
    clock = world.fake.clock
    began = clock.now()
    assert run(world, log).stored == 700
    assert {one.status for one in world.fake.asked} == {200}
    units = world.fake.quota.total["me@example.com"]
    assert units == 700 * 20 + 1 + 1 + 4 * 5 + 2
    minutes = (clock.now() - began) / 60
    assert units / 6_000 <= minutes <= units / 6_000 * 1.02


@pytest.mark.parametrize(("status", "retry_after"), [(429, "7"), (403, "7"), (429, ""), (403, "")])
def test_who_is_told_to_wait_waits(world: GmailWorld, log: Log, status: int, retry_after: str) -> None:
    world.add(12)
    fault = error(status, "rateLimitExceeded", retry_after=retry_after)
    world.fake.faults.add(GET, fault, calls={3, 9})
    result = run(world, log)
    assert (result.state, result.stored) == ("ok", 12)
    asked = [one for one in world.fake.asked if one.method == GET]
    assert len(asked) == 14
    for before, after in pairwise(asked):
        if before.status != 200 and retry_after:
            assert after.time - before.time >= 7


def test_the_time_that_stands_in_googles_words_is_kept(world: GmailWorld, log: Log) -> None:
    world.add(3)
    at = "2026-09-21T14:13:40.500Z"  # 20 seconds after the fake's beginning
    world.fake.faults.add(GET, error(403, "userRateLimitExceeded", f"User-rate limit exceeded.  Retry after {at}"), {1})
    assert run(world, log).stored == 3
    asked = [one for one in world.fake.asked if one.method == GET]
    assert asked[1].time >= 1_790_000_020.5


def test_a_day_that_is_used_up_ends_the_run_and_nothing_is_lost(world: GmailWorld, log: Log) -> None:
    world.add(12)
    world.fake.faults.add(GET, error(403, "dailyLimitExceeded"), calls=range(8, 1000))
    result = run(world, log)
    assert (result.state, result.stored) == ("waiting", 7)
    assert "asks us to slow down" in result.error
    world.fake.faults.clear()
    asked = len(world.fake.asked)
    assert run(world, log).state == "waiting"
    assert len(world.fake.asked) == asked, "not before the time"
    world.fake.clock.advance(3_700)
    assert run(world, log).stored == 5


def test_a_message_that_went_meanwhile_is_none(world: GmailWorld, log: Log) -> None:
    items = world.add(4)
    world.fake.faults.add(GET, meanwhile(lambda: world.remove(items[0])), calls={2})
    result = succeed(world, log)
    assert (result.stored, result.streams[0].problems) == (3, [])
    succeed(world, log)
    assert {one.key for one in living(log, "google:test").values()} == world.living()


def test_one_message_that_google_cannot_give_costs_only_itself(world: GmailWorld, log: Log) -> None:
    world.add(12)
    world.fake.faults.add(GET, error(500, "backendError"), calls={4, 6, 7, 12})  # the same one, with others between
    result = run(world, log)
    (problem,) = result.streams[0].problems
    assert result.stored == 11
    assert "amity sync --full" in problem.why
    assert run(world, log).state == "ok"


def test_a_fault_that_passes_costs_nothing(world: GmailWorld, log: Log) -> None:
    world.add(12)
    world.fake.faults.add(GET, html(), calls={4})
    assert succeed(world, log).stored == 12


def test_a_short_outage_blames_nobody(world: GmailWorld, log: Log) -> None:
    world.add(3)
    succeed(world, log)
    world.add(1)
    world.fake.faults.add(GET, error(503, "backendError"), calls=range(1, 5))
    result = run(world, log)
    assert (result.state, result.stored, result.streams[0].problems) == ("ok", 1, [])


def test_where_nothing_comes_at_all_no_message_is_blamed(world: GmailWorld, log: Log) -> None:
    world.add(12)
    world.fake.faults.add(GET, error(500, "backendError"))
    result = run(world, log)
    assert (result.state, result.streams[0].problems) == ("failed", [])
    world.fake.faults.clear()
    assert succeed(world, log).stored == 12


def test_pages_that_shift_hide_nothing(world: GmailWorld, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.google.gmail_listing._PAGE", 4)
    world.fake.pages_shift = True
    items = world.add(12)
    world.fake.faults.add(LIST, meanwhile(lambda: world.remove(items[-1])), calls={2})
    succeed(world, log)
    assert {one.key for one in living(log, "google:test").values()} == world.living()


def test_a_listing_that_never_ends_is_ended(world: GmailWorld, log: Log) -> None:
    world.add(12)
    world.fake.faults.add(LIST, same_token("again"))
    assert run(world, log).state == "failed"


def test_a_history_page_may_be_empty_and_name_another(
    world: GmailWorld, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.google.gmail._RECORDS", 2)
    items = world.add(6)
    succeed(world, log)
    for item in items:
        world.box.label(world.identity(item), remove={"INBOX"})
    world.add(1)
    assert succeed(world, log).stored == 1


def test_a_page_of_history_that_is_forgotten_meanwhile_loses_nothing(
    world: GmailWorld, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.google.gmail._RECORDS", 2)
    world.add(6)
    succeed(world, log)
    world.add(6)
    world.fake.faults.add(HISTORY, meanwhile(world.fake.expire_history), calls={2})
    succeed(world, log)
    assert {one.key for one in living(log, "google:test").values()} == world.living()


def test_a_label_that_is_renamed_is_followed_by_a_full_listing(world: GmailWorld, log: Log) -> None:
    own = world.box.name_label("Old")
    world.put(mail("l"), "l", ("INBOX", own))
    succeed(world, log)
    world.box.names[own] = "New"
    succeed(world, log, full=True)
    assert mails(log)[0].labels == ("New",)


def test_a_label_that_is_made_meanwhile_has_its_name(world: GmailWorld, log: Log) -> None:
    for name in ("a", "b"):
        world.put(mail(name), name)

    def make() -> None:
        own = world.box.name_label("Later")
        for name in ("a", "b"):
            world.box.label(world.identity(name), add={own, "NEVER_LISTED"})

    world.fake.faults.add(GET, meanwhile(make), calls={1})
    asked = spent(world, lambda: succeed(world, log))
    assert [one.labels for one in mails(log)] == [("Later", "NEVER_LISTED")] * 2
    assert asked["gmail.users.labels.list"] == 2


def test_only_get_is_ever_sent(world: GmailWorld, log: Log) -> None:
    world.add(3)
    succeed(world, log)
    assert world.fake.verbs() == {"GET"}


def test_killed_again_and_again_the_quota_is_kept_all_the_same(google: Google, log: Log) -> None:
    world = GmailWorld(google, page=20)
    for number in range(400):
        world.box.add(mail(f"k{number}"))
    clock = world.fake.clock
    for _ in range(30):
        connector = world.connector()
        try:
            sync(Interrupted(connector, 1), log, clock=clock.now, sleep=clock.advance)
        except Killed:
            continue
        finally:
            connector.close()
        break
    assert len(mails(log)) == 400
    assert {one.status for one in world.fake.asked} == {200}


def test_a_name_with_a_comma_is_one_person(google: Google, log: Log) -> None:
    world = GmailWorld(google, words=False)
    raw = mail("n").replace(b"To: Bob", b"To: Bo <bo@example.org>, =?utf-8?q?M=C3=BCller=2C_Jo?= <jo@example.org>, Bob")
    world.put(raw, "n")
    succeed(world, log)
    (one,) = mails(log)
    assert [(box.address, box.name) for box in one.to] == [
        ("bo@example.org", "Bo"), ("jo@example.org", "Müller, Jo"), ("bob@example.org", "Bob"),
    ]  # fmt: skip
