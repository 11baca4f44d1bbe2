"""What every command shares: the options that may stand before or after it, and how an answer is printed."""

from __future__ import annotations

import functools
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import click

from amity.home import Home, find_home
from amity.session import Session, open_session

Function = Callable[..., Any]


class Call(NamedTuple):
    """One call of a command: the options as they were given, nothing opened yet."""

    home: Home
    as_of: str | None
    known_at: str | None
    json: bool
    debug: bool

    def clock_ms(self) -> int:
        return round(time.time() * 1000)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The views, as these options want to see them."""
        gc.disable()  # an answer is a hundred thousand small values and no cycle: looking for one is a tenth of it
        try:
            with open_session(self.home, self.clock_ms(), self.as_of, self.known_at) as session:
                yield session
        finally:
            gc.enable()


TIMES = (
    click.option("--as-of", metavar="T", help="Now is T, an ISO time or the first instant of a date."),
    click.option(
        "--known-at", metavar="T", help="Only what the log had recorded by T, a time or a log position."
    ),
)
ALWAYS = (
    click.option("--home", metavar="DIR", help="The folder of settings, log and views."),
    click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
    click.option("--debug", is_flag=True, help="Show where an error arose."),
)


def always(function: Function) -> Function:
    """Give a function the options that every command has."""
    for option in reversed(ALWAYS):
        function = option(function)
    return function


def command(name: str, *, as_of: bool = False, known_at: bool = False) -> Callable[[Function], click.Command]:
    """A command whose function gets a `Call` first. Its help is the docstring."""

    def decorate(function: Function) -> click.Command:
        @functools.wraps(function)
        @click.pass_context
        def run(ctx: click.Context, /, **given: Any) -> Any:
            before: dict[str, Any] = ctx.find_root().obj or {}
            said = {key: given.pop(key, None) or before.get(key) for key in ("home", "as_of", "known_at")}
            flags = {key: bool(given.pop(key, False) or before.get(key)) for key in ("as_json", "debug")}
            call = Call(
                find_home(said["home"], os.environ),
                said["as_of"],
                said["known_at"],
                flags["as_json"],
                flags["debug"],
            )
            return function(call, **given)

        decorated: Any = run
        decorated = always(decorated)
        for option in (*(TIMES[1:] if known_at else ()), *(TIMES[:1] if as_of else ())):
            decorated = option(decorated)
        return click.command(name)(decorated)

    return decorate


def print_json(value: object) -> None:
    """One JSON document; what a terminal might obey stays escaped by JSON itself."""
    import json  # noqa: PLC0415  text output does not need it

    click.echo(
        json.dumps(value, ensure_ascii=True, indent=None if not sys.stdout.isatty() else 2, allow_nan=False)
    )


def print_lines(lines: Sequence[str]) -> None:
    click.echo("\n".join(lines))


def width() -> int:
    """Columns to print in: those of the terminal, 80 where there is none."""
    if not sys.stdout.isatty():
        return 80
    import shutil  # noqa: PLC0415  a pipe does not need it

    return max(40, shutil.get_terminal_size((80, 24)).columns)
