"""The parts must add up to the whole: checked for every day that is computed, not only in tests."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum, isclose

from projections.schema import BROADCAST
from projections.work import Day, Entry

TOLERANCE = 1e-6  # minutes; a real mistake is a second at least


def broken(day: Day) -> Iterator[str]:
    """Say for each sum of a day that the ledger's rows do not add up to."""
    entries = list(day.entries.values())
    sums = day.sums
    wholes = (
        ("meeting minutes", sums.meeting, _of(entries, "meeting") + _of(entries, "note")),
        ("mail minutes", sums.mail, _of(entries, "mail")),
        ("minutes alone", sums.solo, _of(entries, "solo")),
        ("broadcast minutes", sums.broadcast, fsum(entry[7] for entry in entries if entry[5] == BROADCAST)),
    )
    for name, whole, parts in wholes:
        if not isclose(whole, parts, rel_tol=1e-9, abs_tol=TOLERANCE):
            yield f"the {name} are {whole:.6f}, their parts {parts:.6f}"
    if any(entry[7] < 0 for entry in entries):
        yield "a part is negative"


def _of(entries: list[Entry], channel: str) -> float:
    return fsum(entry[7] for entry in entries if entry[3] == channel)
