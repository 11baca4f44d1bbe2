"""`amity people`, `person`, `timeline`, `brief`."""

from __future__ import annotations

from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.period import day_start, parse
from amity.queries import known, persons


@command("people", as_of=True, known_at=True)
@click.option("--all", "everyone", is_flag=True, help="Also those seen but not promoted to people.")
def people_command(call: Call, *, everyone: bool) -> None:
    """Everybody who is known: names, addresses, how much, since when."""
    with call.session() as session:
        answer = persons.people(session, everyone=everyone)
        if call.json:  # the table has no room for what is judged of them
            answer = known.with_numbers(session, answer)
    if call.json:
        print_json(answer)
        return
    rows = [
        [one["id"], one["name"], one["kind"], str(one["messages_in"]), str(one["messages_out"]), str(one["meetings"]),
         (one["last"] or "")[:10], " ".join(one["addresses"])]
        for one in answer
    ]  # fmt: skip
    head = ["id", "name", "kind", "in", "out", "meetings", "last", "addresses"]
    print_lines(terminal.table(head, rows, (3, 4, 5), width()))


@command("person", as_of=True, known_at=True)
@click.argument("who", metavar="PERSON")
def person_command(call: Call, who: str) -> None:
    """One person: rhythm, tie, initiative, time line; every line cites log positions."""
    with call.session() as session:
        answer = known.person(session, who)
    if call.json:
        print_json(answer)
        return
    print_lines(_page(answer))


def _page(one: dict[str, Any]) -> list[str]:
    """Long lines go on below, so that nothing that they rest on is cut off; the time line keeps its columns."""
    found = []
    for line in known.lines(one):
        text = terminal.safe(line)
        if line.startswith(" "):
            found.append(_cited_line(text))
        else:
            first, *more = terminal.wrap(text.split(" "), width() - 4, " ")
            found += [first, *(f"    {rest}" for rest in more)]
    return found


def _cited_line(text: str) -> str:
    """Cut before its last word, the position."""
    rest, _, position = text.rpartition("  ")
    return f"{terminal.cut(rest, width() - len(position) - 2)}  {position}"


@command("timeline", as_of=True, known_at=True)
@click.argument("who", metavar="PERSON")
@click.argument("period", default="all", metavar="[PERIOD]")
@click.option("--limit", type=click.IntRange(min=1), default=1000, help="At most so many, the newest.")
def timeline_command(call: Call, who: str, period: str, limit: int) -> None:
    """Every interaction with one person, the newest first."""
    from amity.queries import dossier  # noqa: PLC0415  `people` does without

    with call.session() as session:
        person = known.found(session, who)
        within = parse(period, session.zone, session.as_of_ms)
        since, until = (day_start(day, session.zone) for day in (within.since, within.until))
        rows = dossier.touches(session, person.id, limit, since=since, until=until)
    if call.json:
        print_json(rows)
        return
    print_lines([_cited_line(terminal.safe(known.contact_line(row))) for row in rows] or ["Nothing."])


@command("brief", as_of=True, known_at=True)
@click.argument("who", metavar="PERSON|next")
def brief_command(call: Call, who: str) -> None:
    """What to know before you meet PERSON, or those of the next meeting: twelve lines, new people first."""
    from amity.queries import briefing  # noqa: PLC0415  `people` does without

    with call.session() as session:
        answer = briefing.brief(session, who)
    if call.json:
        print_json(answer)
        return
    print_lines(answer["lines"])
