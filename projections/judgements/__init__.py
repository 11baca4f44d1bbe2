"""Answers of the read models: what the owner asked of their time, as of an instant. Values ready for printing.

Only what happened until `as_of_ms` counts; later meetings are plans. Every entry names the log positions behind it.
"""

from projections.judgements.carers import care, owe, quiet
from projections.judgements.chased import chasing
from projections.judgements.dwindling import fading
from projections.judgements.neglect import neglected
from projections.judgements.numbers import nobody_numbers, numbers, person_numbers
from projections.judgements.spending import over

__all__ = [
    "care",
    "chasing",
    "fading",
    "neglected",
    "nobody_numbers",
    "numbers",
    "over",
    "owe",
    "person_numbers",
    "quiet",
]
