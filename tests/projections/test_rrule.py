"""Recurrence rules against libical's own expectations, against dateutil, and against a walk over the days."""

from __future__ import annotations

import contextlib
import json
import random
from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from events.clocks import DAY, wall_of
from projections.recurrence import STEPS
from projections.rrule import Rule, parse
from projections.rrule_days import Budget, BudgetSpentError
from projections.rrule_walls import walls
from tests.cliffs import no_cliff

STOP = wall_of("2040-01-01")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

# Cases of libical that it marks "*** UNIMPLEMENTED" itself; ours gives every 30 December that lies in a week 1.
UNIMPLEMENTED_BY_LIBICAL = {"FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=30;BYWEEKNO=1;UNTIL=20320101"}


def expanded(rule: Rule, start: str, *, limit: int = 5000) -> list[int]:
    """The walls of a rule with its COUNT and UNTIL, as libical applies them: a start that does not fit is not one."""
    until = wall_of(rule.until.rstrip("Z")) + (0 if "T" in rule.until else DAY - 1) if rule.until else STOP
    found: list[int] = []
    for wall in walls(rule, wall_of(start.rstrip("Z")), STOP, Budget(STEPS), timed="T" in start):
        if wall > until or len(found) in {rule.instances, limit}:
            break
        found.append(wall)
    return found


def test_libical(shared_data: Path) -> None:
    cases = json.loads((shared_data / "ics" / "rrule_cases_libical.json").read_text())
    assert len(cases) == 85
    for case in cases:
        if case["RRULE"] in UNIMPLEMENTED_BY_LIBICAL:
            assert len(expanded(parse(case["RRULE"]), case["DTSTART"])) == 4
            continue
        expected = [wall_of(text.rstrip("Z")) for text in case["INSTANCES"].split(",")]
        assert expanded(parse(case["RRULE"]), case["DTSTART"]) == expected, case["comment"]


STARTS = st.integers(0, 6 * 365 * 86_400).map(lambda later: datetime.fromisoformat("1999-01-01") + timedelta(0, later))
INTERVALS = st.integers(1, 5)


def seconds(at: datetime) -> int:
    return wall_of(at.isoformat())


@given(
    STARTS, INTERVALS, st.sets(st.integers(0, 6), max_size=4), st.integers(0, 6), st.sampled_from(["DAILY", "WEEKLY"])
)
@settings(max_examples=80)
def test_days_and_weeks_as_walked(start: datetime, interval: int, names: set[int], first: int, freq: str) -> None:
    """A walk over every day, asking the plain question: is this one of them?"""
    by = f";BYDAY={','.join(DAYS[name] for name in sorted(names))}" if names else ""
    rule = parse(f"FREQ={freq};INTERVAL={interval};WKST={DAYS[first]}{by}")
    monday = start.date() - timedelta((start.weekday() - first) % 7)
    expected = []
    for days in range(800):
        at = start + timedelta(days)
        if freq == "DAILY":
            inside = days % interval == 0 and (not names or at.weekday() in names)
        else:
            inside = (at.date() - monday).days // 7 % interval == 0 and at.weekday() in (names or {start.weekday()})
        if inside:
            expected.append(seconds(at))
    assert list(walls(rule, seconds(start), seconds(start + timedelta(800)), Budget(STEPS))) == expected


@given(STARTS, INTERVALS, st.sets(st.tuples(st.integers(-5, 5), st.integers(0, 6)), min_size=1, max_size=3))
@settings(max_examples=80)
def test_months_by_nth_weekday_as_walked(start: datetime, interval: int, nths: set[tuple[int, int]]) -> None:
    by = ",".join(f"{nth or ''}{DAYS[name]}" for nth, name in sorted(nths))
    rule = parse(f"FREQ=MONTHLY;INTERVAL={interval};BYDAY={by}")
    expected = []
    for days in range(1500):
        at = start + timedelta(days)
        length = monthrange(at.year, at.month)[1]
        fits = {(0, at.weekday()), ((at.day + 6) // 7, at.weekday()), (-((length - at.day) // 7 + 1), at.weekday())}
        months = at.year * 12 + at.month - start.year * 12 - start.month
        if months % interval == 0 and fits & nths:
            expected.append(seconds(at))
    assert list(walls(rule, seconds(start), seconds(start + timedelta(1500)), Budget(STEPS))) == expected


def some_rule(chance: random.Random) -> str:
    def part(name: str, values: Sequence[object]) -> str:
        chosen = chance.sample(values, chance.randint(1, 3))
        return f";{name}={','.join(map(str, chosen))}" if chance.random() < 0.5 else ""

    return (
        f"FREQ={chance.choice(['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'])};INTERVAL={chance.randint(1, 4)}"
        + part("BYMONTH", range(1, 13))
        + part("BYMONTHDAY", [*range(-31, 0), *range(1, 32)])
        + part("BYDAY", DAYS)
        + part("BYHOUR", range(24))
        + chance.choice(["", ";WKST=SU"])
    )


@pytest.mark.parametrize("seed", range(10))
def test_as_dateutil_has_it(seed: int) -> None:
    """A second engine on rules that combine parts, but for those that it reads otherwise (libical is with us)."""
    chance = random.Random(seed)  # noqa: S311  a repeatable choice, not a secret
    compared = 0
    while compared < 40:
        text = some_rule(chance)
        if "YEARLY" in text and "BYMONTHDAY" in text and "BYMONTH=" not in text:
            continue  # dateutil: that day of every month; libical and we: of the month of the start
        start = datetime.fromisoformat("1999-01-01T09:30") + timedelta(chance.randint(0, 2000))
        end = start + timedelta(1200)
        ours = list(walls(parse(text), seconds(start), seconds(end + timedelta(1500)), Budget(10**6)))
        if not ours or ours[-1] < seconds(end):
            continue  # dateutil looks for the next instance until the year 9999
        expected = map(seconds, takewhile(end.__gt__, rrulestr(text, dtstart=start)))
        assert [wall for wall in ours if wall < seconds(end)] == list(expected), text
        compared += 1


@pytest.mark.parametrize("freq", ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
@pytest.mark.parametrize(
    "part", ["", ";BYMONTH=2;BYMONTHDAY=30", ";BYSETPOS=366", ";BYWEEKNO=53;BYDAY=MO,TU,WE,TH,FR,SA,SU", ";BYHOUR=3",
             ";INTERVAL=61;BYMINUTE=1;BYSECOND=7", ";BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["1970-01-01T00:00:00", "0001-01-01T00:00:00"])
def test_no_rule_takes_more_than_its_steps(freq: str, part: str, start: str) -> None:
    """H8 and H9 of the hostile table: the empty set that keeps dateutil busy for seconds ends after its steps."""
    taken = 0
    with no_cliff(), contextlib.suppress(BudgetSpentError):
        for taken, _ in enumerate(walls(parse(f"FREQ={freq}{part}"), wall_of(start), STOP, Budget(STEPS)), 1):
            if taken > 10_000:
                break
    assert taken <= 10_001


@pytest.mark.parametrize(
    "text",
    ["", "FREQ=SOMETIMES", "FREQ=DAILY;BYDAY=XX", "FREQ=DAILY;INTERVAL=x", "FREQ=MONTHLY;BYMONTH=13", "UNTIL=2024",
     "RSCALE=HEBREW;FREQ=YEARLY", "FREQ=DAILY;BYDAY=xMO"],
)  # fmt: skip
def test_rules_without_a_meaning(text: str) -> None:
    with pytest.raises(ValueError, match=r"frequency|day|invalid|nothing|calendar"):
        parse(text)


@given(st.text(alphabet="FREQ=DAILY;BMONTH123,-UTC", max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse(text).freq in range(7)


def test_slips_of_writers_are_forgiven() -> None:
    assert parse("freq=weekly;byday=mo;").weekdays == {(0, 0)}
    assert parse("FREQ=DAILY\\;INTERVAL=2").interval == 2
    assert parse("FREQ=DAILY;COUNT=-1;INTERVAL=0") == Rule(3)
