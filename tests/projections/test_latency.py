from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.latency import (
    HOUR_MS,
    LEAST_MS,
    WORLD_LIKELY_MS,
    WORLD_MEDIAN_MS,
    Wait,
    clamped,
    quantiles,
    shrunk,
    usual,
)

EXAMPLE: list[Wait] = [(1, True), (2, True), (2, True), (3, False), (5, True), (8, False), (9, True)]


def test_unanswered_mail_counts() -> None:
    assert quantiles(EXAMPLE, (0.5, 0.8)) == [5, 9]
    assert median(length for length, done in EXAMPLE if done) == 2  # what flatters


def test_who_seldom_answers_has_no_usual_time() -> None:
    assert quantiles([(1, True), (9, False), (9, False)], (0.5,)) == [None]
    assert quantiles([], (0.5, 0.8)) == [None, None]


def test_few_cases_are_drawn_towards_everybody() -> None:
    assert shrunk(6, 4, 2) == pytest.approx(3.26, abs=0.005)
    assert shrunk(6, 0, 2) == pytest.approx(2)


def test_somebody_unknown_answers_as_the_world_does() -> None:
    assert usual([], (0.5, 0.8), (1.0, 2.0), 1e9) == [1.0, 2.0]
    assert usual([(60_000, False)], (0.8,), (WORLD_LIKELY_MS,), 1e9) == [WORLD_LIKELY_MS]  # asked a minute ago
    assert WORLD_MEDIAN_MS < WORLD_LIKELY_MS < 24 * HOUR_MS


def test_nobody_is_late_before_four_hours_and_everybody_after_five_days() -> None:
    day = 8 * HOUR_MS
    assert clamped(1, day) == LEAST_MS
    assert clamped(float("inf"), day) == 5 * day
    assert clamped(10 * HOUR_MS, day) == 10 * HOUR_MS


waits = st.lists(st.tuples(st.integers(1, 50).map(float), st.booleans()), max_size=30)


@given(waits)
def test_without_censoring_it_is_the_plain_quantile(cases: list[Wait]) -> None:
    ended = sorted(length for length, _ in cases)
    expected = ended[-(-len(ended) // 2) - 1] if ended else None
    assert quantiles([(length, True) for length, _ in cases], (0.5,)) == [expected]


@given(waits, st.integers(1, 50))
def test_one_more_unanswered_mail_never_makes_anybody_faster(cases: list[Wait], length: int) -> None:
    (before,), (after,) = quantiles(cases, (0.5,)), quantiles([*cases, (float(length), False)], (0.5,))
    assert after is None or (before is not None and after >= before)


@given(waits)
def test_both_quantiles_are_those_of_the_product_formula(cases: list[Wait]) -> None:
    def plain(share: float) -> float | None:
        still_open = 1.0
        for length in sorted({length for length, done in cases if done}):
            at_risk = sum(other >= length for other, _ in cases)
            still_open *= 1 - sum(done for other, done in cases if other == length) / at_risk
            if still_open <= 1 - share + 1e-12:
                return length
        return None

    assert quantiles(cases, (0.5, 0.8)) == [plain(0.5), plain(0.8)]
