"""The small languages of the settings file: lengths, rhythms, budgets and working hours."""

from __future__ import annotations

import re

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBER = r"(\d{1,5}(?:\.\d{1,9})?)"  # ours: 99,999 days are longer than anybody's plans
_PART = re.compile(_NUMBER + r"\s*(w|d|h|min|m)")
_MINUTES = {"w": 7 * 24 * 60, "d": 24 * 60, "h": 60, "m": 1, "min": 1}
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


def minutes(text: str) -> float:
    """`10h`, `45m`, `1h30m`, `1.5h` in minutes. Raises ValueError with what would be right."""
    parts = list(_PART.finditer(text.strip().lower()))
    if not parts or "".join(part.group() for part in parts).replace(" ", "") != text.lower().replace(" ", ""):
        raise ValueError(f'"{text}" is no length: write "10h", "45m" or "1h30m"')
    return sum(float(part.group(1)) * _MINUTES[part.group(2)] for part in parts)


def days(text: str) -> float:
    """`14d` or `6w` in days. Raises ValueError with what would be right."""
    match = re.fullmatch(_NUMBER + r"\s*([dw])", text.strip().lower())
    if match is None or float(match.group(1)) == 0:
        raise ValueError(f'"{text}" is no number of days: write "14d" or "6w"')
    return float(match.group(1)) * (7 if match.group(2) == "w" else 1)


def weekly(text: str) -> float:
    """`1h/week` (or just `1h`) in minutes a week. Raises ValueError with what would be right."""
    length, slash, unit = text.partition("/")
    if slash and unit.strip().lower() not in {"w", "week"}:
        raise ValueError(f'"{text}" is no weekly budget: write "1h/week"')
    try:
        return minutes(length)
    except ValueError:
        raise ValueError(f'"{text}" is no weekly budget: write "1h/week"') from None


def share(text: str) -> float:
    """`25%` as a part of 1. Raises ValueError with what would be right."""
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%", text.strip())
    if match is None or float(match[1]) > 100:  # noqa: PLR2004  the whole
        raise ValueError(f'"{text}" is no share: write "25%"')
    return float(match[1]) / 100


def hours(text: str) -> dict[int, tuple[int, int]]:
    """`Mon-Fri 09:00-17:30`, several of these after `;`: weekday (0 is Monday) -> minutes of the day [from, until).

    Raises ValueError with what would be right.
    """
    found: dict[int, tuple[int, int]] = {}
    wrong = f'"{text}" are no working hours: write "Mon-Fri 09:00-17:30" or "Mon,Wed 10:00-16:00"'
    for part in text.split(";"):
        names, _, clock = part.strip().rpartition(" ")
        match = _HOURS.fullmatch(clock)
        if match is None:
            raise ValueError(wrong)
        since, until = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
        if not (0 <= since < until <= 24 * 60 and int(match[2]) < 60 and int(match[4]) < 60):  # noqa: PLR2004  minutes
            raise ValueError(wrong)
        for day in _weekdays(names, wrong):
            found[day] = (since, until)
    return found


def weekly_moment(text: str) -> tuple[int, int]:
    """`Mon 07:00`: weekday (0 is Monday) and minute of the day. Raises ValueError with what would be right."""
    match = re.fullmatch(r"([A-Za-z]{3,9})\s+(\d{1,2}):(\d{2})", text.strip())
    if match is None or match[1].lower()[:3] not in DAYS or not (int(match[2]) < 24 and int(match[3]) < 60):  # noqa: PLR2004  a clock
        raise ValueError(f'"{text}" is no moment of the week: write "Mon 07:00"')
    return DAYS.index(match[1].lower()[:3]), int(match[2]) * 60 + int(match[3])


def clock_span(text: str) -> tuple[int, int]:
    """`22:00-07:00` as minutes of the day, half-open; it may go over midnight. Raises ValueError likewise."""
    match = _HOURS.fullmatch(text.strip())
    if match is None or any(int(match[i]) >= most for i, most in ((1, 24), (2, 60), (3, 24), (4, 60))):
        raise ValueError(f'"{text}" is no span of the day: write "22:00-07:00"')
    return int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])


def _weekdays(names: str, wrong: str) -> list[int]:
    found: list[int] = []
    for piece in names.lower().split(","):
        first, dash, last = (word.strip()[:3] for word in piece.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(wrong)
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if dash else 0
        found += [(start + i) % 7 for i in range(length + 1)]
    return found
