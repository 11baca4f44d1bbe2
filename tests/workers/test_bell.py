"""The bell wakes the planner, but lets it rest after a long look; a signal it hears at once."""

from __future__ import annotations

import time

from workers.main import Bell

LONG = 600.0  # longer than any test may take


def took(bell: Bell, seconds: float, rest: float) -> float:
    began = time.monotonic()
    bell.wait(seconds, rest)
    return time.monotonic() - began


def test_it_wakes() -> None:
    bell = Bell()
    bell.ring()
    assert took(bell, LONG, 0) < LONG


def test_rings_during_a_rest_are_one() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    assert took(bell, LONG, 0.3) >= 0.3
    assert took(bell, 0.2, 0) >= 0.2, "nothing is left of them"


def test_a_signal_ends_a_rest() -> None:
    bell = Bell()
    bell.signal = 15
    bell.ring()
    assert took(bell, LONG, LONG) < LONG
