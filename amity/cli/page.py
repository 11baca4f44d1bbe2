"""`amity now`: what others may know, fit to be published as it is."""

from __future__ import annotations

from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, width

FORMATS = ("text", "json", "html", "md")
_TITLES = {"working_on": "Working on", "goals": "Goals", "help_wanted": "Looking for", "hours": "Hours"}


@command("now", as_of=True, known_at=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@click.option("--diff", "with_diff", is_flag=True, help="Also what came and what went since a week ago.")
def now_command(call: Call, form: str, *, with_diff: bool) -> None:
    """The page for others: [now] of amity.toml, goals with `public = true`, working hours; and nothing else."""
    from amity.queries import page  # noqa: PLC0415  --help does not need it

    with call.session() as session:
        answer = page.changed(session) if with_diff else page.now(session)
    if call.json or form == "json":
        print_json(answer)
        return
    lines = {"text": _text, "md": _markdown, "html": _html}[form](_sections(answer), _changes(answer))
    click.echo("\n".join(lines))


def _sections(answer: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """(title, items) of the parts that have something to say."""
    hours = [f"{answer['hours']} ({answer['timezone']})"]
    parts = answer | {"hours": hours}
    return [(title, parts[key]) for key, title in _TITLES.items() if parts[key]]


def _changes(answer: dict[str, Any]) -> list[str]:
    if "came" not in answer:
        return []
    if answer["since"] is None:
        return ["Nothing was recorded a week ago."]
    found = [
        f"{sign} {_TITLES[key]}: {item}"
        for sign, side in (("+", "came"), ("-", "went"))
        for key in _TITLES
        for item in answer[side].get(key, [])
    ]
    return found or ["Nothing changed in a week."]


def _text(sections: list[tuple[str, list[str]]], changes: list[str]) -> list[str]:
    found = []
    for title, items in sections:
        for place, item in enumerate(items):
            first, *rest = terminal.wrap(terminal.safe(item).split(), width() - 13, " ") or [""]
            found += [f"{'' if place else title:<12} {first}", *(f"{'':<12} {line}" for line in rest)]
    return [*found, *(terminal.cut(terminal.safe(line), width()) for line in changes)]


def _markdown(sections: list[tuple[str, list[str]]], changes: list[str]) -> list[str]:
    found = ["# Now"]
    for title, items in [*sections, *([("Changed", changes)] if changes else [])]:
        found += ["", f"## {title}", "", *(f"- {_plain(item)}" for item in items)]
    return found


def _plain(text: str) -> str:
    """Text that Markdown takes for text."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|!" else char for char in terminal.safe(text))


def _html(sections: list[tuple[str, list[str]]], changes: list[str]) -> list[str]:
    from html import escape  # noqa: PLC0415  one format, one import

    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    found = ["<!doctype html>", f'<html lang="en"><head><meta charset="utf-8">{policy}<title>Now</title></head><body>']
    for title, items in [*sections, *([("Changed", changes)] if changes else [])]:
        listed = "".join(f"<li>{escape(terminal.safe(item))}</li>" for item in items)
        found.append(f"<h2>{title}</h2><ul>{listed}</ul>")
    return [*found, "</body></html>"]
