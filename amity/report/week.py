"""What the report says of one's own week: its load, what was kept for oneself, and what wants a place, asked once."""

from __future__ import annotations

from typing import Any

from amity.period import Period
from amity.queries import aims
from amity.queries.load import of_week
from amity.session import Session
from amity.terminal import hours, safe, wrap

_PARTS = (
    ("after_hours_minutes", "after hours"),
    ("weekend_minutes", "free days"),
    ("longest_free_minutes", "longest free block"),
)


def sections(session: Session, period: Period, end: Session) -> dict[str, Any]:
    """`load` (None for what is no week) and `questions`: hours without a place, where no report asked for it before."""
    return {
        "load": of_week(session, period),
        "questions": [one for one in aims.orphans(end) if not one["asked"]],
    }


def load_sentences(report: dict[str, Any]) -> list[str]:
    """The load beside one's own usual one, then of each solo goal what was kept and what was displaced."""
    load, found = report["load"], []
    if load is not None:
        usual = load["usual"]
        told = [f"{name} {hours(load[key])}" + (f" ({hours(usual[key])})" if usual else "") for key, name in _PARTS]
        found.append(" · ".join(told))
        if usual:
            weeks = "week" if load["weeks"] == 1 else f"{load['weeks']} weeks"
            found.append(f"in brackets: the median of your own {weeks} before")
    return found + [_kept(goal) for goal in report["goals"] if goal.get("solo")]


def _kept(goal: dict[str, Any]) -> str:
    by = ", ".join(f"{one['person']['name']} {hours(one['minutes'])}" for one in goal["displaced_by"][:3])
    displaced = f", displaced {hours(goal['displaced_minutes'])}: {by}" if by else ", nothing displaced"
    return safe(f"{goal['goal']}: kept {hours(goal['kept_minutes'])}{displaced}")


def load_lines(report: dict[str, Any]) -> list[str]:
    """For a terminal of 80 columns."""
    return [line for sentence in load_sentences(report) for line in _wrapped(sentence, " ")]


def question_lines(report: dict[str, Any]) -> list[str]:
    """Each question with its three answers, for a terminal of 80 columns."""
    found = []
    for one in report["questions"]:
        found += _wrapped(safe(f"{one['person']['name']}: {one['why']}"), " ")
        found += [safe(f"   {choice}") for choice in one["choices"]]
    return found


def _wrapped(sentence: str, indent: str) -> list[str]:
    first, *rest = wrap(sentence.split(), 77, " ") or [""]
    return [f"{indent}{first}", *(f"{indent}  {line}" for line in rest)]
