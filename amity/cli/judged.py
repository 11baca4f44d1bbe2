"""`amity neglected`, `over`, `fading`, `care`, `owe`: whom to think of, each with its reason and its evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.queries import judged
from amity.session import Session
from events.errors import UsageError

FLAGGED = 3  # the contract's exit code of --check
Row = dict[str, Any]
Cells = Callable[[Row], list[str]]


def _answer(
    call: Call, entries: list[Row], head: list[str], cells: Cells, flags: set[str], *, check: bool
) -> int:
    flagged = [one for one in entries if one.get("state") in flags]
    if call.json:
        print_json(entries)
    else:
        print_lines(_lines(entries, head, cells, flags))
    return FLAGGED if check and flagged else 0


def _lines(entries: list[Row], head: list[str], cells: Cells, flags: set[str]) -> list[str]:
    if not entries:
        return ["Nobody."]
    found = terminal.table(
        ["person", *head], [[one["person"]["name"], *cells(one)] for one in entries], width=width()
    )
    for one in entries:
        if not flags or one.get("state") in flags:
            found += _sentence(f"{one['person']['name']}: {one['why']}")
            found += [terminal.safe(f"    fine? {one['fine']}")] if "fine" in one else []
    return found


def _sentence(text: str) -> list[str]:
    """At full length, on as many lines as it takes."""
    first, *rest = terminal.wrap(terminal.safe(text).split(), width() - 6, " ")
    return [f"  {first}", *(f"      {line}" for line in rest)]


CHECK = click.option("--check", is_flag=True, help="Exit 3 when somebody is flagged.")


def _cells_of_neglect(one: Row) -> list[str]:
    days = [f"{one[key]:.0f} d" for key in ("elapsed_days", "usual_days")]
    return [one["state"], *days, f"{one['ratio']:.2f}", f"{one['z']:.1f}", f"{one['p']:.2f}"]


@command("neglected", as_of=True, known_at=True)
@CHECK
def neglected_command(call: Call, *, check: bool) -> int:
    """Who has been waiting longer than is usual between you; overdue and dormant are the flags."""
    with call.session() as session:
        entries = judged.neglected(session)
    head = ["state", "elapsed", "usual", "ratio", "z", "p"]
    return _answer(call, entries, head, _cells_of_neglect, {"overdue", "dormant"}, check=check)


def _cells_of_over(one: Row) -> list[str]:
    most = "" if one["max_minutes"] is None else terminal.hours(one["max_minutes"])
    shares = [f"{one[key]:.0%}" for key in ("time_share", "value_share")]
    return [one["state"], terminal.hours(one["minutes"]), most, *shares, f"{one['weeks']} of 4"]


@command("over", as_of=True, known_at=True)
@CHECK
def over_command(call: Call, *, check: bool) -> int:
    """Who gets more of your time than you wanted; protected people never do."""
    with call.session() as session:
        entries = judged.over(session)
    return _answer(
        call,
        entries,
        ["state", "4 weeks", "max", "time", "value", "weeks"],
        _cells_of_over,
        {"over"},
        check=check,
    )


def _cells_of_fading(one: Row) -> list[str]:
    return [
        one["state"],
        *(f"{one[key]:.2f}" if one.get(key) is not None else "" for key in ("rate_30", "rate_180", "ratio")),
    ]


@command("fading", as_of=True, known_at=True)
@CHECK
def fading_command(call: Call, *, check: bool) -> int:
    """Relations that became quieter than they were, for no gap that is usual between you."""
    with call.session() as session:
        entries = judged.fading(session)
    head = ["state", "min/day now", "before", "ratio"]
    return _answer(call, entries, head, _cells_of_fading, {"fading", "quieter"}, check=check)


def _cells_of_giving(one: Row) -> list[str]:
    usual = "" if one["usual_answer_hours"] is None else f"{one['usual_answer_hours']:.1f} h"
    answered = [f"{one[done]} of {one[of]}" for done, of in (("answered", "asked"), ("i_answered", "their_asked"))]
    return [f"{one['opened']} of {one['openings']}", *answered, usual]


GIVING = ["began", "answered", "you answered", "usually in"]


@command("care", as_of=True, known_at=True)
@click.argument("period", required=False)
@click.option("--quiet", is_flag=True, help="Those of them who got an answer to less than half of what they wrote.")
@click.option("--share", is_flag=True, help="How much of your time with people they had in PERIOD.")
@click.option("--check", is_flag=True, help="With --share: exit 3 below [policy] care_floor.")
def care_command(call: Call, period: str | None, *, quiet: bool, share: bool, check: bool) -> int:
    """Who cares about you: who opens, answers, and answers soon. In your mail and calendar; phones are invisible.

    --share says how much of your time with people goes to them, in PERIOD (default: the last twelve weeks).
    """
    if (period or check) and not share:
        raise UsageError("A PERIOD and --check belong to `amity care --share`: add --share.")
    with call.session() as session:
        giving = judged.giving(session)
        if share:
            return _share(call, session, period, {one["person"]["id"] for one in giving.care}, check=check)
    return _answer(call, giving.quiet if quiet else giving.care, GIVING, _cells_of_giving, set(), check=False)


def _share(call: Call, session: Session, period: str | None, carers: set[str], *, check: bool) -> int:
    from amity.queries import caring  # noqa: PLC0415  the list alone does not need it

    found = caring.share(session, session.period(period) if period else caring.last_weeks(session), carers)
    if call.json:
        print_json(found)
    else:
        said = terminal.wrap(f"Those who care: {caring.sentence(found)}.".split(), width(), " ")
        print_lines([*said, *terminal.table(*_weeks(found), width=width())])
    return FLAGGED if check and found["below_floor"] else 0


def _weeks(found: Row) -> tuple[list[str], list[list[str]], tuple[int, ...]]:
    rows = [
        [one["week"], terminal.hours(one["minutes"]), terminal.hours(one["attributed_minutes"]),
         "" if one["share"] is None else f"{one['share']:.0%}"]
        for one in found["weeks"]
    ]  # fmt: skip
    return ["week", "those who care", "all people", "share"], rows, (1, 2, 3)


@command("owe", as_of=True, known_at=True)
def owe_command(call: Call) -> int:
    """Who gives you more than you give back."""
    with call.session() as session:
        entries = judged.giving(session).owe
    return _answer(call, entries, GIVING, _cells_of_giving, set(), check=False)
