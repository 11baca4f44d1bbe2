"""Graph's patterns as rules: what the rule gives by our own engine is what the pattern gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from dateutil.rrule import rrulestr

from connectors.ical_values import stamp
from connectors.microsoft.calendar_rule import Recurrence, days, is_known, rule
from connectors.zones import FLOATING, Zone

START = stamp("2026-01-31T10:00:00", Zone("Europe/Berlin"))
SPAN = {"type": "noEnd", "startDate": "2026-01-31", "endDate": "0001-01-01", "numberOfOccurrences": 0}


def made(kind: str, span: dict[str, Any] | None = None, **pattern: Any) -> Recurrence:
    whole = {"type": kind, "interval": 1, "month": 0, "dayOfMonth": 0, "daysOfWeek": [], **pattern}
    return msgspec.convert({"pattern": whole, "range": {**SPAN, **(span or {})}}, Recurrence)



@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (made("daily", interval=3), "FREQ=DAILY;INTERVAL=3"),
        (made("weekly", daysOfWeek=["friday", "monday"]), "FREQ=WEEKLY;BYDAY=MO,FR;WKST=SU"),
        (made("weekly", daysOfWeek=["friday"], firstDayOfWeek="monday"), "FREQ=WEEKLY;BYDAY=FR;WKST=MO"),
        (made("absoluteMonthly", dayOfMonth=15), "FREQ=MONTHLY;BYMONTHDAY=15"),
        (made("absoluteMonthly", dayOfMonth=30), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
        (made("absoluteMonthly", dayOfMonth=31), "FREQ=MONTHLY;BYMONTHDAY=-1"),
        (made("relativeMonthly", daysOfWeek=["tuesday"], index="last"), "FREQ=MONTHLY;BYDAY=-1TU"),
        (made("relativeMonthly", daysOfWeek=["monday", "tuesday"]), "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"),
        (made("absoluteYearly", month=2, dayOfMonth=29), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"),
        (made("absoluteYearly", month=12, dayOfMonth=31), "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
        (
            made("relativeYearly", month=11, daysOfWeek=["thursday"], index="fourth"),
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        ),
    ],
)
def test_rules(recurrence: Recurrence, expected: str) -> None:
    assert is_known(recurrence)
    assert rule(recurrence, START) == expected
    first, until = date(2026, 1, 31), date(2036, 1, 1)
    began = datetime(2026, 1, 31)  # noqa: DTZ001  wall time
    wanted = rrulestr(expected, dtstart=began).between(began, began.replace(year=2035, month=12), inc=True)
    assert list(days(recurrence, first, until)) == [one.date() for one in wanted]


def test_ends() -> None:
    until = made("daily", {"type": "endDate", "endDate": "2026-03-29"})
    assert rule(until, START) == "FREQ=DAILY;UNTIL=20260329T080000Z"
    assert rule(until, stamp("2026-01-31", FLOATING)) == "FREQ=DAILY;UNTIL=20260329"
    assert max(days(until, date(2026, 1, 31), date(2030, 1, 1))) == date(2026, 3, 29)
    assert rule(made("daily", {"type": "numbered", "numberOfOccurrences": 3}), START) == "FREQ=DAILY;COUNT=3"
    assert rule(made("daily"), START) == "FREQ=DAILY", "the year 1 is no end"


def test_the_start_counts_even_where_the_pattern_does_not_have_it() -> None:
    three = made("weekly", {"type": "numbered", "numberOfOccurrences": 3}, daysOfWeek=["monday"])
    assert list(days(three, date(2026, 2, 2), date(2030, 1, 1))) == [date(2026, 2, day) for day in (2, 9, 16)]
    assert list(days(three, date(2026, 1, 31), date(2030, 1, 1))) == [date(2026, 2, 2), date(2026, 2, 9)]
    one = made("weekly", {"type": "numbered", "numberOfOccurrences": 1}, daysOfWeek=["monday"])
    assert list(days(one, date(2026, 1, 31), date(2030, 1, 1))) == []


@pytest.mark.parametrize(
    "recurrence",
    [
        made("lunar"), made("daily", interval=0), made("weekly"), made("weekly", daysOfWeek=["someday"]),
        made("absoluteMonthly"), made("absoluteYearly", dayOfMonth=3), made("relativeMonthly", index="fifth",
        daysOfWeek=["monday"]), made("relativeYearly", daysOfWeek=["monday"]),
    ],
)  # fmt: skip
def test_what_is_not_understood(recurrence: Recurrence) -> None:
    assert not is_known(recurrence)


def test_february() -> None:
    monthly = made("absoluteMonthly", dayOfMonth=31)
    found = list(days(monthly, date(2026, 1, 31), date(2026, 6, 1)))
    assert [(one.month, one.day) for one in found] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]
