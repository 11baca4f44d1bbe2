"""`amity report` and `amity demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from amity.cli.options import Call, command
from amity.home import write_private
from amity.report.render import FORMATS, rendered
from amity.session import Session

FLAGGED = 3  # the contract's exit code of --check


@command("report", as_of=True, known_at=True)
@click.argument("period", default="last-week")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it there, mode 0600.",
)
@click.option("--check", is_flag=True, help="Exit 3 when somebody is flagged.")
def report_command(call: Call, period: str, form: str, output: Path | None, *, check: bool) -> int:
    """The weekly report: verdict, goals, people, moves, and what is not counted. Default: the last whole week."""
    with call.session() as session:
        report = _compose(session, period)
    text = rendered(report, "json" if call.json else form)
    if output is not None:
        write_private(output, text)
    else:
        click.echo(text, nl=False)
    return FLAGGED if check and (report["neglected"] or report["over_invested"]) else 0


def _compose(session: Session, period: str) -> dict[str, Any]:
    from amity.report.compose import compose  # noqa: PLC0415  --help does not need it

    return compose(session, session.period(period))


@command("demo")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
def demo_command(call: Call, form: str) -> None:
    """The weekly report of an invented life: a temporary home, the whole pipeline, no questions."""
    from amity.report import demo  # noqa: PLC0415  --help does not need it

    report = demo.report(call.clock_ms())
    click.echo(rendered(report, "json" if call.json else form), nl=False)
