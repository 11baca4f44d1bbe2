"""Subjects without what programs put before them, in the languages of the programs."""

from __future__ import annotations

import pytest

from projections.subjects import bare, is_forward


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Plan", "RE : Plan", "AW: Plan", "Antw: Plan", "SV: Plan", "VS: Plan", "R: Plan", "Rif: Plan", "Odp: Plan",
        "YNT: Plan", "Vá: Plan", "ΑΠ: Plan", "Ответ: Plan", "回复：Plan", "返信: Plan", "회신: Plan", "Re[2]: Plan",
        "Re(3): Plan", "Re^2: Plan", "Re: AW: Plan", "[EXTERNAL] Re: Plan", "Re: [EXT] plan", "[Extern] AW: Plan",
    ],
)  # fmt: skip
def test_an_answer_has_the_subject_of_what_it_answers(subject: str) -> None:
    assert bare(subject) == ("plan", True)
    assert not is_forward(subject)


@pytest.mark.parametrize("subject", ["Fwd: Plan", "WG: Plan", "TR : Plan", "I: Plan", "転送: Plan", "[EXT] FW: Plan"])
def test_what_is_passed_on_is_no_answer(subject: str) -> None:
    assert bare(subject) == ("plan", False)
    assert is_forward(subject)


@pytest.mark.parametrize("subject", ["Report: Plan", "[team] Plan", "R&D: plan", "External: plan", "10:30 Plan"])
def test_other_words_stay(subject: str) -> None:
    assert bare(subject) == (subject.casefold(), False)
