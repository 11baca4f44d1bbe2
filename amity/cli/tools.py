"""`amity query`, `amity doctor`, `amity schema`, `amity completions`."""

from __future__ import annotations

import sys
from typing import Any

import click

from amity import terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from events.errors import UsageError

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute instead of show


@command("query", as_of=True, known_at=True)
@click.argument("sql")
@click.option(
    "-O", "output", type=click.Choice(["table", "csv", "json"]), default="table", help="How rows are printed."
)
def query_command(call: Call, sql: str, output: str) -> None:
    """Read-only SQL over the documented views: v_time, v_people, v_contacts, v_meetings, v_messages, v_cadence."""
    from amity.queries import sql as questions  # noqa: PLC0415  --help does not need it

    with call.session() as session:
        names, rows = questions.answer(session, sql)
        if call.json or output == "json":
            print_json([dict(zip(names, row, strict=True)) for row in rows])
        elif output == "csv":
            _csv(names, rows)
        else:
            numbers = [i for i in range(len(names)) if all(isinstance(row[i], int | float) for row in rows)]
            print_lines(terminal.table(names, [list(map(_shown, row)) for row in rows], numbers, width()))


def _shown(value: Any) -> str:
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def _csv(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Rows as CSV that no spreadsheet takes for formulas: text that begins like one gets an apostrophe."""
    import csv  # noqa: PLC0415  only here

    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_unformula(value) for value in row] for row in rows)


def _unformula(value: Any) -> Any:
    if isinstance(value, str):
        clean = terminal.safe(value) if sys.stdout.isatty() else value
        return f"'{clean}" if clean.lstrip(" ").startswith(FORMULA) else clean
    return value


@command("doctor")
def doctor_command(call: Call) -> int:
    """What is wrong here, and what to do about it; exit 1 where something must be done."""
    from amity import doctor  # noqa: PLC0415  --help does not need it

    found = doctor.examine(call.home, call.clock_ms())
    if call.json:
        print_json([one._asdict() for one in found])
    else:
        print_lines(
            [terminal.safe(f"{'ok  ' if one.ok else 'LOOK'}  {one.what}: {one.says}") for one in found]
        )
    return 0 if all(one.ok for one in found) else 1


@command("schema")
@click.argument("name", metavar="COMMAND", required=False)
def schema_command(call: Call, name: str | None) -> None:  # noqa: ARG001  every command has the same first argument
    """The JSON Schema of what COMMAND prints with --json."""
    from amity import schemas  # noqa: PLC0415  --help does not need it

    if name is None:
        print_lines(sorted(schemas.SCHEMAS))
        return
    if name not in schemas.SCHEMAS:
        raise UsageError(f'There is no schema of "{name}"; there are: {", ".join(sorted(schemas.SCHEMAS))}.')
    print_json(schemas.document(name))


@command("completions")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completions_command(call: Call, shell: str) -> None:  # noqa: ARG001  every command has the same first argument
    """Completion for your shell, to be sourced: `amity completions bash >> ~/.bashrc`."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415  only here

    found = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    if found is not None:
        click.echo(found(root, {}, "amity", "_AMITY_COMPLETE").source())
