"""`amity goals`, `amity goal show|plan`, `amity budget`: what time was meant for, and what it went to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.queries import goals
from events.errors import UsageError

FLAGGED = 3  # the contract's exit code of --check
_BAR = 12
_MATRIX_GOALS = 6  # columns that a terminal has room for
Row = dict[str, Any]


@command("goals", as_of=True, known_at=True)
@click.argument("period", default="this-week")
@click.option("--matrix", "view", flag_value="matrix", help="Goal by person: rows and columns add up.")
@click.option("--updates", "view", flag_value="updates", help="Key people who have long had no mail about their goal.")
@click.option("--orphans", "view", flag_value="orphans", help="People with hours for no goal, who want a place.")
@click.option("--weeks", type=click.FloatRange(min=0, max=520), help="With --updates: how long is long. Default: 4.")
@click.option("--check", is_flag=True, help="Exit 3 when a goal is neglected, somebody is due, or has no place.")
def goals_command(call: Call, period: str, view: str | None, weeks: float | None, *, check: bool) -> int:
    """Each goal of PERIOD: minutes beside the target, key people in touch, weeks below the target."""
    from amity.queries import aims  # noqa: PLC0415  --help does not need it

    if weeks is not None and view != "updates":
        raise UsageError("--weeks says how long is long for --updates: write both.")
    with call.session() as session:
        if view == "matrix":
            answer: Any = goals.matrix(session, session.period(period))
        elif view == "updates":
            answer = aims.updates(session, weeks)
        elif view == "orphans":
            answer = aims.orphans(session)
        else:
            answer = goals.listed(session, session.period(period))
    if call.json:
        print_json(answer)
    else:
        print_lines(_TEXT[view or ""](answer))
    flagged = view != "matrix" and any(one.get("neglected", view is not None) for one in answer)
    return FLAGGED if check and flagged else 0


def _goal_lines(rows: list[Row]) -> list[str]:
    body = [
        [
            one["goal"],
            terminal.hours(one["minutes"]),
            "" if one["target_minutes"] is None else terminal.hours(one["target_minutes"]),
            terminal.bar(one["minutes"] / one["target_minutes"], _BAR) if one["target_minutes"] else "",
            f"{one['in_touch']} of {one['key_people']}" if one.get("key_people") else "",
            str(one.get("weeks_below") or ""),
        ]
        for one in rows
    ]
    head = ["goal", "actual", "target", "", "in touch", "weeks below"]
    notes = []
    for one in rows:
        if one.get("neglected"):
            notes.append(terminal.safe(f"  {one['goal']}: below its target {one['weeks_below']} weeks running"))
        if one.get("out_of_touch"):
            notes.append(terminal.safe(f"  {one['goal']}: out of touch with {', '.join(one['out_of_touch'])}"))
        if one.get("displaced_by"):
            by = ", ".join(f"{row['person']['name']} {terminal.hours(row['minutes'])}" for row in one["displaced_by"])
            displaced = terminal.hours(one["displaced_minutes"])
            notes.append(
                terminal.safe(
                    f"  {one['goal']}: kept {terminal.hours(one['kept_minutes'])}, displaced {displaced} by {by}"
                )
            )
    return [*terminal.table(head, body, (1, 2, 5), width()), *(line for one in notes for line in _fitting(one))]


def _fitting(line: str) -> list[str]:
    """On as many lines as it takes, those after the first a little further in: names and commands are never cut."""
    indent = len(line) - len(line.lstrip())
    first, *rest = terminal.wrap(line.split(), width() - indent - 2, " ") or [""]
    return [f"{'':{indent}}{first}", *(f"{'':{indent + 2}}{one}" for one in rest)]


def _matrix_lines(answer: Row) -> list[str]:
    used = [goal for goal, minutes in answer["columns"].items() if minutes]
    shown, rest = used[:_MATRIX_GOALS], used[_MATRIX_GOALS:]

    def cells(goals: dict[str, float], whole: float) -> list[str]:
        parts = [goals.get(goal, 0.0) for goal in shown] + (
            [sum(goals.get(goal, 0.0) for goal in rest)] if rest else []
        )
        return [*(f"{minutes / 60:.2f}" if minutes else "" for minutes in parts), f"{whole / 60:.2f}"]

    head = ["hours", *shown, *(["other"] if rest else []), "total"]
    body = [[row["person"]["name"], *cells(row["goals"], row["minutes"])] for row in answer["rows"]]
    body.append(["total", *cells(answer["columns"], answer["attributed_minutes"])])
    found = terminal.table(head, body, range(1, len(head)), width())
    broadcast = sum(answer["broadcast"].values())
    return found + ([f"and {terminal.hours(broadcast)} of broadcasts, which are nobody's"] if broadcast else [])


def _update_lines(rows: list[Row]) -> list[str]:
    if not rows:
        return ["Nobody is due an update."]
    body = [[one["goal"], one["person"]["name"], (one["last"] or "never")[:10], _address(one)] for one in rows]
    return terminal.table(["goal", "person", "last mail", "write to"], body, (), width())


def _address(one: Row) -> str:
    return str(one["person"]["addresses"][0]) if one["person"]["addresses"] else ""


def _orphan_lines(rows: list[Row]) -> list[str]:
    found = ["Everybody with more than two hours in four weeks has a place."] if not rows else []
    for one in rows:
        found.append(terminal.safe(f"{one['person']['name']}: {one['why']}"))
        found += [terminal.safe(f"    {choice}") for choice in one["choices"]]
    return [line for one in found for line in _fitting(one)]


_TEXT: dict[str, Callable[[Any], list[str]]] = {
    "": _goal_lines,
    "matrix": _matrix_lines,
    "updates": _update_lines,
    "orphans": _orphan_lines,
}


@command("goal", as_of=True, known_at=True)
@click.argument("action", type=click.Choice(["show", "plan"]))
@click.argument("name", metavar="GOAL|TOPIC")
def goal_command(call: Call, action: str, name: str) -> None:
    """Show one goal with its quarter and its people, or plan: who of those already known has to do with it.

    `plan` also takes a topic that is no goal yet.
    """
    from amity.queries import aims  # noqa: PLC0415  --help does not need it

    with call.session() as session:
        answer: Any = aims.plan(session, name) if action == "plan" else aims.show(session, name)
    if call.json:
        print_json(answer)
    else:
        print_lines(_plan_lines(answer, name) if action == "plan" else _show_lines(answer))


def _plan_lines(rows: list[Row], name: str) -> list[str]:
    if not rows:
        return [terminal.safe(f'Nobody in your mail and calendar has to do with "{name}".')]
    body = [
        [one["person"]["name"] + (" (key)" if one["key"] else ""), f"{one['score']:.2f}", f"{one['warmth']:.0%}",
         one["why"]]
        for one in rows
    ]  # fmt: skip
    return terminal.table(["person", "fit", "warmth", "why"], body, (1, 2), width())


def _show_lines(one: Row) -> list[str]:
    target = "" if one["target_minutes"] is None else f" of {terminal.hours(one['target_minutes'])}"
    found = [f"{one['goal']}: {terminal.hours(one['minutes'])}{target} this week; weight {one['weight']:g}"]
    if one["match"]:
        found.append(f"matches: {', '.join(one['match'])}")
    if one["key_people"]:
        lost = f"; out of touch: {', '.join(one['out_of_touch'])}" if one["out_of_touch"] else ""
        found.append(f"in touch with {one['in_touch']} of {one['key_people']} key people{lost}")
    found = [line for text in found for line in _fitting(terminal.safe(text))]
    weeks = [
        [week["week"], terminal.hours(week["minutes"]),
         "" if week["target_minutes"] is None else terminal.hours(week["target_minutes"]),
         terminal.bar(week["minutes"] / week["target_minutes"], _BAR) if week["target_minutes"] else ""]
        for week in one["weeks"]
    ]  # fmt: skip
    found += terminal.table(["week", "actual", "target", ""], weeks, (1, 2), width()) if weeks else []
    people = [[row["person"]["name"], terminal.hours(row["minutes"])] for row in one["people"][:12]]
    found += terminal.table(["person", "4 weeks"], people, (1,), width()) if people else []
    return found + (_update_lines(one["updates"]) if one["updates"] else [])


@command("budget", as_of=True, known_at=True)
@click.option("--check", is_flag=True, help="Exit 3 when this week's budget of somebody is used up.")
def budget_command(call: Call, *, check: bool) -> int:
    """What is spent of each person's weekly budget, and how much time each tier gets; booked time counts."""
    from amity.queries import aims  # noqa: PLC0415  --help does not need it

    with call.session() as session:
        answer = aims.budget(session)
    if call.json:
        print_json(answer)
    else:
        print_lines(_budget_lines(answer))
    return FLAGGED if check and any(not one["left_minutes"] for one in answer["people"]) else 0


def _budget_lines(answer: Row) -> list[str]:
    body = [
        [one["person"]["name"], *(terminal.hours(one[f"{part}_minutes"]) for part in
         ("week", "booked", "max", "left", "four_weeks", "four_weeks_max"))]
        for one in answer["people"]
    ]  # fmt: skip
    head = ["person", "week", "booked", "max", "left", "4 weeks", "max"]
    found = (
        terminal.table(head, body, range(1, 7), width()) if body else ["Nobody has a budget: set `max` in [people]."]
    )
    tiers = [
        [one["tier"], str(one["members"]),
         *(terminal.hours(one[f"{part}_minutes"]) for part in ("week", "booked", "four_weeks"))]
        for one in answer["tiers"]
    ]  # fmt: skip
    return found + (
        terminal.table(["tier", "people", "week", "booked", "4 weeks"], tiers, range(1, 5), width()) if tiers else []
    )
