"""The ledger of asks: what became of what the owner asked others (lessons, L6). A refusal is a fact, nothing else."""

from __future__ import annotations

from collections.abc import Iterable

ASKED, YES, NO, SILENCE, THANKED = "asked", "yes", "no", "silence", "thanked"
STATES = (ASKED, YES, NO, SILENCE, THANKED)

# (state, what happens) -> state. `answer`: a reply that does not refuse; `time`: five working days without one;
# `thanks`: the owner closes it with thanks. What is not listed changes nothing.
TRANSITIONS = {
    (ASKED, "answer"): YES,
    (ASKED, "refusal"): NO,
    (ASKED, "time"): SILENCE,
    (ASKED, "thanks"): THANKED,  # answered where no mail shows it
    (SILENCE, "answer"): YES,
    (SILENCE, "refusal"): NO,
    (SILENCE, "thanks"): THANKED,
    (NO, "answer"): YES,  # they thought better of it
    (YES, "refusal"): NO,
    (YES, "thanks"): THANKED,
    (NO, "thanks"): THANKED,
}


def state_after(happened: Iterable[str], start: str = ASKED) -> str:
    """The state after these, in their order."""
    state = start
    for one in happened:
        state = TRANSITIONS.get((state, one), state)
    return state
