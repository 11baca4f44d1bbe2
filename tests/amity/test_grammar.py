from __future__ import annotations

import pytest

from amity import grammar


@pytest.mark.parametrize(("text", "minutes"), [("10h", 600), ("45m", 45), ("1h30m", 90), ("1.5h", 90), ("90 min", 90)])
def test_lengths(text: str, minutes: float) -> None:
    assert grammar.minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "10", "h", "10 parsecs", "-1h", "1h x"])
def test_no_lengths(text: str) -> None:
    with pytest.raises(ValueError, match="is no length"):
        grammar.minutes(text)


def test_rhythms_and_budgets() -> None:
    assert (grammar.days("14d"), grammar.days("6w"), grammar.weekly("1h/week")) == (14, 42, 60)
    with pytest.raises(ValueError, match="number of days"):
        grammar.days("0d")
    with pytest.raises(ValueError, match="weekly budget"):
        grammar.weekly("1h/month")


def test_hours() -> None:
    assert grammar.hours("Mon-Wed 09:00-17:30") == dict.fromkeys(range(3), (540, 1050))
    assert grammar.hours("Fri-Mon 10:00-11:00").keys() == {4, 5, 6, 0}
    assert grammar.hours("Tue,Thu 14:00-17:00; Sat 9:00-12:00") == {1: (840, 1020), 3: (840, 1020), 5: (540, 720)}
    for wrong in ("", "Mon", "Mon 9-17", "Mon 17:00-09:00", "Mon 09:00-25:00", "Xxx 09:00-17:00"):
        with pytest.raises(ValueError, match="no working hours"):
            grammar.hours(wrong)
