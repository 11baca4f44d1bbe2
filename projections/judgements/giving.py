"""Give and take: what each side asked of the other and was answered, by year, as counts with dates (L6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from projections.judgements.requests import Requests
from projections.requests import ANSWERED, ME, Asked

RATIO_NEEDS = 5  # of fewer cases a share tells nothing


class Side(NamedTuple):
    """One side's requests of one year: when each was made, when those answered were; `share`: None under five."""

    asked: int
    answered: int
    asked_ms: list[int]
    answered_ms: list[int]
    positions: list[int]

    @property
    def share(self) -> float | None:
        return self.answered / self.asked if self.asked >= RATIO_NEEDS else None


class Year(NamedTuple):
    """`taken`: what I asked of them; `given`: what they asked of me."""

    year: int
    taken: Side
    given: Side


def _side(requests: Iterable[Asked]) -> Side:
    made = list(requests)
    answered = [one for one in made if one.state == ANSWERED and one.closed_ms is not None]
    return Side(
        len(made),
        len(answered),
        [one.since_ms for one in made],
        [one.closed_ms for one in answered if one.closed_ms is not None],
        sorted({*(mail for one in made for mail in one.mail_ids()), *(one.by for one in made if one.by is not None)}),
    )


def side(found: Requests, person: int, *, to_me: bool) -> Side:
    """Of the two years that are read: what this person asked of the owner (`to_me`), or the owner of this person."""
    return _side(found.between.get((person, ME) if to_me else (ME, person), ()))


def by_year(found: Requests, person: int, zone: ZoneInfo) -> list[Year]:
    """The years with a request either way, the newest first; years as the owner's clock has them."""
    years: dict[int, tuple[list[Asked], list[Asked]]] = {}
    for to_me, key in enumerate(((ME, person), (person, ME))):
        for one in found.between.get(key, ()):
            year = datetime.fromtimestamp(one.since_ms / 1000, zone).year
            years.setdefault(year, ([], []))[to_me].append(one)
    return [Year(year, _side(taken), _side(given)) for year, (taken, given) in sorted(years.items(), reverse=True)]
