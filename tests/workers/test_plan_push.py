"""When a provider is asked to tell of news, and when that is renewed. Pure, as the whole plan is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events.jobs import JobRow
from workers.plan import DAY, HOUR, MINUTE, SECOND, TRIES, Account, Push, State, next_due, plan, schedule

NOW = 1_800_000_000_000


def push_row(**some: Any) -> JobRow:
    plain = JobRow("push", "a", "id-a", 0, 0, 0, 0, 0, 0, 0, 0, "", "", held=False)
    return plain._replace(**some)


def due(one: Push, now: int = NOW) -> int:
    (job,) = schedule(now, State(pushes=[one]))
    return job.due_ms


def test_the_first_time_is_now_and_later_when_it_is_time() -> None:
    assert due(Push("me", push_row())) == NOW
    ended = push_row(ended_ms=NOW - HOUR)
    assert due(Push("me", ended, renew_ms=NOW + HOUR)) == NOW + HOUR
    assert due(Push("me", ended, renew_ms=NOW + 9 * DAY)) == NOW + 11 * HOUR, "new calendars are found in half a day"
    assert due(Push("me", ended)) == NOW + 11 * HOUR
    assert due(Push("me", ended, renew_ms=1)) <= NOW


def test_a_hint_is_followed_once_a_minute() -> None:
    assert due(Push("me", push_row(ended_ms=NOW - HOUR, hint_ms=NOW - 5), renew_ms=NOW + DAY)) <= NOW
    soon = due(Push("me", push_row(ended_ms=NOW - SECOND, hint_ms=NOW - 5), renew_ms=NOW + DAY))
    assert soon == NOW + MINUTE - SECOND


def test_never_before_the_provider_wants() -> None:
    assert due(Push("me", push_row(ended_ms=NOW - HOUR), renew_ms=1, not_before_ms=NOW + HOUR)) == NOW + HOUR


def test_failures_and_workers_that_died_put_it_off() -> None:
    assert due(Push("me", push_row(ended_ms=NOW - MINUTE, failures=20), renew_ms=1)) == NOW + 29 * MINUTE
    assert due(Push("me", push_row(attempts=TRIES, started_ms=NOW))) > NOW


@given(
    st.integers(0, 2 * NOW), st.integers(0, 2 * NOW), st.integers(0, 2 * NOW), st.integers(0, 2 * NOW),
    st.integers(-DAY, DAY),
)  # fmt: skip
def test_whatever_stands_there_it_is_looked_at_within_a_day_or_as_the_provider_wants(
    ended: int, hint: int, renew: int, not_before: int, off: int
) -> None:
    now = NOW + off
    found = due(Push("me", push_row(ended_ms=ended, hint_ms=hint), renew, not_before), now)
    assert found <= max(now + DAY, min(not_before, now + 7 * DAY))
    assert ended > now or not ended or found >= ended + MINUTE


def test_asking_to_be_told_keeps_nobody_from_reading() -> None:
    pulls = [Account("me", push_row(kind="pull", id=f"id-{number}"), MINUTE) for number in range(3)]
    chosen = plan(NOW, State(pulls, room=3, pushes=[Push("me", push_row(ended_ms=1), renew_ms=NOW - 5)]))
    assert len(chosen) == 3
    listed = list(schedule(NOW, State(pushes=[Push("me", push_row(ended_ms=NOW - HOUR), renew_ms=NOW + HOUR)])))
    assert next_due(NOW, listed) == NOW + HOUR
