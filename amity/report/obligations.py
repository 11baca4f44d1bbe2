"""Who waits for the owner's answer and for whom the owner waits, as the report counts it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from amity.queries import requests
from amity.report.words import DAYS, MONTHS
from amity.session import Session
from amity.terminal import safe

NAMED = 2
LEDGER = ("answered", "accepted", "declined", "redirected", "deferred", "open")


def obligations(end: Session) -> dict[str, Any]:
    """`inbox` and `waiting` as the commands begin; `requests`: the sums of the last four weeks, and how many wait."""
    found = requests.read(end)
    inbox, asked = requests.newest(end, found, to_me=True)
    waiting, hoped = requests.newest(end, found, to_me=False)
    sums = {"at": end.as_of_ms, "since": end.as_of_ms - requests.LATELY_MS, "inbox": asked, "waiting": hoped}
    return {"inbox": inbox, "waiting": waiting, "requests": requests.rate(end, found) | sums}


def lately(report: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The entries of the last four weeks."""
    since = report["requests"]["since"]
    return [one for one in report[key] if _ms(one["since"]) >= since]


def _ms(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() * 1000


def you_owe(report: dict[str, Any]) -> list[str]:
    """The pieces of the line about the owner's answers."""
    sums, rows = report["requests"], lately(report, "inbox")
    late = [one for one in rows if one["late"]]
    named = "; ".join(f"{_name(one)}, since {_since(one, sums['at'])}" for one in _by_person(late)[:NAMED])
    some = f" ({len(late)} late: {named})" if late else ""
    parts = [f"YOU OWE {len(rows) or 'nobody an answer'}{some}"]
    if sums["people"]:
        parts.append(f"{sums['people_answered']} of {sums['people']} people who asked got an answer")
    older = sums["inbox"] - len(rows)
    return parts + ([f"{older:,} older than 4 weeks"] if older else [])


def waiting_on(report: dict[str, Any]) -> list[str]:
    """The pieces of the line about the answers of others."""
    at, rows = report["requests"]["at"], lately(report, "waiting")
    late = [one for one in rows if one["late"]]
    named = ", ".join(f"{_name(one)} {_days(one, at)} d" for one in _by_person(late)[:NAMED])
    some = f" ({len(late)} past their own usual time: {named})" if late else ""
    older = report["requests"]["waiting"] - len(rows)
    return [f"WAITING ON {len(rows) or 'nobody'}{some}", *([f"{older:,} older than 4 weeks"] if older else [])]


def ledger(report: dict[str, Any]) -> list[str]:
    """What became of what was asked in the last four weeks; "" lines for nothing."""
    sums = report["requests"]
    if not sums["people"]:
        return []
    counts = [f"{sums['states'].get(state, 0)} {state}" for state in LEDGER if sums["states"].get(state)]
    found = [f"asked of you in 4 weeks: {', '.join(counts)}"]
    if sums["due"]:
        found.append(f"settled within 5 working days: {sums['in_time']} of {sums['due']}")
    return [*found, f"usual working time to your answer: {sums['median_hours']:.1f} h"]


def sentence(one: dict[str, Any]) -> str:
    """One entry in words."""
    due = f", expected by {one['expected_by'][:16].replace('T', ' ')}" if one["expected_by"] else ""
    return f"{one['subject'] or '(no subject)'}, since {one['since'][:10]}{due}{', late' if one['late'] else ''}"


def _by_person(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first entry of each person."""
    return list({one["person"]["id"]: one for one in reversed(rows)}.values())[::-1]


def _name(one: dict[str, Any]) -> str:
    """The first name, or all of it where that is an initial."""
    name = str(one["person"]["name"] or one["person"]["id"])
    first = name.split(" ", maxsplit=1)[0]
    return safe(first if len(first.strip(".")) > 1 else name)


def _days(one: dict[str, Any], at_ms: int) -> int:
    return round((at_ms - _ms(one["since"])) / 86_400_000)


def _since(one: dict[str, Any], at_ms: int) -> str:
    moment = datetime.fromisoformat(one["since"])
    within_a_week = _days(one, at_ms) < 7  # noqa: PLR2004  a week: then the day's name would be another's
    return DAYS[moment.weekday()] if within_a_week else f"{moment.day} {MONTHS[moment.month - 1]}"
