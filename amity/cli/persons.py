"""`amity people`, `amity person`."""

from __future__ import annotations

from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines, width
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
    return [terminal.cut(terminal.safe(line), width()) for line in known.lines(one)]
