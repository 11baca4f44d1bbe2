from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.introductions import WORDS_MAX, complement, compose, intro_score, jaccard, matching, problems


def test_worked_example_of_f12() -> None:
    assert intro_score(0.8, 0.9, 0.6, 1 / 3) == pytest.approx(0.32)


def test_overlap_is_the_shared_part_of_both_circles() -> None:
    assert jaccard({1, 2}, {2, 3}) == pytest.approx(1 / 3)
    assert jaccard(set(), set()) == 0


@pytest.mark.parametrize(
    ("need", "offer", "found"),
    [
        ("pricing", "Pricing", 1),
        ("contracts", "contract", 1),
        ("companies", "company", 1),
        ("price", "pricing", 1),
        ("design partners", "partner design", 1),
        ("help with pricing", "pricing", 1),
        ("pricing", "pricing strategy", 0.8),
        ("Zürich offices", "office", 0.8),
        ("定价", "定价", 1),
        ("legal", "legality", 0),
        ("art", "article", 0),
        ("car", "care", 0),
        ("design partners", "interior design class", 0),
        ("", "pricing", 0),
    ],
)
def test_needs_meet_offers_in_other_forms_and_nothing_is_invented(need: str, offer: str, found: float) -> None:
    assert matching(need, offer) == pytest.approx(found)


def test_the_best_pair_of_a_need_and_an_offer_counts() -> None:
    assert complement(("tax", "pricing"), ("pricing strategy", "Taxes")) == (1.0, "tax", "Taxes")
    assert complement((), ("tax",)).complement == 0


@given(st.text(max_size=30), st.text(max_size=30))
def test_matching_has_no_direction_and_stays_between_0_and_1(one: str, other: str) -> None:
    assert matching(one, other) == pytest.approx(matching(other, one))
    assert 0 <= matching(one, other) <= 1


NAMES = ("Mei Tan", "Omar Aziz")


def test_the_composer_writes_what_the_linter_lets_pass() -> None:
    text = compose("Omar Aziz", "Mei Tan", "pricing", "Omar is looking for it at the moment.")
    assert problems(text, NAMES, NAMES) == []
    assert len(text.split()) <= WORDS_MAX


def test_the_linter_sees_length_names_consent_and_requests() -> None:
    text = compose("Omar Aziz", "Mei Tan", "pricing", "word " * WORDS_MAX)
    assert any("words" in one for one in problems(text, NAMES, NAMES))
    fine = compose("Omar Aziz", "Mei Tan", "pricing", "Now.")
    assert problems(fine, NAMES, ["Mei Tan"]) == ["Omar Aziz has not agreed to it."]
    assert problems(fine, ("Mei Tan", "Zoe"), ("Mei Tan", "Zoe")) == ["Zoe is not named."]
    assert any("questions" in one for one in problems(fine + "And?", NAMES, NAMES))
    assert any("Why now:" in one for one in problems(fine.replace("Why now:", "Because"), NAMES, NAMES))
