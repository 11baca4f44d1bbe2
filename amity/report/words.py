"""How periods, moments and hours are worded, the same in every format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import floor
from typing import Any

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TO = "\N{EN DASH}"


def period_title(period: dict[str, Any]) -> str:
    """`WEEK 38 · 14-20 Sep 2026`, or the two dates."""
    first = datetime.fromisoformat(period["since"]).date()
    last = datetime.fromisoformat(period["until"]).date() - timedelta(days=1)
    week = f"WEEK {first.isocalendar().week} · " if period["is_week"] else ""
    if (first.year, first.month) == (last.year, last.month):
        return f"{week}{first.day}{TO}{_date(last)}"
    return f"{week}{_date(first)} {TO} {_date(last)}"


def moment_words(text: str, period: dict[str, Any]) -> str:
    """`Sun 23:50` of an ISO time in a week, `Sun 20 Sep 2026 23:50` outside of it."""
    moment = datetime.fromisoformat(text)
    if period["is_week"] and datetime.fromisoformat(period["since"]) <= moment < datetime.fromisoformat(
        period["until"]
    ):
        return f"{DAYS[moment.weekday()]} {moment:%H:%M}"
    return f"{DAYS[moment.weekday()]} {_date(moment)} {moment:%H:%M}"


def _date(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def tenths(minutes: Sequence[float]) -> tuple[float, list[float]]:
    """(whole, parts) in hours with one decimal, so that the printed parts add up to the printed whole.

    The largest remainders are rounded up: nothing is off by more than a tenth.
    """
    exact = [round(part / 6, 9) for part in minutes]
    whole = round(sum(exact))
    parts = [floor(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: whole - sum(parts)]:
        parts[i] += 1
    return whole / 10, [part / 10 for part in parts]
