"""When the report is due: once a week, the newest after a long sleep, not in quiet hours, failures later again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.due import FORSAKEN_MS, Due, Wish, due, next_due_ms, period_of
from events.deliveries import BEGUN, CLAIMED, FAILED, SENT, Delivery

BERLIN = ZoneInfo("Europe/Berlin")
WISH = Wish(("file", "mail"), "Mon 07:00", "", BERLIN)
MINUTE = 60_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


MOMENTS = st.integers(at("2025-01-01T00:00"), at("2028-01-01T00:00"))


@pytest.mark.parametrize(
    ("now", "moment", "week"),
    [
        ("2026-09-21T07:00", "Mon 07:00", "2026-W38"),
        ("2026-09-21T06:59", "Mon 07:00", "2026-W37"),
        ("2026-09-27T23:59", "Mon 07:00", "2026-W38"),
        ("2026-09-25T17:00", "Fri 17:00", "2026-W38"),
        ("2026-01-05T07:00", "Mon 07:00", "2026-W01"),
        ("2027-01-04T07:00", "Mon 07:00", "2026-W53"),
        ("2026-03-29T02:30", "Sun 02:30", "2026-W12"),  # a time of day that this day has not
        ("2026-10-26T07:00", "Mon 07:00", "2026-W43"),  # the clocks went back on the day before
    ],
)
def test_the_week_that_is_due_is_the_last_whole_one(now: str, moment: str, week: str) -> None:
    assert period_of(at(now), WISH._replace(at=moment)) == week


def test_each_way_is_due_until_it_was_sent() -> None:
    now = at("2026-09-21T08:00")
    sent = {("2026-W38", "file"): Delivery("2026-W38", "file", SENT, 1, now)}
    assert due(now, WISH, {}) == [Due("2026-W38", "file"), Due("2026-W38", "mail")]
    assert due(now, WISH, sent) == [Due("2026-W38", "mail")]


def test_what_was_begun_may_have_arrived_and_is_never_begun_again() -> None:
    now = at("2026-09-21T08:00")
    begun = {("2026-W38", way): Delivery("2026-W38", way, BEGUN, 1, now) for way in WISH.ways}
    assert due(now + 6 * 86_400_000, WISH, begun) == []


def test_a_failure_waits_longer_each_time() -> None:
    now = at("2026-09-21T08:00")
    for attempts, minutes in ((1, 5), (2, 10), (3, 20), (20, 360)):
        before = {("2026-W38", way): Delivery("2026-W38", way, FAILED, attempts, now) for way in WISH.ways}
        assert due(now + minutes * MINUTE - 1, WISH, before) == []
        assert len(due(now + minutes * MINUTE, WISH, before)) == 2
        assert next_due_ms(now, WISH, before) == now + minutes * MINUTE


def test_who_died_before_it_was_begun_is_succeeded() -> None:
    now = at("2026-09-21T08:00")
    before = {("2026-W38", "mail"): Delivery("2026-W38", "mail", CLAIMED, 1, now)}
    assert Due("2026-W38", "mail") not in due(now + FORSAKEN_MS - 1, WISH, before)
    assert Due("2026-W38", "mail") in due(now + FORSAKEN_MS, WISH, before)


def test_quiet_hours_hold_back_what_could_wake_somebody() -> None:
    wish = WISH._replace(quiet="22:00-08:30")
    assert due(at("2026-09-21T08:00"), wish, {}) == [Due("2026-W38", "file")]
    sent = {("2026-W38", "file"): Delivery("2026-W38", "file", SENT, 1, 0)}
    assert next_due_ms(at("2026-09-21T08:00"), wish, sent) == at("2026-09-21T08:30")
    assert len(due(at("2026-09-21T08:30"), wish, {})) == 2


@given(MOMENTS, st.sampled_from(["22:00-07:00", "01:00-03:30", "12:00-12:30"]))
def test_quiet_hours_end_soon_and_end_in_noise(now: int, quiet: str) -> None:
    wish = Wish(("mail",), "Mon 07:00", quiet, BERLIN)
    if due(now, wish, {}):
        return
    soonest = next_due_ms(now, wish, {})
    assert soonest is not None
    assert now < soonest <= now + 11 * 3_600_000
    again = next_due_ms(soonest, wish, {})  # once more where the clocks changed
    assert again is not None
    assert due(max(soonest, again), wish, {})


def test_nothing_is_wished_for_nothing_is_due() -> None:
    assert due(at("2026-09-21T08:00"), WISH._replace(ways=()), {}) == []
    assert next_due_ms(at("2026-09-21T08:00"), WISH._replace(ways=()), {}) is None


@given(MOMENTS, st.sampled_from(["Mon 07:00", "Sun 02:30", "Fri 23:59"]), st.sampled_from(["", "22:00-07:00"]))
def test_at_the_next_moment_something_is_due_and_not_before(now: int, moment: str, quiet: str) -> None:
    wish = Wish(("mail",), moment, quiet, BERLIN)
    done = {(one.period, one.way): Delivery(*one, SENT, 1, now) for one in due(now, wish._replace(quiet=""), {})}
    soonest = next_due_ms(now, wish, done)
    assert soonest is not None
    assert now < soonest <= now + 8 * 86_400_000
    if not quiet:
        assert due(soonest, wish, done)
        assert not due(soonest - 1, wish, done)


@given(MOMENTS, MOMENTS)
def test_each_week_is_due_once_however_often_it_is_asked(first: int, second: int) -> None:
    earlier, later = sorted((first, second))
    before = {(one.period, one.way): Delivery(*one, SENT, 1, earlier) for one in due(earlier, WISH, {})}
    again = due(later, WISH, before)
    assert {one.period for one in again} <= {period_of(later, WISH)}
    assert not any((one.period, one.way) in before for one in again)
