"""What the formulas of judgement promise beyond their worked numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections import alignment, cadence, care, decay, fading, overinvestment, reciprocity, tie
from projections.cadence import Standing
from projections.intervals import DAY_MS
from projections.overinvestment import Spending, judge
from projections.rules import Goal

DAYS = st.lists(st.floats(0, 2000), max_size=60)


@given(DAYS)
def test_episodes_hold_every_contact_and_keep_their_distance(days: list[float]) -> None:
    found = cadence.episodes(days)
    assert all(any(first <= day <= last for first, last in found) for day in days)
    assert all(found[i + 1][0] - found[i][1] > 2 for i in range(len(found) - 1))


@given(st.lists(st.integers(0, 10**11), max_size=60).map(sorted))
def test_gaps_lie_between_the_starts_of_the_last_episodes(instants: list[int]) -> None:
    found = cadence.episodes(at_ms / DAY_MS for at_ms in instants)
    starts = cadence.episode_starts(instants)
    assert [start / DAY_MS for start in starts] == pytest.approx([first for first, _ in found])
    days = [gap / DAY_MS for gap in cadence.gaps(starts)]
    assert days == pytest.approx([found[i + 1][0] - found[i][0] for i in range(len(found) - 1)][-12:])


def test_an_explicit_target_needs_no_unusual_silence() -> None:
    gaps = [3.0, 30, 7, 60, 12, 45, 9]
    usual = cadence.rhythm(gaps, 14)
    assert usual is not None
    assert cadence.state(cadence.standing(usual, gaps, 25), explicit=True) == "overdue"


def test_three_gaps_without_tier_or_target_are_no_rhythm() -> None:
    assert cadence.rhythm([7, 7, 7]) is None
    assert cadence.rhythm([7, 7, 7, 7]) is not None


def test_two_weeks_of_meeting_every_third_day_are_no_rhythm() -> None:
    burst = [3.0, 4.0, 3.0, 4.0]
    assert cadence.rhythm(burst) is None
    usual = cadence.rhythm(burst, tier_days=30)
    assert usual is not None
    assert usual.tau == pytest.approx((4 * 3.5 + 3 * 30) / 7)
    assert cadence.rhythm([1.5] * 12) is not None


def test_a_silence_that_a_fifth_of_the_gaps_reached_is_usual() -> None:
    tailed = [11.0, 13, 90, 8, 6, 12, 38, 15, 41, 12]
    usual = cadence.rhythm(tailed)
    assert usual is not None
    assert cadence.standing(usual, tailed, 25.5).z > cadence.UNUSUAL_Z
    assert cadence.state(cadence.standing(usual, tailed, 25.5), explicit=False) == "due"
    assert cadence.state(cadence.standing(usual, tailed, 45), explicit=False) == "dormant"  # once is no habit
    gaps = [10.0, 11, 10, 12, 40, 10, 45, 11, 38]
    usual = cadence.rhythm(gaps)
    assert usual is not None
    now = cadence.standing(usual, gaps, 35)
    assert now.z > cadence.UNUSUAL_Z
    assert cadence.state(now, explicit=False) == "due"
    assert cadence.state(now, explicit=True) == "dormant"
    assert cadence.state(cadence.standing(usual, gaps, 43), explicit=False) == "dormant"


@pytest.mark.parametrize(("members", "days"), [(2, 7), (5, 7), (15, 30), (16, 104.64), (51, 365), (900, 365)])
def test_a_circle_has_the_distance_of_its_size(members: int, days: float) -> None:
    assert cadence.layer_days(members) == pytest.approx(days, abs=0.01)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_beta_is_a_distribution_and_mirrors(a: int, b: int, x: float) -> None:
    assert 0 <= reciprocity.beta_cdf(x, a, b) <= 1 + 1e-9
    assert reciprocity.beta_cdf(x, a, b) == pytest.approx(1 - reciprocity.beta_cdf(1 - x, b, a), abs=1e-9)


def test_chasing_needs_five_events_silence_and_no_goal() -> None:
    who = reciprocity.initiative(9, 0)
    assert reciprocity.is_chasing(who, 1, 9, has_goal=False)
    assert not reciprocity.is_chasing(who, 1, 9, has_goal=True)
    assert not reciprocity.is_chasing(who, 3, 9, has_goal=False)
    assert not reciprocity.is_chasing(reciprocity.initiative(4, 0), 0, 4, has_goal=False)


def test_a_constant_flow_is_its_rate_and_never_fades() -> None:
    rates = fading.rates([(day + 0.5, 10.0) for day in range(360)])
    assert (rates.rate_30, rates.rate_180) == pytest.approx((10, 10), rel=0.001)
    assert not fading.is_fading(rates, Standing(50, 3, 3, 0))


def test_fading_is_left_alone_when_the_silence_is_normal_or_little_is_lost() -> None:
    stopped = fading.rates([(56.0 + 7 * week, 60.0) for week in range(50)])
    long = Standing(56, 8, 10, 0.1)
    assert fading.is_fading(stopped, long)
    assert not fading.is_fading(stopped, long._replace(z=0.9))
    assert not fading.is_fading(stopped, long._replace(r=0.9))
    assert not fading.is_fading(stopped, long, accepted=0.39)
    assert not fading.is_fading(fading.rates([(56.0 + 7 * week, 15.0) for week in range(50)]), long)


def test_one_bad_week_is_nothing_and_four_are_quieter() -> None:
    assert not fading.is_quieter([None, None, 3.0, 1.0])
    assert not fading.is_quieter([None, 2.0])
    assert fading.is_quieter([22.0, 15.0, 8.0, 1.0])
    assert not fading.is_quieter([222.0, 215.0, 208.0, 201.0])


def test_a_silent_person_is_neither_fast_nor_slow() -> None:
    assert care.speed_percentile(None, [1.0, 2.0]) == 0.5
    assert care.speed_percentile(1.0, [1.0, 2.0, 3.0]) == 0.75
    assert care.speed_percentile(2.0, [1.0, 2.0, 3.0]) == 0.5


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_care_lies_between_nothing_and_one(theirs: int, mine: int, answered: int, open_: int) -> None:
    assert 0 < care.care(theirs, theirs + mine, answered, answered + open_, 0.5) < 1


@given(
    st.tuples(st.floats(0, 5000), st.floats(0, 900), st.floats(0, 9000)),
    st.integers(0, 200), st.floats(0, 1), st.floats(0, 1),
)
def test_a_tie_is_between_0_and_100(days: tuple[float, float, float], episodes: int, b: float, small: float) -> None:
    since, tau, old = days
    parts = tie.composite(days_since=since, tau=tau, episodes=episodes, b=b, small_share=small, tenure_days=old)
    assert 0 <= parts.total <= 100


def test_joint_work_decays_and_ends() -> None:
    assert tie.collaboration([0, 90, 181], both_initiate=False) == pytest.approx(1.5)
    assert tie.collaboration([0, 90, 181], both_initiate=True) == pytest.approx(1.875)
    assert tie.person_rank({1: 3.0, 2: 1.0}) == 3.5


VICTOR = Spending([100.0, 120.0, 0.0, 10.0], [300.0] * 4, 0.0, configured=True)


def test_over_needs_two_single_weeks_an_hour_and_four_weeks_together() -> None:
    assert judge(VICTOR).state == "over"
    assert judge(VICTOR._replace(minutes=[230.0, 0, 0, 10])).state == ""  # a hiring loop of one week
    assert judge(VICTOR._replace(minutes=[29.0, 30, 0, 0], everybody=[30.0] * 4)).state == ""


def test_a_budget_is_exceeded_by_a_fifth_in_two_weeks() -> None:
    tight = VICTOR._replace(max_week=30.0, value_share=0.5)
    assert judge(tight)[:2] == ("over", "budget")
    assert judge(tight)[-1] == 2
    assert judge(tight._replace(minutes=[35.0, 36, 36, 36], value_share=0.1)).state == ""
    assert judge(tight._replace(max_week=0.0)).ratio == judge(tight).value_ratio


def test_who_is_protected_is_never_named() -> None:
    assert judge(VICTOR._replace(protected=True)).state == ""
    assert judge(VICTOR._replace(protected=True, max_week=1.0)).state == ""


def test_the_first_run_asks_and_does_not_accuse() -> None:
    assert judge(VICTOR._replace(configured=False)).state == "to-decide"
    assert judge(Spending([31.0] * 4, [900.0] * 4, 0.0))[:2] == ("to-decide", "hours")
    assert judge(VICTOR._replace(goals_weighted=False)).state == ""


def test_little_time_for_somebody_of_value_is_under() -> None:
    assert judge(Spending([0.0] * 4, [300.0] * 4, 0.4, configured=True)).state == "under"


def test_value_shares_scale_weights_to_one_and_parts_down_to_one() -> None:
    goals = [Goal("a", 2.0), Goal("b", 2.0), Goal("c")]
    shares = overinvestment.value_shares(goals, {"a": {1: 0.5}, "b": {1: 1.0, 2: 1.0}, "c": {3: 1.0}})
    assert shares == pytest.approx({1: 0.5, 2: 0.25})


def test_a_goal_is_neglected_after_two_available_weeks_below() -> None:
    assert alignment.is_neglected([(10, 60, 5), (0, 60, 0), (10, 60, 5)])
    assert not alignment.is_neglected([(60, 60, 5), (10, 60, 5)])
    assert not alignment.is_neglected([(10, 60, 5)])
    assert not alignment.is_neglected([(40, 60, 3), (10, 60, 5)])


def test_shares_of_nothing_are_zero() -> None:
    assert alignment.alignment({}) == alignment.fit({}, {"a": 1}) == alignment.reactive_share(0, 0) == 0
    assert alignment.coverage(["ok", "due", "overdue"]) == (2, 3)


def test_long_silences_call_for_longer_meetings() -> None:
    assert (decay.suggested_minutes(1.9), decay.suggested_minutes(2.0)) == (30, 60)
