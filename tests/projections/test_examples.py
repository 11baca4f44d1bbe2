"""Every worked number of the measures F1 to F11, through the public functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from events.vocabulary import Attendee, Mailbox, MeetingObserved
from projections import (
    alignment,
    attendance,
    attribution,
    cadence,
    care,
    decay,
    fading,
    goals,
    latency,
    mailtime,
    overinvestment,
    reciprocity,
    tie,
    workhours,
)
from projections.attribution import Slot, share_clock
from projections.intervals import MINUTE_MS
from projections.rules import Goal
from projections.schema import UNASSIGNED

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text())
ANA, BO, CY = 1, 2, 3


def slots(*rows: tuple[int, float, float, int]) -> list[Slot]:
    """(key, start hour, end hour, tier)."""
    hour = 60 * MINUTE_MS
    return [Slot(key, round(start * hour), round(end * hour), tier) for key, start, end, tier in rows]


OVERLAP = slots((1, 10, 11, 1), (2, 10.5, 11.5, 1), (3, 10.5, 11, 2))


def overlap(policy: list[Slot]) -> dict[str, float]:
    return {"ABC"[key - 1]: minutes for key, minutes in share_clock(policy, []).items()}


def overlap_people() -> dict[str, float]:
    clock = share_clock(OVERLAP[:2], [])
    both = attribution.split(clock[2], 2).each
    return {"ana": attribution.split(clock[1], 1).each, "bo": both, "cy": both}


def overlap_face() -> dict[str, float]:
    clock = share_clock(OVERLAP[:2], [])
    return {"ana": clock[1], "bo": clock[2], "cy": clock[2]}


SENDS = [
    mailtime.Send(1, 0, 95, "a", frozenset({ANA})),
    mailtime.Send(2, 180_000, 38, "b", frozenset({BO, CY})),
    mailtime.Send(3, 1_800_000, 5, "c", frozenset({ANA})),
]


def mail_people() -> dict[str, float]:
    wrote = mailtime.writings(SENDS)
    seconds = {ANA: mailtime.read_seconds(119), BO: mailtime.read_seconds(238), CY: 0.0}
    for key, to, cc in ((1, [ANA], []), (2, [BO], [CY]), (3, [ANA], [])):
        for person, share in mailtime.recipient_shares(to, cc).items():
            seconds[person] += share * wrote[key].seconds
    return {"ana": seconds[ANA], "bo": seconds[BO], "cy": seconds[CY]}


def five_minute_sends() -> list[float]:
    made = mailtime.writings([mailtime.Send(at, at * MINUTE_MS, 95) for at in (0, 2, 10)])
    return [one.seconds / 60 for one in made.values()]


def forward_rule() -> list[float]:
    """Microsoft's: each mail lasts until the next one. Ours gives the same total."""
    ours = five_minute_sends()
    forward = [min(5.0, later - at) for at, later in ((0, 2), (2, 10), (10, 99))]
    assert sum(ours) == sum(forward)
    return forward


def standing(gaps: list[float], elapsed: float, tier: float | None = None) -> dict[str, float]:
    usual = cadence.rhythm(gaps, None, tier)
    assert usual is not None
    now = cadence.standing(usual, gaps, elapsed)
    return {"tau": usual.tau, "s": usual.own, "spread": usual.spread, "r": now.r, "z": now.z, "p": now.p}


def chances(mine: int, theirs: int) -> dict[str, float]:
    above = 1 - reciprocity.beta_cdf(0.6, 1 + mine, 1 + theirs)
    below = reciprocity.beta_cdf(0.4, 1 + mine, 1 + theirs)
    return {"b": reciprocity.share(mine, theirs), "P_gt_60": above, "P_lt_40": below}


def weekly(silent_days: int) -> fading.Rates:
    return fading.rates([(silent_days + 7 * week, 60.0) for week in range(60)])


def tie_example() -> list[Any]:
    parts = tie.composite(days_since=10, tau=20, episodes=12, b=0.6, small_share=0.8, tenure_days=730)
    return [parts._asdict(), parts.total]


def value_ratios() -> dict[str, float]:
    minutes = {"A": 300.0, "B": 120.0, "C": 60.0}
    members = {"all": {0: 0.0, 1: 0.6, 2: 0.4}}
    value = overinvestment.value_shares([Goal("all", 1.0)], members)
    return {
        name: overinvestment.value_ratio(part / sum(minutes.values()), value[place])
        for place, (name, part) in enumerate(minutes.items())
    }


def budget() -> dict[str, float | None]:
    verdict = overinvestment.judge(overinvestment.Spending([50, 40, 50, 50], [300] * 4, 0.5, 30, configured=True))
    assert (verdict.state, verdict.by, verdict.weeks) == ("over", "budget", 4)
    return {"spent": 190, "max": 120, "ratio": verdict.ratio}


def member_split() -> dict[str, float]:
    both = [Goal("launch", 0.5, people={"a@x": 2.0}), Goal("hiring", 0.5, people={"a@x": 1.0})]
    made = goals.compile_goals(both, lambda _: 1)
    shares = goals.assign(made, goals.Subject(people={1: 1.0}, n=1)).shares
    return {goal: 60 * share for goal, share in shares.items()}


PLAN = {"launch": 50.0, "fundraise": 30.0, "hiring": 20.0}
ACTUAL = {"launch": 30.0, "fundraise": 20.0, "hiring": 10.0, UNASSIGNED: 40.0}
REGULAR = [14.0, 15.0, 13.0, 16.0, 14.0]


def first_reasons() -> list[str]:
    """All-day; nine hours; nobody else; no reply of mine; shown as free: each with Ana, but for the third."""
    ana, me = Mailbox("ana@x.org"), "me@x.org"
    guests = (Attendee(ana.address, answer="accepted"), Attendee(me, answer="accepted"))
    base = MeetingObserved(source="files:t", uid="u", organizer=ana, attendees=guests)
    unanswered = (guests[0], Attendee(me, answer="needs-action"))
    cases = (
        (structs.replace(base, days=1), 24),
        (base, 9),
        (structs.replace(base, organizer=None, attendees=()), 1),
        (structs.replace(base, attendees=unanswered), 1),
        (structs.replace(base, busy="free"), 1),
    )

    def known(address: str) -> attendance.Known:
        return attendance.Known(address == me, "person", 0 if address == me else 1)

    return [attendance.judge(one, hours * 3_600_000, known, attendance.Policy()).reason for one, hours in cases]


COMPUTED: dict[str, Callable[[], Any]] = {
    "F1_reasons": first_reasons,
    "F2_overlap_clock": lambda: overlap(OVERLAP[:2]),
    "F2_overlap_attr": overlap_people,
    "F2_overlap_face": overlap_face,
    "F2_overlap_inclusive_clock": lambda: overlap(OVERLAP),
    "F2_viva_1p5h": lambda: sum(share_clock(slots((1, 14, 15, 1), (2, 14.5, 15.5, 1)), []).values()) / 60,
    "F3_big": lambda: {"(broadcast)": attribution.split(60, 19).broadcast},
    "F3_18": lambda: attribution.split(60, 18).each,
    "F2_ooo": lambda: {"d": share_clock(slots((1, 12, 13, 1)), [(0, round(12.5 * 60) * MINUTE_MS)])[1]},
    "F3_cost_1h_5ppl_75": lambda: attribution.cost(1, 5),
    "F4_write_5_43_95": lambda: [mailtime.write_seconds(words) for words in (5, 43, 95)],
    "F4_read_116_238": lambda: [mailtime.read_seconds(words) for words in (116, 238)],
    "F4_words_for_29.2s": lambda: 29.2 * mailtime.READ_WPM / 60,
    "F4_forward_0_2_10min": forward_rule,
    "F4_backward_0_2_10min": five_minute_sends,
    "F4_day_sends_s": lambda: [one.seconds for one in mailtime.writings(SENDS).values()],
    "F4_person_s": mail_people,
    "F4_total_s": lambda: sum(mail_people().values()),
    "F5_IR_out[0,7]_in[7,14]_lam7_th2": lambda: tie.interactions_rank([0, 7], [7, 14], 7, 2),
    "F5_IR_out[]_in[0]*9": lambda: tie.interactions_rank([], [0] * 9),
    "F5_IR_gate": lambda: tie.gate(tie.interactions_rank([], [0] * 9), ever_sent=False, ever_met=False),
    "F5_tie": tie_example,
    "F6_regular": lambda: standing(REGULAR, 25),
    "F6_irregular": lambda: standing([3, 30, 7, 60, 12, 45, 9], 25),
    "F6_cold2": lambda: standing([10, 20], 40, 30),
    "F6_none": lambda: standing([], 40, 30),
    "F6_episodes": lambda: [list(one) for one in cadence.episodes([1, 2, 2, 3, 10, 24, 25, 40])],
    "F6_paused": lambda: standing(REGULAR, 25 - 7),
    "F6_tier50_geo": lambda: cadence.layer_days(50),
    "F6_rate_const30_180": lambda: list(weekly(0)[:2]),
    "F6_rate_stopped8w": lambda: list(weekly(56)),
    "F7_9_1": lambda: chances(9, 1),
    "F7_3_1": lambda: chances(3, 1),
    "F7_6_4": lambda: chances(6, 4),
    "F7_1_9": lambda: chances(1, 9),
    "F7_care": lambda: care.care(7, 10, 9, 10, 0.5),
    "F8_EA_7to805": lambda: worked(8, "2026-09-14T07:00", "2026-09-14T08:05"),
    "F8_EA_16to1827": lambda: worked(8, "2026-09-14T16:00", "2026-09-14T18:27"),
    "F8_EA_18to1827": lambda: worked(8, "2026-09-14T18:00", "2026-09-14T18:27"),
    "F8_fri16_mon10_9to17": lambda: worked(9, "2026-09-11T16:00", "2026-09-14T10:00") / 60,
    "F8_ooo_monday": lambda: worked(9, "2026-09-11T16:00", "2026-09-15T10:00", "2026-09-14", "2026-09-15") / 60,
    "F8_km_q50_q80": lambda: latency.quantiles(WAITS, (0.5, 0.8)),
    "F8_naive_median_answered": lambda: cadence.median([length for length, done in WAITS if done]),
    "F8_shrunk_median_h": lambda: latency.shrunk(6, 4, 2),
    "F9_bridge_halflife_days": lambda: decay.BRIDGE_HALF_LIFE_DAYS,
    "F9_W_tau,2tau,4tau": lambda: [decay.warmth(times * 14, 14) for times in (1, 2, 4)],
    "F10_OI": value_ratios,
    "F10_budget": budget,
    "F10_robust_z_240_vs_60ish": lambda: overinvestment.robust_z(240, [60, 45, 75, 60, 90, 60, 50, 70]),
    "F11_fit": lambda: alignment.fit(PLAN, ACTUAL),
    "F11_align": lambda: alignment.alignment(ACTUAL),
    "F11_target_scaled_3of5_days": lambda: alignment.scaled_target(10, 3),
    "F11_split_member": member_split,
    "F13_network_size": lambda: attribution.network_size([3, 2, 1]),
}


WAITS: list[latency.Wait] = [(1, True), (2, True), (2, True), (3, False), (5, True), (8, False), (9, True)]


def worked(begin: int, since: str, until: str, *away: str) -> float:
    """Minutes of working time on weekdays from `begin` to 17:00."""

    def at(text: str) -> int:
        return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)

    hours = dict.fromkeys(range(5), (begin * 60, 17 * 60))
    pauses = [(at(away[0]), at(away[1]))] if away else []
    clock = workhours.WorkingTime(hours, UTC, at("2026-09-01"), at("2026-10-01"))
    return clock.between(at(since), at(until), pauses) / 60_000


def agree(got: Any, expected: Any) -> bool:
    """Equal to the last digit that the example prints."""
    if isinstance(expected, str):
        return bool(got == expected)
    if isinstance(expected, dict):
        return got.keys() == expected.keys() and all(agree(got[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(agree, got, expected))
    digits = len(str(float(expected)).partition(".")[2])
    return bool(abs(got - expected) <= 0.5 * 10**-digits + 1e-9)


@pytest.mark.parametrize("key", sorted(COMPUTED))
def test_worked_example(key: str) -> None:
    got = COMPUTED[key]()
    assert agree(got, EXAMPLES[key]), got


def test_every_example_of_these_formulas_has_its_function() -> None:
    these = {"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F13"}
    wanted = {key for key in EXAMPLES if key.partition("_")[0] in these}
    assert wanted == COMPUTED.keys()


@pytest.mark.parametrize(
    ("gaps", "elapsed", "tier", "expected"),
    [
        (REGULAR, 25, None, "overdue"),
        ([3, 30, 7, 60, 12, 45, 9], 25, None, "due"),
        ([10, 20], 40, 30, "overdue"),
        ([], 40, 30, "due"),
        (REGULAR, 18, None, "due"),
        (REGULAR, 13, None, "ok"),
        (REGULAR, 43, None, "dormant"),
    ],
)
def test_states_of_the_table(gaps: list[float], elapsed: float, tier: float | None, expected: str) -> None:
    usual = cadence.rhythm(gaps, None, tier)
    assert usual is not None
    assert cadence.state(cadence.standing(usual, gaps, elapsed), explicit=usual.explicit) == expected


def test_verdicts_on_initiative() -> None:
    counts = ((9, 1), (3, 1), (6, 4), (1, 9), (3000, 10), (500, 500))
    verdicts = [reciprocity.initiative(*pair).verdict for pair in counts]
    assert verdicts == ["i-chase", "unclear", "unclear", "they-chase", "i-chase", "unclear"]
