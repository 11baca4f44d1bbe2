"""`amity deliver`: the weekly report brought to where `[report]` says."""

from __future__ import annotations

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines

_WAYS = ("file", "mail", "desktop", "ntfy", "webhook")


@command("deliver")
@click.option("--again", is_flag=True, help="Once more, although it was delivered.")
@click.option("--way", type=click.Choice(_WAYS), help="Of --again: by this way alone.")
def deliver_command(call: Call, *, again: bool, way: str | None) -> int:
    """Deliver the weekly report if it is due: to a folder, by mail, as a notification. The daemon does so by itself.

    Each way gets the report of a week once. What is wanted stands in [report] of amity.toml. A delivery that was
    interrupted is told of, and repeated only by --again: it may have arrived.
    """
    from amity import delivery  # noqa: PLC0415  --help does not need it
    from amity.queries.delivered import open_deliveries, says  # noqa: PLC0415  likewise

    if way and not again:
        raise click.UsageError("--way is for --again: what is due goes by every way that it is due by.")
    now = call.clock_ms()
    found = delivery.again(call.home, now, way or "") if again else delivery.deliver(call.home, now)
    left = open_deliveries(call.home)
    sent = [one for one in found if one.state == "sent"]
    if call.json:
        print_json([*(one._asdict() for one in sent), *(one._asdict() for one in left)])
    else:
        lines = [f"{one.period}, {one.way}: delivered." for one in sent] + [f"{says(*one)}." for one in left]
        print_lines([terminal.safe(line) for line in lines] or ["Nothing is due."])
    return int(any(one.state == "failed" for one in found))
