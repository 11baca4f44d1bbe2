"""An organisation's owners: `amity owners [list|add|remove|averages]`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import click

from amity import template, terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from events.errors import UsageError

ACTIONS = ("list", "add", "remove", "averages")


@command("owners")
@click.argument("action", type=click.Choice(ACTIONS), default="list")
@click.argument("name", default="")
@click.option("--me", "addresses", multiple=True, metavar="ADDR", help="add: an address of the new owner.")
@click.option("--timezone", metavar="TZ", help="add: the new owner's zone. Default: this machine's.")
@click.option("--yes", is_flag=True, help="remove: everything of the owner goes, for good.")
def owners_command(call: Call, action: str, name: str, **given: Any) -> None:
    """The owners of an organisation: whether their accounts are read, never what they hold.

    AVERAGES PERIOD tells means over all who agreed to it, of five or more. Each owner runs Amity with AMITY_OWNER=NAME.
    """
    from amity import organisation  # noqa: PLC0415  --help does not need the log

    if action == "list":
        _list(call, organisation.health(call.home))
    elif action == "averages":
        _averages(call, organisation.averages(call.home, name or "last-week", time.time_ns() // 1_000_000))
    elif action == "add":
        text = template.settings_text(given["timezone"] or template.machine_zone(), list(given["addresses"]))
        home = organisation.add(call.home, name, text)
        _say(call, {"owner": name, "home": str(home.folder)}, f"{name} has a home: AMITY_OWNER={name} amity connect …")
    else:
        organisation.require(call.home)
        if not given["yes"]:
            raise UsageError(f"Everything of {name!r} would go for good: say --yes, best after `amity export`.")
        events = organisation.remove(call.home, name)
        _say(call, {"owner": name, "events": events}, f"{name} is gone, with {events:,} events.")


def _say(call: Call, document: dict[str, Any], sentence: str) -> None:
    if call.json:
        print_json(document)
    else:
        print_lines([terminal.safe(sentence)])


def _list(call: Call, found: list[dict[str, Any]]) -> None:
    shown = [
        {key: value for key, value in one.items() if key != "last_read_ms"}
        | {"last_read": _moment(one.get("last_read_ms"))}
        for one in found
    ]
    if call.json:
        print_json(shown)
        return
    rows = [
        [one["owner"], one["state"], str(one.get("events", "")), str(one.get("failing", "")), one["last_read"] or "",
         one["says"]]
        for one in shown
    ]  # fmt: skip
    head = ["owner", "state", "events", "failing", "last read", ""]
    print_lines(terminal.table(head, rows, (2, 3), width()) if rows else ["No owner yet: amity owners add NAME"])


def _moment(ms: int | None) -> str | None:
    return None if ms is None else datetime.fromtimestamp(ms // 1000, UTC).isoformat()


def _averages(call: Call, found: dict[str, Any]) -> None:
    if call.json:
        print_json(found)
        return
    rows = [
        [one["measure"].removesuffix("_minutes"), terminal.hours(one["mean"]), terminal.hours(one["median"])]
        for one in found["measures"]
    ]
    head = f"{found['period']}, {found['owners']} owners" if rows else f"{found['period']}: {found['says']}."
    print_lines([head, *(terminal.table(["", "mean", "median"], rows, (1, 2), width()) if rows else [])])
