"""How a tie cools without contact (F9); for display and suggestions, never for a flag."""

from __future__ import annotations

from math import exp2, log

BRIDGE_LOSS = 0.9  # nine in ten bridges are gone a year later (Burt 2002)
BRIDGE_HALF_LIFE_DAYS = 365 * log(2) / log(1 / (1 - BRIDGE_LOSS))
SHORT_MINUTES, LONG_MINUTES = 30, 60  # (ours) people make the call after a long gap a longer one
LONG_R = 2.0


def warmth(elapsed_days: float, tau: float) -> float:
    """1 right after contact, 0.5 at twice the usual distance."""
    return exp2(-elapsed_days / (2 * tau))


def suggested_minutes(r: float) -> int:
    """How long to meet, by how many usual distances the silence lasted."""
    return SHORT_MINUTES if r < LONG_R else LONG_MINUTES
