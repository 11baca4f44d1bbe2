"""What comes in: `amity init`, `amity import`; and how fresh it is: `amity status`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from amity import accounts, terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.home import prepare, write_private
from amity.progress import Late
from amity.said import SaidAhead
from amity.streams import told
from events.errors import AmityError

STALE = 4  # the contract's exit code for data that is behind
UNREADABLE = 20  # items shown: half a screen


@command("init")
@click.option(
    "--me", "addresses", multiple=True, metavar="ADDR", help="An address of yours; may be repeated."
)
@click.option("--timezone", metavar="TZ", help="Your time zone; else this machine's.")
def init_command(call: Call, addresses: tuple[str, ...], timezone: str | None) -> None:
    """Write a commented amity.toml into the home; an existing one is never overwritten."""
    from amity import settings, template  # noqa: PLC0415  --help does not need them

    path = call.home.settings
    if path.exists():
        raise AmityError(f"{path} is there already and stays as it is: edit it, or choose another --home.")
    zone = timezone or template.machine_zone()
    text = template.settings_text(zone, list(addresses))
    settings.parse(text, path)
    prepare(call.home)
    write_private(path, text)
    if call.json:
        print_json({"settings": str(path), "timezone": zone, "addresses": [one.lower() for one in addresses]})
        return
    click.echo(f"Wrote {terminal.safe(str(path))} (time zone {zone}).")
    if not addresses:
        click.echo("Add your own addresses to [me] there: without them nobody knows what you sent.")
    click.echo("Next: amity import PATH… with your mail, calendar and contact files.")


@command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
def import_command(call: Call, paths: tuple[Path, ...]) -> int:
    """Read mbox, Maildir, .eml, .ics, .vcf, contacts CSV, Google Takeout, or folders of these."""
    late = Late()
    settings = ahead = None
    with ExitStack() as stack:
        if not (call.home.log_url or call.home.log.exists()):  # all of it is new: each core begins at once
            settings = stack.enter_context(SaidAhead(call.home.settings))
            from connectors.base import read_ahead  # noqa: PLC0415  the fork loads what it needs at the same time

            ahead = stack.enter_context(read_ahead(paths[0]))
        from amity import wiring  # noqa: PLC0415  the store takes a tenth of a second, in which mail is read already

        answer = wiring.import_files(call.home, list(paths), call.clock_ms(), late, ahead=ahead, settings=settings)
    late.close()
    if call.json:
        print_json(answer)
    else:
        print_lines(_import_lines(answer))
    return 0


def _import_lines(answer: dict[str, Any]) -> list[str]:
    skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(answer["skipped"].items()))
    parts = [
        f"{answer['stored']:,} stored",
        f"{answer['duplicates']:,} known before",
        f"{sum(answer['skipped'].values()):,} skipped" + (f" ({skipped})" if skipped else ""),
        f"{len(answer['problems']):,} problems",
    ]
    lines = [f"{answer['seen']:,} seen = {' + '.join(parts)}"]
    shown = [terminal.safe(f"  {one['where']}: {one['why']}") for one in answer["problems"][:20]]
    lines += [terminal.cut(line, max(width(), 120)) for line in shown]
    if len(answer["problems"]) > len(shown):
        lines.append(f"  and {len(answer['problems']) - len(shown)} more: --json lists all")
    return lines


@command("status", as_of=True)
@click.option("--check", is_flag=True, help="Exit 4 when a source failed or is a week old, or a view is behind.")
def status_command(call: Call, *, check: bool) -> int:
    """How fresh an answer is: every source, the log, the views."""
    from amity.queries import status  # noqa: PLC0415  --help does not need it
    from amity.session import head  # noqa: PLC0415  likewise

    held = accounts.read(call.home)
    with call.session() as session:
        answer = status.status(session, head(call.home), call.clock_ms(), held)
    if call.json:
        print_json(answer)
    else:
        print_lines(_status_lines(answer))
    lagging = any(one["lag"] for one in answer["projections"])
    behind = any(one["error"] or (one["connected"] and one["says"]) for one in answer["accounts"])
    return STALE if check and (lagging or behind) else 0


def _status_lines(answer: dict[str, Any]) -> list[str]:
    from amity.queries.delivered import says  # noqa: PLC0415  --help does not need it

    rows = [_row(account) for account in answer["accounts"]]
    head = ["source", "last success", "seen", "stored", "known", "skipped", "problems", "state"]
    lines = (
        terminal.table(head, rows, range(2, 7), width())
        if rows
        else ["Nothing was imported yet: amity import PATH…, or amity connect KIND"]
    )
    lines += [
        terminal.safe(told(account["account"], account["source"], account["says"]))
        for account in answer["accounts"]
        if account["says"]
    ]
    lines += [terminal.safe(f"{one['account']}: {one['push']}") for one in answer["accounts"] if one["push"]]
    lines += [
        terminal.safe(f"  {one['where']}: {one['why']}")
        for account in answer["accounts"]
        for stream in account["streams"]
        for one in stream.get("unreadable", [])
    ][:UNREADABLE]
    behind = [f"{one['name']} {one['lag']} behind" for one in answer["projections"] if one["lag"]]
    lines += [terminal.safe(f"report {says(**one)}") for one in answer["deliveries"]]
    log = answer["log"]
    return [*lines, f"log: {log['events']:,} events · views: {', '.join(behind) or 'up to date'}"]


def _row(account: dict[str, Any]) -> list[str]:
    """One line for an account: its streams of the last run together."""
    streams = account["streams"]
    last = (account["last_success"] or "never")[:16].replace("T", " ")
    counts = [sum(one[key] for one in streams) for key in ("seen", "stored", "duplicates")]
    counts += [sum(sum(one["skipped"].values()) for one in streams), sum(len(one["problems"]) for one in streams)]
    states = sorted({one["state"] for one in streams} - {"ok"})
    state = "failed" if account["error"] else ", ".join(states) or ("ok" if streams else "new")
    return [account["account"], last, *map(str, counts), state]
