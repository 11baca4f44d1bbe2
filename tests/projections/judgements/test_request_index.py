"""The index of requests makes no difference but to the time a question takes, at whatever instant it is asked."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events.log import open_log
from events.vocabulary import Mailbox, MessageObserved, Payload, PeopleMerged, RequestMarked, SyncCompleted
from projections import base
from projections.intervals import DAY_MS
from projections.judgements import asked, request_index
from projections.judgements.correspondence import MAIL_DAYS
from projections.judgements.request_index import Made, open_index
from tests.projections.test_incremental import HOUR, ME, RULES, START, event

PEOPLE = ("ana@y.org", "bo@y.org", "cy@z.org")
# Days around which something happens to a mail: it is of the window, of the thirty days of a subject, of neither.
DAYS = (0, 1, 2, 20, 31, 45, MAIL_DAYS - 2, MAIL_DAYS, MAIL_DAYS + 1, MAIL_DAYS + 20, MAIL_DAYS + 45)
instants = st.builds(lambda day, hour: START + day * DAY_MS + hour * HOUR, st.sampled_from(DAYS), st.integers(0, 5))
boxes = st.sampled_from([Mailbox(address) for address in (*PEOPLE, ME[0])])
identifiers = st.sampled_from([f"{i}@x" for i in range(8)])
mails = st.builds(
    MessageObserved,
    source=st.just("files:a"),
    message_id=identifiers,
    sent_ms=instants,
    sender=st.one_of(boxes, st.just(Mailbox(ME[0]))),
    to=st.lists(boxes, min_size=1, max_size=3).map(tuple),
    cc=st.lists(boxes, max_size=1).map(tuple),
    subject=st.sampled_from(["Plan", "Re: Plan", "Tea", "Re: Tea", "Fwd: Plan", ""]),
    references=st.lists(identifiers, max_size=2).map(tuple),
    words=st.integers(0, 400),
    body=st.sampled_from(["", "aa"]),
    kind=st.sampled_from(["", "", "", "", "list", "bounce"]),
    box=st.sampled_from(["", "", "", "inbox", "trash", "spam", "draft"]),
    asks=st.booleans(),
    closer=st.sampled_from([False, False, True]),
    says=st.sampled_from(["", "", "later", "no", "thanks"]),
)


@contextmanager
def views_of(facts: Sequence[Payload]) -> Iterator[sqlite3.Connection]:
    """Views of a log that holds these in this order, at positions from 1 on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "views.db"
        with closing(open_log(f"sqlite:///{folder}/log.db")) as log:
            log.append([event(one, number) for number, one in enumerate(facts)])
            base.catch_up(log, path, RULES)
        with closing(sqlite3.connect(path)) as views:
            yield views


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little mail there is."""
    monkeypatch.setattr(request_index, "WORTH", 0)
    monkeypatch.setattr(request_index, "_is_worth", lambda *_: True)


MADE = Made("rules", 1, "hash at 1")


def opened(path: Path, views: sqlite3.Connection, as_of_ms: int, made: Made = MADE) -> sqlite3.Connection | None:
    return open_index(path, views, made, as_of_ms, lambda position: f"hash at {position}")


def indexed(
    views: sqlite3.Connection, path: Path, as_of_ms: int, marked: Sequence[int] = (),
    made: Made = MADE,
) -> asked.Found:  # fmt: skip
    found = opened(path, views, as_of_ms, made)
    assert found is not None
    with closing(found) as index:
        return asked.read(views, as_of_ms, marked, index=index)


QUESTION = MessageObserved(
    source="files:a", message_id="1@x", sent_ms=START, sender=Mailbox(PEOPLE[0]), to=(Mailbox(ME[0]),), subject="Plan",
    asks=True,
)  # fmt: skip
REMINDER = replace(QUESTION, message_id="2@x", sent_ms=START + 20 * DAY_MS, references=("1@x",))
ANSWER = replace(QUESTION, message_id="3@x", sent_ms=START + DAY_MS, sender=QUESTION.to[0], to=(Mailbox(PEOPLE[0]),),
                 asks=False, references=("1@x",))  # fmt: skip
ELSEWHERE = replace(ANSWER, references=())
TO_ANOTHER = replace(QUESTION, sender=QUESTION.to[0], to=(Mailbox(PEOPLE[0]),))
PAST_ME = replace(ELSEWHERE, sender=Mailbox(PEOPLE[0]), to=(Mailbox(PEOPLE[1]),))  # to me where I say that it asks me
BOUNCE = replace(ANSWER, message_id="4@x", sender=Mailbox("daemon@z.org"), kind="bounce")
BEGUN, NEXT_DAY, OVER = START + DAY_MS // 2, START + 2 * DAY_MS, START + (MAIL_DAYS + 1) * DAY_MS


@settings(max_examples=100)
@given(
    st.lists(mails, min_size=1, max_size=14),
    st.lists(instants, min_size=1, max_size=4),
    st.lists(st.integers(1, 14), max_size=3),
)
@example([QUESTION, ANSWER], [BEGUN, NEXT_DAY], [])
@example([QUESTION, ELSEWHERE], [BEGUN, NEXT_DAY], [])
@example([QUESTION, REMINDER], [OVER], [])
@example([QUESTION, REMINDER, ANSWER], [OVER, NEXT_DAY], [2])
@example([QUESTION, ELSEWHERE, ANSWER], [NEXT_DAY], [1, 2])
@example([TO_ANOTHER, PAST_ME], [NEXT_DAY], [2])
@example([QUESTION, REMINDER, ELSEWHERE], [NEXT_DAY, OVER], [])
@example([replace(QUESTION, sender=Mailbox(ME[0]), to=(Mailbox(PEOPLE[0]),)), BOUNCE], [BEGUN, NEXT_DAY], [])
def test_an_answer_from_the_index_is_the_answer_from_the_mail(
    mail: list[MessageObserved], moments: list[int], marked: list[int]
) -> None:
    with views_of(mail) as views, tempfile.TemporaryDirectory() as folder:
        for as_of_ms in (*moments, max(moments) + 2):  # the first of them it is made for, or made anew for an earlier
            plain = asked.read(views, as_of_ms, marked)
            assert indexed(views, Path(folder) / "requests.db", as_of_ms, marked) == plain


def test_it_is_made_once_and_anew_for_other_views(tmp_path: Path) -> None:
    path, now = tmp_path / "requests.db", START + DAY_MS
    with views_of([QUESTION]) as views:
        assert len(indexed(views, path, now).requests) == 1
    with views_of([]) as views:
        assert len(indexed(views, path, now).requests) == 1  # nobody said that these are others
        assert indexed(views, path, now, made=MADE._replace(views="other rules")).requests == []
    assert path.stat().st_mode & 0o777 == 0o600


WORD = RequestMarked(position=1, word="declined")
RUN = SyncCompleted(source="files:a", seen=1)


@pytest.mark.parametrize(
    ("later", "log", "known"),
    [
        ([WORD, RUN], "hash at 2", True),
        ([WORD, REMINDER, RUN], "hash at 2", False),
        ([PeopleMerged(first=PEOPLE[:1], second=PEOPLE[1:2])], "hash at 2", False),
        ([WORD], "hash of another log", False),
    ],
)
def test_words_and_runs_leave_it_as_it_is(tmp_path: Path, later: list[Payload], log: str, *, known: bool) -> None:
    path, now = tmp_path / "requests.db", START + 30 * DAY_MS
    with views_of([QUESTION, RUN]) as views:
        indexed(views, path, now, made=MADE._replace(position=2, log=log))
    with sqlite3.connect(path) as index:
        before = [(*when, one._replace(subject="read before")) for *when, one in request_index.kept(index)]
        index.execute("UPDATE whole SET requests = ?", (msgspec.msgpack.encode(before),))
    with views_of([QUESTION, RUN, *later]) as views:
        position = 2 + len(later)
        for _ in range(2):  # what holds once is known to hold
            found = indexed(views, path, now, made=Made("rules", position, f"hash at {position}"))
            assert (found.requests[0].subject == "read before") == known


def test_what_is_asked_of_longer_ago_than_it_reaches_back_makes_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    with views_of([QUESTION]) as views:
        assert indexed(views, path, START + 3000 * DAY_MS).requests == []
        assert len(indexed(views, path, START + DAY_MS).requests) == 1


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    path.write_bytes(b"no database at all" * 100)
    with views_of([QUESTION]) as views:
        assert opened(path, views, START + DAY_MS) is None
        assert len(indexed(views, path, START + DAY_MS).requests) == 1


def test_damage_in_the_requests_is_told_as_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    with views_of([QUESTION]) as views:
        indexed(views, path, START + DAY_MS)
        for damaged in (b"", b"\x93\x01", msgspec.msgpack.encode([(1, 2, 3, ["somebody"])])):
            with sqlite3.connect(path) as index:
                index.execute("UPDATE whole SET requests = ?", (damaged,))
            with pytest.raises(sqlite3.DatabaseError):
                indexed(views, path, START + DAY_MS)


def test_a_little_mail_and_a_question_of_long_ago_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    path = tmp_path / "requests.db"
    with views_of([QUESTION, ANSWER]) as views:
        assert opened(path, views, START + DAY_MS) is None
        monkeypatch.setattr(request_index, "WORTH", 0)
        assert opened(path, views, START - 2 * DAY_MS) is None
        assert not path.exists()
        assert opened(path, views, START + DAY_MS) is not None
