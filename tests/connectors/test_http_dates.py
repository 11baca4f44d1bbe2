from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http_dates import retry_after
from connectors.sync.retry import LONGEST

NOW = 1_790_000_000.0  # Mon, 21 Sep 2026 14:13:20 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("0", None),
        ("-5", None),
        ("", None),
        ("soon", None),
        ("NaN", None),
        ("9" * 400, None),
        ("99999999999", LONGEST),
        ("²", None),
        ("Mon, 21 Sep 2026 14:15:20 GMT", 120.0),
        ("Monday, 21-Sep-26 14:15:20 GMT", 120.0),
        ("Mon Sep 21 14:15:20 2026", 120.0),
        ("Mon, 21 Sep 2026 14:11:20 GMT", None),
        ("Mon, 21 Sep 9999 14:15:20 GMT", LONGEST),
        ("Mon, 32 Sep 2026 14:15:20 GMT", None),
    ],
)
def test_both_forms_and_what_is_neither(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_date_counts_by_the_clock_of_the_server_that_names_it() -> None:
    served, until = "Mon, 21 Sep 2026 20:00:00 GMT", "Mon, 21 Sep 2026 20:00:30 GMT"
    assert retry_after(until, NOW, served) == 30.0
    assert retry_after("30", NOW, served) == 30.0
    assert retry_after(until, NOW, "yesterday") == 20_830.0


@given(st.text(max_size=40), st.none() | st.text(max_size=40))
def test_any_text_gives_a_possible_wait_or_none(value: str, served: str | None) -> None:
    seconds = retry_after(value, NOW, served)
    assert seconds is None or 0 < seconds <= LONGEST
