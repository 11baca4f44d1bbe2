"""`amity time`, `amity explain`, `amity uncounted`."""

from __future__ import annotations

from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.queries import spent


@command("time", as_of=True, known_at=True)
@click.argument("period", default="all")
@click.option("--by", default="person", metavar="KEYS", help=f"One or more of {', '.join(spent.KEYS)}.")
@click.option(
    "--measure", type=click.Choice(spent.MEASURES), help="Attributed where people are asked for, else clock."
)
def time_command(call: Call, period: str, by: str, measure: str | None) -> None:
    """Where time went in PERIOD (2026-W38, 2026-09, 2026, A..B, this-week, last-week, all).

    clock: your own time, overlaps once. attributed: clock split over the people in it. face: unsplit, never a sum.
    """
    keys = spent.keys_of(by)
    chosen = measure or ("attributed" if {"person", "tier"} & set(keys) else "clock")
    with call.session() as session:
        answer = spent.time(session, session.period(period), keys, chosen)
        unknown = spent.seen_by_nobody(session)
    if call.json:
        print_json(answer)
        return
    print_lines(_time_lines(answer, keys))
    if unknown:
        click.echo(
            "Your own addresses are not known: add them to [me] in amity.toml; `amity doctor` names candidates."
        )


def _time_lines(answer: dict[str, Any], keys: list[str]) -> list[str]:
    rows = [
        [
            *(_cell(row[key]) for key in keys),
            *(f"{row[f'{part}minutes'] / 60:.2f}" for part in ("", "meeting_", "mail_")),
        ]
        for row in answer["rows"]
    ]
    head = [*keys, "hours", "meetings", "mail"]
    numbers = range(len(keys), len(keys) + 3)
    hours = {
        name.removesuffix("_minutes"): f"{minutes / 60:.2f}" for name, minutes in answer["totals"].items()
    }
    clock = f"clock {hours['clock']} h = meetings {hours['meeting']} + mail {hours['mail']} + solo {hours['solo']}"
    people = f"people {hours['attributed']} h + broadcast {hours['broadcast']}"
    sums = (clock, f"{people}; mail inside meetings {hours['multitasking']}, not added")
    period = answer["period"]
    title = f"{period['since'][:10]} .. {period['until'][:10]} · {period['timezone']} · {answer['measure']}"
    total = [*([""] * (len(keys) - 1)), "total", *_column_sums(answer)]
    body = [*rows, total] if answer["measure"] != "face" else rows  # face time never enters a sum
    return [title, *terminal.table(head, body, numbers, width()), *sums]


def _column_sums(answer: dict[str, Any]) -> list[str]:
    return [
        f"{sum(row[f'{part}minutes'] for row in answer['rows']) / 60:.2f}"
        for part in ("", "meeting_", "mail_")
    ]


def _cell(value: Any) -> str:
    return str(value["name"] or value["id"]) if isinstance(value, dict) else str(value)


@command("explain", as_of=True, known_at=True)
@click.argument("subject", metavar="PERSON|GOAL")
@click.argument("period", default="all")
def explain_command(call: Call, subject: str, period: str) -> None:
    """The events behind the minutes of a person, a goal, `unassigned` or `(broadcast)`; they add up."""
    from amity.queries import counted  # noqa: PLC0415  `time` does without

    with call.session() as session:
        answer = counted.explain(session, subject, session.period(period))
    if call.json:
        print_json(answer)
        return
    rows = [
        [
            str(item["position"]),
            item["at"][:16].replace("T", " "),
            item["kind"],
            item["title"],
            f"{item['minutes']:.1f}",
            item["how"],
        ]
        for item in answer["items"]
    ]
    print_lines(terminal.table(["#", "at", "kind", "title", "min", "how"], rows, (0, 4), width()))
    click.echo(
        f"{answer['minutes']:.1f} minutes in {len(rows)} items; wrong? amity mark # no-show|attended|goal=G|ignore"
    )


@command("uncounted", as_of=True, known_at=True)
@click.argument("period", default="all")
def uncounted_command(call: Call, period: str) -> None:
    """Everything seen that earned no minutes, and why."""
    from amity.queries import counted  # noqa: PLC0415  `time` does without

    with call.session() as session:
        answer = counted.uncounted(session, session.period(period))
    if call.json:
        print_json(answer)
        return
    rows = [
        [
            str(item["position"]),
            (item["at"] or "no date")[:16].replace("T", " "),
            item["reason"],
            f"{item['minutes']:.0f}",
            item["title"],
        ]
        for item in answer
    ]
    print_lines(terminal.table(["#", "at", "reason", "min", "title"], rows, (0, 3), width()))
    click.echo(f"{len(rows)} items; did one count after all? amity mark # attended")
