"""Keys that a fresh run has met are looked for; most others are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from projections.references import Met

KEYS = st.sets(st.integers(0, 2**63 - 1), max_size=50)


@given(KEYS, KEYS)
def test_whatever_was_added_is_looked_for(added: set[int], others: set[int]) -> None:
    met = Met(fresh=True)
    met.add(added)
    assert added <= set(met.among(added | others))


def test_what_was_never_added_is_not_looked_for() -> None:
    met = Met(fresh=True)
    met.add([5])
    assert list(met.among([5, 6, 2**62])) == [5]


@given(KEYS)
def test_a_run_that_goes_on_asks_for_everything(keys: set[int]) -> None:
    assert set(Met(fresh=False).among(keys)) == keys
