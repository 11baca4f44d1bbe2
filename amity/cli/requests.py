"""`amity inbox`, `waiting`, `asks`: what waits for an answer, of the owner's or of somebody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.queries import requests

Row = dict[str, Any]
SHOWN = 25  # (ours) one screen; --json has all


def _day(moment: str | None) -> str:
    return datetime.fromisoformat(moment).strftime("%d %b %H:%M") if moment else ""


def _about(one: Row) -> str:
    cost = f"({terminal.hours(one['minutes'])}) " if one["minutes"] else ""
    return cost + (one["subject"] or "(no subject)")


def _lines(entries: list[Row], count: int, nothing: str) -> list[str]:
    """The first of so many, for a terminal."""
    if not entries:
        return [nothing]
    rows = [
        [
            f"#{one['position']}",
            one["person"]["name"],
            one["since"][:10],
            _day(one["expected_by"]) if one["state"] == "open" else one["state"],
            "late" if one["late"] else "",
            _about(one),
        ]
        for one in entries[:SHOWN]
    ]
    found = terminal.table(["", "person", "since", "expected by", "", "about"], rows, width=width())
    more = count - SHOWN
    return found + ([f"and {more:,} more, the newest first: --json lists all"] if more > 0 else [])


@command("inbox", as_of=True, known_at=True)
@click.option("--all", "everything", is_flag=True, help="Settled requests too, each with its state.")
def inbox_command(call: Call, *, everything: bool) -> None:
    """What waits for your answer: requests in mail and unanswered invitations."""
    with call.session() as session:
        found = requests.read(session)
        if call.json or everything:
            entries = requests.inbox(session, everything=everything, carded=call.json, found=found)
            count = len(entries)
        else:
            entries, count = requests.newest(session, found, to_me=True)
        sums = requests.rate(session, found)
    if call.json:
        print_json(entries)
        return
    lines = _lines(entries, count, "Nobody waits for your answer.")
    print_lines([*lines, *_rate(sums)])


def _rate(sums: Row) -> list[str]:
    """How the people who asked in the last four weeks were answered."""
    if not sums["people"]:
        return []
    lines = ["", f"{sums['people_answered']} of {sums['people']} people who asked in 4 weeks got an answer"]
    return [*lines, f"settled within 5 working days: {sums['in_time']} of {sums['due']}"] if sums["due"] else lines


@command("waiting", as_of=True, known_at=True)
def waiting_command(call: Call) -> None:
    """What you wait for, and by when it usually comes."""
    with call.session() as session:
        if call.json:
            print_json(requests.waiting(session))
            return
        entries, count = requests.newest(session, requests.read(session), to_me=False)
    print_lines(_lines(entries, count, "You wait for nobody."))


@command("asks", as_of=True, known_at=True)
def asks_command(call: Call) -> None:
    """What you asked of others and what came of it; `amity mark POSITION ask=no` corrects a line."""
    with call.session() as session:
        entries = requests.asks(session)
    if call.json:
        print_json(entries)
        return
    rows = [
        [f"#{one['position']}", one["person"]["name"], one["at"][:10], one["state"], one["subject"] or "(no subject)"]
        for one in entries[:SHOWN]
    ]
    more = len(entries) - SHOWN
    lines = (
        terminal.table(["", "person", "asked", "state", "about"], rows, width=width())
        if rows
        else ["You asked nobody."]
    )
    print_lines([*lines, *([f"and {more:,} more: --json lists all"] if more > 0 else [])])
