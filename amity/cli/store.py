"""The log itself: `amity log`, `verify`, `rebuild`, `export`, `restore`."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from amity import accounts, period, resolve, terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.home import write_private
from amity.progress import Late
from amity.queries import private
from amity.session import Session, head, open_session, require
from events.errors import Damaged, UsageError

if TYPE_CHECKING:
    from events.envelope import StoredEvent
    from events.log import Log

SHOWN = 40  # newest events in text: one screen


@command("log", known_at=True, as_of=True)
@click.option("--since", metavar="P", help="A period or a time: only what happened from there on.")
@click.option("--person", "who", metavar="PERSON", help="Only what names this person.")
@click.option(
    "--limit", type=click.IntRange(min=1), help=f"The newest so many; {SHOWN} in text, all with --json."
)
def log_command(call: Call, since: str | None, who: str | None, limit: int | None) -> None:
    """The recorded facts, newest last."""
    from amity import wiring  # noqa: PLC0415  reading the log needs the store; --help does not

    with open_session(call.home, call.clock_ms()) as session, wiring.open_home(call.home) as log:
        addresses = resolve.person(session.views, who).addresses if who else ()
        since_ms = _since(session, since) if since else None
        until_ms = period.instant(call.as_of, session.zone) if call.as_of else None
        until = _position(log, session, call.known_at) if call.known_at else None
        hidden = private.uids(session.views)
        found: deque[dict[str, Any]] = deque(maxlen=limit or (None if call.json else SHOWN))
        for event in (event for page in log.read(until=until) for event in page):
            text = event.data.decode("utf-8", "backslashreplace")
            happened_ms = _happened_ms(event, text, session.zone)
            early = since_ms is not None and happened_ms < since_ms
            late = until_ms is not None and happened_ms > until_ms
            if early or late or (addresses and not any(f'"{address}"' in text for address in addresses)):
                continue
            found.append({
                "position": event.position, "type": event.type,
                "happened_at": period.iso(happened_ms, session.zone),
                "recorded_at": period.iso(event.recorded_ms, session.zone),
                "payload": private.shown(event.type, text, hidden),
            })  # fmt: skip
    if call.json:
        print_json([one | {"payload": _document(one)} for one in found])
        return
    rows = [
        [str(one["position"]), one["happened_at"][:16].replace("T", " "), one["type"], one["payload"]]
        for one in found
    ]
    print_lines(terminal.table(["#", "happened", "type", "payload"], rows, (0,), width()))


def _happened_ms(event: StoredEvent, text: str, zone: ZoneInfo) -> int:
    """When it happened. A floating meeting was dated by its wall time, before anybody knew the owner's zone."""
    dated = any(f'"{key}":' in text for key in ("zone", "modified_ms", "created_ms"))
    if event.type != "meeting.observed.v1" or dated:
        return event.happened_ms
    wall = datetime.fromtimestamp(event.happened_ms / 1000, UTC)
    return int(wall.replace(tzinfo=zone).timestamp() * 1000)


def _position(log: Log, session: Session, known_at: str) -> int:
    return int(known_at) if known_at.isdigit() else log.position_at(period.instant(known_at, session.zone))


def _document(one: dict[str, Any]) -> Any:
    try:
        return json.loads(one["payload"])
    except ValueError as error:
        raise Damaged(f"event {one['position']} of the log cannot be read ({error}): run `amity verify`.") from error


def _since(session: Session, text: str) -> int:
    try:
        return period.day_start(session.period(text).since, session.zone)
    except UsageError:
        return period.instant(text, session.zone)


@command("verify")
def verify_command(call: Call) -> int:
    """Recompute the chain of the log: names the first event that is not as it was written."""
    from amity import wiring  # noqa: PLC0415  reading the log needs the store; --help does not

    require(call.home)
    with wiring.open_home(call.home) as log:
        found = log.verify()
    if call.json:
        print_json({"events": found.events, "ok": found.ok, "first_bad": found.first_bad})
    elif found.ok:
        click.echo(f"{found.events:,} events, the chain holds.")
    else:
        click.echo(
            f"{found.events:,} events; #{found.first_bad} is not as it was written: restore an export or a backup."
        )
    return 0 if found.ok else 1


@command("rebuild")
@click.argument("name", required=False)
def rebuild_command(call: Call, name: str | None) -> None:
    """Compute all views anew from the log (NAME is checked; views share their tables and are built together)."""
    from amity import wiring  # noqa: PLC0415  folding needs the log; --help does not

    require(call.home)
    late = Late()
    made = wiring.rebuild(call.home, call.clock_ms(), name, late.folding)
    late.close()
    if call.json:
        print_json(made)
    else:
        click.echo(
            f"{made['events']:,} events folded in {made['seconds']:.1f} s: {', '.join(made['projections'])}"
        )


@command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def export_command(call: Call, folder: Path) -> None:
    """Write the log, the settings and the accounts into DIR; no secrets."""
    from amity import wiring  # noqa: PLC0415  reading the log needs the store; --help does not
    from events import transfer  # noqa: PLC0415  likewise

    require(call.home)
    with wiring.open_home(call.home) as log:
        transfer.export_log(log, folder)
        events = log.head()
    if call.home.settings.exists():
        write_private(folder / "amity.toml", call.home.settings.read_text(encoding="utf-8"))
    if held := accounts.read(call.home):
        write_private(folder / "accounts.toml", accounts.text_of(held, private=False))
    if call.json:
        print_json({"events": events, "folder": str(folder)})
    else:
        click.echo(f"{events:,} events and the settings are in {terminal.safe(str(folder))}.")


@command("restore")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
def restore_command(call: Call, folder: Path) -> None:
    """Read an export into an empty home: the same log, position by position."""
    from amity import wiring  # noqa: PLC0415  writing the log needs the store; --help does not
    from events import transfer  # noqa: PLC0415  likewise

    settings = folder / "amity.toml"
    if head(call.home) or (settings.exists() and call.home.settings.exists()):
        raise UsageError(
            f"{call.home.folder} is not empty: restore into another --home, or move that one away."
        )
    with wiring.open_home(call.home) as log:
        transfer.restore_log(log, folder)
        events = log.head()
    if settings.exists():
        write_private(call.home.settings, settings.read_text(encoding="utf-8"))
    if (folder / "accounts.toml").exists() and not call.home.accounts.exists():
        write_private(call.home.accounts, (folder / "accounts.toml").read_text(encoding="utf-8"))
    wiring.bring_up(call.home, call.clock_ms(), Late().folding)
    if call.json:
        print_json({"events": events, "home": str(call.home.folder)})
    else:
        click.echo(f"{events:,} events are back in {terminal.safe(str(call.home.folder))}.")
