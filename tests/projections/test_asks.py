from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.asks import STATES, TRANSITIONS, state_after

EVENTS = ("answer", "refusal", "time", "thanks")


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        ([], "asked"),
        (["answer"], "yes"),
        (["refusal"], "no"),
        (["time"], "silence"),
        (["time", "answer"], "yes"),
        (["time", "refusal"], "no"),
        (["answer", "thanks"], "thanked"),
        (["refusal", "thanks"], "thanked"),
        (["thanks"], "thanked"),
        (["refusal", "answer"], "yes"),
        (["answer", "refusal"], "no"),
        (["answer", "time"], "yes"),
        (["refusal", "time"], "no"),
        (["answer", "thanks", "time"], "thanked"),
    ],
)
def test_the_transitions(happened: list[str], state: str) -> None:
    assert state_after(happened) == state


@given(st.lists(st.sampled_from(EVENTS), max_size=8))
def test_every_ask_is_in_a_state_and_none_is_asked_again(happened: list[str]) -> None:
    state = state_after(happened)
    assert state in STATES
    assert (state == "asked") == (not happened)


def test_time_says_nothing_of_what_was_answered() -> None:
    assert [state for state, event in TRANSITIONS if event == "time"] == ["asked"]
