"""Reading what is new in the accounts: `amity sync`."""

from __future__ import annotations

import os
from typing import Any

import click

from amity import accounts, terminal
from amity.cli.asking import ask_unseen, warn
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.progress import Late
from amity.streams import told
from events.errors import AmityError

_PROBLEMS = 20  # shown of one account: half a screen


@command("sync")
@click.argument("names", metavar="[ACCOUNT]...", nargs=-1)
@click.option("--full", is_flag=True, help="List everything anew, and find what went away unseen.")
def sync_command(call: Call, names: tuple[str, ...], *, full: bool) -> int:
    """Read what is new in all accounts, or in those named; nothing is ever changed there.

    An account that fails says why and what to do; the others go on, and the exit code is 1.
    """
    held = accounts.read(call.home)
    chosen = [accounts.find(held, name) for name in dict.fromkeys(names)] or held
    if not chosen:
        raise AmityError("No account is connected yet: `amity connect` lists the kinds there are.")
    from amity import connect  # noqa: PLC0415  --help does not need it
    from amity.sync import sync_accounts  # noqa: PLC0415  likewise

    late = Late()
    access = connect.access_to(call.home, os.environ, ask_unseen(), warn)
    done = sync_accounts(chosen, access, call.clock_ms(), late, full=full)
    late.close()
    if call.json:
        print_json({"accounts": done})
    else:
        print_lines([line for one in done for line in _lines(one)])
    failed = [one for one in done if one["state"] != "ok"]
    for one in failed:
        click.echo(f"amity: {terminal.safe(told(one['account'], one['source'], one['error']))}", err=True)
    return 1 if failed else 0


def _lines(one: dict[str, Any]) -> list[str]:
    streams = one["streams"]
    sums = {key: sum(stream[key] for stream in streams) for key in ("seen", "stored", "duplicates", "withdrawn")}
    skipped: dict[str, int] = {}
    for stream in streams:
        for reason, count in stream["skipped"].items():
            skipped[reason] = skipped.get(reason, 0) + count
    problems = [problem for stream in streams for problem in stream["problems"]]
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(skipped.items()))
    parts = [
        f"{sums['stored']:,} stored",
        f"{sums['duplicates']:,} known before",
        f"{sum(skipped.values()):,} skipped" + (f" ({reasons})" if reasons else ""),
        f"{len(problems):,} problems",
    ]
    gone = f"; {sums['withdrawn']:,} are no longer there" if sums["withdrawn"] else ""
    lines = [f"{one['account']}: {sums['seen']:,} seen = {' + '.join(parts)}{gone}"]
    for stream in streams:  # what stopped the whole account is said once, behind all accounts
        said = [stream[key] for key in ("error", "warning") if stream[key] not in {None, one["error"]}]
        lines += [f"  {told(stream['stream'], one['source'], sentence)}" for sentence in said]
    lines += [f"  {problem['where']}: {problem['why']}" for problem in problems[:_PROBLEMS]]
    if len(problems) > _PROBLEMS:
        lines.append(f"  and {len(problems) - _PROBLEMS} more: --json lists all")
    return [terminal.cut(terminal.safe(line), max(width(), 240)) for line in lines]
