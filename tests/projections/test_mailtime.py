from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.mailtime import (
    DAY_READ_CAP_S,
    Send,
    cap_day,
    composes,
    read_seconds,
    recipient_shares,
    write_seconds,
    writings,
)
from projections.schema import BROADCAST

S = 1000
NOON = 12 * 3600 * S
SENDS = st.lists(
    st.builds(
        lambda at, words, body, to: (at * S, words, body, frozenset(to)),
        st.integers(0, 20_000), st.integers(0, 600), st.sampled_from(("", "a", "b")),
        st.sets(st.integers(1, 9), min_size=1, max_size=4),
    ),
    max_size=20,
).map(lambda rows: [Send(key, *row) for key, row in enumerate(rows)])  # fmt: skip
BUSY = st.lists(st.tuples(st.integers(0, 20_000_000), st.integers(0, 20_000_000)), max_size=4)


def test_flat_model_knows_no_words() -> None:
    assert (write_seconds(5000, "flat"), read_seconds(0, "flat")) == (300.0, 87.2)


def test_writing_never_takes_more_than_twenty_minutes_nor_reading_more_than_five() -> None:
    assert (write_seconds(10_000), read_seconds(10_000)) == (1200.0, 300.0)


@given(SENDS, BUSY)
def test_writing_never_counts_a_second_twice(sends: list[Send], busy: list[tuple[int, int]]) -> None:
    made = writings(sends, busy)
    assert made.keys() == {send.key for send in sends}
    seconds = sum(writing.seconds for writing in made.values())
    spans = {span for writing in made.values() for span in writing.spans}
    assert seconds == pytest.approx(sum(end - start for start, end in spans) / S)
    in_order = sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(in_order))
    alone = writings(sends)
    for key, writing in made.items():
        assert writing.seconds + writing.multitasking_s == pytest.approx(alone[key].seconds)


def test_writing_inside_a_meeting_is_multitasking_by_the_second() -> None:
    made = writings([Send(1, NOON, 95)], [(NOON - 600 * S, NOON - 100 * S)])[1]
    assert (made.seconds, made.multitasking_s) == (100.0, 200.0)
    assert made.spans == ((NOON - 100 * S, NOON),)


def test_two_mails_at_the_same_second_take_one_writing() -> None:
    made = writings([Send(1, NOON, 95), Send(2, NOON, 95)])
    assert [made[1].seconds, made[2].seconds] == [300.0, 0.0]


def merge(recipients: int, gap_s: int = 10, words: int = 190) -> list[Send]:
    return [Send(key, NOON + key * gap_s * S, words, "same", frozenset({key})) for key in range(recipients)]


def test_mail_merge_to_six_is_one_compose_shared_equally() -> None:
    made = writings(merge(6))
    assert [round(one.seconds, 6) for one in made.values()] == [100.0] * 6


def test_the_same_text_to_five_is_no_mail_merge() -> None:
    assert [len(group) for group in composes(merge(5))] == [1] * 5
    assert sum(one.seconds for one in writings(merge(5)).values()) == pytest.approx(640)


def test_the_same_text_over_days_is_no_mail_merge() -> None:
    assert [len(group) for group in composes(merge(6, gap_s=86_400))] == [1] * 6


def test_mails_without_text_are_no_mail_merge() -> None:
    sends = [send._replace(body="") for send in merge(9)]
    assert [len(group) for group in composes(sends)] == [1] * 9


def test_a_day_of_reading_is_scaled_to_four_hours_in_proportion() -> None:
    capped = cap_day({1: 20_000.0, 2: 10_000.0})
    assert sum(capped.values()) == pytest.approx(DAY_READ_CAP_S)
    assert capped[1] == pytest.approx(2 * capped[2])
    assert cap_day({1: 100.0}) == {1: 100.0}
    assert cap_day({}) == {}


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_recipient_shares_conserve(to: set[int], copied: set[int]) -> None:
    shares = recipient_shares(to, copied)
    assert sum(shares.values()) == pytest.approx(1.0 if to or copied else 0.0)
    assert (BROADCAST in shares) == (len(to | copied) > 18)


def test_a_copied_reader_weighs_a_quarter_of_an_addressee() -> None:
    assert recipient_shares([1], [2]) == {1: 0.8, 2: 0.2}
    assert recipient_shares([1], [1, 2]) == {1: 0.8, 2: 0.2}
