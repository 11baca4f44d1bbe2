"""The fake's Gmail: what lists, histories and single mails say, and when they refuse."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator

import pytest

from tests.peers.google import Google, decimal, serving
from tests.peers.google.asking import MAIL, Asker
from tests.peers.google.faults import empty_page, error, meanwhile, repeated, same_token
from tests.peers.google.sample import mail


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        yield made


@pytest.fixture
def asker(google: Google) -> Asker:
    return Asker(google, "gmail.readonly")


def fill(google: Google, count: int) -> list[str]:
    """Ids, newest first."""
    began = google.world.clock.now() - 1000
    made = [google.world.mail().add(mail(number), at=began + number).id for number in range(count)]
    return made[::-1]


def listed(asker: Asker, **query: object) -> list[str]:
    return [each["id"] for page in asker.pages(f"{MAIL}/messages", **query) for each in page.get("messages", [])]


def test_newest_first_without_spam_and_bin(google: Google, asker: Asker) -> None:
    made = fill(google, 7)
    box = google.world.mail()
    box.label(made[0], add=["TRASH"], remove=["INBOX"])
    box.label(made[1], add=["SPAM"], remove=["INBOX"])
    assert listed(asker, maxResults=2) == made[2:]
    assert listed(asker, maxResults=2, includeSpamTrash="true") == made
    assert listed(asker, labelIds=["TRASH"]) == made[:1]
    assert listed(asker, labelIds=["INBOX", "STARRED"]) == []


def test_what_arrives_between_pages_moves_nothing_unless_told(google: Google, asker: Asker) -> None:
    made = fill(google, 4)
    late = mail(9)
    google.world.faults.add("gmail.users.messages.list", meanwhile(lambda: google.world.mail().add(late)), calls={2, 4})
    assert listed(asker, maxResults=2) == made
    google.world.pages_shift = True
    shown = listed(asker, maxResults=2)
    assert len(shown) > len(set(shown))


def test_the_metadata_scope_sees_no_text(google: Google) -> None:
    narrow = Asker(google, "gmail.metadata", "gmail.readonly")
    (name,) = fill(google, 1)
    said = narrow.get(f"{MAIL}/messages", q="in:sent")
    assert (said.status, said.reason) == (403, "forbidden")
    for form in ("full", "raw"):
        assert narrow.get(f"{MAIL}/messages/{name}", format=form).status == 403
    shown = narrow.get(f"{MAIL}/messages/{name}", format="metadata", metadataHeaders=["from", "Subject"]).body
    assert shown["payload"]["headers"] == [
        {"name": "From", "value": "Anné <anne@example.org>"},
        {"name": "Subject", "value": "Plan"},
    ]
    assert "snippet" not in shown
    assert "payload" not in narrow.get(f"{MAIL}/messages/{name}", format="minimal").body


def test_a_mail_in_full(google: Google, asker: Asker) -> None:
    (name,) = fill(google, 1)
    assert urlsafe_b64decode(asker.get(f"{MAIL}/messages/{name}", format="raw").body["raw"]) == mail(0)
    shown = asker.get(f"{MAIL}/messages/{name}").body
    text, attached = shown["payload"]["parts"]
    assert urlsafe_b64decode(text["body"]["data"]).strip() == b"Hello"
    place = f"{MAIL}/messages/{name}/attachments/{attached['body']['attachmentId']}"
    assert urlsafe_b64decode(asker.get(place).body["data"]) == b"%PDF"
    assert shown["snippet"] == "Hello"


def test_partial_responses(google: Google, asker: Asker) -> None:
    (name,) = fill(google, 1)
    shown = asker.get(f"{MAIL}/messages/{name}", fields="id,payload(mimeType,parts/body/size)").body
    assert shown.keys() == {"id", "payload"}
    assert shown["payload"].keys() == {"mimeType", "parts"}
    assert all(part == {"body": {"size": part["body"]["size"]}} for part in shown["payload"]["parts"])
    assert asker.get(f"{MAIL}/messages/{name}", fields="id,(").reason == "invalidParameter"


def test_answers_with_the_same_subject_are_one_thread(google: Google, asker: Asker) -> None:
    box = google.world.mail()
    first = box.add(mail(1))
    answer = box.add(mail(2, subject="RE: plan", answers=1))
    other = box.add(mail(3, subject="Re: Other", answers=1))
    assert answer.thread == first.thread != other.thread
    shown = asker.get(f"{MAIL}/threads/{first.thread}", format="minimal").body
    assert [each["id"] for each in shown["messages"]] == [first.id, answer.id]
    assert f"{int(decimal(first.thread)):016x}" == first.thread


def test_history_says_what_happened_in_order(google: Google, asker: Asker) -> None:
    kept, gone = fill(google, 2)
    start = asker.get(f"{MAIL}/profile").body["historyId"]
    assert int(start) > 2**63
    box = google.world.mail()
    box.label(kept, add=["STARRED"], remove=["INBOX"])
    box.remove(gone)
    new = box.add(mail(9), ["SENT"])
    (page,) = asker.pages(f"{MAIL}/history", startHistoryId=start)
    records = page["history"]
    assert [sorted(record.keys() - {"id", "messages"}) for record in records] == [
        ["labelsAdded", "labelsRemoved"], ["messagesDeleted"], ["messagesAdded"],
    ]  # fmt: skip
    assert records[0]["labelsRemoved"][0]["labelIds"] == ["INBOX"]
    assert records[2]["messagesAdded"][0]["message"] == {"id": new.id, "threadId": new.thread, "labelIds": ["SENT"]}
    assert page["historyId"] == records[-1]["id"] == asker.get(f"{MAIL}/profile").body["historyId"]
    assert asker.get(f"{MAIL}/messages/{gone}").status == 404


def test_a_page_of_history_may_be_empty_and_name_another(google: Google, asker: Asker) -> None:
    start = google.world.mail().history
    fill(google, 3)
    (name,) = fill(google, 1)
    google.world.mail().label(name, add=["STARRED"])
    pages = asker.pages(f"{MAIL}/history", startHistoryId=start, historyTypes=["labelAdded"], maxResults=2)
    assert ["history" in page for page in pages] == [False, False, True]


@pytest.mark.parametrize("start", ["1", str(2**63), str(2**64 - 1)])
def test_a_history_id_that_is_unknown_is_not_found(asker: Asker, start: str) -> None:
    said = asker.get(f"{MAIL}/history", startHistoryId=start)
    assert (said.status, said.reason) == (404, "notFound")


def test_history_expires(google: Google, asker: Asker) -> None:
    start = google.world.mail().history
    fill(google, 1)
    google.world.expire_history()
    assert asker.get(f"{MAIL}/history", startHistoryId=start).status == 404
    assert asker.get(f"{MAIL}/history", startHistoryId=google.world.mail().history).status == 200
    assert asker.get(f"{MAIL}/history", startHistoryId="abc").status == 400
    assert asker.get(f"{MAIL}/history").status == 400


def test_pages_that_lie(google: Google, asker: Asker) -> None:
    made = fill(google, 4)
    faults = google.world.faults
    faults.add("gmail.users.messages.list", empty_page(), calls={1, 2, 4})
    assert listed(asker, maxResults=2) == made
    faults.clear()
    faults.add("*.messages.list", repeated("messages"))
    assert listed(asker, maxResults=2) == [*made[:2], made[1], *made[2:]]
    faults.clear()
    faults.add("*.messages.list", same_token("again"), calls={1})
    assert asker.get(f"{MAIL}/messages").body["nextPageToken"] == "again"
    assert asker.get(f"{MAIL}/messages", pageToken="again").reason == "invalidArgument"
    faults.clear()
    faults.add("*.messages.list", same_token())
    page = asker.get(f"{MAIL}/messages", maxResults=2).body
    assert asker.get(f"{MAIL}/messages", maxResults=2, pageToken=page["nextPageToken"]).body == page


def test_parameters_are_checked(asker: Asker) -> None:
    for query in ({"maxresults": 1}, {"maxResults": "x"}, {"includeSpamTrash": "yes"}, {"maxResults": [1, 2]}):
        assert asker.get(f"{MAIL}/messages", **query).status == 400
    assert asker.get(f"{MAIL}/messages", pageToken="x").status == 400
    assert asker.get(f"{MAIL}/messages/x", format="whole").status == 400
    assert asker.get("/gmail/v1/users/other@example.com/profile").status == 403
    assert asker.get("/gmail/v1/nothing").status == 404
    assert asker.ask("POST", f"{MAIL}/messages/send").status == 403
    assert Asker(asker.google, "gmail.modify").ask("POST", f"{MAIL}/messages/x/trash").status == 501


def test_two_persons_have_two_mailboxes(google: Google) -> None:
    other = google.world.mail("you@example.com").add(mail(1))
    assert listed(Asker(google, "gmail.readonly")) == []
    assert listed(Asker(google, "gmail.readonly", address="you@example.com")) == [other.id]


def test_one_bad_mail_among_good_ones(google: Google, asker: Asker) -> None:
    made = fill(google, 3)
    google.world.faults.add("gmail.users.messages.get", error(500, "backendError"), calls={2})
    said = [asker.get(f"{MAIL}/messages/{name}") for name in made]
    assert [each.status for each in said] == [200, 500, 200]
    assert said[1].reason == "backendError"
