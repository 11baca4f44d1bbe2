"""The loop's pure rules: when to ask again, what is doubted, and under which revision a change is stored."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contacts import contact_event
from connectors.sync import retry
from connectors.sync.guard import Loss, doubted, doubtful
from connectors.sync.progress import SyncProgress
from connectors.sync.retry import Budget, GiveUp, Pause, after_failure
from connectors.sync.revisions import Logged, first_revision, mix, next_revision
from events.codec import encode
from events.envelope import NewEvent
from events.vocabulary import ContactObserved, ContactWithdrawn

CHANCE = st.floats(0, 1, exclude_max=True)


@given(asked=st.floats(0, 1e12), failures=st.integers(1, 5), waited=st.floats(0, 60), chance=CHANCE)
def test_never_earlier_than_asked(asked: float, failures: int, waited: float, chance: float) -> None:
    plan = after_failure(asked, failures=failures, waited=waited, chance=chance)
    assert plan.seconds >= min(asked, retry.LONGEST)
    if isinstance(plan, Pause):
        assert waited + plan.seconds <= retry.PATIENCE


@pytest.mark.parametrize(
    ("asked", "told"),
    [(-5.0, 0.0), (0.0, 0.0), (math.nan, 0.0), (-math.inf, 0.0), (math.inf, retry.LONGEST), (1e300, retry.LONGEST)],
)
def test_absurd_answers_are_capped(asked: float, told: float) -> None:
    plan = after_failure(asked, failures=retry.TRIES, waited=0, chance=0.9)
    assert plan == GiveUp(told)


@given(failures=st.integers(1, 10_000), chance=CHANCE)
def test_unasked_pauses_grow_to_a_cap_and_chance_spreads_them(failures: int, chance: float) -> None:
    plan = after_failure(None, failures=failures, waited=0, chance=chance)
    if failures < retry.TRIES:
        assert plan == Pause(chance * min(30.0, 2.0**failures))
    else:
        assert plan == GiveUp(0.0)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 5)), max_size=50))
def test_a_budget_is_never_exceeded(spent: list[tuple[float, float]]) -> None:
    """Whoever waits as told has used no more than the burst and what came in since the beginning."""
    budget, now, used = Budget(2.0, 5.0, 0.0), 0.0, 0.0
    for units, idle in spent:
        now += idle
        now += budget.spend(units, now)
        used += units
        assert used <= 5.0 + 2.0 * now + 1e-6


def test_a_budget_does_not_grow_beyond_its_burst() -> None:
    budget = Budget(1.0, 3.0, 0.0)
    assert budget.spend(3, 1000.0) == 0
    assert budget.spend(2, 1000.0) == 2
    assert budget.spend(0, 900.0) == 2, "a clock that goes back gives nothing"


@pytest.mark.parametrize(
    ("lost", "held", "expected"),
    [
        (0, 0, False), (1, 1, False), (2, 2, False), (3, 3, True), (2, 3, False), (8, 9, False), (9, 9, True),
        (5, 10, False), (6, 10, True), (500, 1000, False), (501, 1000, True), (1000, 1000, True),
    ],
)  # fmt: skip
def test_what_is_doubted(lost: int, held: int, *, expected: bool) -> None:
    assert doubtful(lost, held) is expected


def test_one_stream_is_doubted_and_its_neighbour_is_not() -> None:
    losses = {"a": Loss(10, 10, 10), "b": Loss(100, 1, 1), "c": Loss(50, 50, 0)}
    assert doubted(losses, (), lost=11, held=160) == {"a"}, "all of c is elsewhere, so nothing of it is lost"
    assert doubted(losses, ("b",), lost=11, held=160) == {"a", "b"}


def test_many_small_streams_that_lose_everything_are_doubted_together() -> None:
    losses = {str(number): Loss(2, 2, 2) for number in range(10)}
    assert doubted(losses, (), lost=20, held=20) == set(losses)


def test_a_stream_that_shows_nothing_is_doubted_whatever_is_elsewhere() -> None:
    assert doubted({"a": Loss(4, 4, 1), "b": Loss(90, 0, 0)}, (), lost=1, held=94) == {"a"}


def card(name: str) -> NewEvent:
    return contact_event(ContactObserved(source="s", where="here", uid="u", name=name))


def seen(event: NewEvent, revision: int, where: str = "there") -> Logged:
    payload = ContactObserved(source="s", where=where, uid="u", name=event.payload.name)  # type: ignore[union-attr]
    return Logged(revision, payload.wire, encode(payload))


GONE = Logged(99, ContactWithdrawn.wire, encode(ContactWithdrawn(source="s", uid="u")))
A, B = card("a"), card("b")


def following(event: NewEvent, *logged: Logged, new: bool = False) -> int:
    return next_revision(event, "s", logged, contents={}, new=new)


def test_each_accounts_first_sight_is_its_own() -> None:
    assert following(A) == first_revision(A, "s") != first_revision(A, "other")


def test_what_was_said_last_is_known_wherever_it_was_read() -> None:
    assert following(A, seen(A, 5)) == 5


def test_back_to_what_it_was_is_a_third_revision() -> None:
    one = following(A)
    two = following(B, seen(A, one))
    three = following(A, seen(A, one), seen(B, two))
    assert len({one, two, three}) == 3
    assert three == mix(A.revision or 0, two)


def test_what_comes_back_after_a_withdrawal_is_news() -> None:
    assert following(A, seen(A, 5), GONE) == following(A, seen(A, 5), GONE, new=True) == mix(A.revision or 0, 99)


def test_with_the_log_alone_whatever_was_said_since_the_withdrawal_is_known() -> None:
    assert following(A, seen(A, 5), seen(B, 6), new=True) == 5
    assert following(A, seen(A, 5), seen(B, 6)) == mix(A.revision or 0, 6)


def test_progress_without_a_total_tells_no_time() -> None:
    assert SyncProgress("s", "t", 0, None, 0.0).seconds_left is None
    assert SyncProgress("s", "t", 10, 40, 5.0).seconds_left == 15
    assert SyncProgress("s", "t", 10, 5, 5.0).seconds_left == 0
    assert SyncProgress("s", "t", 0, 5, 0.0).items_per_second == 0
