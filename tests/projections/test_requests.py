from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.requests import ME, TOPIC_MS, Asked, Mail, Request, elsewhere, follow, joined, standing

ANA, BO, CY = 1, 2, 3


def mail(at: int, sender: int, to: tuple[int, ...], **more: Any) -> Mail:
    given: dict[str, Any] = {
        "id": at, "at_ms": at, "sender": sender, "to": frozenset(to), "copied": frozenset(), "size": len(to),
        "asks": True, "question": True, "closer": False, "says": "", "forwards": False, "answers": 0,
        "topic": "plan", "subject": "Plan",
    }  # fmt: skip
    row = given | more
    if row["closer"] or row.pop("plain", False):
        row |= {"asks": False, "question": False}
    row["copied"] = frozenset(row["copied"])
    return Mail(**row)


def states(*mails: Mail) -> list[tuple[int, int, str]]:
    return [(one.asker, one.asked, one.state) for one in follow(mails)]


QUESTION = mail(1, ANA, (ME,))
BOTH = mail(1, ANA, (ME, BO))


def test_a_question_waits_for_an_answer() -> None:
    assert states(QUESTION) == [(ANA, ME, "open")]
    assert states(QUESTION, mail(2, ME, (ANA,), plain=True)) == [(ANA, ME, "answered")]


def test_my_answer_may_ask_in_turn() -> None:
    assert states(QUESTION, mail(2, ME, (ANA,))) == [(ANA, ME, "answered"), (ME, ANA, "open")]


@pytest.mark.parametrize(
    "unasked",
    [
        mail(1, ANA, (BO,), copied=(ME,)),  # only copied
        mail(1, ANA, (BO,)),
        mail(1, ANA, (ME,), closer=True),
        mail(1, ANA, (ME,), plain=True),
        mail(1, ANA, (ME,), size=19),
        mail(1, ME, (ANA, BO), size=4),
    ],
)
def test_what_asks_nobody_in_particular_is_no_request(unasked: Mail) -> None:
    assert states(unasked) == []


def test_a_reminder_is_the_same_request() -> None:
    (one,) = follow([QUESTION, mail(2, ANA, (ME,))])
    assert (one.since_ms, standing(one).positions()) == (1, [1, 2])


def test_thanks_need_no_answer_and_close_what_they_follow() -> None:
    thanked = mail(3, ANA, (ME,), closer=True)
    assert states(QUESTION, mail(2, ME, (ANA,), plain=True), thanked) == [(ANA, ME, "answered")]
    assert states(QUESTION, thanked) == [(ANA, ME, "not-a-request")]


def test_a_new_question_after_the_answer_is_a_new_request() -> None:
    found = states(QUESTION, mail(2, ME, (ANA,), plain=True), mail(3, ANA, (ME,)))
    assert found == [(ANA, ME, "answered"), (ANA, ME, "open")]


def test_forwarded_to_a_colleague_is_redirected() -> None:
    forwarded = mail(2, ME, (BO,), forwards=True, plain=True)
    assert states(QUESTION, forwarded) == [(ANA, ME, "redirected")]
    assert states(QUESTION, mail(2, ME, (BO,), answers=1, plain=True)) == [(ANA, ME, "redirected")]
    assert states(QUESTION, forwarded, mail(3, ME, (ANA,), plain=True)) == [(ANA, ME, "answered")]


def test_a_word_to_somebody_else_in_the_thread_answers_nothing() -> None:
    assert states(QUESTION, mail(2, ME, (BO,), plain=True)) == [(ANA, ME, "open")]


def test_whoever_else_was_asked_may_answer_for_all() -> None:
    bo = mail(2, BO, (ANA,), copied=(ME,), plain=True)
    assert states(BOTH, bo) == [(ANA, ME, "not-a-request")]
    assert states(QUESTION, bo) == [(ANA, ME, "open")]  # who was not asked answers for nobody
    mine = mail(1, ME, (ANA, BO))
    assert states(mine, mail(2, BO, (ME,), plain=True)) == [(ME, ANA, "not-a-request"), (ME, BO, "answered")]


def test_later_is_put_off_and_a_reminder_asks_again() -> None:
    later = mail(2, ME, (ANA,), plain=True, says="later")
    assert states(QUESTION, later) == [(ANA, ME, "deferred")]
    assert states(QUESTION, later, mail(3, ANA, (ME,))) == [(ANA, ME, "open")]
    assert states(QUESTION, later, mail(3, ME, (ANA,), plain=True)) == [(ANA, ME, "answered")]


def followed(*threads: list[Mail]) -> list[Request]:
    found = [one for thread in threads for one in follow(thread)]
    elsewhere(found, sorted((one for thread in threads for one in thread), key=lambda one: one.at_ms))
    return sorted(found, key=lambda one: one.since_ms)


def across(*threads: list[Mail]) -> list[Asked]:
    return joined(map(standing, followed(*threads)))


def test_a_new_mail_with_the_same_subject_answers() -> None:
    assert [one.state for one in across([QUESTION], [mail(2, ME, (ANA,), plain=True)])] == ["answered"]
    assert [one.state for one in across([QUESTION], [mail(2, ME, (ANA,), plain=True, topic="tea")])] == ["open"]
    late = mail(2 + TOPIC_MS, ME, (ANA,), plain=True)
    assert [one.state for one in across([QUESTION], [late])] == ["open"]
    passed_on = mail(2, ME, (BO,), forwards=True, plain=True)
    assert [one.state for one in across([QUESTION], [passed_on])] == ["redirected"]


def test_the_same_question_in_a_new_thread_is_a_reminder() -> None:
    (one,) = across([QUESTION], [mail(5, ANA, (ME,))])
    assert one.positions() == [1, 5]
    assert (one.first, one.latest_ms) == (1, 5)
    assert len(across([mail(1, ANA, (ME,), topic="")], [mail(5, ANA, (ME,), topic="")])) == 2


PEOPLE = (ME, ANA, BO, CY)
some = st.sets(st.sampled_from(PEOPLE), max_size=3).map(frozenset)


@st.composite
def threads(draw: st.DrawFn) -> list[Mail]:
    count = draw(st.integers(1, 9))
    found = []
    for at in range(1, count + 1):
        sender = draw(st.sampled_from(PEOPLE))
        to, copied = draw(some), draw(some)
        closer, question = draw(st.booleans()), draw(st.booleans())
        found.append(
            mail(
                at, sender, tuple(to - {sender}), copied=copied - to - {sender}, closer=closer, asks=question,
                question=question, forwards=draw(st.booleans()), answers=draw(st.integers(0, at - 1)),
                says=draw(st.sampled_from(["", "later", "no"])), topic=draw(st.sampled_from(["plan", "tea"])),
            )
        )  # fmt: skip
    return found


@given(threads())
def test_every_human_request_is_in_exactly_one_state(thread: list[Mail]) -> None:
    """And what is asked of me is closed by what I wrote, or because nothing is asked any more; by nothing else."""
    found = followed(thread)
    for one in thread:
        if one.sender != ME and ME in one.to and one.asks and not one.closer:
            assert sum(one in request.mails for request in found if request.asker == one.sender) == 1
    for request in (one for one in found if one.asked == ME):
        assert request.state in {"open", "answered", "redirected", "deferred", "not-a-request"}
        assert (request.state == "open") == (request.closed_ms is None) == (request.by is None)
        if request.by is not None:
            assert request.by.at_ms > request.since_ms
            assert request.by.sender == ME or request.state == "not-a-request"
        if request.state in {"answered", "deferred"} and request.by is not None:
            assert request.asker in request.by.to | request.by.copied


@given(threads(), st.integers(1, 9))
def test_what_happens_later_changes_no_beginning(thread: list[Mail], until: int) -> None:
    """The requests of the first mails are the same, whoever writes afterwards; only their states move on."""
    before = [(one.asker, one.asked, one.since_ms) for one in follow(thread[:until])]
    after = [(one.asker, one.asked, one.since_ms) for one in follow(thread)]
    assert after[: len(before)] == before
