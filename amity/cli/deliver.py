"""`amity deliver`: the weekly report brought to where `[report]` says."""

from __future__ import annotations

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines

_SAYS = {"sent": "delivered", "failed": "not delivered", "begun": "perhaps delivered, and not tried again"}


@command("deliver")
@click.option("--again", is_flag=True, help="Once more, although it was delivered.")
def deliver_command(call: Call, *, again: bool) -> int:
    """Deliver the weekly report if it is due: to a folder, by mail, as a notification. The daemon does so by itself.

    Each way gets the report of a week once. What is wanted stands in [report] of amity.toml.
    """
    from amity import delivery  # noqa: PLC0415  --help does not need it

    found = (delivery.again if again else delivery.deliver)(call.home, call.clock_ms())
    if call.json:
        print_json([one._asdict() for one in found])
    else:
        lines = [
            terminal.safe(f"{one.period}, {one.way}: {_SAYS[one.state]}" + (f": {one.error}" if one.error else "."))
            for one in found
        ]
        print_lines(lines or ["Nothing is due."])
    return int(any(one.state == "failed" for one in found))
