"""Keeping everything up to date: `amity daemon`."""

from __future__ import annotations

import gc
import os
from typing import Any

import click

from amity.cli.asking import ask_unseen
from amity.cli.options import Call, command
from events.errors import AmityError

USUAL = 700  # Python's own threshold: a process that stays lets go early of the connections it is done with
GROUP = "amity.commands"  # entry points of what may know the command line, but which it may not know


@command("daemon")
@click.option("--once", is_flag=True, help="Do what is due, and end.")
@click.option(
    "--threads", type=click.IntRange(0, 256), metavar="N",
    help="How much is done at once (8). 0: only plan; the work is done by `dramatiq workers.actors`.",
)  # fmt: skip
@click.option(
    "--metrics", metavar="[HOST:]PORT", default="", envvar="AMITY_METRICS",
    help="Serve /metrics, /healthz and /readyz there; a port alone is for this machine only.",
)  # fmt: skip
@click.option(
    "--notified", metavar="[HOST:]PORT", default="", envvar="AMITY_NOTIFIED",
    help="Receive Google's and Microsoft's notifications there, behind a proxy with TLS: docs/push.md.",
)  # fmt: skip
def daemon_command(call: Call, *, once: bool, threads: int | None, metrics: str, notified: str) -> int:
    """Read the accounts as often as is good, and keep the views up to date, until SIGTERM or Ctrl-C.

    Standard error tells of each run in one line of JSON, without an address, a subject or a secret.
    """
    gc.set_threshold(USUAL)
    how: dict[str, Any] = {"once": once} if threads is None else {"once": once, "threads": threads}
    how |= {"watched": metrics, "notified": notified}
    found: int = _entry("daemon")(call.home, os.environ, ask_unseen(), **how)
    return found


def _entry(name: str) -> Any:
    from importlib.metadata import entry_points  # noqa: PLC0415  40 ms that only this command may cost

    for point in entry_points(group=GROUP, name=name):
        return point.load()
    raise AmityError(f'This installation has no "{name}": install Amity again.')
