from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from projections.judgements.giving import by_year, side
from projections.judgements.requests import Requests
from projections.requests import ME, follow, standing
from tests.projections.test_requests import mail

ANA = 1
ZONE = ZoneInfo("Europe/Helsinki")


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def asked(year: int, times: int, answered: int, *, mine: bool = False) -> list[Any]:
    """So many questions of Ana's in a year (or of mine), each in a thread of its own, the first ones answered."""
    asker, other = (ME, ANA) if mine else (ANA, ME)
    found: list[Any] = []
    for number in range(times):
        when = at(f"{year}-03-{number + 1:02d}T10:00+02:00")
        thread = [mail(when, asker, (other,))]
        if number < answered:
            thread.append(mail(when + 3_600_000, other, (asker,), plain=True))
        found += map(standing, follow(thread))
    return found


def known(requests: list[Any]) -> Requests:
    between: dict[tuple[int, int], list[Any]] = {}
    for one in requests:
        between.setdefault((one.asker, one.asked), []).append(one)
    return cast("Requests", SimpleNamespace(requests=requests, between=between))


def test_counts_by_year_have_dates_and_no_share_under_five() -> None:
    found = known([*asked(2025, 4, 4), *asked(2026, 5, 2), *asked(2026, 1, 1, mine=True)])
    newest, before = by_year(found, ANA, ZONE)
    assert (newest.year, newest.given.asked, newest.given.answered, newest.given.share) == (2026, 5, 2, 0.4)
    assert (newest.taken.asked, newest.taken.answered, newest.taken.share) == (1, 1, None)
    assert (before.year, before.given.answered, before.given.share) == (2025, 4, None)
    assert newest.given.answered_ms == [one + 3_600_000 for one in newest.given.asked_ms[:2]]
    assert len(newest.given.positions) == 7


def test_a_year_begins_by_the_owners_clock() -> None:
    new_year = at("2025-12-31T23:30+00:00")
    (year,) = by_year(known([*map(standing, follow([mail(new_year, ANA, (ME,))]))]), ANA, ZONE)
    assert year.year == 2026


def test_both_sides_are_told_apart() -> None:
    found = known([*asked(2026, 2, 0), *asked(2026, 3, 1, mine=True)])
    assert side(found, ANA, to_me=True)[:2] == (2, 0)
    assert side(found, ANA, to_me=False)[:2] == (3, 1)
